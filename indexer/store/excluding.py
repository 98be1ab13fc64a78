"""Taking away at once what a source's new filter leaves out, inside the transaction that changes the settings."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from indexer import parse
from indexer.errors import EntryError
from indexer.filters import Filter
from indexer.model import ChartMetadata
from indexer.plan import exclude
from indexer.store.packs import Place, read_entry
from indexer.store.tables import charts, problems, versions
from indexer.store.writing import count, write_plan

Rows = Mapping[str, Mapping[str, Row[Any]]]
"""Rows of versions by chart and version."""


def apply_filter(connection: Connection, source: str, chosen: Filter, now: datetime) -> None:
    """Remove what ``chosen`` leaves out of ``source``, with its change log. The next sync reads every chart anew: what
    is taken in from now on was never stored."""
    rows = _stored(connection, source)
    made = exclude({chart: tuple(found) for chart, found in rows.items()}, chosen)
    newest = {one.chart.name: rows[one.chart.name][one.latest] for one in made.charts}
    latest = {name: _opened(connection, row) for name, row in newest.items()}
    write_plan(connection, source, made, latest, now)
    connection.execute(update(charts).where(charts.c.source == source).values(fingerprint=b""))
    _forget_problems(connection, source, chosen)
    count(connection, source)


def _stored(connection: Connection, source: str) -> Rows:
    place = (versions.c.pack, versions.c.pack_start, versions.c.pack_length)
    joined = select(charts.c.name, versions.c.version, versions.c.app_version, *place).join(charts)
    found: dict[str, dict[str, Row[Any]]] = {}
    for row in connection.execute(joined.where(charts.c.source == source)):
        found.setdefault(row.name, {})[row.version] = row
    return found


def _opened(connection: Connection, row: Row[Any]) -> ChartMetadata:
    try:
        return parse.open_entry(read_entry(connection, Place(row.pack, row.pack_start, row.pack_length)))
    except EntryError:
        return ChartMetadata(row.name, row.version, app_version=row.app_version)


def _forget_problems(connection: Connection, source: str, chosen: Filter) -> None:
    named = select(problems.c.chart).where((problems.c.source == source) & (problems.c.chart != "")).distinct()
    for chart in connection.execute(named).scalars().all():
        if not chosen.admits_chart(chart):
            connection.execute(delete(problems).where((problems.c.source == source) & (problems.c.chart == chart)))
