"""Walking through the tables of a store: what copies and backups are made of.

A row is one line: a JSON list with its values in the order of the columns' names, numbers and texts as they are, bytes
in base64. The lines of a table stand in the order of its primary key, so two stores that hold the same have the same
digests, whichever database they lie in.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Column, Connection, LargeBinary, MetaData, Table, delete, func, inspect, select
from sqlalchemy.exc import DataError, IntegrityError

from indexer.errors import CopyFailed, StoreNotEmpty, StoreUnavailable
from indexer.store import people_tables, running_tables, tables  # noqa: F401 -- each fills the metadata
from indexer.store.columns import metadata
from indexer.store.database import Database, insert_rows
from indexer.store.migrating import current, known_schemas, schema_of, too_new, upgrade
from indexer.store.postgresql import continue_numbers

PASSING = frozenset({"sessions", "sign_ins", "throttles", "leases", "replicas"})
"""Tables of what is under way, which means nothing elsewhere or later: a session that was ended must not come back."""
_SCHEMA = "alembic_version"
_AT_ONCE = 500
"""Rows in memory together; those with archives' contents may have megabytes each."""
_LINE = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))

Tell = Callable[[str, int], None]
"""Told the name of a table and how many of its rows are done, now and then."""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What a table holds; equal for equal rows."""

    name: str
    columns: tuple[str, ...]
    rows: int
    digest: str
    """SHA-256 of its lines, each with its line end."""


class Walked:
    """The lines of a table as they pass by; afterwards ``facts`` says what passed."""

    def __init__(self, name: str, columns: tuple[str, ...], lines: Iterable[bytes], tell: Tell) -> None:
        self._name, self._columns, self._lines, self._tell = name, columns, lines, tell
        self._digest = sha256()
        self._rows = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self._digest.update(line + b"\n")
            self._rows += 1
            if self._rows % _AT_ONCE == 0:
                self._tell(self._name, self._rows)
            yield line
        self._tell(self._name, self._rows)

    @property
    def facts(self) -> TableFacts:
        """What has passed so far."""
        return TableFacts(self._name, self._columns, self._rows, self._digest.hexdigest())


def store_tables(connection: Connection) -> tuple[Table, ...]:
    """The tables to copy as the database has them, also one of an earlier schema; each after those that it names."""
    found = MetaData()
    ours = set(inspect(connection).get_table_names()) & (set(metadata.tables) - PASSING)
    found.reflect(connection, only=sorted(ours), resolve_fks=False)
    for column in (column for table in found.tables.values() for column in table.c):
        if isinstance(column.type, JSON):
            column.type.none_as_null = True  # what is absent stays absent: some queries ask for it
    return tuple(found.sorted_tables)


def columns_of(table: Table) -> tuple[Column[Any], ...]:
    """In the order in which lines hold them."""
    return tuple(sorted(table.c, key=lambda column: column.name))


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """The rows of ``table`` as lines."""
    columns = columns_of(table)
    query = select(*columns).order_by(*table.primary_key).execution_options(yield_per=_AT_ONCE)
    with connection.execute(query) as rows:
        for row in rows:
            yield _LINE.encode([_shown(value) for value in row]).encode()


def _shown(value: Any) -> Any:
    """PostgreSQL has no NUL in a text, and a copy there and back must not differ."""
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def read_line(line: bytes, columns: tuple[Column[Any], ...]) -> tuple[Any, ...]:
    """The values of a row. Raises ValueError where it is none of that table."""
    try:
        values = json.loads(line)
    except RecursionError:
        raise ValueError("a row is too deep") from None
    if not isinstance(values, list) or len(values) != len(columns):
        raise ValueError("a row has another number of values")
    return tuple(map(_read, values, columns))


def _read(value: Any, column: Column[Any]) -> Any:
    if value is None and column.nullable:
        return None
    if isinstance(column.type, JSON):
        return value
    wanted = str if isinstance(column.type, LargeBinary) else column.type.python_type
    if type(value) is not wanted:
        raise ValueError(f"{column.name} is not what it should be")
    return b64decode(value, validate=True) if isinstance(column.type, LargeBinary) else value


def load(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    """Insert rows into the empty ``table``. Raises ValueError as ``read_line``."""
    columns = columns_of(table)
    rows = (read_line(line, columns) for line in lines)
    while some := list(islice(rows, _AT_ONCE)):
        insert_rows(connection, table, [column.name for column in columns], some)
    continue_numbers(connection, metadata.tables[table.name])


def prepare(connection: Connection, place: str, schema: str, *, replace: bool) -> tuple[Table, ...]:
    """Make the store that ``connection`` writes one of that ``schema`` without rows, and return its tables.

    Raises StoreNotEmpty where it holds anything and is not to be replaced; StoreUnavailable where the database holds
    what is not Chartroom's.
    """
    present = set(inspect(connection).get_table_names())
    if present & set(metadata.tables) and not schema_of(connection):
        raise StoreUnavailable(detail=f"{place} holds tables of another program; use a database of its own")
    if not replace and (held := _held(connection)):
        raise StoreNotEmpty(place=place, held=held)
    _drop(connection, present)
    upgrade(connection, schema)
    made = store_tables(connection)
    for table in made:
        connection.execute(delete(table))  # a new store gives itself an identity
    return made


def _held(connection: Connection) -> str:
    """What is in the way, in words; empty where nothing is."""
    counts = {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in store_tables(connection)
        if table.name != tables.meta.name
    }
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()) if count)


def _drop(connection: Connection, present: set[str]) -> None:
    found = MetaData()
    found.reflect(connection, only=sorted(present & {*metadata.tables, _SCHEMA}), resolve_fks=False)
    found.drop_all(connection)


def copy_store(source: Database, target: Database, tell: Tell, *, replace: bool = False) -> tuple[TableFacts, ...]:
    """Let ``target`` hold what ``source`` holds at one moment: all of it, or nothing where it fails or is killed.

    What is written to ``source`` meanwhile stays behind. Returns what each table holds, compared with what was read.
    Raises StoreNotEmpty, StoreUnavailable, CopyFailed.
    """
    schema = current(source)
    if not schema:
        raise StoreUnavailable(detail=f"there is no store of Chartroom in {source.place}")
    if schema not in known_schemas():
        raise too_new()
    with source.snapshot() as reading, target.alone() as writing:
        made = {table.name: table for table in prepare(writing, target.place, schema, replace=replace)}
        copied = tuple(_copied(reading, table, writing, made[table.name], tell) for table in store_tables(reading))
        upgrade(writing)
    return copied


def _copied(reading: Connection, table: Table, writing: Connection, into: Table, tell: Tell) -> TableFacts:
    walked = Walked(table.name, tuple(column.name for column in columns_of(table)), lines_of(reading, table), tell)
    try:
        load(writing, into, walked)
    except (ValueError, DataError, IntegrityError) as error:
        raise CopyFailed(table=table.name, detail=str(getattr(error, "orig", error))) from error
    if facts_of(writing, into) != walked.facts:
        raise CopyFailed(table=table.name, detail="what was written is not what was read")
    return walked.facts


def facts_of(connection: Connection, table: Table) -> TableFacts:
    """What ``table`` holds, read through."""
    names = tuple(column.name for column in columns_of(table))
    walked = Walked(table.name, names, lines_of(connection, table), lambda _name, _rows: None)
    for _ in walked:
        pass
    return walked.facts
