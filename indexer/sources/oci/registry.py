"""One registry: the few requests of the OCI distribution specification that reading charts takes."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from indexer.errors import (
    N_,
    BadAnswer,
    ConnectionFailed,
    CutOff,
    HttpStatus,
    NotARegistry,
    RegistryInvalid,
    RegistryTooLarge,
    RepositoriesUnknown,
    RepositoryAbsent,
    SourceError,
    TlsFailed,
    phrase,
)
from indexer.http import Access, Client, Limits, Reply, shown_url
from indexer.sources.oci.links import next_query
from indexer.sources.oci.manifest import ACCEPT, MAX_MANIFEST
from indexer.sources.oci.reference import is_digest, is_repository, is_tag
from indexer.sources.oci.token import Authorizer

PAGE = 100
"""Names a page: what every registry gives (Amazon ECR, Azure and distribution's catalog refuse or cut beyond 1,000)."""
MAX_PAGES = 1_000
MAX_NAMES = 20_000
"""Tags of one repository, or repositories of one registry."""
MAX_REQUESTS = 50_000
"""Of one reading of a source: twenty times what a registry of 500 charts takes at a full sweep."""
MAX_BYTES = 512 * 1024 * 1024
_PAGE_BYTES = 4 * 1024 * 1024
_PING_BYTES = 64 * 1024
DEADLINE = 60.0
"""Seconds for one answer of the API; a chart's own bytes have the source's time-out."""
_CATALOG_SCOPE = "registry:catalog:*"
_OK, _BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _NOT_ALLOWED = 200, 400, 401, 403, 404, 405
_LISTED = frozenset({_OK, _BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _NOT_ALLOWED, 501})
"""A list, or how registries without one, or without one for this account, say so."""
_MET = frozenset({_OK, _UNAUTHORIZED, _NOT_FOUND, _NOT_ALLOWED})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A manifest as it came."""

    digest: str
    """SHA-256 of its bytes, hexadecimal."""
    body: bytes
    media_type: str


class Budget:
    """Counts what one reading of a source costs. Safe to use from several threads."""

    def __init__(self) -> None:
        self.requests = 0
        self.bytes = 0
        self._lock = threading.Lock()

    def spend(self, url: str, *, requests: int = 0, received: int = 0) -> None:
        """Add to it. Raises RegistryTooLarge when it is used up."""
        with self._lock:
            self.requests += requests
            self.bytes += received
            over = self.requests > MAX_REQUESTS or self.bytes > MAX_BYTES
        if over:
            text = N_("reading it takes more than {requests} requests or {bytes} bytes")
            detail = phrase(text, requests=f"{MAX_REQUESTS:,}", bytes=f"{MAX_BYTES:,}")
            raise RegistryTooLarge(url=shown_url(url), detail=detail)


@dataclass(frozen=True, slots=True)
class _Way:
    """How the registry is spoken to, once that is known."""

    base: str
    """``https://host``, without a slash at the end."""
    client: Client
    authorizer: Authorizer


class Registry:
    """Reads one registry by ``access``. ``origins``: where it may be, the first that speaks is taken.

    Safe to use from several threads. Nothing is asked before the first call. All calls raise FetchError,
    CredentialsUnreadable, RegistryInvalid beside what they name.
    """

    def __init__(
        self, origins: Sequence[str], access: Access, *, timeout: float = DEADLINE, limits: Limits | None = None
    ) -> None:
        self.host = urlsplit(origins[0]).netloc
        self.budget = Budget()
        self._origins, self._access, self._limits = origins, access, limits
        self._timeout = timeout
        self._lock = threading.Lock()
        self._found: _Way | None = None
        self._last: tuple[str, Fetched] | None = None

    def repositories(self) -> tuple[str, ...]:
        """The names of all repositories, as far as the registry tells them. Raises RepositoriesUnknown."""
        return tuple(filter(is_repository, self._listed("_catalog", "repositories", _CATALOG_SCOPE, self._no_catalog)))

    def tags(self, repository: str) -> tuple[str, ...]:
        """All tags of ``repository``, in the registry's order, without what can be none. Raises RepositoryAbsent."""

        def absent(reply: Reply) -> SourceError | None:
            if reply.status == _NOT_FOUND:
                return RepositoryAbsent(host=self.host, repository=repository)
            return None

        return tuple(filter(is_tag, self._listed(f"{repository}/tags/list", "tags", _pull(repository), absent)))

    def digest(self, repository: str, tag: str) -> str | None:
        """Hexadecimal digest of the manifest that ``tag`` stands for; None where there is no such tag.

        By HEAD, which counts as no pull; by GET where that is not allowed or does not tell (proxies drop the header).
        """
        path = f"{repository}/manifests/{tag}"
        accept = {_OK, _NOT_FOUND, _NOT_ALLOWED}
        reply = self._ask(path, _pull(repository), method="HEAD", headers={"Accept": ACCEPT}, accept=accept)
        if reply.status == _NOT_FOUND:
            return None
        told = reply.headers.get("docker-content-digest", "")
        if is_digest(told):
            return told.removeprefix("sha256:")
        fetched = self.manifest(repository, tag)
        return fetched.digest if fetched else None

    def manifest(self, repository: str, reference: str) -> Fetched | None:
        """The manifest of a tag or of a digest (``sha256:…``); None where there is none. One that was asked for by its
        digest is not asked for again by the next call: what lies beside the chart is named in it as well.

        Raises RegistryInvalid where the bytes are not those of the digest that was asked for or told.
        """
        path = f"{repository}/manifests/{reference}"
        if self._last is not None and self._last[0] == path:
            return self._last[1]
        accept = {_OK, _NOT_FOUND}
        reply = self._ask(path, _pull(repository), limit=MAX_MANIFEST, headers={"Accept": ACCEPT}, accept=accept)
        if reply.status == _NOT_FOUND:
            return None
        actual = hashlib.sha256(reply.body).hexdigest()
        told = reply.headers.get("docker-content-digest", "")
        for wanted in (reference, told):
            if is_digest(wanted) and wanted != f"sha256:{actual}":
                raise RegistryInvalid(
                    url=shown_url(reply.final_url), detail=phrase(N_("the bytes have another digest"))
                )
        fetched = Fetched(actual, reply.body, _media_type(reply))
        if is_digest(reference):
            self._last = path, fetched
        return fetched

    def blob(self, repository: str, digest: str, limit: int) -> bytes:
        """A small blob, at most ``limit`` bytes. Raises RegistryInvalid where the bytes are not those of ``digest``."""
        reply = self._ask(f"{repository}/blobs/{digest}", _pull(repository), limit=limit)
        if f"sha256:{hashlib.sha256(reply.body).hexdigest()}" != digest:
            raise RegistryInvalid(url=shown_url(reply.final_url), detail=phrase(N_("the bytes have another digest")))
        return reply.body

    def download(self, repository: str, digest: str, target: Path, limit: int) -> None:
        """Write a blob to ``target``; registries may send it from an object store, which gets no credentials.

        Raises RegistryInvalid where the bytes are not those of ``digest``.
        """
        way = self._way()
        url = f"{way.base}/v2/{repository}/blobs/{digest}"
        with target.open("wb") as file:
            got = way.client.download(
                url,
                file,
                limit=limit,
                deadline=self._timeout,
                packed=True,
                authorization=way.authorizer.header(_pull(repository)),
            )
        if f"sha256:{got.sha256}" != digest:
            raise RegistryInvalid(url=shown_url(got.final_url), detail=phrase(N_("the bytes have another digest")))

    # -- lists

    def _listed(self, path: str, key: str, scope: str, refused: Callable[[Reply], SourceError | None]) -> Iterator[str]:
        """The names under ``key`` of all pages, each once."""
        seen: set[str] = set()
        for page in self._pages(path, scope, refused):
            names = _names(page, key)
            fresh = [name for name in names if name not in seen]
            seen.update(fresh)
            if len(seen) > MAX_NAMES:
                detail = phrase(N_("it lists more than {limit} names"), limit=f"{MAX_NAMES:,}")
                raise RegistryTooLarge(url=shown_url(page.final_url), detail=detail)
            yield from fresh

    def _pages(self, path: str, scope: str, refused: Callable[[Reply], SourceError | None]) -> Iterator[Reply]:
        query, asked = f"n={PAGE}", set[str]()
        while query:
            asked.add(query)
            reply = self._page(path, query, scope, refused)
            yield reply
            query = next_query(reply.headers.get("link", ""), f"{self._way().base}/v2/{path}")
            if query in asked or len(asked) >= MAX_PAGES:
                raise RegistryInvalid(url=shown_url(reply.final_url), detail=phrase(N_("its pages never end")))

    def _page(self, path: str, query: str, scope: str, refused: Callable[[Reply], SourceError | None]) -> Reply:
        reply = self._ask(f"{path}?{query}", scope, limit=_PAGE_BYTES, accept=_LISTED)
        if reply.status == _BAD_REQUEST and query == f"n={PAGE}":  # it knows no pages, or smaller ones
            reply = self._ask(path, scope, limit=_PAGE_BYTES, accept=_LISTED)
        if reply.status == _OK:
            return reply
        raise refused(reply) or self._refusal(reply, scope)

    def _no_catalog(self, reply: Reply) -> SourceError:
        text = N_("it answers {status} ({said})")
        told = self._way().authorizer.said(reply)
        return RepositoriesUnknown(host=self.host, detail=phrase(text, status=reply.status, said=told))

    def _refusal(self, reply: Reply, scope: str) -> SourceError:
        if reply.status in (_UNAUTHORIZED, _FORBIDDEN):
            return self._way().authorizer.denied(reply, scope)
        told = self._way().authorizer.said(reply)
        return HttpStatus(url=shown_url(reply.final_url), status=reply.status, detail=told)

    # -- one request

    def _ask(
        self,
        path: str,
        scope: str,
        *,
        accept: set[int] | frozenset[int] = frozenset({_OK}),
        method: Literal["GET", "HEAD"] = "GET",
        limit: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask for ``path`` below /v2/, and once more where the registry wants to know who asks."""
        way = self._way()
        asked = _Asked(f"{way.base}/v2/{path}", method, limit, headers or {}, frozenset(accept))
        shown = way.authorizer.header(scope)
        reply = self._send(way, asked, shown)
        if reply.status == _UNAUTHORIZED:
            shown = way.authorizer.answer(reply, scope, shown)
            reply = self._send(way, asked, shown) if shown else reply
        if reply.status == _UNAUTHORIZED and _UNAUTHORIZED not in accept:
            raise way.authorizer.denied(reply, scope)
        return reply

    def _send(self, way: _Way, asked: "_Asked", authorization: str) -> Reply:
        self.budget.spend(asked.url, requests=1)
        reply = way.client.ask(
            asked.url,
            limit=asked.limit,
            deadline=min(DEADLINE, self._timeout),
            method=asked.method,
            headers=asked.headers,
            authorization=authorization,
            accept=asked.accept | {_UNAUTHORIZED},
        )
        self.budget.spend(asked.url, received=len(reply.body))
        return reply

    # -- how it is spoken to

    def _way(self) -> _Way:
        with self._lock:
            if self._found is None:
                self._found = self._connected()
            return self._found

    def _connected(self) -> _Way:
        first, *others = self._origins
        try:
            return self._met(first)
        except (TlsFailed, ConnectionFailed):
            found = next(filter(None, map(self._met_plainly, others)), None)
            if found is None:
                raise
            return found

    def _met_plainly(self, base: str) -> _Way | None:
        """None where HTTP is not spoken either, or only to say that TLS is expected."""
        try:
            return self._met(base)
        except (ConnectionFailed, BadAnswer, CutOff):
            return None
        except HttpStatus as error:
            if error.params["status"] == _BAD_REQUEST:
                return None
            raise

    def _met(self, base: str) -> _Way:
        """Say hello at ``base``, and see that the credentials are right where that can be seen already.

        Raises NotARegistry.
        """
        client = Client(base, self._access, self._limits)
        way = _Way(base, client, Authorizer(client, base, self._access))
        asked = _Asked(f"{base}/v2/", "GET", _PING_BYTES, {}, _MET)
        reply = self._send(way, asked, way.authorizer.header(""))
        if reply.status != _UNAUTHORIZED:
            _refuse_others(reply, base)
        if way.authorizer.meet(reply):
            again = self._send(way, asked, way.authorizer.header(""))
            if again.status != _OK:
                raise way.authorizer.denied(again, "")
        return way


@dataclass(frozen=True, slots=True)
class _Asked:
    url: str
    method: Literal["GET", "HEAD"]
    limit: int
    headers: Mapping[str, str]
    accept: frozenset[int]


def _refuse_others(reply: Reply, base: str) -> None:
    if reply.status == _OK and _media_type(reply) != "text/html":
        return
    if reply.status == _OK:
        raise NotARegistry(url=shown_url(base), detail=phrase(N_("a web page answers")))
    raise NotARegistry(url=shown_url(base), detail=phrase(N_("it answers {status} at /v2/"), status=reply.status))


def _pull(repository: str) -> str:
    return f"repository:{repository}:pull"


def _media_type(reply: Reply) -> str:
    return reply.headers.get("content-type", "").partition(";")[0].strip().lower()


def _names(page: Reply, key: str) -> list[str]:
    """The list under ``key`` of a page; null, as some write for none, is an empty one. Raises RegistryInvalid."""
    try:
        found = json.loads(page.body)[key]
    except (ValueError, RecursionError, LookupError, TypeError):
        raise _no_list(page) from None
    if not isinstance(found, list | None):
        raise _no_list(page)
    return [name for name in found or () if isinstance(name, str)]


def _no_list(page: Reply) -> RegistryInvalid:
    return RegistryInvalid(url=shown_url(page.final_url), detail=phrase(N_("it is no list of names")))
