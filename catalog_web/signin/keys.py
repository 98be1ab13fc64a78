"""Random keys, and what is kept of them."""

import secrets
from hashlib import sha256

_BYTES = 32
LENGTH = 43
"""Characters of a key: 256 bits in base64, without padding."""


def new_key() -> str:
    """A key that nobody can guess."""
    return secrets.token_urlsafe(_BYTES)


def new_id() -> str:
    """A short name that nobody has yet: 96 bits."""
    return secrets.token_hex(12)


def digest(key: str) -> str:
    """What is kept of a key, hexadecimal. A key is random, so a plain hash cannot be turned back."""
    return sha256(key.encode("utf-8", "replace")).hexdigest()


def is_key(text: str) -> bool:
    """Whether ``text`` can be a key at all."""
    return len(text) == LENGTH and text.isascii() and text.replace("-", "a").replace("_", "a").isalnum()
