"""Who asks, and what programs prove themselves with."""

from typing import Annotated

from pydantic import Field

from catalog_web.api import people_shapes as shapes
from catalog_web.api.operations import Caller, Question, operation
from catalog_web.signin import administering
from indexer.errors import SignInNeeded


class NewToken(Question):
    """A token. ``scopes``: read, install, metrics, admin, or actions by name; ``days``: until it ends, none: never."""

    name: str
    scopes: Annotated[list[str], Field(min_length=1, max_length=50)]
    days: int | None = None


@operation("GET", "/api/v1/session", action="open", summary="Who asks", answer=shapes.SessionShape, errors=(401,))
def who(caller: Caller) -> shapes.SessionShape:
    """Who the session or token belongs to. Raises SignInNeeded."""
    if not caller.who.signed_in:
        raise SignInNeeded
    return shapes.session(caller.who)


@operation(
    "GET", "/api/v1/tokens", action="account", target="account", summary="One's own tokens", answer=shapes.TokensList
)
def mine(caller: Caller) -> shapes.TokensList:
    """The tokens of whoever asks."""
    return {"items": [shapes.token(one) for one in caller.services.store.tokens.of(caller.person)]}


@operation(
    "POST",
    "/api/v1/tokens",
    action="account",
    target="account",
    summary="Make a token",
    answer=shapes.NewTokenShape,
    status=201,
    body=NewToken,
    errors=(400, 404),
)
def add(caller: Caller, body: NewToken) -> shapes.NewTokenShape:
    """A token of whoever asks; what opens anything is told this once. Raises Forbidden, UserNotFound, UsageError."""
    administering.check_may_make_tokens(caller.who)
    owner = caller.services.store.users.get(caller.person)
    return shapes.new_token(*administering.add_token(caller.services, owner, body.name, body.scopes, body.days))


@operation(
    "DELETE",
    "/api/v1/tokens/{token}",
    action="account",
    target="account",
    summary="Revoke a token",
    answer=None,
    status=204,
    errors=(404,),
)
def revoke(caller: Caller, token: str) -> None:
    """Let one's own token open nothing any more. Raises TokenNotFound."""
    administering.revoke_token(caller.services, caller.person, token)
