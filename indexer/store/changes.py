"""The change log: the spine that every follower reads from the last row it has seen."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, true

from indexer.model import ALL_CHANGES, Change, ChangeFilter, ChangeKind
from indexer.store.database import Database, insert_rows, one_of
from indexer.store.tables import changes

KEEP_DAYS = 365
"""A follower that is further behind builds itself anew."""


@dataclass(frozen=True, slots=True)
class SyncRows:
    """What one sync changed in one way."""

    at: datetime
    source: str
    kind: ChangeKind
    versions: tuple[tuple[str, str], ...]
    """Charts with their versions."""


class Changes:
    """Reads the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def since(
        self, row: int, limit: int, wanted: ChangeFilter = ALL_CHANGES, *, content: bool = False
    ) -> tuple[Change, ...]:
        """Changes after ``row``, oldest first. ``content``: also those rows that only say that a README became
        known."""
        query = select(changes).where(changes.c.id > row).order_by(changes.c.id).limit(limit)
        query = query.where(wanted_rows(wanted))
        if not content:
            query = query.where(changes.c.kind != "content")
        with self._database.read() as connection:
            return tuple(Change(**found._mapping) for found in connection.execute(query))

    def newest(self, after: int) -> dict[str, int]:
        """The newest row after ``after`` of each source that has one."""
        told = (changes.c.id > after) & (changes.c.kind != "content")
        query = select(changes.c.source, func.max(changes.c.id).label("row")).where(told).group_by(changes.c.source)
        with self._database.read() as connection:
            return {found.source: int(found.row) for found in connection.execute(query)}

    def syncs_between(self, after: int, upto: int, kinds: Collection[ChangeKind]) -> Iterator[SyncRows]:
        """What each sync changed in each of these ways, by the rows after ``after`` up to ``upto``, oldest first. Rows
        of one sync are written together, so one cut of the log never parts them."""
        let = (changes.c.id > after) & (changes.c.id <= upto) & changes.c.kind.in_(kinds)
        key = (changes.c.at, changes.c.source, changes.c.kind)
        with self._database.read() as connection:
            groups = connection.execute(select(*key).where(let).group_by(*key).order_by(func.min(changes.c.id))).all()
        for at, source, kind in groups:
            its = let & (changes.c.at == at) & (changes.c.source == source) & (changes.c.kind == kind)
            query = select(changes.c.name, changes.c.version).where(its).order_by(changes.c.id)
            with self._database.read() as connection:
                rows = tuple((row.name, row.version) for row in connection.execute(query))
            yield SyncRows(at, source, kind, rows)

    def last(self) -> int:
        """Id of the newest row; 0 in an empty log."""
        return self._edge(func.max(changes.c.id))

    def oldest(self) -> int:
        """Id of the oldest row that is kept; 0 in an empty log."""
        return self._edge(func.min(changes.c.id))

    def prune(self, now: datetime) -> int:
        """Drop rows older than KEEP_DAYS but never the newest one; returns how many went."""
        old = changes.c.at < now - timedelta(days=KEEP_DAYS)
        with self._database.write() as connection:
            newest = connection.execute(select(func.max(changes.c.id))).scalar() or 0
            return connection.execute(delete(changes).where(old & (changes.c.id < newest))).rowcount

    def _edge(self, function: Any) -> int:
        with self._database.read() as connection:
            return int(connection.execute(select(function)).scalar() or 0)


def wanted_rows(wanted: ChangeFilter) -> ColumnElement[bool]:
    """The rows that a filter lets through; ``sync`` aside."""
    let: ColumnElement[bool] = true()
    if wanted.sources:
        let &= changes.c.source.in_(wanted.sources)
    if wanted.chart:
        let &= changes.c.name == wanted.chart
    if wanted.kinds:
        let &= changes.c.kind.in_(wanted.kinds)
    if wanted.without_sources:
        let &= changes.c.source.not_in(sorted(wanted.without_sources))
    if wanted.without_charts:
        let &= ~one_of(changes.c.source, changes.c.name, sorted(wanted.without_charts))
    return let


def log_changes(
    connection: Connection, now: datetime, source: str, rows: Iterable[tuple[str, str, ChangeKind]]
) -> None:
    """Append (chart, version, kind) rows inside the caller's transaction."""
    values = [(now, source, name, version, kind) for name, version, kind in rows]
    insert_rows(connection, changes, ("at", "source", "name", "version", "kind"), values)
