"""Folders of files that are made here: each is taken in whole or not at all, and what nobody uses leaves.

Several processes may use one folder at once.
"""

import hashlib
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
_MOST_REMEMBERED = 50_000


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


class Checked:
    """Remembers which files were found right, until they are other ones: a file is looked through once, not at each
    use. Safe to use from several threads."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[int, ...]] = {}

    def holds(self, path: Path, check: Callable[[Path], bool]) -> bool:
        """Whether ``check`` says of the file as it is now that it is right; False where it is not there."""
        try:
            state = _state(path)
            if self._known.get(path) == state:
                return True
            if not check(path) or _state(path) != state:
                return False
        except OSError:
            return False
        if len(self._known) > _MOST_REMEMBERED:
            self._known.clear()
        self._known[path] = state
        return True


def _state(path: Path) -> tuple[int, ...]:
    """What changes with a file; of its times nobody can set the last one."""
    stat = path.stat()
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in lower-case hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
