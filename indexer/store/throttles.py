"""How often something was tried, counted over all replicas, in a bounded table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from indexer.store.database import Database
from indexer.store.people_tables import throttles

MOST = 10_000
"""Rows. Beyond it those go that were counted least, so that made-up names push out each other, and never the one that
somebody tries again and again."""


@dataclass(frozen=True, slots=True)
class Counter:
    """How often; ``since``: the last time; ``until``: when counting begins anew."""

    count: int
    since: datetime
    until: datetime


Wait = Callable[[Counter], float]
"""Seconds from now that whoever was counted so far has to wait; 0 or less: none."""


class Throttles:
    """Counters by key."""

    def __init__(self, database: Database, most: int = MOST) -> None:
        self._database = database
        self._most = most

    def attempt(self, key: str, now: datetime, window: timedelta, wait: Wait) -> float:
        """Count one more under ``key`` and return 0; or, where ``wait`` says so, count nothing and return the seconds
        to wait. Counting and judging are one transaction: of many at once no more pass than one after another.

        ``key``: at most 128 characters.
        """
        with self._database.write("people") as connection:
            found = _counter(connection, key, now)
            if found is None:
                self._make_room(connection, now)
                connection.execute(delete(throttles).where(throttles.c.key == key))
                connection.execute(insert(throttles).values(key=key, count=1, since=now, until=now + window))
                return 0.0
            seconds = wait(found)
            if seconds > 0:
                return seconds
            more = update(throttles).where(throttles.c.key == key)
            connection.execute(more.values(count=found.count + 1, since=now))
            return 0.0

    def forget(self, key: str) -> None:
        """Begin anew under ``key``."""
        with self._database.write("people") as connection:
            connection.execute(delete(throttles).where(throttles.c.key == key))

    def give_back(self, key: str) -> None:
        """Let one that was counted under ``key`` be as if it had not been."""
        with self._database.write("people") as connection:
            counted = (throttles.c.key == key) & (throttles.c.count > 0)
            connection.execute(update(throttles).where(counted).values(count=throttles.c.count - 1))

    def _make_room(self, connection: Connection, now: datetime) -> None:
        if connection.execute(select(func.count()).select_from(throttles)).scalar_one() < self._most:
            return
        connection.execute(delete(throttles).where(throttles.c.until < now))
        least = select(throttles.c.key).order_by(throttles.c.count, throttles.c.since).limit(max(1, self._most // 10))
        connection.execute(delete(throttles).where(throttles.c.key.in_(least)))


def _counter(connection: Connection, key: str, now: datetime) -> Counter | None:
    row = connection.execute(select(throttles).where(throttles.c.key == key, throttles.c.until > now)).one_or_none()
    return None if row is None else Counter(row._mapping["count"], row.since, row.until)
