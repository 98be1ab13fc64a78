"""Searches that people keep, and how often a text is searched for."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from indexer.errors import SearchNotFound, TooManySearches
from indexer.model import SavedSearch
from indexer.store.database import Database
from indexer.store.tables import saved_searches, search_counts

MOST_SAVED = 200
"""Of one person."""
MOST_A_DAY = 500
"""Texts that are counted on one day; whoever searches for more of them makes nothing popular."""
KEEP_DAYS = 90


class Searches:
    """Keeps and counts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- kept

    def save(self, search: SavedSearch) -> None:
        """Keep ``search``. Raises TooManySearches."""
        of_person = select(func.count()).where(saved_searches.c.person == search.person)
        with self._database.write("searches") as connection:
            if connection.execute(of_person).scalar_one() >= MOST_SAVED:
                raise TooManySearches(limit=MOST_SAVED)
            values = {column.name: getattr(search, column.name) for column in saved_searches.c}
            connection.execute(insert(saved_searches).values(values))

    def of(self, person: str) -> tuple[SavedSearch, ...]:
        """Return the searches of ``person``, the newest first."""
        newest = (saved_searches.c.created.desc(), saved_searches.c.id)
        query = select(saved_searches).where(saved_searches.c.person == person).order_by(*newest)
        with self._database.read() as connection:
            return tuple(_saved(row) for row in connection.execute(query))

    def get(self, search: str) -> SavedSearch:
        """Return the search with this id, whose ever it is. Raises SearchNotFound."""
        with self._database.read() as connection:
            row = connection.execute(select(saved_searches).where(saved_searches.c.id == search)).one_or_none()
        if row is None:
            raise SearchNotFound(search=search)
        return _saved(row)

    def forget(self, person: str, search: str) -> None:
        """Drop a search of ``person``. Raises SearchNotFound."""
        own = (saved_searches.c.id == search) & (saved_searches.c.person == person)
        with self._database.write("searches") as connection:
            if not connection.execute(delete(saved_searches).where(own)).rowcount:
                raise SearchNotFound(search=search)

    # -- counted

    def count(self, now: datetime, times: Mapping[str, int]) -> None:
        """Add to today's counts of these texts (at most 64 characters each); beyond MOST_A_DAY no new one is taken."""
        today = _day(now)
        with self._database.write("searches") as connection:
            room = MOST_A_DAY - _texts_of(connection, today)
            for text, more in times.items():
                if not _add(connection, today, text, more) and room > 0:
                    connection.execute(insert(search_counts).values(day=today, text=text, count=more))
                    room -= 1

    def popular(self, now: datetime, least: int, limit: int) -> tuple[str, ...]:
        """Return what was searched for at least ``least`` times within KEEP_DAYS, most often first."""
        total = func.sum(search_counts.c.count)
        kept = search_counts.c.day > now - timedelta(days=KEEP_DAYS)
        query = select(search_counts.c.text).where(kept).group_by(search_counts.c.text).having(total >= least)
        with self._database.read() as connection:
            return tuple(connection.execute(query.order_by(total.desc(), search_counts.c.text).limit(limit)).scalars())

    def prune(self, now: datetime) -> int:
        """Drop counts older than KEEP_DAYS; returns how many rows went."""
        old = search_counts.c.day <= now - timedelta(days=KEEP_DAYS)
        with self._database.write("searches") as connection:
            return connection.execute(delete(search_counts).where(old)).rowcount


def _day(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _texts_of(connection: Connection, day: datetime) -> int:
    return int(connection.execute(select(func.count()).where(search_counts.c.day == day)).scalar_one())


def _add(connection: Connection, day: datetime, text: str, more: int) -> bool:
    """Whether the text was counted on that day before."""
    row = (search_counts.c.day == day) & (search_counts.c.text == text)
    added = update(search_counts).where(row).values(count=search_counts.c.count + more)
    return bool(connection.execute(added).rowcount)


def _saved(row: Row[Any]) -> SavedSearch:
    return SavedSearch(**{column.name: getattr(row, column.name) for column in saved_searches.c})
