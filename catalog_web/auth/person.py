"""Somebody who asks."""

from dataclasses import dataclass, field
from typing import Literal

from catalog_web.auth.actions import ACTIONS, Action
from catalog_web.auth.grants import ALL, Grants

Way = Literal["none", "local", "oidc", "proxy", "token", "operator", "helm"]
"""How it is known who asks: nobody had to say; an account here; a provider; a proxy; an API token; the server's own
command line; the credential of a source under /helm."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks, with the actions that he or she may take."""

    name: str
    rights: frozenset[Action]
    way: Way = "none"
    groups: frozenset[str] = field(default=frozenset())
    email: str = ""
    display: str = ""
    session: str = ""
    """Id of the session or token that said who it is; empty: none."""
    grants: Grants = ALL
    """Where the rights hold; everywhere where nobody says otherwise."""

    @property
    def signed_in(self) -> bool:
        """Whether somebody proved to be this person."""
        return bool(self.name)


LOCAL = Person("local", ACTIONS)
"""Whoever reaches a listener without sign-in."""
ANONYMOUS = Person("", frozenset())
"""Who is not signed in, where there is a sign-in."""
