"""What programs prove themselves with."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from indexer.errors import N_, TokenNotFound, UsageError
from indexer.people import Token, User
from indexer.store.database import Database
from indexer.store.people_tables import tokens, users
from indexer.store.users import user_of

MOST_OF_A_PERSON = 100


class Tokens:
    """Tokens by the hash of what was shown once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: Token) -> None:
        """Keep a new token. Raises UsageError beyond a hundred of a person."""
        count = select(func.count()).select_from(tokens).where(tokens.c.person == token.person)
        with self._database.write("people") as connection:
            if connection.execute(count).scalar_one() >= MOST_OF_A_PERSON:
                raise UsageError(
                    what=N_("There are too many tokens."), hint=N_("Revoke those that nobody uses any more.")
                )
            row = {name: getattr(token, name) for name in _NAMES} | {"scopes": list(token.scopes)}
            connection.execute(insert(tokens).values(row))

    def find(self, secret: str) -> tuple[Token, User] | None:
        """Return a token with its account, in one question; None where there is none. Whether it still counts is for
        the caller to judge."""
        its = [tokens.c[name].label(f"token_{name}") for name in _NAMES]
        query = select(users, *its).join(tokens, tokens.c.person == users.c.name).where(tokens.c.secret == secret)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (_token(row, "token_"), user_of(row))

    def use(self, identity: str, at: datetime, address: str) -> None:
        """Note that a token was used, and from where."""
        with self._database.write("people") as connection:
            values = {"last_used": at, "last_address": address}
            connection.execute(update(tokens).where(tokens.c.id == identity).values(values))

    def of(self, person: str) -> tuple[Token, ...]:
        """Return a person's tokens, newest first."""
        query = select(tokens).where(tokens.c.person == person).order_by(tokens.c.created.desc())
        with self._database.read() as connection:
            return tuple(_token(row) for row in connection.execute(query))

    def revoke(self, person: str, identity: str) -> None:
        """Let a token of ``person`` open nothing any more. Raises TokenNotFound."""
        which = (tokens.c.person == person) & (tokens.c.id == identity)
        with self._database.write("people") as connection:
            if not connection.execute(delete(tokens).where(which)).rowcount:
                raise TokenNotFound


_NAMES = tuple(Token.__dataclass_fields__)


def _token(row: Row[Any], prefix: str = "") -> Token:
    values = {name: getattr(row, prefix + name) for name in _NAMES}
    return Token(**{**values, "scopes": tuple(values["scopes"])})
