"""Carrying a plan out: rows of charts and versions, and the change log that tells of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from indexer.model import ChangeKind, ChartMetadata, ListedVersion
from indexer.plan import ChartPlan, Plan
from indexer.store.changes import log_changes
from indexer.store.database import insert_rows
from indexer.store.packs import Place, drop_unused, store_entries
from indexer.store.tables import archives, charts, versions

_ROWS_AT_ONCE = 2_000
"""Rows a statement: enough that the statement's own cost vanishes, few enough that their dicts do not weigh."""
_COLUMNS = (
    "app_version",
    "created",
    "digest",
    "urls",
    "deprecated",
    "fingerprint",
    "pack",
    "pack_start",
    "pack_length",
)
"""What a version's entry says, and where it lies; the order of ``_values``."""


def write_plan(
    connection: Connection, source: str, plan: Plan, latest: Mapping[str, ChartMetadata], now: datetime
) -> None:
    """Write all rows of ``plan`` inside the caller's transaction."""
    log_changes(connection, now, source, list(_change_rows(plan)))
    if plan.removed:
        _remove_charts(connection, source, list(plan.removed))
    ids = {
        row.name: row.id
        for row in connection.execute(select(charts.c.name, charts.c.id).where(charts.c.source == source))
    }
    for one in plan.charts:
        ids[one.chart.name] = _write_chart(connection, source, one, ids.get(one.chart.name), latest, now)
    _add_versions(connection, source, [(ids[one.chart.name], new) for one in plan.charts for new in one.added])
    for one in plan.charts:
        _change_versions(connection, source, ids[one.chart.name], one)
    if plan.replaced:
        drop_unused(connection, source)


def _change_rows(plan: Plan) -> Iterator[tuple[str, str, ChangeKind]]:
    for one in plan.charts:
        name = one.chart.name
        yield from ((name, new.version, "added") for new in one.added)
        yield from ((name, new.version, "updated") for new in one.updated)
        yield from ((name, new.version, "repushed") for new in one.repushed)
        yield from ((name, version, "removed") for version in one.removed)
    for name, gone in plan.removed.items():
        yield from ((name, version, "removed") for version in gone)


def _remove_charts(connection: Connection, source: str, names: Sequence[str]) -> None:
    statement = delete(charts).where((charts.c.source == source) & (charts.c.name == bindparam("gone")))
    connection.execute(statement, [{"gone": name} for name in names])


def _write_chart(
    connection: Connection,
    source: str,
    one: ChartPlan,
    row: int | None,
    latest: Mapping[str, ChartMetadata],
    now: datetime,
) -> int:
    metadata = latest.get(one.chart.name)
    values = {"fingerprint": one.chart.fingerprint} | (_facts(one, metadata, now) if metadata else {})
    if row is not None:
        grown = charts.c.versions + len(one.added) - len(one.removed)
        connection.execute(update(charts).where(charts.c.id == row).values(**values, versions=grown))
        return row
    result = connection.execute(
        insert(charts).values(source=source, name=one.chart.name, versions=len(one.added), **values)
    )
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def _facts(one: ChartPlan, latest: ChartMetadata, now: datetime) -> dict[str, Any]:
    return {
        "latest": one.latest,
        "app_version": latest.app_version,
        "description": latest.description,
        "icon": latest.icon,
        "keywords": list(latest.keywords),
        "maintainers": [maintainer.name for maintainer in latest.maintainers],
        "home": latest.home,
        "kube_version": latest.kube_version,
        "type": latest.type,
        "deprecated": latest.deprecated,
        "updated": latest.created or now,
    }


def _add_versions(connection: Connection, source: str, added: Sequence[tuple[int, ListedVersion]]) -> None:
    for start in range(0, len(added), _ROWS_AT_ONCE):
        some = added[start : start + _ROWS_AT_ONCE]
        places = store_entries(connection, source, [one.raw for _, one in some])
        rows = [
            (chart, one.version, False, *_values(one, place)) for (chart, one), place in zip(some, places, strict=True)
        ]
        insert_rows(connection, versions, ("chart", "version", "repushed", *_COLUMNS), rows)


def _values(one: ListedVersion, place: Place) -> tuple[Any, ...]:
    listed = (one.app_version, one.created, one.digest, one.urls, one.deprecated, one.fingerprint)
    return (*listed, place.pack, place.start, place.length)


def _change_versions(connection: Connection, source: str, chart: int, one: ChartPlan) -> None:
    for gone in one.removed:
        connection.execute(delete(versions).where(_is(chart, gone)))
    changed = [*one.updated, *one.repushed, *one.rewritten]
    places = store_entries(connection, source, [new.raw for new in changed])
    for new, place in zip(changed, places, strict=True):
        connection.execute(
            update(versions)
            .where(_is(chart, new.version))
            .values(dict(zip(_COLUMNS, _values(new, place), strict=True)))
        )
    for new in one.repushed:
        connection.execute(update(versions).where(_is(chart, new.version)).values(repushed=True))
    for new in (*one.updated, *one.repushed):
        _forget_archive(connection, chart, new)


def _forget_archive(connection: Connection, chart: int, changed: ListedVersion) -> None:
    """What was read from an archive stays only while the index promises the same bytes."""
    row = select(versions.c.id).where(_is(chart, changed.version)).scalar_subquery()
    other = archives.c.digest != changed.digest
    connection.execute(delete(archives).where((archives.c.version == row) & other))


def _is(chart: int, version: str) -> Any:
    return (versions.c.chart == chart) & (versions.c.version == version)
