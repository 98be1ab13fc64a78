"""Values that a team keeps under a name: each save is a further number of that name, and none is ever changed."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select

from indexer.errors import PresetNotFound, TooManyPresets
from indexer.model import Preset
from indexer.store.database import Database
from indexer.store.tables import presets

MOST_OF_A_CHART = 200
"""Numbers of all names together."""


class Presets:
    """The presets of every chart."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, preset: Preset) -> Preset:
        """Keep ``preset`` under the next number of its name, and return it with that. Raises TooManyPresets."""
        with self._database.write("apps") as connection:
            if _count(connection, _of(preset.source, preset.chart)) >= MOST_OF_A_CHART:
                raise TooManyPresets(limit=MOST_OF_A_CHART, chart=preset.chart)
            numbered = replace(preset, number=_next_number(connection, preset))
            row = {name: getattr(numbered, name) for name in _NAMES}
            connection.execute(insert(presets).values({**row, "secret_paths": list(numbered.secret_paths)}))
        return numbered

    def of(self, source: str, chart: str) -> tuple[Preset, ...]:
        """Return the newest number of each name, by name."""
        newest = (
            select(presets.c.name, func.max(presets.c.number).label("number"))
            .where(_of(source, chart))
            .group_by(presets.c.name)
            .subquery()
        )
        same = and_(presets.c.name == newest.c.name, presets.c.number == newest.c.number)
        query = select(presets).join(newest, same).where(_of(source, chart)).order_by(presets.c.name)
        with self._database.read() as connection:
            return tuple(_preset(row) for row in connection.execute(query))

    def history(self, source: str, chart: str, name: str) -> tuple[Preset, ...]:
        """Return all numbers of a name, newest first; empty where there is none."""
        query = select(presets).where(_named(source, chart, name)).order_by(presets.c.number.desc())
        with self._database.read() as connection:
            return tuple(_preset(row) for row in connection.execute(query))

    def get(self, source: str, chart: str, name: str, number: int = 0) -> Preset:
        """Return one number of a name; 0 means the newest. Raises PresetNotFound."""
        wanted = _named(source, chart, name)
        if number:
            wanted = and_(wanted, presets.c.number == number)
        query = select(presets).where(wanted).order_by(presets.c.number.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise PresetNotFound(preset=name, chart=chart, source=source)
        return _preset(row)

    def delete(self, source: str, chart: str, name: str) -> None:
        """Drop a name with all its numbers. Raises PresetNotFound."""
        with self._database.write("apps") as connection:
            if not connection.execute(delete(presets).where(_named(source, chart, name))).rowcount:
                raise PresetNotFound(preset=name, chart=chart, source=source)


_NAMES = tuple(Preset.__dataclass_fields__)


def _of(source: str, chart: str) -> ColumnElement[bool]:
    return and_(presets.c.source == source, presets.c.chart == chart)


def _named(source: str, chart: str, name: str) -> ColumnElement[bool]:
    return and_(_of(source, chart), presets.c.name == name)


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(presets).where(which)).scalar_one())


def _next_number(connection: Connection, preset: Preset) -> int:
    named = _named(preset.source, preset.chart, preset.name)
    return int(connection.execute(select(func.coalesce(func.max(presets.c.number), 0)).where(named)).scalar_one()) + 1


def _preset(row: Row[Any]) -> Preset:
    return Preset(**{name: getattr(row, name) for name in _NAMES if name != "secret_paths"} | _paths(row))


def _paths(row: Row[Any]) -> dict[str, Any]:
    return {"secret_paths": tuple(row.secret_paths)}
