"""Who asks, as a trusted proxy says in headers; what anybody else says there is ignored."""

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import request

from catalog_web.client_address import from_proxy
from catalog_web.services import Services
from catalog_web.signin.names import is_name
from catalog_web.signin.ways import ways
from indexer.errors import NameTaken
from indexer.people import User

log = logging.getLogger(__name__)

ISSUER = "proxy"
_TOLD_EVERY = timedelta(minutes=10)
_MOST_GROUPS, _LONGEST_GROUP = 500, 256


def present(services: Services) -> User | None:
    """The account that the proxy names, made at its first request; None where none may come in."""
    options = services.config.proxy_headers
    name = request.headers.get(options.user_header, "").strip()
    if "proxy" not in ways(services.config) or not from_proxy() or not name:
        return None
    if not is_name(name):
        log.warning("the proxy names somebody by what cannot be a name")
        return None
    told = User(
        name=name,
        kind="proxy",
        created=datetime.now(UTC),
        issuer=ISSUER,
        subject=name,
        email=request.headers.get(options.email_header, "").strip()[:_LONGEST_GROUP],
        groups=groups_in(request.headers.get(options.groups_header, "")),
    )
    return _kept(services, told)


def groups_in(header: str) -> tuple[str, ...]:
    """The groups of a header, where commas stand between them."""
    named = [one.strip() for one in header.split(",")]
    return tuple(dict.fromkeys(one for one in named if one and len(one) <= _LONGEST_GROUP))[:_MOST_GROUPS]


def _kept(services: Services, told: User) -> User | None:
    users, now = services.store.users, told.created
    known = users.find(told.name)
    if known is None:
        with suppress(NameTaken):  # by another one of the first requests, which a browser sends at once
            users.add(replace(told, last_sign_in=now))
            return told
        known = users.get(told.name)
    if known.kind != "proxy":
        log.warning("the proxy names %s, which is an account of another kind here", told.name)
        return None
    if known.disabled:
        return None
    seen = known.last_sign_in is not None and now - known.last_sign_in < _TOLD_EVERY
    if not seen or (known.email, known.groups) != (told.email, told.groups):
        users.told(told.name, {"email": told.email, "groups": list(told.groups), "last_sign_in": now})
    return replace(known, email=told.email, groups=told.groups)
