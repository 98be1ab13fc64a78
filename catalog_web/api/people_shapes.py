"""How accounts, sessions and tokens look in JSON. Secrets are in none of it but for the answer that makes one."""

from typing_extensions import TypedDict

from catalog_web.api import shapes
from catalog_web.auth import Person
from indexer.people import Token, User, UserKind


class SessionShape(TypedDict):
    """Who asks. ``way``: how that is known. ``rights``: actions that are allowed somewhere."""

    name: str
    way: str
    display: str
    email: str
    groups: list[str]
    rights: list[str]


class UserShape(TypedDict):
    """An account."""

    name: str
    kind: UserKind
    display: str
    email: str
    groups: list[str]
    disabled: bool
    created: str | None
    last_sign_in: str | None


class UsersList(TypedDict):
    """Accounts by name."""

    total: int
    items: list[UserShape]


class TokenShape(TypedDict):
    """A token, without what opens anything."""

    id: str
    person: str
    name: str
    scopes: list[str]
    created: str | None
    expires: str | None
    last_used: str | None
    last_address: str


class TokensList(TypedDict):
    """Tokens, newest first."""

    items: list[TokenShape]


class NewTokenShape(TokenShape):
    """A token that was just made. ``token``: what a program sends; it is told this once."""

    token: str


class OneTimeKeyShape(TypedDict):
    """A key with which the owner sets a password at ``/sign-in/password``, once, within a day."""

    key: str


def session(who: Person) -> SessionShape:
    """Who asks."""
    return {
        "name": who.name,
        "way": who.way,
        "display": who.display,
        "email": who.email,
        "groups": sorted(who.groups),
        "rights": sorted(who.rights),
    }


def user(one: User) -> UserShape:
    """An account."""
    return {
        "name": one.name,
        "kind": one.kind,
        "display": one.display,
        "email": one.email,
        "groups": list(one.groups),
        "disabled": one.disabled,
        "created": shapes.moment(one.created),
        "last_sign_in": shapes.moment(one.last_sign_in),
    }


def token(one: Token) -> TokenShape:
    """A token."""
    return {
        "id": one.id,
        "person": one.person,
        "name": one.name,
        "scopes": list(one.scopes),
        "created": shapes.moment(one.created),
        "expires": shapes.moment(one.expires),
        "last_used": shapes.moment(one.last_used),
        "last_address": one.last_address,
    }


def new_token(one: Token, shown: str) -> NewTokenShape:
    """A token with what is shown of it once."""
    return {**token(one), "token": shown}
