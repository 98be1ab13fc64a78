"""The index of each source as a file, plain and packed: written when it is asked for first, kept until its source
lists something else.

::

    <folder>/<hash of the source's name>/<SHA-256>.yaml(.gz)    one index
    <folder>/<hash of the source's name>/current.json           which of them counts, and since when of the source

Others may write into the folder, too: ``current.json`` is signed, and names both files by their digests.
"""

import gzip
import hashlib
import json
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from catalog_web.helm import document
from catalog_web.helm.kept import KeptArchives
from indexer.errors import N_, ChartroomError, DataFolderUnusable
from indexer.folders import Checked, sha256_of, temporary
from indexer.store import Store

_CURRENT = "current.json"
_PURPOSE = "helm index"
_STALE_SECONDS = 3600
"""Somebody may still be reading the index before the last one."""
_LEVEL = 6
_PATIENCE = 1.0
_COME_BACK = 5
"""Seconds."""


class HelmIndexNotYet(ChartroomError):
    """The index is being written for the first time."""

    id = "helm-index-not-yet"
    cause_text = N_("The Helm index of “{source}” is being written just now.")
    remedy_text = N_("Ask again in {retry_after} seconds.")
    status = 503


@dataclass(frozen=True, slots=True)
class IndexFile:
    """An index on disk."""

    plain: Path
    packed: Path
    """The same as a gzip file."""
    digest: str
    """SHA-256 of the plain one, hexadecimal."""


class HelmIndexes:
    """The indexes of all sources. Safe to use from several threads and processes; one is written at a time."""

    def __init__(self, store: Store, folder: Path, kept: KeptArchives) -> None:
        self._store, self._folder, self._archives = store, folder, kept
        self._writing = threading.Lock()
        self._checked = Checked()

    def index(self, source: str) -> IndexFile:
        """The index of ``source`` as it is now or, while another is being written, as it last was.

        Raises SourceNotFound, StoreUnavailable, HelmIndexNotYet.
        """
        stamp = self._store.catalog.stamp(source) + self._archives.stamp(source)
        folder = self._folder / _key(source)
        try:
            return self._kept(folder, stamp=stamp) or self._made(source, folder, stamp)
        except OSError as error:
            raise DataFolderUnusable.at(self._folder, error) from error

    def _made(self, source: str, folder: Path, stamp: str) -> IndexFile:
        """A large one takes seconds; who waits for it holds a thread of the web, so nobody waits long."""
        if not self._writing.acquire(timeout=_PATIENCE):
            older = self._kept(folder)
            if older is None:
                raise HelmIndexNotYet(source=source, retry_after=_COME_BACK)
            return older
        try:
            return self._kept(folder, stamp=stamp) or self._renewed(source, folder, stamp)
        finally:
            self._writing.release()

    def tidy(self) -> None:
        """Drop the indexes of sources that are gone."""
        present = {_key(one.source.name) for one in self._store.sources.all()}
        for folder in self._folder.glob("*"):
            if folder.name not in present:
                shutil.rmtree(folder, ignore_errors=True)

    def _renewed(self, source: str, folder: Path, stamp: str) -> IndexFile:
        """Written anew, unless the last sync only found everything as it was."""
        folder.mkdir(parents=True, exist_ok=True)
        state = self._store.catalog.state(source) + self._archives.stamp(source)
        found = self._kept(folder, state=state)
        made = found or _write(folder, document.document(self._charts(source), datetime.now(UTC)))
        with temporary(folder) as path:
            told = {"stamp": stamp, "state": state, "digest": made.digest, "packed": sha256_of(made.packed)}
            path.write_text(json.dumps({**told, "by": self._store.signer.sign(_PURPOSE, _signed(folder, told))}))
            path.replace(folder / _CURRENT)
        _drop_older(folder, made)
        return made

    def _kept(self, folder: Path, **wanted: str) -> IndexFile | None:
        """What stands in ``folder``, if it is of the ``stamp`` or ``state`` that is ``wanted``, whole, and ours."""
        try:
            current = json.loads((folder / _CURRENT).read_bytes())
            found, packed = _files(folder, current["digest"]), current["packed"]
            ours = self._store.signer.admits(_PURPOSE, _signed(folder, current), current["by"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        fits = ours and all(current.get(key) == value for key, value in wanted.items())
        return found if fits and self._is(found.plain, found.digest) and self._is(found.packed, packed) else None

    def _is(self, path: Path, digest: str) -> bool:
        return self._checked.holds(path, lambda file: sha256_of(file) == digest)

    def _charts(self, source: str) -> Iterator[tuple[str, list[document.Entry]]]:
        """What is listed, and what revisions need although it is listed no more."""
        kept: dict[str, list[document.Entry]] = {}
        for one in self._archives.of(source):
            entry = document.entry_of(one.chart, one.version, one.digest, one.metadata)
            kept.setdefault(one.chart, []).append(entry)
        for name in self._store.catalog.names(source):
            listed = document.entries(name, self._store.catalog.entries(source, name))
            yield name, document.with_kept(listed, kept.pop(name)) if name in kept else listed
        for name, entries in kept.items():
            yield name, document.with_kept((), entries)


def _key(source: str) -> str:
    """No name that a registry made up becomes a path."""
    return hashlib.sha256(source.encode()).hexdigest()[:32]


def _signed(folder: Path, told: Mapping[str, str]) -> bytes:
    return "\n".join((folder.name, *(told[key] for key in ("stamp", "state", "digest", "packed")))).encode()


def _files(folder: Path, digest: str) -> IndexFile:
    return IndexFile(folder / f"{digest}.yaml", folder / f"{digest}.yaml.gz", digest)


def _write(folder: Path, pieces: Iterator[bytes]) -> IndexFile:
    with ExitStack() as stack:
        plain, packed = stack.enter_context(temporary(folder)), stack.enter_context(temporary(folder))
        digest = hashlib.sha256()
        with plain.open("wb") as out, gzip.GzipFile(packed, "wb", _LEVEL, mtime=0) as squeezed:
            for piece in pieces:
                digest.update(piece)
                out.write(piece)
                squeezed.write(piece)
        made = _files(folder, digest.hexdigest())
        packed.replace(made.packed)
        plain.replace(made.plain)
    return made


def _drop_older(folder: Path, made: IndexFile) -> None:
    oldest = time.time() - _STALE_SECONDS
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # another process was faster
            if path not in (made.plain, made.packed) and path.name != _CURRENT and path.stat().st_mtime < oldest:
                path.unlink()
