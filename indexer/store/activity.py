"""The change log as people read it: newest first, the versions of a chart together, and what one sync changed."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, false, func, select

from indexer import versions
from indexer.model import ChangeFilter, ChartChanges, SyncChanges
from indexer.store.changes import wanted_rows
from indexer.store.database import Database, in_chunks, one_of
from indexer.store.tables import changes, charts
from indexer.store.tables import versions as stored

VERSIONS_TOLD = 5
"""Of one chart; a first sync adds hundreds."""
_STREAMED = 500
"""Rows read at once."""
_NEWEST = 1_000
"""Rows in which the newest syncs are looked for at first: most change little, and asking for each by itself is slow."""

_Beginnings = Mapping[tuple[str, str], tuple[int, int, int]]


class Activity:
    """Reads the log backwards."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def syncs(self, wanted: ChangeFilter, before: int, limit: int, lines: int) -> tuple[SyncChanges, ...]:
        """What the newest ``limit`` syncs changed before that row (0: up to now), each with its first ``lines``."""
        found: list[SyncChanges] = []
        with self._database.read() as connection:
            while len(found) < limit:
                some = _newest_syncs(connection, wanted, before, limit - len(found), lines)
                if not some:
                    break
                found += some
                before = some[-1].first
        return tuple(found)

    def charts(self, wanted: ChangeFilter, before: int, limit: int) -> tuple[ChartChanges, ...]:
        """The newest ``limit`` changes of charts before that row (0: up to now)."""
        with self._database.read() as connection:
            return _lines(connection, _of(connection, wanted, before), limit)

    def previous(self, lines: Iterable[ChartChanges]) -> dict[int, str]:
        """By their rows, the version that came before the newest one of each line that adds versions to a chart, as far
        as both are still there."""
        wanted = [one for one in lines if one.kind == "added" and not one.is_new and one.versions]
        with self._database.read() as connection:
            there = _versions_of(connection, {(one.source, one.name) for one in wanted})
        pairs = ((one, there.get((one.source, one.name), [])) for one in wanted)
        return {one.row: older for one, known in pairs if (older := _before(one.versions[0], known))}


def _versions_of(connection: Connection, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    joined = stored.join(charts, stored.c.chart == charts.c.id)
    query = select(charts.c.source, charts.c.name, stored.c.version).select_from(joined)
    for some in in_chunks(keys):
        for row in connection.execute(query.where(one_of(charts.c.source, charts.c.name, some))):
            found[row.source, row.name].append(row.version)
    return found


def _before(version: str, known: Collection[str]) -> str:
    """The newest of ``known`` that is older than ``version``; empty where there is none, or it is not known itself."""
    if version not in known:
        return ""
    key = versions.sort_key(version)
    older = [one for one in map(versions.sort_key, known) if one < key]
    return max(older).text if older else ""


def _newest_syncs(
    connection: Connection, wanted: ChangeFilter, before: int, limit: int, lines: int
) -> list[SyncChanges]:
    """The newest syncs, up to the first one that is too long to be read as a whole; where that is the very first, it
    alone."""
    asked = _of(connection, wanted, before)
    rows = connection.execute(select(changes).where(asked).order_by(changes.c.id.desc()).limit(_NEWEST)).all()
    syncs = [list(group) for _, group in groupby(rows, key=lambda row: (row.at, row.source))]
    whole = syncs if len(rows) < _NEWEST else syncs[:-1]
    if rows and not whole:
        return [_long_sync(connection, asked, rows[0], lines)]
    told = [_told(one, lines) for one in whole[:limit]]
    known = _beginnings_of(connection, [line for one in told for line in one.lines])
    return [replace(one, lines=tuple(_with_novelty(one.lines, known))) for one in told]


def _told(rows: Sequence[Row[Any]], lines: int) -> SyncChanges:
    """What all rows of a sync say, the newest first; nothing of a chart is called new yet."""
    return SyncChanges(
        row=rows[0].id,
        first=rows[-1].id,
        at=rows[0].at,
        source=rows[0].source,
        charts=len({row.name for row in rows}),
        versions=Counter(row.kind for row in rows),
        lines=tuple(_together(rows, lines)),
    )


def _long_sync(connection: Connection, asked: ColumnElement[bool], newest: Row[Any], lines: int) -> SyncChanges:
    """Counted by the database. A sync writes all its rows at one moment: source and moment name it."""
    same = asked & _same_sync(newest)
    kinds = select(changes.c.kind, func.count().label("versions"), func.min(changes.c.id).label("first"))
    rows = connection.execute(kinds.where(same).group_by(changes.c.kind)).all()
    touched = select(func.count(changes.c.name.distinct())).where(same)
    return SyncChanges(
        row=newest.id,
        first=min(row.first for row in rows),
        at=newest.at,
        source=newest.source,
        charts=connection.execute(touched).scalar_one(),
        versions={row.kind: row.versions for row in rows},
        lines=_lines(connection, same, lines),
    )


def _lines(connection: Connection, asked: ColumnElement[bool], limit: int) -> tuple[ChartChanges, ...]:
    query = select(changes).where(asked).order_by(changes.c.id.desc()).execution_options(yield_per=_STREAMED)
    with connection.execute(query) as rows:
        found = list(_together(rows, limit))
    return tuple(_with_novelty(found, _beginnings_of(connection, found)))


def _together(rows: Iterable[Row[Any]], limit: int) -> Iterator[ChartChanges]:
    together = groupby(rows, key=lambda row: (row.at, row.source, row.name, row.kind))
    return (_line(list(group)) for _, group in islice(together, limit))


def _line(rows: list[Row[Any]]) -> ChartChanges:
    newest = rows[0]
    told = versions.newest_first(row.version for row in rows if row.version)[:VERSIONS_TOLD]
    return ChartChanges(
        row=newest.id,
        first=rows[-1].id,
        at=newest.at,
        source=newest.source,
        name=newest.name,
        kind=newest.kind,
        versions=tuple(told),
        count=len(rows),
    )


def _with_novelty(lines: Iterable[ChartChanges], known: _Beginnings) -> Iterator[ChartChanges]:
    """A chart is new where the log knows nothing older of it, and the catalog has no version that the log lacks."""
    for one in lines:
        first, logged, present = known.get((one.source, one.name), (0, 0, 0))
        yield replace(one, is_new=one.kind == "added" and one.first == first and present <= logged)


def _beginnings_of(connection: Connection, lines: Iterable[ChartChanges]) -> _Beginnings:
    return _beginnings(connection, {(one.source, one.name) for one in lines if one.kind == "added"})


def _beginnings(connection: Connection, keys: Collection[tuple[str, str]]) -> _Beginnings:
    """Of each chart the first row in the log, how many versions the log leaves of it, and how many there are."""
    found: dict[tuple[str, str], tuple[int, int, int]] = {}
    left = func.sum(case((changes.c.kind == "added", 1), (changes.c.kind == "removed", -1), else_=0))
    key = (changes.c.source, changes.c.name)
    there = (charts.c.source == changes.c.source) & (charts.c.name == changes.c.name)
    present = select(charts.c.versions).where(there).scalar_subquery()
    for some in in_chunks(keys):
        query = select(*key, func.min(changes.c.id), left, func.coalesce(present, 0))
        told = one_of(*key, some) & (changes.c.kind != "content")
        for source, name, *facts in connection.execute(query.where(told).group_by(*key)):
            found[source, name] = (facts[0], facts[1], facts[2])
    return found


def _of(connection: Connection, wanted: ChangeFilter, before: int) -> ColumnElement[bool]:
    asked = wanted_rows(wanted) & (changes.c.kind != "content")
    if before:
        asked &= changes.c.id < before
    if wanted.sync:
        row = connection.execute(select(changes).where(changes.c.id == wanted.sync)).one_or_none()
        asked &= _same_sync(row) if row else false()
    return asked


def _same_sync(row: Row[Any]) -> ColumnElement[bool]:
    same: ColumnElement[bool] = (changes.c.at == row.at) & (changes.c.source == row.source)
    return same
