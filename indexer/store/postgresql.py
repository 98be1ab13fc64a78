"""PostgreSQL as the database: for several processes on several machines."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, func, make_url, select, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from indexer.errors import DatabaseUnreachable, StoreUnavailable
from indexer.parse.text import shown
from indexer.store.turns import JSON_TEXT, PATIENCE, TURNS, Turn

_CONNECT = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 9000,
    "application_name": "chartroom",
}
"""What libpq is told where the address says nothing else. A server that is cut off is noticed within ten seconds."""
_SESSION = f"""
SET client_encoding = 'UTF8';
SET lock_timeout = '{PATIENCE}s';
SET statement_timeout = '60s';
SET idle_in_transaction_session_timeout = '60s';
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""
"""A writer that hangs gives its turn back, and what was acknowledged is on disk."""
_UNHURRIED = """
SET LOCAL lock_timeout = '10min';
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0
"""
_LOCKS = 0x43_48_52_54
"""The first number of our advisory locks, so that they are not somebody else's."""
_UNUSABLE = ("25006", "25P03", "42501", "53")
"""SQLSTATEs, or classes of them, that psycopg does not count as operational: read-only, idle for too long, no right to
write, out of something."""
_DEMOTED = "25006"
"""The server has become a standby: other connections of the pool lead to it as well."""
_DETAIL = 300
_KEPT = 5
"""Connections that stay open while nobody uses them."""


class Postgresql:
    """The database at ``url``, over ``connections`` at most. Raises DatabaseUnreachable where it is no address."""

    many_writers = True

    def __init__(self, url: str, connections: int) -> None:
        address = _address(url)
        self.place = _place(address)
        self.engine = _engine(address, connections)
        self._snapshots = self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._plain = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hand out a consistent view."""
        with self._snapshots.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Hand out a consistent view that may take its time, also between two questions."""
        with self.reading() as connection:
            connection.exec_driver_sql(_UNHURRIED)
            yield connection

    @contextmanager
    def writing(self, turn: Turn) -> Iterator[Connection]:
        """Hand out a transaction that is the only writer of ``turn``.

        Each of its statements sees what was committed before (READ COMMITTED): a snapshot would be as old as the wait
        for the turn. The turn ends after the commit is visible to all.
        """
        with self.engine.connect() as connection, connection.begin():
            _take(connection, turn)
            yield connection

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Hand out a transaction that is the only writer of anything, and may take its time."""
        with self.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(_UNHURRIED)
            for turn in TURNS:
                _take(connection, turn)
            yield connection

    def version(self) -> int:
        """Which transactions are seen now, as a number."""
        with self._plain.connect() as connection:
            return hash(connection.execute(text("SELECT pg_current_snapshot()::text")).scalar_one())

    def close(self) -> None:
        """Give all connections back: those with which somebody still works, as soon as that ends."""
        event.listen(self.engine, "checkin", _end)
        self.engine.dispose()

    def fault(self, error: DBAPIError) -> StoreUnavailable | None:
        """What ``error`` says of the database; None: a row or a statement is wrong, a fault of our own."""
        while_connecting = error.statement is None
        unusable = isinstance(error, OperationalError | InterfaceError) or _state(error.orig).startswith(_UNUSABLE)
        return DatabaseUnreachable(detail=_detail(error.orig)) if while_connecting or unusable else None


def continue_numbers(connection: Connection, table: Table) -> None:
    """Let the next row of ``table`` get a number after those that are there, which were given from outside."""
    column = table.autoincrement_column
    if column is not None and connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        connection.execute(select(func.setval(sequence, func.coalesce(func.max(column), 0) + 1, False)))


def _address(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # whose texts may quote the password
        raise DatabaseUnreachable(detail="database_url is not the address of a database") from None


def _place(address: URL) -> str:
    """Where it is, without who asks."""
    told = address.query.get("host", "")
    host = address.host or (told if isinstance(told, str) else ",".join(told)) or "the local socket"
    port = f":{address.port}" if address.port else ""
    return f"{host}{port}/{address.database or ''}"


def _engine(address: URL, connections: int) -> Engine:
    engine = create_engine(
        address,
        connect_args={name: value for name, value in _CONNECT.items() if name not in address.query},
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        pool_size=min(connections, _KEPT),
        max_overflow=connections - min(connections, _KEPT),
        pool_timeout=10,
        json_serializer=JSON_TEXT,
        hide_parameters=True,  # of statements in errors, which are logged: rows hold secrets
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "handle_error", _leave_a_demoted_server)
    return engine


def _end(connection: Any, _record: object) -> None:
    if connection is not None:
        connection.close()


def _prepare(connection: Any, _record: object) -> None:
    with ExitStack() as undo:
        undo.callback(connection.close)  # nobody else would, of one that was never handed out
        _set_up(connection)
        undo.pop_all()


def _set_up(connection: Any) -> None:
    from psycopg import sql

    if connection.info.parameter_status("server_encoding") != "UTF8":
        raise DatabaseUnreachable(detail="its encoding is not UTF8; create it with: ENCODING 'UTF8' TEMPLATE template0")
    connection.autocommit = True
    connection.execute(sql.SQL(_SESSION))
    connection.autocommit = False
    connection.adapters.register_dumper(str, _dumper())


def _dumper() -> Any:
    """PostgreSQL keeps no NUL in texts; no text of ours has one, but what a person asks for may."""
    from psycopg.types.string import StrDumperUnknown

    class WithoutNul(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd"))

    return WithoutNul


def _leave_a_demoted_server(context: ExceptionContext) -> None:
    if _state(context.original_exception) == _DEMOTED:
        context.is_disconnect = True


def _take(connection: Connection, turn: Turn) -> None:
    connection.execute(
        text("SELECT pg_advisory_xact_lock(:locks, :turn)"), {"locks": _LOCKS, "turn": TURNS.index(turn)}
    )


def _state(error: BaseException | None) -> str:
    """PostgreSQL's code of five letters; empty where the error is not from a server."""
    return getattr(error, "sqlstate", None) or ""


def _detail(error: BaseException | None) -> str:
    """The server's sentence, without the statement and its values."""
    told = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
    return shown(told, _DETAIL).rstrip(".?")
