"""One database: how it is opened, and its kinds of transaction."""

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Table, false, insert, or_
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.types import TypeEngine

from indexer.config import database_address
from indexer.errors import StoreUnavailable, UsageError
from indexer.store.fencing import check_fences
from indexer.store.postgresql import Postgresql
from indexer.store.sqlite import Sqlite
from indexer.store.turns import PATIENCE, TURNS, Turn

Key = TypeVar("Key")

_SQLITE = "sqlite:///"
_ADDRESSES = "Write it as postgresql://USER@HOST/DATABASE or as sqlite:///FILE."

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
    """The SQLite file at ``path``, or PostgreSQL at ``url`` where there is one, and its transactions. Raises
    StoreUnavailable wherever it does not answer. ``connections``: so many to PostgreSQL at most."""

    def __init__(self, path: Path, url: str = "", connections: int = 20) -> None:
        self._kind: Sqlite | Postgresql = Postgresql(url, connections) if url else Sqlite(path)
        self._turns = {turn: threading.Lock() for turn in TURNS}

    @classmethod
    def at(cls, address: str) -> Self:
        """The database at ``sqlite:///FILE`` or ``postgresql://…``, which people type. Raises UsageError."""
        if address.startswith(_SQLITE):
            return cls(Path(address.removeprefix(_SQLITE)))
        try:
            url = database_address(address)
        except ValueError:
            url = ""
        if not url:
            raise UsageError(what="That is not the address of a database.", hint=_ADDRESSES)
        return cls(Path(), url)

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's."""
        return self._kind.engine

    @property
    def place(self) -> str:
        """Where it is: a file, or host, port and name; without a password."""
        return self._kind.place

    @property
    def is_shared(self) -> bool:
        """Whether processes of other machines may be on it, too."""
        return self._kind.many_writers

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Hand out a consistent view; nothing is written."""
        with self._translated(), self._kind.reading() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """As ``read``, with all the time it needs: for copies."""
        with self._translated(), self._kind.snapshot() as connection:
            yield connection

    @contextmanager
    def write(self, turn: Turn = "catalog") -> Iterator[Connection]:
        """All or nothing; the only writer of ``turn`` while it lasts. Raises LeaseLost where it stands behind a lease
        that was taken (``fencing``)."""
        with self._waiting_for(turn), self._translated(), self._kind.writing(turn) as connection:
            yield connection
            if turn != "running":  # leases themselves stand behind none
                check_fences(connection)

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """All or nothing; the only writer of anything, with all the time it needs: for migrations and copies."""
        with ExitStack() as stack:
            for turn in TURNS if self._kind.many_writers else TURNS[:1]:
                stack.enter_context(self._waiting_for(turn))
            stack.enter_context(self._translated())
            yield stack.enter_context(self._kind.alone())

    @contextmanager
    def _waiting_for(self, turn: Turn) -> Iterator[None]:
        """Writers of this process wait here: in the database each would hold a connection."""
        lock = self._turns[turn if self._kind.many_writers else TURNS[0]]
        if not lock.acquire(timeout=PATIENCE):
            raise StoreUnavailable(detail="another write takes too long")
        try:
            yield
        finally:
            lock.release()

    def version(self) -> int:
        """Return another number after every commit of anybody, in this process or another one. Costs microseconds, or
        one question to the server, so that what was read once need not be read again to learn that it is still so."""
        with self._translated():
            return self._kind.version()

    def close(self) -> None:
        """Give all connections back."""
        self._kind.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeout as error:
            raise StoreUnavailable(detail="too many requests at once") from error
        except DBAPIError as error:
            if fault := self._kind.fault(error):
                raise fault from error
            raise
