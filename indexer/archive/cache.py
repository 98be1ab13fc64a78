"""The files of fetched archives, by digest: what is there is whole and is what its name says. Those that were not used
for the longest time leave first.

::

    <folder>/ab/abcdef….tgz     one archive, under the first two digits of its SHA-256
    <folder>/tmp/…              downloads under way
    <folder>/reading/…          those that are being read (``quarantine``)
"""

import os
import re
import threading
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from pathlib import Path

from indexer import folders
from indexer.archive.quarantine import Quarantine
from indexer.config import ARCHIVE_CACHE_BYTES

_DIGEST = re.compile(r"[0-9a-f]{64}")
_STALE_SECONDS = 3600
"""A download ends within minutes; an older temporary file was left by a process that was killed."""
_YOUNG_SECONDS = 3600
_COUNTED_EVERY = 20
"""The folder is counted anew each time one part in so many of its limit was put: other processes put archives, too."""


class ArchiveCache:
    """A folder of archives of about ``limit`` bytes. Several processes may use it at once; OSError comes out as it is
    (disk full, read-only)."""

    def __init__(self, folder: Path, limit: int = ARCHIVE_CACHE_BYTES) -> None:
        self._folder, self._limit = folder, limit
        self._counted: int | None = None
        self._put = 0
        self._lock = threading.Lock()
        self._checked = folders.Checked()
        self.quarantine = Quarantine(folder / "reading")
        """Those that a process may have died of."""
        self._temporary = folder / "tmp"
        self._temporary.mkdir(parents=True, exist_ok=True)
        folders.remove_older(self._temporary.iterdir(), _STALE_SECONDS)

    def temp(self) -> AbstractContextManager[Path]:
        """An empty file to download into; it is removed afterwards unless ``put`` has taken it."""
        return folders.temporary(self._temporary)

    def put(self, temp_path: Path, digest: str) -> Path:
        """Take ``temp_path`` (from ``temp``) in under ``digest``, durably and at once, and say where it is now."""
        target = self._target(digest)
        target.parent.mkdir(exist_ok=True)
        _flush(temp_path)
        size = temp_path.stat().st_size
        temp_path.replace(target)
        _flush(target.parent)
        _flush(self._folder)
        with self._lock:
            self._put += size
        return target

    def path(self, digest: str) -> Path | None:
        """Where the archive of that digest is, which counts as a use of it; None where it is not kept, or is not what
        its name says: others may write into the folder, too."""
        target = self._target(digest)
        is_right = folders.use(target) and self._checked.holds(target, lambda path: folders.sha256_of(path) == digest)
        return target if is_right else None

    def bound(self, needed: Callable[[], Collection[str]]) -> int:
        """Remove archives while all together are over the limit, but those of the digests ``needed``; how many went.

        Costs nothing as long as it is known that there is room.
        """
        with self._lock:
            counted, put = self._counted, self._put
            if counted is not None and counted + put <= self._limit and put <= self._limit // _COUNTED_EVERY:
                return 0
            self._put = 0
        spared = frozenset(needed())
        left, removed = folders.trim(self._folder.glob("??/*.tgz"), self._limit, lambda path: path.stem in spared)
        with self._lock:
            self._counted = left
        return removed

    def keep(self, wanted: Collection[str]) -> int:
        """Remove all archives but those of the digests ``wanted``; returns how many.

        One put within the last hour stays: whoever put it may not have named it yet.
        """
        unwanted = (path for path in self._folder.glob("??/*.tgz") if path.stem not in wanted)
        return folders.remove_older(unwanted, _YOUNG_SECONDS)

    def _target(self, digest: str) -> Path:
        """Raises ValueError for anything but a SHA-256: no foreign text becomes a path."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"not a SHA-256 in lower-case hexadecimal: {digest[:80]!r}")
        return self._folder / digest[:2] / f"{digest}.tgz"


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
