"""Proof that something was made by a process on the same store: a cache may lie in a folder where others write, too."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Signer:
    """HMAC-SHA-256 with the store's own key, which is in the database alone."""

    key: bytes = field(repr=False)

    def sign(self, purpose: str, data: bytes) -> str:
        """The signature of ``data``, good for that ``purpose`` alone; hexadecimal."""
        return hmac.new(self.key, purpose.encode() + b"\0" + data, sha256).hexdigest()

    def admits(self, purpose: str, data: bytes, signature: str) -> bool:
        """Whether ``signature`` was made with the same key for the same ``purpose``."""
        return hmac.compare_digest(self.sign(purpose, data).encode(), signature.encode("utf-8", "replace"))
