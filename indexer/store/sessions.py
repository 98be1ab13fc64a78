"""Browsers that are signed in, known to every replica."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from indexer.errors import SessionNotFound
from indexer.people import Session, User
from indexer.store.database import Database
from indexer.store.people_tables import sessions, users
from indexer.store.users import user_of

MOST_OF_A_PERSON = 100
"""Whoever signs in more often at once is signed out where he was longest ago."""


class Sessions:
    """Sessions by the hash of their cookie."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, session: Session) -> None:
        """Keep a new session."""
        newest = (
            select(sessions.c.id)
            .where(sessions.c.person == session.person)
            .order_by(sessions.c.seen.desc())
            .limit(MOST_OF_A_PERSON)
        )
        with self._database.write("people") as connection:
            connection.execute(insert(sessions).values(_row(session)))
            kept = [row.id for row in connection.execute(newest)]
            old = (sessions.c.person == session.person) & sessions.c.id.not_in(kept)
            connection.execute(delete(sessions).where(old))

    def find(self, identity: str) -> tuple[Session, User] | None:
        """Return a session with its account, in one question; None where there is none. Whether it still counts is
        for the caller to judge."""
        its = [sessions.c[name].label(f"session_{name}") for name in _NAMES]
        query = select(users, *its).join(sessions, sessions.c.person == users.c.name).where(sessions.c.id == identity)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (_session(row, "session_"), user_of(row))

    def renew(self, old: str, new: Session, until: datetime) -> bool:
        """Let ``new`` take the place of the session ``old``, which serves until then for requests under way. False:
        another request did that already."""
        with self._database.write("people") as connection:
            fresh = (sessions.c.id == old) & sessions.c.replaced.is_(False)
            if not connection.execute(update(sessions).where(fresh).values(replaced=True, ends=until)).rowcount:
                return False
            connection.execute(insert(sessions).values(_row(new)))
            return True

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


_NAMES = tuple(Session.__dataclass_fields__)


def _session(row: Row[Any], prefix: str = "") -> Session:
    return Session(**{name: getattr(row, prefix + name) for name in _NAMES})


def _row(session: Session) -> dict[str, Any]:
    return {name: getattr(session, name) for name in _NAMES} | {"facts": dict(session.facts)}
