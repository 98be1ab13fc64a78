"""Folders of files that are made here: each is taken in whole or not at all, and what nobody uses leaves.

Several processes may use one folder at once.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG

_NOTED_SECONDS = 3600
"""A use is noted once an hour: a look at a file must not cost a write each time."""
_ROOM = 20


@contextmanager
def temporary(folder: Path) -> Iterator[Path]:
    """An empty file in ``folder``, which is made where it is not there; it is removed afterwards unless it was moved.

    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)  # somebody may have emptied all by hand
    descriptor, name = tempfile.mkstemp(dir=folder, suffix=".part")
    os.close(descriptor)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def use(path: Path) -> bool:
    """Whether the file ``path`` is there to be used now, which is remembered as its own time (as far as the disk takes
    it)."""
    try:
        stat = path.stat()
    except OSError:
        return False
    if stat.st_mtime < time.time() - _NOTED_SECONDS:
        with suppress(OSError):
            os.utime(path)
    return S_ISREG(stat.st_mode)


def _nothing(_path: Path) -> bool:
    return False


def trim(paths: Iterable[Path], limit: int, spared: Callable[[Path], bool] = _nothing) -> tuple[int, int]:
    """Where the files of ``paths`` are more than ``limit`` bytes together, remove those that were not used for the
    longest time, until a twentieth of it is free: looking through a large folder costs a good part of a second.

    Those that ``spared`` says count and stay. Returns the bytes that are left, and how many files were removed. Raises
    OSError.
    """
    found = sorted(_files(paths))
    left, removed = sum(size for _, size, _ in found), 0
    wanted = limit if left <= limit else limit - limit // _ROOM
    for _, size, path in found:
        if left <= wanted:
            break
        if not spared(path):
            path.unlink(missing_ok=True)
            left -= size
            removed += 1
    return left, removed


def remove_older(paths: Iterable[Path], seconds: float) -> int:
    """Remove those of the files ``paths`` that were last used longer ago than that; returns how many."""
    oldest, removed = time.time() - seconds, 0
    for path in paths:
        with suppress(FileNotFoundError):  # another process was faster
            if path.stat().st_mtime < oldest:
                path.unlink()
                removed += 1
    return removed


def _files(paths: Iterable[Path]) -> Iterable[tuple[float, int, Path]]:
    """When each was used last, its bytes, and where it is."""
    for path in paths:
        with suppress(FileNotFoundError):  # another process was faster
            stat = path.stat()
            yield stat.st_mtime, stat.st_size, path
