"""OpenPGP keyrings: whose signatures are believed. Public keys in a file, armored or binary, as ``gpg --export`` writes
them and ``helm verify --keyring`` reads them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pysequoia import Cert
from pysequoia.packet import PacketPile, Tag

_LIMIT = 4 * 1024 * 1024
"""Bytes."""
_KEYBOX = b"KBXf"
_PRIVATE = b"-----BEGIN PGP PRIVATE KEY BLOCK-----"


class KeyringUnusable(ValueError):
    """A file is no keyring; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Public keys."""

    certs: tuple[Cert, ...]

    def owner(self, key: str) -> Cert | None:
        """Whose key ``key`` is (a fingerprint or a key id in lower-case hexadecimal, of a primary key or a subkey)."""
        return next((one for one in self.certs if any(name.endswith(key) for name in key_names(one))), None)


def key_names(cert: Cert) -> tuple[str, ...]:
    """The fingerprints of all keys of ``cert``, the primary one first, in lower-case hexadecimal."""
    packets = PacketPile.from_bytes(bytes(cert))
    keys = (one.fingerprint for one in packets if one.tag in (Tag.PublicKey, Tag.PublicSubkey))
    return tuple(name.lower() for name in keys if name)


def load_keyring(path: str) -> Keyring:
    """The keys in the file ``path``, read again when it changes. Raises KeyringUnusable."""
    try:
        stat = Path(path).stat()
        return _loaded(path, stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        raise KeyringUnusable(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None


@lru_cache(maxsize=64)
def _loaded(path: str, _modified: int, _size: int) -> Keyring:
    with Path(path).open("rb") as file:
        data = file.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        raise KeyringUnusable(f"{path} is larger than 4 MiB")
    return read_keyring(data, path)


def read_keyring(data: bytes, path: str) -> Keyring:
    """The keys that ``data``, which came from ``path``, holds. Raises KeyringUnusable."""
    if _KEYBOX in data[:16]:
        raise KeyringUnusable(f"{path} is a keybox of GnuPG's own; write its keys out with: gpg --export > keyring.gpg")
    try:
        certs = Cert.split_bytes(data)
    except Exception:
        raise KeyringUnusable(f"{path} holds something else than OpenPGP public keys") from None
    if not certs:
        raise KeyringUnusable(f"{path} holds no OpenPGP public key")
    if _PRIVATE in data or _has_secrets(data):
        raise KeyringUnusable(f"{path} holds a secret key; give the public ones alone (gpg --export)")
    return Keyring(tuple(certs))


def _has_secrets(data: bytes) -> bool:
    return any(one.tag in (Tag.SecretKey, Tag.SecretSubkey) for one in PacketPile.from_bytes(data))
