"""API tokens: how one is made, what it may, and whose it is."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from flask import request

from catalog_web.auth import ACTIONS, Action
from catalog_web.client_address import client_address
from catalog_web.services import Services
from catalog_web.signin.keys import LENGTH, digest, is_key, new_id, new_key
from indexer.errors import N_, UsageError
from indexer.people import Token, User

PREFIX = "chartroom_"
"""Lets scanners of secrets know one where it should not be."""
_USED_EVERY = timedelta(minutes=1)
_LONGEST_NAME = 100
_LONGEST_DAYS = 3650

_READ: frozenset[Action] = frozenset(
    {"catalog.read", "source.read", "app.read", "cluster.read", "approval.own", "approval.read", "team.read"}
)
SCOPES: Mapping[str, frozenset[Action]] = {
    "read": _READ,
    "install": _READ | {"app.install", "app.upgrade", "app.uninstall", "preset.write"},
    "metrics": frozenset({"metrics.read"}),
    # The own account is a person's matter.
    "admin": ACTIONS - {"account"},
}


def make(user: User, name: str, scopes: Sequence[str], days: int | None) -> tuple[Token, str]:
    """A new token of ``user``, and what is shown of it once. ``days``: until it ends; None: never.

    Raises UsageError.
    """
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise UsageError(what=N_("A token needs a name of at most 100 characters."), hint=N_("Say what uses it."))
    unknown = [one for one in scopes if one not in SCOPES and one not in ACTIONS]
    if unknown or not scopes:
        raise UsageError(
            what=N_("A token needs a scope: read, install, metrics, admin, or actions by name."),
            hint=N_("Give it no more than what its user needs."),
        )
    if days is not None and not 0 < days <= _LONGEST_DAYS:
        raise UsageError(what=N_("A token lasts from 1 to 3,650 days."), hint=N_("Leave it out for one without end."))
    key, now = new_key(), datetime.now(UTC)
    token = Token(
        id=new_id(),
        secret=digest(PREFIX + key),
        person=user.name,
        epoch=user.epoch,
        name=name.strip(),
        scopes=tuple(dict.fromkeys(scopes)),
        created=now,
        expires=now + timedelta(days=days) if days else None,
    )
    return token, PREFIX + key


def actions_of(scopes: Sequence[str]) -> frozenset[Action]:
    """All that a token of these scopes may at most."""
    named = {one for one in ACTIONS if one in scopes}
    return frozenset(named).union(*(SCOPES[one] for one in scopes if one in SCOPES))


def sent() -> str | None:
    """The token that the request carries: as Bearer, or as a Basic password where Helm's clients and readers of feeds
    ask, which know nothing else. None: it carries none, so its cookie says who it is."""
    given = request.authorization
    if given is None:
        return None
    if given.type == "bearer" and not request.path.startswith("/hooks/"):
        return given.token or ""
    password = given.password or "" if given.type == "basic" else ""
    return password if password.startswith(PREFIX) and takes_basic(request.path) else None


def takes_basic(path: str) -> bool:
    """Whether programs ask there that know a user name and a password alone."""
    return path.startswith(("/helm/", "/feeds/")) or (path.startswith("/charts/") and path.endswith((".tgz", ".prov")))


def present(services: Services, told: str) -> tuple[Token, User] | None:
    """The token ``told``, if it still counts; noted as used."""
    if len(told) != len(PREFIX) + LENGTH or not is_key(told.removeprefix(PREFIX)):
        return None
    found = services.store.tokens.find(digest(told))
    now = datetime.now(UTC)
    if found is None or not is_alive(*found, now, services.config.session.tokens_after):
        return None
    token, _ = found
    if token.last_used is None or now - token.last_used > _USED_EVERY:
        services.store.tokens.use(token.id, now, client_address())
    return found


def is_alive(token: Token, user: User, now: datetime, trusted: float) -> bool:
    """Whether a token still opens anything. Nobody tells when a provider let somebody go, so the tokens of its people
    end ``trusted`` seconds after their last sign-in."""
    if user.disabled or token.epoch != user.epoch or (token.expires is not None and token.expires <= now):
        return False
    if user.kind in {"local", "service"}:
        return True
    return user.last_sign_in is not None and now - user.last_sign_in < timedelta(seconds=trusted)
