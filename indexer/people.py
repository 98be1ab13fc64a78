"""Frozen data about people: accounts, their sessions and tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

UserKind = Literal["local", "oidc", "proxy", "service"]
Role = Literal["viewer", "developer", "admin"]
SubjectKind = Literal["user", "group", "everyone"]


@dataclass(frozen=True, slots=True)
class User:
    """An account. ``issuer`` and ``subject`` say who it is at a provider; the name is only what it is called here."""

    name: str
    kind: UserKind
    created: datetime
    issuer: str = ""
    subject: str = ""
    display: str = ""
    email: str = ""
    groups: tuple[str, ...] = ()
    password: str = field(default="", repr=False)
    """An argon2id hash; empty: no password opens it."""
    disabled: bool = False
    epoch: int = 0
    """Sessions and tokens of another one are dead."""
    last_sign_in: datetime | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """A role that an administrator gave. ``sources``, ``clusters`` and ``namespaces`` are globs."""

    role: Role
    subject_kind: SubjectKind
    subject: str
    """The name of the person or group; empty: everyone who is signed in."""
    person: str
    """Who gave it."""
    at: datetime
    sources: tuple[str, ...] = ("*",)
    clusters: tuple[str, ...] = ("*",)
    namespaces: tuple[str, ...] = ("*",)
    id: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in."""

    id: str = field(repr=False)
    """SHA-256 of what its cookie holds, hexadecimal."""
    sign_in: str
    """Stays the same when the cookie is renewed."""
    person: str
    epoch: int
    created: datetime
    renewed: datetime
    seen: datetime
    ends: datetime
    address: str
    agent: str
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    replaced: bool = False
    """Its cookie has a successor: it only serves requests that were under way."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a program proves itself with."""

    id: str
    secret: str = field(repr=False)
    """SHA-256 of the token, hexadecimal."""
    person: str
    epoch: int
    name: str
    scopes: tuple[str, ...]
    created: datetime
    expires: datetime | None = None
    last_used: datetime | None = None
    last_address: str = ""
