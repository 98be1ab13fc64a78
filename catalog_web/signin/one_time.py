"""Keys that work once: for the first administrator, and to set a password.

A key is typed into a form and never stands in an address, which would keep it in histories and logs.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog_web.client_address import client_address
from catalog_web.services import Services
from catalog_web.signin import passwords, throttle
from catalog_web.signin.keys import digest, new_key
from catalog_web.signin.people import new_user
from catalog_web.signin.ways import ways
from indexer.errors import OneTimeKeyUsed
from indexer.people import User

FIRST_LASTS = timedelta(hours=1)
PASSWORD_LASTS = timedelta(days=1)
_TRIES, _TRY_SECONDS = 20, 3600


def first_key(services: Services) -> str:
    """A key that makes the first administrator; empty where there is one, or none can be made here."""
    return _new(services, {"kind": "first"}, FIRST_LASTS) if wants_first(services) else ""


def wants_first(services: Services) -> bool:
    """Whether the first administrator is still to be made, and can be here."""
    return "local" in ways(services.config) and not has_administrator(services)


def has_administrator(services: Services) -> bool:
    """Whether anybody may administer: an account with that role, or a group at a provider that has it."""
    admins = [one for one in services.config.roles if one.role == "admin"]
    elsewhere = set(ways(services.config)) - {"local"}
    if elsewhere and any(one.groups or one.users or one.everyone for one in admins):
        return True
    return services.store.users.has_administrator([name for one in admins for name in one.users])


def make_first(services: Services, key: str, name: str, password: str) -> User:
    """Make the first administrator: a sign-in as well. Raises OneTimeKeyUsed, TooManyTries, UsageError, NameTaken."""
    _check_tries(services)
    user = replace(new_user(name, "local", password=password), last_sign_in=datetime.now(UTC))
    _take(services, key, "first")
    if has_administrator(services):
        raise OneTimeKeyUsed
    services.store.users.add(user, "admin", by=name)
    services.audit.note_for(name, "account", "first-administrator", "ok")
    return user


def password_key(services: Services, name: str) -> str:
    """A key with which ``name`` sets a password; dead once another one is set. Raises UserNotFound."""
    user = services.store.users.get(name)
    return _new(services, {"kind": "password", "person": name, "epoch": user.epoch}, PASSWORD_LASTS)


def set_password(services: Services, key: str, password: str) -> User:
    """Set a password with such a key, which is a sign-in as well. Raises OneTimeKeyUsed, TooManyTries, UsageError."""
    _check_tries(services)
    kept = passwords.hashed(password)
    facts = _take(services, key, "password")
    user = services.store.users.find(str(facts.get("person")))
    if user is None or user.kind != "local" or user.epoch != facts.get("epoch"):
        raise OneTimeKeyUsed
    services.store.users.set_password(user.name, kept)
    services.store.users.told(user.name, {"last_sign_in": datetime.now(UTC)})
    services.audit.note_for(user.name, "account", "password", "ok", way="one-time key")
    return services.store.users.get(user.name)


def _new(services: Services, facts: Mapping[str, Any], lasts: timedelta) -> str:
    key, now = new_key(), datetime.now(UTC)
    services.store.one_time.keep(digest(key), facts, now, now + lasts)
    return key


def _check_tries(services: Services) -> None:
    """Before a password is hashed, which costs a core and 19 MiB: nobody is signed in here."""
    throttle.check(services.store.throttles, f"one-time/{throttle.network_of(client_address())}", _TRIES, _TRY_SECONDS)


def _take(services: Services, key: str, kind: str) -> Mapping[str, Any]:
    kept, now = digest(key.strip()), datetime.now(UTC)
    facts = services.store.one_time.look(kept, now)
    if facts is None or facts.get("kind") != kind or services.store.one_time.take(kept, now) is None:
        raise OneTimeKeyUsed
    return facts
