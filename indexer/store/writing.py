"""Carrying a plan out: rows of charts and versions, and the change log that tells of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from indexer.model import ChangeKind, ChartMetadata, ListedVersion
from indexer.plan import ChartPlan, Plan
from indexer.store.changes import log_changes
from indexer.store.database import insert_rows
from indexer.store.facts import facts_of
from indexer.store.packs import Place, drop_unused, store_entries
from indexer.store.tables import archives, charts, provenances, sources, versions

_ROWS_AT_ONCE = 2_000
"""Rows a statement: enough that the statement's own cost vanishes, few enough that their dicts do not weigh. One
statement a row would keep every other writer waiting for minutes."""
_COLUMNS = (
    "app_version",
    "created",
    "digest",
    "urls",
    "deprecated",
    "fingerprint",
    "manifest",
    "pack",
    "pack_start",
    "pack_length",
)
"""What a version's entry says, and where it lies; the order of ``_values``."""
_NAMED = (versions.c.chart == bindparam("of_chart")) & (versions.c.version == bindparam("named"))
"""The version that ``_names`` names."""


def write_plan(
    connection: Connection, source: str, plan: Plan, latest: Mapping[str, ChartMetadata], now: datetime
) -> None:
    """Write all rows of ``plan`` inside the caller's transaction."""
    log_changes(connection, now, source, list(_change_rows(plan)))
    if plan.removed:
        _remove_charts(connection, source, list(plan.removed))
    for start in range(0, len(plan.charts), _ROWS_AT_ONCE):
        _write_charts(connection, source, plan.charts[start : start + _ROWS_AT_ONCE], latest, now)
    ids = {name: row.id for name, row in _stored_charts(connection, source).items()}
    planned = [(ids[one.chart.name], one) for one in plan.charts]
    _add_versions(connection, source, [(chart, new) for chart, one in planned for new in one.added])
    _remove_versions(connection, [(chart, gone) for chart, one in planned for gone in one.removed])
    told = [(chart, new) for chart, one in planned for new in (*one.updated, *one.repushed)]
    _change_versions(connection, source, told + [(chart, new) for chart, one in planned for new in one.rewritten])
    _forget_archives(connection, told)
    _mark_repushed(connection, [(chart, new.version) for chart, one in planned for new in one.repushed])
    if plan.replaced:
        drop_unused(connection, source)


def count(connection: Connection, source: str) -> None:
    """Let the row of ``source`` say how many charts and versions it has now."""
    total = func.coalesce(func.sum(charts.c.versions), 0).label("versions")
    row = connection.execute(select(func.count().label("charts"), total).where(charts.c.source == source)).one()
    values = {"charts": row.charts, "versions": row.versions}
    connection.execute(update(sources).where(sources.c.name == source).values(values))


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


def _stored_charts(connection: Connection, source: str) -> dict[str, Row[Any]]:
    columns = select(charts.c.name, charts.c.id, charts.c.versions, charts.c.updated)
    return {row.name: row for row in connection.execute(columns.where(charts.c.source == source))}


def _write_charts(
    connection: Connection,
    source: str,
    planned: Sequence[ChartPlan],
    latest: Mapping[str, ChartMetadata],
    now: datetime,
) -> None:
    stored = _stored_charts(connection, source)
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for one in planned:
        name, row = one.chart.name, stored.get(one.chart.name)
        facts = _facts(one, latest[name], row, now)
        if row is None:
            fresh.append({"source": source, "name": name, **facts})
        else:
            changed.append({"of_chart": row.id, **facts})
    if fresh:
        connection.execute(insert(charts), fresh)
    if changed:
        connection.execute(update(charts).where(charts.c.id == bindparam("of_chart")), changed)


def _facts(one: ChartPlan, latest: ChartMetadata, row: Row[Any] | None, now: datetime) -> dict[str, Any]:
    first_seen = now if row is None or one.latest in {new.version for new in one.added} else row.updated
    return {
        "fingerprint": one.chart.fingerprint,
        "versions": (row.versions if row else 0) + len(one.added) - len(one.removed),
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
        "updated": latest.created or first_seen,
        "facts": facts_of(latest),
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
    listed = (one.app_version, one.created, one.digest, one.urls, one.deprecated, one.fingerprint, one.manifest)
    return (*listed, place.pack, place.start, place.length)


def _remove_versions(connection: Connection, gone: Sequence[tuple[int, str]]) -> None:
    if gone:
        connection.execute(delete(versions).where(_NAMED), [_names(*one) for one in gone])


def _change_versions(connection: Connection, source: str, changed: Sequence[tuple[int, ListedVersion]]) -> None:
    for start in range(0, len(changed), _ROWS_AT_ONCE):
        some = changed[start : start + _ROWS_AT_ONCE]
        places = store_entries(connection, source, [new.raw for _, new in some])
        rows = [
            {**_names(chart, new.version), **dict(zip(_COLUMNS, _values(new, place), strict=True))}
            for (chart, new), place in zip(some, places, strict=True)
        ]
        connection.execute(update(versions).where(_NAMED), rows)


def _forget_archives(connection: Connection, changed: Sequence[tuple[int, ListedVersion]]) -> None:
    """What was read from an archive stays only while the source promises the same bytes; a failure not at all, for
    the address may be mended. A registry that does not tell the bytes' own digest promises them by their manifest. What
    lies beside the archive is looked for anew."""
    row = select(versions.c.id).where(_NAMED).scalar_subquery()
    other = (archives.c.digest != bindparam("promised")) | (archives.c.state == "failed")
    if changed:
        named = [_names(chart, new.version) for chart, new in changed]
        rows = [{**one, "promised": new.digest} for one, (_, new) in zip(named, changed, strict=True)]
        connection.execute(delete(archives).where((archives.c.version == row) & other), rows)
        connection.execute(delete(provenances).where(provenances.c.version == row), named)


def _mark_repushed(connection: Connection, repushed: Sequence[tuple[int, str]]) -> None:
    if repushed:
        connection.execute(update(versions).where(_NAMED).values(repushed=True), [_names(*one) for one in repushed])


def _names(chart: int, version: str) -> dict[str, Any]:
    return {"of_chart": chart, "named": version}
