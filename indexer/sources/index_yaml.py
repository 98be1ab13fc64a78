"""A repository with an index.yaml behind http or https, as ``helm repo add`` knows it."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit, urlunsplit

from indexer.errors import AuthenticationFailed, BadEncoding, BadUrl, CutOff, HttpStatus, ServerFailed, TooLarge
from indexer.http import (
    GZIP_MAGIC,
    Access,
    Client,
    Download,
    Gunzip,
    GzipBroken,
    GzipCut,
    Limits,
    check_url,
    join_chart_url,
    shown_url,
)
from indexer.model import Source
from indexer.parse import read_index
from indexer.sources import PROVENANCE_BYTES, Answer, Known
from indexer.sources.fetching import fetch_first
from indexer.sources.spool import mapped, spooled

_INDEX_NAMES = ("index.yaml", "index.yaml.gz")
_BLOCK = 64 * 1024
_NOT_THERE = (HttpStatus, AuthenticationFailed, TooLarge, BadUrl)
"""How servers say that they have no such file: object stores forbid what they do not have, others answer a page."""


class IndexSource:
    """``index``: charts listed by one document, archives wherever it says. The index is spooled in ``spool``.

    Raises BadUrl for an address that may not be used.
    """

    def __init__(self, source: Source, access: Access, spool: Path, limits: Limits | None = None) -> None:
        self._source = source
        self._spool = spool
        self._url = index_url(source.url)
        self._client = Client(self._url, access, limits)

    @contextmanager
    def list_charts(self, known: Known) -> Iterator[Answer]:
        """Fetch the index if it changed, and read it. The raw entries point into the spooled file.

        Raises FetchError, IndexInvalid, CredentialsUnreadable.
        """
        with ExitStack() as stack:
            body = stack.enter_context(spooled(self._spool))
            got = self._client.download(
                self._url,
                body,
                limit=self._source.max_index_bytes,
                deadline=self._source.timeout,
                etag=known.etag,
                last_modified=known.last_modified,
                received=known.received,
            )
            if got.status != 200 or got.sha256 == known.body_digest:  # noqa: PLR2004 -- 200 is 200
                yield _unchanged(got, known)
                return
            plain = self._unpacked(body, stack)
            stack.enter_context(known.room())
            view = mapped(plain)
            listing = read_index(view, url=shown_url(self._url), known=known.charts)
            yield Answer(listing, got.etag, got.last_modified, got.sha256, got.bytes, got.framed)

    def fetch_archive(self, urls: Sequence[str], target: Path, limit: int, manifest: str = "") -> None:
        """Download the archive from the first of ``urls`` that gives it.

        Raises the last error: FetchError, BadUrl, CredentialsUnreadable.
        """
        fetch_first(urls, partial(self._fetch, target=target, limit=limit), shown_url(self._url))

    def _fetch(self, listed: str, target: Path, limit: int) -> None:
        with target.open("wb") as file:
            url = join_chart_url(self._url, listed)
            self._client.download(url, file, limit=limit, deadline=self._source.timeout, packed=True)

    def fetch_provenance(self, urls: Sequence[str], manifest: str = "") -> bytes:
        """The provenance file beside the first of ``urls`` that has one; empty where none has.

        Raises FetchError where that cannot be told.
        """
        for listed in urls:
            try:
                beside = _provenance_url(join_chart_url(self._url, listed))
                return self._client.ask(beside, limit=PROVENANCE_BYTES, deadline=self._source.timeout).body
            except ServerFailed:
                raise
            except _NOT_THERE:
                continue
        return b""

    def _unpacked(self, body: BinaryIO, stack: ExitStack) -> BinaryIO:
        """``body`` itself, or what it unpacks to where the repository stores its index as a gzip file."""
        body.seek(0)
        if body.read(len(GZIP_MAGIC)) != GZIP_MAGIC:
            return body
        body.seek(0)
        plain = stack.enter_context(spooled(self._spool))
        _gunzip(body, plain, self._source.max_index_bytes, shown_url(self._url))
        return plain


def index_url(url: str) -> str:
    """The address of the index of the repository at ``url``, which may name the index itself; its query stays.

    Raises BadUrl.
    """
    parts = urlsplit(check_url(url))
    if parts.path.rpartition("/")[2] in _INDEX_NAMES:
        return url
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/index.yaml"))


def _provenance_url(archive: str) -> str:
    parts = urlsplit(archive)
    return urlunsplit(parts._replace(path=f"{parts.path}.prov"))


def _unchanged(got: Download, known: Known) -> Answer:
    """A 304 need not repeat the validators."""
    return Answer(
        listing=None,
        etag=got.etag or known.etag,
        last_modified=got.last_modified or known.last_modified,
        body_digest=got.sha256 or known.body_digest,
        bytes=got.bytes,
        framed=got.framed,
    )


def _gunzip(packed: BinaryIO, plain: BinaryIO, limit: int, url: str) -> None:
    gunzip, size = Gunzip(), 0
    try:
        while block := packed.read(_BLOCK):
            for piece in gunzip.feed(block):
                size += len(piece)
                if size > limit:
                    raise TooLarge(url=url, limit=limit)
                plain.write(piece)
        gunzip.finish()
    except GzipCut as error:
        raise CutOff(url=url, detail=str(error)) from None
    except GzipBroken as error:
        raise BadEncoding(url=url, detail=str(error)) from None
