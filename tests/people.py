"""People for tests: signed in with a session or token as the application's own store knows them, or said to be
somebody by a header alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, g, request

from catalog_web.auth import ACTIONS, Person
from catalog_web.auth.actions import Action
from catalog_web.auth.grants import Grant, Grants
from catalog_web.signin import cookies, tokens
from catalog_web.signin.keys import digest, new_id, new_key
from catalog_web.signin.people import new_user
from indexer.people import Session, User, UserKind
from tests.pages import Browser
from tests.web import HOST, Web

PASSWORD = "correct horse battery staple"
HEADER = "X-Test-Person"
READS: frozenset[Action] = frozenset(
    {"open", "account", "approval.own", "catalog.read", "source.read", "app.read", "cluster.read"}
)
SENDS: frozenset[Action] = READS | {"app.install", "app.upgrade", "app.uninstall"}


@dataclass
class People:
    """Who may send requests to an application: ``admin``, who may everything, and whom a test adds."""

    known: dict[str, Person] = field(default_factory=lambda: {"admin": Person("admin", ACTIONS, "local")})

    def add(self, name: str, rights: frozenset[Action] = SENDS, groups: Sequence[str] = ()) -> None:
        """Somebody more."""
        self.known[name] = Person(name, rights, "local", frozenset(groups), grants=Grants((Grant("developer"),)))

    def install(self, app: Flask) -> "People":
        """Let the header say who asks; without one it is `admin`."""
        app.before_request_funcs.setdefault(None, []).insert(0, self._identify)
        return self

    def _identify(self) -> None:
        g.person = self.known[request.headers.get(HEADER, "admin")]


@dataclass(frozen=True)
class Asking:
    """One person at an application."""

    web: Web
    name: str

    def get(self, path: str, status: int = 200) -> Any:
        """As `Web.get`, sent by this person."""
        return self.web.get(path, status, headers={HEADER: self.name})

    def send(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """As `Web.send`, sent by this person."""
        return self.web.send(method, path, body, status, headers={HEADER: self.name})


def browser_of(running: Web, name: str) -> Browser:
    """The pages as this person sees them, with cookies of their own."""
    client = running.app.test_client()
    client.environ_base[f"HTTP_{HEADER.upper().replace('-', '_')}"] = name
    return Browser(replace(running, client=client))


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
