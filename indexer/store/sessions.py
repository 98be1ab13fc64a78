"""Browsers that are signed in, known to every replica."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from indexer.errors import SessionNotFound
from indexer.people import Session, User
from indexer.store.database import Database
from indexer.store.people_tables import sessions, users
from indexer.store.sealed import renew_sealed
from indexer.store.users import user_of
from indexer.vault import CannotOpen, Vault

NO_TOKENS: Mapping[str, str] = MappingProxyType({})
MOST_OF_A_PERSON = 100
"""Whoever signs in more often at once is signed out where he was longest ago."""


class Sessions:
    """Sessions by the hash of their cookie. The tokens that a provider gave leave this room only through
    ``tokens_of``."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    def begin(self, session: Session, tokens: Mapping[str, str] = NO_TOKENS) -> None:
        """Keep a new session, and sealed with it the tokens that the provider gave. Raises SecretKeyUnusable."""
        sealed = self._sealed(tokens) if tokens else ""
        newest = (
            select(sessions.c.id)
            .where(sessions.c.person == session.person)
            .order_by(sessions.c.seen.desc())
            .limit(MOST_OF_A_PERSON)
        )
        with self._database.write("people") as connection:
            connection.execute(insert(sessions).values({**_row(session), "sealed": sealed}))
            kept = [row.id for row in connection.execute(newest)]
            old = (sessions.c.person == session.person) & sessions.c.id.not_in(kept)
            connection.execute(delete(sessions).where(old))

    def find(self, identity: str) -> tuple[Session, User] | None:
        """Return a session with its account, in one question; None where there is none. Whether it still counts is
        for the caller to judge."""
        with self._database.read() as connection:
            row = connection.execute(_WITH_USER.where(sessions.c.id == identity)).one_or_none()
        return None if row is None else (_session(row, _PREFIX), user_of(row))

    def tokens_of(self, person: str) -> tuple[tuple[Session, User, dict[str, str]], ...]:
        """Return a person's sessions with the account and the tokens that the provider gave, newest sign-in first;
        without those that have none, or none that a key opens. Raises SecretKeyUnusable."""
        held = (sessions.c.person == person) & sessions.c.replaced.is_(False) & (sessions.c.sealed != "")
        query = _WITH_USER.add_columns(sessions.c.sealed).where(held).order_by(sessions.c.created.desc())
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(
            (_session(row, _PREFIX), user_of(row), tokens) for row in rows if (tokens := self._opened(row.sealed))
        )

    def put_tokens(self, sign_in: str, tokens: Mapping[str, str]) -> None:
        """Keep what the provider gave anew, for as long as that sign-in lasts. Raises SecretKeyUnusable."""
        sealed = self._sealed(tokens)
        with self._database.write("people") as connection:
            connection.execute(update(sessions).where(sessions.c.sign_in == sign_in).values(sealed=sealed))

    def seal_anew(self) -> int:
        """Seal anew what another key than the first one sealed, as far as a key opens it; returns how many there were.

        Raises SecretKeyUnusable.
        """
        return renew_sealed(self._database, self._vault, sessions, "people")

    def _sealed(self, tokens: Mapping[str, str]) -> str:
        return self._vault.seal(json.dumps(dict(tokens)))

    def _opened(self, sealed: str) -> dict[str, str]:
        try:
            opened: dict[str, str] = json.loads(self._vault.open(sealed))
        except CannotOpen:
            return {}
        return opened

    def renew(self, old: str, new: Session, until: datetime) -> bool:
        """Let ``new`` take the place of the session ``old``, which serves until then for requests under way. False:
        another request did that already. The tokens stay with it."""
        fresh = (sessions.c.id == old) & sessions.c.replaced.is_(False)
        replaced = update(sessions).where(fresh).values(replaced=True, ends=until).returning(sessions.c.sealed)
        with self._database.write("people") as connection:
            row = connection.execute(replaced).one_or_none()
            if row is not None:
                connection.execute(insert(sessions).values({**_row(new), "sealed": row.sealed}))
        return row is not None

    def see(self, identity: str, at: datetime) -> None:
        """Note that a session was used."""
        with self._database.write("people") as connection:
            connection.execute(update(sessions).where(sessions.c.id == identity).values(seen=at))

    def of(self, person: str) -> tuple[Session, ...]:
        """Return a person's sessions, last used first, each sign-in once."""
        query = (
            select(sessions)
            .where(sessions.c.person == person, sessions.c.replaced.is_(False))
            .order_by(sessions.c.seen.desc())
        )
        with self._database.read() as connection:
            return tuple(_session(row) for row in connection.execute(query))

    def end(self, person: str, sign_in: str) -> None:
        """Sign a person out in one browser. Raises SessionNotFound."""
        which = (sessions.c.person == person) & (sessions.c.sign_in == sign_in)
        with self._database.write("people") as connection:
            if not connection.execute(delete(sessions).where(which)).rowcount:
                raise SessionNotFound

    def tidy(self) -> None:
        """Drop what has ended."""
        with self._database.write("people") as connection:
            connection.execute(delete(sessions).where(sessions.c.ends < datetime.now(UTC)))


_NAMES, _PREFIX = tuple(Session.__dataclass_fields__), "session_"
_WITH_USER = select(users, *(sessions.c[name].label(_PREFIX + name) for name in _NAMES)).join(
    sessions, sessions.c.person == users.c.name
)


def _session(row: Row[Any], prefix: str = "") -> Session:
    return Session(**{name: getattr(row, prefix + name) for name in _NAMES})


def _row(session: Session) -> dict[str, Any]:
    return {name: getattr(session, name) for name in _NAMES} | {"facts": dict(session.facts)}
