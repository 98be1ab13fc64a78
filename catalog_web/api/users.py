"""Accounts, for administrators."""

from typing import Annotated, Literal

from pydantic import Field

from catalog_web.api import people_shapes as shapes
from catalog_web.api.operations import Caller, Page, Question, operation
from catalog_web.api.tokens import NewToken
from catalog_web.signin import administering
from indexer.people import Role

_TEXT = Annotated[str, Field(max_length=256)]


class Wanted(Page):
    """A part of the list; ``q``: a part of a name or e-mail address."""

    q: _TEXT = ""


class NewUser(Question):
    """An account: of a person who signs in with a password, or of a program. ``role``: everywhere, at once."""

    name: _TEXT
    kind: Literal["local", "service"] = "local"
    display: _TEXT = ""
    email: _TEXT = ""
    groups: Annotated[list[_TEXT], Field(max_length=100)] = Field(default_factory=list)
    role: Role | None = None


@operation(
    "GET",
    "/api/v1/users",
    action="people.read",
    target="people",
    summary="Accounts by name",
    answer=shapes.UsersList,
    query=Wanted,
)
def listing(caller: Caller, query: Wanted) -> shapes.UsersList:
    """A part of the accounts, and how many there are."""
    users, total = caller.services.store.users.some(query.q, query.offset, query.limit)
    return {"total": total, "items": [shapes.user(one) for one in users]}


@operation(
    "POST",
    "/api/v1/users",
    action="people.write",
    target="people",
    summary="Add an account",
    answer=shapes.UserShape,
    status=201,
    body=NewUser,
    errors=(400, 409),
)
def add(caller: Caller, body: NewUser) -> shapes.UserShape:
    """An account without a password: a one-time key sets it, or tokens are made. Raises UsageError, NameTaken."""
    made = administering.add_account(
        caller.services,
        body.name,
        body.kind,
        by=caller.person,
        role=body.role,
        display=body.display,
        email=body.email,
        groups=body.groups,
    )
    return shapes.user(made)


@operation(
    "GET",
    "/api/v1/users/{name}",
    action="people.read",
    target="people",
    summary="An account",
    answer=shapes.UserShape,
    errors=(404,),
)
def one(caller: Caller, name: str) -> shapes.UserShape:
    """One account. Raises UserNotFound."""
    return shapes.user(caller.services.store.users.get(name))


@operation(
    "POST",
    "/api/v1/users/{name}/disable",
    action="people.write",
    target="people",
    summary="Close an account: its sessions and tokens end at once",
    answer=shapes.UserShape,
    errors=(404, 409),
)
def disable(caller: Caller, name: str) -> shapes.UserShape:
    """Raises UserNotFound, Conflict."""
    administering.set_disabled(caller.services, name, True, by=caller.person)
    return one(caller, name)


@operation(
    "POST",
    "/api/v1/users/{name}/enable",
    action="people.write",
    target="people",
    summary="Open an account again",
    answer=shapes.UserShape,
    errors=(404,),
)
def enable(caller: Caller, name: str) -> shapes.UserShape:
    """Raises UserNotFound."""
    administering.set_disabled(caller.services, name, False, by=caller.person)
    return one(caller, name)


@operation(
    "POST",
    "/api/v1/users/{name}/sign-out",
    action="people.write",
    target="people",
    summary="End all sessions and tokens of an account",
    answer=None,
    status=204,
    errors=(404,),
)
def sign_out(caller: Caller, name: str) -> None:
    """Raises UserNotFound."""
    administering.sign_out(caller.services, name)


@operation(
    "POST",
    "/api/v1/users/{name}/password-key",
    action="people.write",
    target="people",
    summary="A one-time key with which the person sets a password",
    answer=shapes.OneTimeKeyShape,
    status=201,
    errors=(404, 409),
)
def password_key(caller: Caller, name: str) -> shapes.OneTimeKeyShape:
    """Raises UserNotFound, Conflict."""
    return {"key": administering.password_key(caller.services, name)}


@operation(
    "GET",
    "/api/v1/users/{name}/tokens",
    action="people.read",
    target="people",
    summary="The tokens of an account",
    answer=shapes.TokensList,
    errors=(404,),
)
def tokens(caller: Caller, name: str) -> shapes.TokensList:
    """Without what opens anything. Raises UserNotFound."""
    owner = caller.services.store.users.get(name)
    return {"items": [shapes.token(one) for one in caller.services.store.tokens.of(owner.name)]}


@operation(
    "POST",
    "/api/v1/users/{name}/tokens",
    action="people.write",
    target="people",
    summary="Make a token of a service account",
    answer=shapes.NewTokenShape,
    status=201,
    body=NewToken,
    errors=(400, 404, 409),
)
def add_token(caller: Caller, name: str, body: NewToken) -> shapes.NewTokenShape:
    """Raises UserNotFound, Conflict, UsageError."""
    owner = administering.service_account(caller.services, name)
    return shapes.new_token(*administering.add_token(caller.services, owner, body.name, body.scopes, body.days))


@operation(
    "DELETE",
    "/api/v1/users/{name}/tokens/{token}",
    action="people.write",
    target="people",
    summary="Revoke a token of an account",
    answer=None,
    status=204,
    errors=(404,),
)
def revoke_token(caller: Caller, name: str, token: str) -> None:
    """Raises TokenNotFound."""
    administering.revoke_token(caller.services, name, token)
