"""Secrets at rest: sealed with a key that is not in the database.

Fernet (AES-128-CBC with HMAC-SHA-256). What is no secret but must be ours is signed: HMAC-SHA-256 under a key derived
from the same one. Of several keys the first one seals and all of them open, so a key is changed by putting a new one
before the old one. Where none is configured, one is made beside the database when it is needed first, in a file that
nobody else may read.
"""

import hmac
import os
from base64 import b64decode, b64encode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from indexer.errors import N_, SecretKeyUnusable, phrase

_KEY_BYTES = 32
_TO_STANDARD = str.maketrans("-_", "+/")


def parse_keys(text: str) -> tuple[bytes, ...]:
    """The keys in ``text``, separated by white space, each 32 bytes in base64 (standard or URL-safe).

    Raises ValueError, whose text holds nothing of a key.
    """
    return tuple(_parse_key(number, word) for number, word in enumerate(text.split(), 1))


def _parse_key(number: int, word: str) -> bytes:
    plain = word.rstrip("=").translate(_TO_STANDARD)
    try:
        key = b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (NotBase64, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError(f"key {number} is not 32 bytes in base64; “openssl rand -base64 32” makes one")
    return key


class CannotOpen(Exception):
    """No key there is opens it."""


class Vault:
    """Seals and opens texts. ``keys`` are those of the configuration; ``own_file`` holds the one made without any.

    The file is looked at whenever a key is needed, since another process may have made it. It goes on opening after
    keys were configured, so nothing is lost by configuring one later.
    """

    def __init__(self, keys: Sequence[bytes], own_file: Path) -> None:
        self._keys = tuple(keys)
        self.own_file = own_file

    def seal(self, text: str) -> str:
        """Encrypt ``text`` with the first key, which is made where there is none. Raises SecretKeyUnusable."""
        return Fernet(_fernet_key(self._first())).encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """What was sealed. Raises CannotOpen, SecretKeyUnusable."""
        keys = self._all()
        if not keys:
            raise CannotOpen
        try:
            return MultiFernet([Fernet(_fernet_key(one)) for one in keys]).decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise CannotOpen from None

    def is_current(self, sealed: str) -> bool:
        """Whether the first key sealed it. Raises SecretKeyUnusable."""
        keys = self._all()
        try:
            Fernet(_fernet_key(keys[0])).decrypt(sealed.encode())
        except (InvalidToken, IndexError):
            return False
        return True

    def sign(self, text: str) -> str:
        """What only who has the first key, which is made where there is none, can say of ``text``: HMAC-SHA-256,
        hexadecimal. Raises SecretKeyUnusable."""
        return _signature(self._first(), text)

    def is_signed(self, text: str, signature: str) -> bool:
        """Whether ``signature`` is what any of the keys says of ``text``. Raises SecretKeyUnusable."""
        told = signature.encode()
        return any(hmac.compare_digest(_signature(key, text).encode(), told) for key in self._all())

    def has_key(self) -> bool:
        """Whether there is one already. Raises SecretKeyUnusable."""
        return bool(self._all())

    def spare_keys(self) -> int:
        """How many keys there are that no longer seal. Raises SecretKeyUnusable."""
        return max(0, len(self._all()) - 1)

    def fingerprints(self) -> tuple[str, ...]:
        """By which the keys are told apart, the one that seals first; nothing of a key is learned from one.

        Raises SecretKeyUnusable.
        """
        return tuple(_fingerprint(key) for key in self._all())

    def _all(self) -> tuple[bytes, ...]:
        return (*self._keys, *self._own_key())

    def _first(self) -> bytes:
        for key in self._all():
            return key
        self._make()
        return self._all()[0]

    def _own_key(self) -> tuple[bytes, ...]:
        try:
            keys = parse_keys(self.own_file.read_text(encoding="ascii"))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise SecretKeyUnusable.at(self.own_file, error) from error
        except ValueError:
            keys = ()
        if not keys:
            detail = phrase(N_("it does not hold 32 bytes in base64"))
            raise SecretKeyUnusable(path=str(self.own_file), detail=detail)
        return keys

    def _make(self) -> None:
        """Whole or not at all: written aside, and linked to its name unless another process was faster."""
        aside = self.own_file.with_name(f"{self.own_file.name}.{os.getpid()}")
        try:
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(b64encode(os.urandom(_KEY_BYTES)) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            _link(aside, self.own_file)
        except OSError as error:
            raise SecretKeyUnusable.at(self.own_file, error) from error
        finally:
            aside.unlink(missing_ok=True)


def _link(aside: Path, name: Path) -> None:
    try:
        name.hardlink_to(aside)
    except FileExistsError:
        return
    folder = os.open(name.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _fingerprint(key: bytes) -> str:
    """64 bits of a hash: keys are random, so nobody finds one by trying."""
    return sha256(b"chartroom: the fingerprint of a key\0" + key).hexdigest()[:16]


def _signature(key: bytes, text: str) -> str:
    """Under a key derived from ``key``, which encrypts, too."""
    derived = hmac.digest(key, b"chartroom: the key that signs", "sha256")
    return hmac.digest(derived, text.encode(), "sha256").hex()


def _fernet_key(key: bytes) -> bytes:
    return urlsafe_b64encode(key)
