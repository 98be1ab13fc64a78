"""People for tests: a request says by a header who sends it, as if somebody had signed in."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask, g, request

from catalog_web.auth import ACTIONS, Person
from catalog_web.auth.actions import Action
from catalog_web.auth.grants import Grant, Grants
from tests.pages import Browser
from tests.web import Web

HEADER = "X-Test-Person"
READS: frozenset[Action] = frozenset({"open", "account", "catalog.read", "source.read", "app.read", "cluster.read"})
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
