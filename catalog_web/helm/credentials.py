"""The user name and password by which a private source is read as a Helm repository: one pair for each source."""

import hmac
import secrets
from base64 import b64decode
from typing import Protocol

from indexer.model import SecretField, Source

USERNAME = "captain"
_FIELD: SecretField = "helm"
_BYTES = 32


class Vault(Protocol):
    """What keeps secrets encrypted."""

    def put(self, source: str, field: SecretField, text: str) -> None:
        """Keep ``text``."""

    def get(self, source: str, field: SecretField) -> str | None:
        """What was kept, or None."""

    def forget(self, source: str, field: SecretField) -> None:
        """Drop it."""


class HelmCredentials:
    """The passwords, made when the first one is asked for."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def password(self, source: str) -> str:
        """The password of ``source``. Raises StoreUnavailable."""
        known = self._vault.get(source, _FIELD)
        if known is None:
            known = secrets.token_urlsafe(_BYTES)
            self._vault.put(source, _FIELD, known)
        return known

    def forget(self, source: str) -> None:
        """Let the password of ``source`` open nothing any more."""
        self._vault.forget(source, _FIELD)

    def admit(self, source: Source, authorization: str) -> bool:
        """Whether a request with that ``Authorization`` header may read ``source``: anybody, unless it is guarded."""
        if not source.is_guarded:
            return True
        return self.opens(source.name, authorization)

    def opens(self, source: str, authorization: str) -> bool:
        """Whether that ``Authorization`` header holds the user name and password of ``source``."""
        username, password = _basic(authorization)
        known = self._vault.get(source, _FIELD) or secrets.token_urlsafe(_BYTES)
        # Both are always compared, in a time that tells nothing.
        right = hmac.compare_digest(password.encode(), known.encode())
        return hmac.compare_digest(username.encode(), USERNAME.encode()) and right


def _basic(authorization: str) -> tuple[str, str]:
    """User name and password of a Basic header; two empty texts for anything else."""
    scheme, _, packed = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        username, _, password = b64decode(packed.strip(), validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return username, password
