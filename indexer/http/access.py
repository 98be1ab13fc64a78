"""How a source is reached: who asks, through what, which certificates count, which addresses may be dialled.

Frozen data, put together once a sync from what its owner registered. Secrets are behind functions that are called when
one is needed, so a renewed one counts at once and none is kept.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

from indexer.http.network import OPEN, Network

Reveal = Callable[[], str]
"""Gives a secret. Raises CredentialsUnreadable."""


class Credentials(Protocol):
    """What an ``Authorization`` header is made of."""

    def authorization(self) -> str:
        """The header's value. Raises CredentialsUnreadable."""
        ...


@dataclass(frozen=True, slots=True)
class Basic:
    """A user name and a password (RFC 7617, UTF-8)."""

    username: str
    password: Reveal = field(repr=False)

    def authorization(self) -> str:
        """The value of a Basic ``Authorization`` header. Raises CredentialsUnreadable."""
        pair = f"{self.username}:{self.password()}".encode()
        return f"Basic {b64encode(pair).decode()}"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token (RFC 6750)."""

    token: Reveal = field(repr=False)

    def authorization(self) -> str:
        """The value of a Bearer ``Authorization`` header. Raises CredentialsUnreadable."""
        return f"Bearer {self.token()}"


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate that is shown to the source's own origin, and to ``credential_origins``."""

    certificate: Reveal
    """PEM text, the certificate first."""
    key: Reveal = field(repr=False)
    """PEM text, not encrypted."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Which servers are believed."""

    ca: Reveal | None = None
    """PEM text trusted beside the system's authorities; an end-entity certificate in it is believed by itself."""
    verify: bool = True
    client: ClientCertificate | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """All of it. The default: nobody in particular, the system's authorities, every address."""

    credentials: Credentials | None = None
    credential_origins: tuple[str, ...] = ()
    """Other origins that may get the credentials."""
    tls: Tls = Tls()
    proxy: str = ""
    """http://host:port; empty: what the environment says; ``direct``: none."""
    network: Network = OPEN
    """Which addresses may be dialled, by name of the host."""
    until: float = inf
    """On the monotonic clock; what is under way then ends as timed out, and nothing is asked any more."""
