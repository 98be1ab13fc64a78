"""A folder of chart archives on this machine, with an index.yaml or without.

With one, the index is the truth, and its relative addresses are files below the folder. Without, the archives
themselves are: every ``*.tgz`` in the folder and in its direct subfolders (ChartMuseum keeps one a tenant), hidden ones
left out, is listed by its own Chart.yaml. Deeper is not looked: nobody knows what else lies there.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote_to_bytes

from indexer.errors import N_, BadUrl, DirectoryUnreadable, TooLarge, phrase
from indexer.http import masked_url
from indexer.model import Source
from indexer.parse import read_index
from indexer.sources import PROVENANCE_BYTES, Answer, Known
from indexer.sources.fetching import fetch_first
from indexer.sources.folder import ReadMetadata, list_archives, look, unreadable
from indexer.sources.spool import mapped, spooled

_INDEX = "index.yaml"
_BLOCK = 64 * 1024
_SHOWN = 200


class DirectorySource:
    """``directory``. ``read_metadata`` gives the Chart.yaml of an archive and raises ChartroomError or OSError."""

    def __init__(self, source: Source, spool: Path, read_metadata: ReadMetadata) -> None:
        self._source = source
        self._root = Path(source.url)
        self._spool = spool
        self._read_metadata = read_metadata

    @contextmanager
    def list_charts(self, known: Known) -> Iterator[Answer]:
        """Read the index, or the archives that changed. Raises DirectoryUnreadable, TooLarge, IndexInvalid."""
        if self._has_index():
            with spooled(self._spool) as body, known.room():
                yield self._by_index(body, known)
        else:
            with known.room():
                yield self._by_archives(known)

    def fetch_archive(self, urls: Sequence[str], target: Path, limit: int, manifest: str = "") -> None:
        """Copy the first of ``urls`` that is a file below the folder.

        Raises the last error: BadUrl, DirectoryUnreadable, ArchiveTooLarge.
        """
        fetch_first(urls, partial(self._copied, target=target, limit=limit), str(self._root))

    def fetch_provenance(self, urls: Sequence[str], manifest: str = "") -> bytes:
        """The provenance file beside the first of ``urls`` that has one; empty where none has."""
        for listed in urls:
            try:
                with self._opened(f"{listed}.prov") as file:
                    return file.read(PROVENANCE_BYTES)
            except (BadUrl, DirectoryUnreadable):
                continue
        return b""

    def _copied(self, listed: str, target: Path, limit: int) -> None:
        with self._opened(listed) as file, target.open("wb") as copy:
            _copy(file, copy, limit, listed)

    def _has_index(self) -> bool:
        try:
            return any(entry.name == _INDEX for entry in self._root.iterdir())
        except OSError as error:
            raise unreadable(self._root, error) from None

    def _by_index(self, body: BinaryIO, known: Known) -> Answer:
        path = str(self._root / _INDEX)
        with self._opened(_INDEX) as file:
            size, digest = _copy(file, body, self._source.max_index_bytes, path)
        if digest == known.body_digest:
            return Answer(None, "", "", digest, size, framed=True)
        listing = read_index(mapped(body), url=path, known=known.charts)
        return Answer(listing, "", "", digest, size, framed=True)

    def _by_archives(self, known: Known) -> Answer:
        folder = look(self._root)
        digest = hashlib.sha256(folder.state).hexdigest()
        if digest == known.body_digest:
            return Answer(None, "", "", digest, 0, framed=True)
        listing = list_archives(folder, known.charts or {}, self._read_metadata)
        return Answer(listing, "", "", digest, folder.size, framed=True)

    def _opened(self, listed: str) -> BinaryIO:
        path = self._inside(listed)
        try:
            if not path.is_file():  # a pipe would wait for its writer
                detail = phrase(N_("{path} is not a file"), path=listed[:_SHOWN])
                raise DirectoryUnreadable(path=str(self._root), detail=detail)
            return path.open("rb")
        except OSError as error:
            raise unreadable(self._root, error, listed[:_SHOWN]) from None

    def _inside(self, listed: str) -> Path:
        """The file that ``listed`` names, percent-encoded or plain. Raises BadUrl where it is not below the folder."""
        if "://" in listed:
            detail = phrase(N_("the index of a folder may only name files of the folder"))
            raise BadUrl(url=masked_url(listed), detail=detail)
        names = (os.fsdecode(unquote_to_bytes(listed.encode("utf-8", "replace"))), listed)
        path = next((self._root / name for name in names if _is_there(self._root / name)), None)
        if path is None:
            absent = phrase(N_("there is no such file in {folder}"), folder=str(self._root))
            raise BadUrl(url=listed[:_SHOWN], detail=absent)
        if not path.resolve().is_relative_to(self._root.resolve()):
            outside = phrase(N_("it leads out of {folder}"), folder=str(self._root))
            raise BadUrl(url=listed[:_SHOWN], detail=outside)
        return path.resolve()


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that is too long, or has a NUL
        return False


def _copy(source: BinaryIO, target: BinaryIO, limit: int, name: str) -> tuple[int, str]:
    """Copy at most ``limit`` bytes; their number and SHA-256. Raises TooLarge."""
    size, digest = 0, hashlib.sha256()
    while block := source.read(_BLOCK):
        size += len(block)
        if size > limit:
            raise TooLarge(url=name[:_SHOWN], limit=limit)
        digest.update(block)
        target.write(block)
    return size, digest.hexdigest()
