"""The ledger: one row for each attempt to sync a source, whatever came of it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from indexer.model import Attempt, Outcome
from indexer.store.database import Database
from indexer.store.tables import attempts, sources

KEEP_DAYS = 90
KEEP_ROWS = 1000
"""Attempts of a source are kept for so many days, and at most so many."""


class Ledger:
    """Reads the attempts of a source."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, source: str, limit: int = 50, offset: int = 0) -> tuple[Attempt, ...]:
        """Return the attempts of ``source``, newest first."""
        query = select(attempts).where(attempts.c.source == source).order_by(attempts.c.id.desc())
        with self._database.read() as connection:
            return tuple(attempt_of(row) for row in connection.execute(query.limit(limit).offset(offset)))

    def count(self, source: str) -> int:
        """Return how many attempts of ``source`` are kept."""
        query = select(func.count()).select_from(attempts).where(attempts.c.source == source)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def since(self, row: int, limit: int) -> tuple[tuple[Attempt, Outcome | None], ...]:
        """Attempts of all sources after ``row``, oldest first, each with the outcome of the one before it of the same
        source; None where none is kept."""
        earlier = attempts.alias("earlier")
        before = (
            select(earlier.c.outcome)
            .where(earlier.c.source == attempts.c.source, earlier.c.id < attempts.c.id)
            .order_by(earlier.c.id.desc())
            .limit(1)
            .scalar_subquery()
            .label("before")
        )
        query = select(attempts, before).where(attempts.c.id > row).order_by(attempts.c.id).limit(limit)
        with self._database.read() as connection:
            return tuple((attempt_of(found), found.before) for found in connection.execute(query))

    def last(self) -> int:
        """Id of the newest attempt; 0 where there is none."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.max(attempts.c.id))).scalar() or 0)

    def prune(self, now: datetime) -> int:
        """Drop what is older than KEEP_DAYS or beyond KEEP_ROWS of its source, but never the row of its last change;
        returns how many rows went."""
        rank = func.row_number().over(partition_by=attempts.c.source, order_by=attempts.c.id.desc()).label("rank")
        ranked = select(attempts.c.id, rank).subquery()
        surplus = select(ranked.c.id).where(ranked.c.rank > KEEP_ROWS)
        old = attempts.c.started < now - timedelta(days=KEEP_DAYS)
        kept = attempts.c.id.in_(select(sources.c.last_change).where(sources.c.last_change.is_not(None)))
        with self._database.write() as connection:
            return connection.execute(delete(attempts).where((old | attempts.c.id.in_(surplus)) & ~kept)).rowcount


def attempt_of(row: Row[Any], prefix: str = "") -> Attempt:
    """Build an Attempt from a row whose columns carry ``prefix``."""
    values = {column.name: getattr(row, prefix + column.name) for column in attempts.c}
    return Attempt(**{**values, "seconds": values["seconds"] / 1000})


def record(connection: Connection, attempt: Attempt) -> int:
    """Write ``attempt`` inside the caller's transaction; returns the id that the database gave it."""
    values = {column.name: getattr(attempt, column.name) for column in attempts.c if column.name != "id"}
    row = insert(attempts).values({**values, "seconds": round(attempt.seconds * 1000)}).returning(attempts.c.id)
    return int(connection.execute(row).scalar_one())
