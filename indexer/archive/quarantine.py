"""Archives that a process may have died of: read once more by themselves, and then no more.

::

    <folder>/<digest>.<something>    a process reads that archive, or has died while it did: then nobody locks the file

Two deaths in a row while the same archive was read are none of chance: whatever is read beside it is read after it.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from uuid import uuid4

from indexer.errors import ArchiveQuarantined

MOST_DEATHS = 2
_FORGOTTEN_AFTER = 7 * 86400
"""Seconds after which it is tried again: the machine may have more memory by then, or the program be another one."""


class Quarantine:
    """A folder of marks. Several processes of one machine may use it at once; OSError comes out as it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._alone = threading.Lock()

    @contextmanager
    def reading(self, digest: str) -> Iterator[None]:
        """Mark that the archive of that digest is being read here. Raises ArchiveQuarantined."""
        self._folder.mkdir(parents=True, exist_ok=True)
        deaths = self._deaths(digest)
        if len(deaths) >= MOST_DEATHS:
            raise ArchiveQuarantined(times=len(deaths))
        with self._alone if deaths else nullcontext(), self._marked(digest):
            yield
        for mark in deaths:  # it was not the archive
            mark.unlink(missing_ok=True)

    @contextmanager
    def _marked(self, digest: str) -> Iterator[None]:
        mark = self._folder / f"{digest}.{uuid4().hex}"
        descriptor = os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            mark.unlink(missing_ok=True)
            os.close(descriptor)

    def _deaths(self, digest: str) -> list[Path]:
        """The marks of processes that are no more."""
        marks = self._folder.glob(f"{digest}.*")
        return [mark for mark in marks if _is_left(mark) and not _is_old(mark)]


def _is_left(mark: Path) -> bool:
    with suppress(OSError):  # it has just gone
        descriptor = os.open(mark, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return mark.exists()
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
    return False


def _is_old(mark: Path) -> bool:
    with suppress(FileNotFoundError):
        if mark.stat().st_mtime > time.time() - _FORGOTTEN_AFTER:
            return False
        mark.unlink()
    return True
