"""The pictures that were made, by the digest of the bytes they were made from: the same logo is decoded once.

::

    <folder>/made/ab/<SHA-256>-<shape>       one picture
    <folder>/made/ab/<SHA-256>-<shape>.by    its signature: others may write into the folder, too
    <folder>/tmp/…                           what is under way
"""

import re
from contextlib import AbstractContextManager
from pathlib import Path

from indexer import folders
from indexer.signing import Signer

PICTURE_BYTES = 256 * 1024 * 1024
_NAME = re.compile(r"[0-9a-f]{64}-[a-z]+")
_STALE_SECONDS = 3600
_PURPOSE = "picture"
_SIGNATURE = ".by"


class PictureFiles:
    """A folder of pictures. Several processes may use it at once; OSError comes out as it is."""

    def __init__(self, folder: Path, signer: Signer, limit: int = PICTURE_BYTES) -> None:
        self._made, self._temporary, self._limit = folder / "made", folder / "tmp", limit
        self._signer, self._checked = signer, folders.Checked()

    def temporary(self) -> AbstractContextManager[Path]:
        """An empty file; it is removed afterwards, unless ``put`` has taken it."""
        return folders.temporary(self._temporary)

    def path(self, name: str) -> Path | None:
        """Where the picture of that ``name`` is; None where it is not kept, or was not made here."""
        if not _NAME.fullmatch(name):
            return None
        target = self._target(name)
        return target if folders.use(target) and self._checked.holds(target, self._is_ours) else None

    def put(self, temporary: Path, name: str) -> None:
        """Take a picture (a file from ``temporary``) in under ``name``."""
        target = self._target(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with folders.temporary(self._temporary) as signature:
            signature.write_text(self._signer.sign(_PURPOSE, _signed(name, temporary)))
            signature.replace(_signature_of(target))
        temporary.replace(target)

    def tidy(self) -> None:
        """Remove what was not used for the longest time, and what a process that was killed has left."""
        pictures = (path for path in self._made.glob("??/*") if path.suffix != _SIGNATURE)
        folders.trim(pictures, self._limit)
        for signature in self._made.glob(f"??/*{_SIGNATURE}"):
            if not signature.with_suffix("").exists():
                signature.unlink(missing_ok=True)
        folders.remove_older(self._temporary.glob("*"), _STALE_SECONDS)

    def _is_ours(self, path: Path) -> bool:
        signature = _signature_of(path).read_text(errors="replace")
        return self._signer.admits(_PURPOSE, _signed(path.name, path), signature)

    def _target(self, name: str) -> Path:
        return self._made / name[:2] / name


def _signature_of(path: Path) -> Path:
    return path.with_name(f"{path.name}{_SIGNATURE}")


def _signed(name: str, path: Path) -> bytes:
    return f"{name} {folders.sha256_of(path)}".encode()


def name_of(source: Path, shape: str) -> str:
    """The name of the picture that is made of the bytes in the file ``source``."""
    return f"{folders.sha256_of(source)}-{shape}"
