"""A SQLite file as the database: for one machine, with nothing to set up."""

import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from indexer.errors import DataFolderUnusable, StoreDamaged, StoreUnavailable
from indexer.store.turns import JSON_TEXT, PATIENCE, Turn

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Sqlite:
    """The file at ``path``, which is made where it is not there."""

    many_writers = False
    """Any write keeps every other one waiting."""

    def __init__(self, path: Path) -> None:
        self.place = str(path)
        self.engine = _engine(path)
        self._watch = threading.Lock()
        self._watching: Any = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hand out a consistent view."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def snapshot(self) -> AbstractContextManager[Connection]:
        """As ``reading``: nobody is hurried."""
        return self.reading()

    @contextmanager
    def writing(self, _turn: Turn) -> Iterator[Connection]:
        """Hand out a transaction that is the only writer."""
        with self.engine.connect() as plain:
            connection = plain.execution_options(begin="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """As ``writing``: it is alone in any case."""
        with self.writing("catalog") as connection:
            yield connection

    def version(self) -> int:
        """SQLite counts commits of others for each connection, so one is kept open for asking."""
        with self._watch:
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

    def fault(self, error: DBAPIError) -> StoreUnavailable | None:
        """What ``error`` says of the database; None: a row or a statement is wrong, a fault of our own."""
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            return StoreDamaged(detail=str(error.orig))
        if isinstance(error, OperationalError | InterfaceError):
            return _of_the_disk(Path(self.place).parent) or StoreUnavailable(detail=str(error.orig))
        return None


def _of_the_disk(folder: Path) -> DataFolderUnusable | None:
    """What the system says of writing there, where it refuses: SQLite only tells that it cannot open a file."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return DataFolderUnusable.at(folder, error)


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": PATIENCE, "check_same_thread": False},
        pool_size=8,
        max_overflow=24,
        json_serializer=JSON_TEXT,
        hide_parameters=True,  # of statements in errors, which are logged: rows hold secrets
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so that a writer takes its place at once
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={PATIENCE * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
