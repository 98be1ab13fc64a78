"""The pictures that were made, by the digest of the bytes they were made from: the same logo is decoded once.

::

    <folder>/made/ab/<SHA-256>-<shape>    one picture
    <folder>/tmp/…                        what is under way
"""

import hashlib
import re
from contextlib import AbstractContextManager
from pathlib import Path

from indexer import folders

PICTURE_BYTES = 256 * 1024 * 1024
_NAME = re.compile(r"[0-9a-f]{64}-[a-z]+")
_STALE_SECONDS = 3600


class PictureFiles:
    """A folder of pictures. Several processes may use it at once; OSError comes out as it is."""

    def __init__(self, folder: Path, limit: int = PICTURE_BYTES) -> None:
        self._made, self._temporary, self._limit = folder / "made", folder / "tmp", limit

    def temporary(self) -> AbstractContextManager[Path]:
        """An empty file; it is removed afterwards, unless ``put`` has taken it."""
        return folders.temporary(self._temporary)

    def path(self, name: str) -> Path | None:
        """Where the picture of that ``name`` is; None where it is not kept."""
        if not _NAME.fullmatch(name):
            return None
        target = self._target(name)
        return target if folders.use(target) else None

    def put(self, temporary: Path, name: str) -> None:
        """Take a picture (a file from ``temporary``) in under ``name``."""
        target = self._target(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(target)

    def tidy(self) -> None:
        """Remove what was not used for the longest time, and what a process that was killed has left."""
        folders.trim(self._made.glob("??/*"), self._limit)
        folders.remove_older(self._temporary.glob("*"), _STALE_SECONDS)

    def _target(self, name: str) -> Path:
        return self._made / name[:2] / name


def name_of(source: Path, shape: str) -> str:
    """The name of the picture that is made of the bytes in the file ``source``."""
    with source.open("rb") as file:
        return f"{hashlib.file_digest(file, 'sha256').hexdigest()}-{shape}"
