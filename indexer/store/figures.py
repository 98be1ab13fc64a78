"""What is counted for those who run Chartroom: queues, outcomes, who is there. Read at once, nothing is changed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Select, func, select

from indexer.store.database import Database
from indexer.store.people_tables import deliveries, sessions
from indexer.store.tables import archives, attempts, charts, revisions, versions

LOOKING_BACK = timedelta(hours=24)
"""How old an attempt may be that is counted."""
GONE_AFTER = timedelta(seconds=30)
"""A process that was not heard of for so long counts no more."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of one moment."""

    latency: float
    """Seconds that the shortest question took."""
    attempts: Mapping[tuple[str, str], int]
    """By source and outcome, of the last day."""
    failures: Mapping[tuple[str, str], int]
    """Failed attempts by source and the id of the error, of the last day."""
    archives_wanted: Mapping[str, int]
    """Newest versions by source whose archives were not had yet, or are to be tried again now."""
    deliveries: Mapping[str, int]
    """Notices by state."""
    changes_of_apps: Mapping[tuple[str, str], int]
    """By action and outcome, ever; the outcome is empty where captain has not told it yet."""
    sessions: int
    """Sign-ins that are good now."""


class FigureReader:
    """Counts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self, now: datetime) -> Figures:
        """All figures, from one consistent view."""
        began = time.perf_counter()
        with self._database.read() as connection:
            connection.execute(select(1))
            latency = time.perf_counter() - began
            lately = attempts.c.started > now - LOOKING_BACK
            failed = lately & (attempts.c.outcome == "failed")
            return Figures(
                latency=latency,
                attempts=_pairs(connection, _count(attempts.c.source, attempts.c.outcome).where(lately)),
                failures=_pairs(connection, _count(attempts.c.source, attempts.c.error_id).where(failed)),
                archives_wanted=_ones(connection, _wanted(now)),
                deliveries=_ones(connection, _count(deliveries.c.state)),
                changes_of_apps=_pairs(connection, _count(revisions.c.action, revisions.c.outcome)),
                sessions=_number(connection, select(func.count()).select_from(sessions).where(sessions.c.ends > now)),
            )


def _count(*columns: Column[Any]) -> Select[Any]:
    return select(*columns, func.count()).group_by(*columns)


def _wanted(now: datetime) -> Select[Any]:
    """Archives of the newest versions, as ``Contents.wanted`` has them."""
    newest = charts.join(versions, (versions.c.chart == charts.c.id) & (versions.c.version == charts.c.latest))
    again = (archives.c.state == "failed") & (archives.c.next_try.is_(None) | (archives.c.next_try <= now))
    known = newest.outerjoin(archives, archives.c.version == versions.c.id)
    return _count(charts.c.source).select_from(known).where(archives.c.state.is_(None) | again)


def _ones(connection: Connection, query: Select[Any]) -> dict[str, int]:
    return {str(one): int(count) for one, count in connection.execute(query).tuples()}


def _pairs(connection: Connection, query: Select[Any]) -> dict[tuple[str, str], int]:
    return {(str(one), str(other)): int(count) for one, other, count in connection.execute(query).tuples()}


def _number(connection: Connection, query: Select[tuple[int]]) -> int:
    return int(connection.execute(query).scalar_one())
