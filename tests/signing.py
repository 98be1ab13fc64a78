"""Keys and provenance files for tests, made as helm makes them."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from pysequoia import Cert, SignatureMode, Tsk, sign

ALICE = "Alice Packs <alice@example.org>"


def provenance(key: Tsk, archives: Mapping[str, bytes], chart: str = "name: redis\nversion: 2.0.0\n") -> bytes:
    """The text that ``helm package --sign`` writes beside an archive."""
    sums = "".join(f"  {name}: sha256:{sha256(data).hexdigest()}\n" for name, data in archives.items())
    return sign(key.signer(), f"{chart}\n...\nfiles:\n{sums}".encode(), mode=SignatureMode.CLEAR)


def keyring(folder: Path, *certs: Cert, armored: bool = False) -> Path:
    """A file of public keys."""
    file = folder / "keyring.gpg"
    file.write_bytes("\n".join(map(str, certs)).encode() if armored else b"".join(map(bytes, certs)))
    return file
