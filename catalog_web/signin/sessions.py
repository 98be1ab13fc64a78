"""Sessions: begun at sign-in, renewed in use, ended by whoever may."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import request

from catalog_web.client_address import client_address
from catalog_web.services import Services
from catalog_web.signin.cookies import NAME, leave_cookie, read_cookie
from catalog_web.signin.keys import digest, new_id, new_key
from indexer.people import Session, User
from indexer.store.sessions import NO_TOKENS

RENEW_AFTER = timedelta(minutes=15)
GRACE = timedelta(minutes=1)
"""How long a renewed cookie's predecessor serves requests that were sent before its answer came."""
_SEEN_EVERY = timedelta(minutes=1)
_LONGEST_AGENT = 300


def begin(
    services: Services, user: User, facts: Mapping[str, Any] | None = None, tokens: Mapping[str, str] = NO_TOKENS
) -> Session:
    """Sign ``user`` in, in this browser, under a new cookie. ``tokens``: what the provider gave, to be kept.

    Raises SecretKeyUnusable where there are such.
    """
    now, key = datetime.now(UTC), new_key()
    session = Session(
        id=digest(key),
        sign_in=new_id(),
        person=user.name,
        epoch=user.epoch,
        created=now,
        renewed=now,
        seen=now,
        ends=now + timedelta(seconds=services.config.session.longest),
        address=client_address(),
        agent=_agent(),
        facts=facts or {},
    )
    end_present(services)
    services.store.sessions.begin(session, tokens)
    leave_cookie(NAME, key)
    return session


def present(services: Services) -> tuple[Session, User] | None:
    """The session of this request, if it still counts; renewed and noted as seen where that is due."""
    key = read_cookie(NAME, services.config.public_url)
    found = services.store.sessions.find(digest(key)) if key else None
    now = datetime.now(UTC)
    if found is None or not is_alive(*found, now, services.config.session.idle):
        return None
    session = found[0]
    if not session.replaced:
        _keep_fresh(services, session, now)
    return found


def is_alive(session: Session, user: User, now: datetime, idle: float) -> bool:
    """Whether a session still signs its person in."""
    in_time = now < session.ends and now - session.seen < timedelta(seconds=idle)
    return in_time and session.epoch == user.epoch and not user.disabled


def end_present(services: Services) -> Session | None:
    """Sign out here, and return the session that ended."""
    found = present(services)
    leave_cookie(NAME, "")
    if found is None:
        return None
    services.store.sessions.end(found[0].person, found[0].sign_in)
    return found[0]


def _keep_fresh(services: Services, session: Session, now: datetime) -> None:
    if now - session.renewed > RENEW_AFTER:
        key = new_key()
        new = replace(session, id=digest(key), renewed=now, seen=now, address=client_address(), agent=_agent())
        if services.store.sessions.renew(session.id, new, min(session.ends, now + GRACE)):
            leave_cookie(NAME, key)
    elif now - session.seen > _SEEN_EVERY:
        services.store.sessions.see(session.id, now)


def _agent() -> str:
    return request.headers.get("User-Agent", "")[:_LONGEST_AGENT]
