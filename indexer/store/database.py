"""One database: how it is opened, and its two kinds of transaction."""

import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Table, create_engine, event, false, insert, or_
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.types import TypeEngine

from indexer.errors import StoreDamaged, StoreUnavailable

Key = TypeVar("Key")

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_BUSY_MS = 20_000
"""How long a writer waits for another one. The longest write is the first sync of a large repository, a few seconds."""


_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

_KEYS_A_QUERY = 400
"""SQLite takes at most 32,766 parameters a statement, and long lists are slow to compile."""


def in_chunks(keys: Collection[Key]) -> Iterator[list[Key]]:
    """Cut ``keys`` into lists that fit one statement."""
    wanted = list(keys)
    for start in range(0, len(wanted), _KEYS_A_QUERY):
        yield wanted[start : start + _KEYS_A_QUERY]


def one_of(
    source: ColumnElement[str], name: ColumnElement[str], keys: Iterable[tuple[str, str]]
) -> ColumnElement[bool]:
    """Whether a row has one of ``keys`` ((source, name)), in words for which SQLite uses the index of both columns: for
    a list of pairs it reads the whole table, which at 15,000 charts took half the time of a search."""
    names: dict[str, list[str]] = {}
    for its_source, its_name in keys:
        names.setdefault(its_source, []).append(its_name)
    return or_(false(), *((source == one) & name.in_(its) for one, its in names.items()))


def insert_rows(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert ``rows``, whose values stand in the order of ``names``.

    SQLAlchemy prepares the statement and the types; the rows go to the driver at once. Its own way makes a dict and
    looks up every value for each row, which costs half of the first sync of a large repository.
    """
    if not rows:
        return
    dialect = connection.dialect
    given = dict(zip(names, zip(*rows, strict=True), strict=True))
    ordered = [column for column in table.c if column.name in given]  # the statement names them in the table's order
    compiled = insert(table).compile(dialect=dialect, column_keys=[column.name for column in ordered])
    values = zip(*(_bound(column.type, given[column.name], dialect) for column in ordered), strict=True)
    if compiled.positional:
        connection.exec_driver_sql(str(compiled), list(values))
    else:
        connection.exec_driver_sql(str(compiled), [dict(zip(compiled.params, one, strict=True)) for one in values])


def _bound(type_: TypeEngine[Any], values: Iterable[Any], dialect: Dialect) -> Iterable[Any]:
    """Return ``values`` as the driver takes them."""
    process = type_.dialect_impl(dialect).bind_processor(dialect)
    return values if process is None else map(process, values)


class Database:
    """Opens the SQLite file at ``path`` and hands out transactions. Raises StoreUnavailable wherever it does not
    answer."""

    def __init__(self, path: Path) -> None:
        self.engine = _sqlite_engine(path)
        self._turn = threading.Lock()
        self._watch = threading.Lock()
        self._watching: Any = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Hand out a consistent view; nothing is written."""
        with _translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """All or nothing; the only writer while it lasts."""
        with self._taking_turns(), _translated(), self.engine.connect() as plain:
            connection = plain.execution_options(begin="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    @contextmanager
    def _taking_turns(self) -> Iterator[None]:
        """Writers of this process wait here: SQLite would let each hold a connection and look again now and then."""
        if not self._turn.acquire(timeout=_BUSY_MS / 1000):
            raise StoreUnavailable(detail="another write takes too long")
        try:
            yield
        finally:
            self._turn.release()

    def version(self) -> int:
        """Return another number after every commit of anybody, in this process or another one. Costs microseconds, so
        that what was read once need not be read again to learn that it is still so."""
        with self._watch, _translated():
            if self._watching is None:
                self._watching = self.engine.raw_connection()
            cursor = self._watching.cursor()
            (version,) = cursor.execute("PRAGMA data_version").fetchone()
            cursor.close()
            return int(version)

    def close(self) -> None:
        """Give all connections back."""
        with self._watch:
            if self._watching is not None:
                self._watching.close()
                self._watching = None
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable(detail="too many requests at once") from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            raise StoreDamaged(detail=str(error.orig)) from error
        if isinstance(error, OperationalError | InterfaceError):
            raise StoreUnavailable(detail=str(error.orig)) from error
        raise  # a row or a statement that is wrong: a fault of our own


def _sqlite_engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False},
        pool_size=8,
        max_overflow=24,
        json_serializer=_COMPACT.encode,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so that a writer takes its place at once
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
