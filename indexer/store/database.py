"""One database: how it is opened, and its two kinds of transaction."""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from indexer.errors import StoreUnavailable

Key = TypeVar("Key")

_BUSY_MS = 20_000
"""How long a writer waits for another one. The longest write is the first sync of a large repository, a few seconds."""


_KEYS_A_QUERY = 400
"""SQLite takes at most 32,766 parameters a statement, and long lists are slow to compile."""


def in_chunks(keys: Collection[Key]) -> Iterator[list[Key]]:
    """Cut ``keys`` into lists that fit one statement."""
    wanted = list(keys)
    for start in range(0, len(wanted), _KEYS_A_QUERY):
        yield wanted[start : start + _KEYS_A_QUERY]


class Database:
    """Opens the SQLite file at ``path`` and hands out transactions. Raises StoreUnavailable wherever it does not
    answer."""

    def __init__(self, path: Path) -> None:
        self.engine = _sqlite_engine(path)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Hand out a consistent view; nothing is written."""
        with _translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """All or nothing; the only writer while it lasts."""
        with _translated(), self.engine.connect() as plain:
            connection = plain.execution_options(begin="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable(detail="too many requests at once") from error
    except DBAPIError as error:
        raise StoreUnavailable(detail=str(error.orig)) from error


def _sqlite_engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False},
        pool_size=8,
        max_overflow=24,
        json_serializer=_compact_json,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def _compact_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so that a writer takes its place at once
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
