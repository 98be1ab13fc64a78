"""Options that say who people are and what they may: sign-in, roles, and how they are told of things."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from indexer.options import Duration, Table
from indexer.people import Role

SignIn = Literal["none", "local", "oidc", "proxy"]


_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def _https(value: str) -> str:
    fits = re.fullmatch(r"(https|http)://(\[[0-9a-fA-F:.]+\]|[^/\s?#@\\:\[\]]+)(:\d+)?(/[^\s?#\\]*)?", value)
    if value and not fits:
        raise ValueError("write it as https://login.example.org, without query")
    if fits and fits[1] == "http" and fits[2] not in _LOOPBACK:
        raise ValueError("write it with https://: who can change what the provider says can be anybody here")
    return value


class OidcOptions(Table):
    """The provider that signs people in."""

    issuer: Annotated[str, AfterValidator(_https)] = ""
    client_id: str = ""
    client_secret: str = Field("", repr=False)
    client_secret_file: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email", "groups")
    name_claim: str = "preferred_username"
    groups_claim: str = "groups"
    title: str = ""
    ca_file: str = ""


class ProxyOptions(Table):
    """The headers by which a proxy before Chartroom says who asks; believed from ``trusted_proxies`` alone."""

    user_header: str = "X-Forwarded-User"
    groups_header: str = "X-Forwarded-Groups"
    email_header: str = "X-Forwarded-Email"


class RoleOptions(Table):
    """One entry of ``roles``: who has which role, where."""

    role: Role
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    everyone: bool = False
    """All who are signed in."""
    sources: tuple[str, ...] = ("*",)
    clusters: tuple[str, ...] = ("*",)
    namespaces: tuple[str, ...] = ("*",)


class SmtpOptions(Table):
    """The server that takes e-mail."""

    host: str = ""
    port: int = Field(587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password_file: str = ""
    sender: str = ""
    ca_file: str = ""
    """PEM: trusted beside the system's authorities."""


Often = Annotated[int, Field(ge=0, le=1_000_000)]


class RateLimits(Table):
    """How many costly requests a minute are answered for one person, or one address where nobody signs in; 0: any."""

    search: Often = 600
    compare: Often = 120
    preview: Often = 60
    archive: Often = 300


class SessionOptions(Table):
    """How long a sign-in lasts."""

    idle: Duration = 3600
    longest: Duration = 12 * 3600
    tokens_after: Duration = 7 * 86400
    """So long after the last sign-in at a provider or proxy a person's tokens are believed: nobody tells when somebody
    was removed there."""
