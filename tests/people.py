"""People who are signed in, each with a browser of its own, as the application's own store knows them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from catalog_web.signin import cookies, tokens
from catalog_web.signin.keys import digest, new_id, new_key
from catalog_web.signin.people import new_user
from indexer.people import Session, User, UserKind
from tests.web import HOST, Web

PASSWORD = "correct horse battery staple"


def person(
    web: Web, name: str, role: str = "", groups: Sequence[str] = (), *, kind: UserKind = "local", password: str = ""
) -> User:
    """An account, made where there is none yet; with ``role`` for everything that role is about."""
    known = web.services.store.users.find(name)
    if known is None:
        known = new_user(name, kind, groups=groups, password=password)
        web.services.store.users.add(known, role, "test")
    return known


def signed_in(web: Web, name: str, role: str = "", groups: Sequence[str] = ()) -> Web:
    """The same application, asked from the browser of a person who is signed in. ``web`` must be opened with
    ``sign_in=["local"]``."""
    user, now, key = person(web, name, role, groups), datetime.now(UTC), new_key()
    ends = now + timedelta(hours=12)
    session = Session(digest(key), new_id(), name, user.epoch, now, now, now, ends, HOST, "test")
    web.services.store.sessions.begin(session)
    client = web.app.test_client()
    client.set_cookie(cookies.NAME, key, domain=HOST)
    return replace(web, client=client)


def token_of(web: Web, name: str, *scopes: str, role: str = "", days: int | None = None) -> dict[str, str]:
    """The headers of a program that has a token of a person."""
    token, shown = tokens.make(person(web, name, role), "test", scopes or ("read",), days)
    web.services.store.tokens.add(token)
    return {"Authorization": f"Bearer {shown}"}
