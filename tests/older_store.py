"""A store as an earlier program left it: the schema of then, with what could be kept then."""

from pathlib import Path

from sqlalchemy import Connection, MetaData, delete, insert, select

from indexer.store import SQLITE_FILE, Store
from indexer.store.columns import metadata as tables_now
from indexer.store.database import Database
from indexer.store.migrating import upgrade
from indexer.store.postgresql import continue_numbers
from tests.postgres import empty_database_of

_COPIED = (
    "meta",
    "sources",
    "charts",
    "packs",
    "versions",
    "contents",
    "archives",
    "problems",
    "attempts",
    "changes",
    "revisions",
)


def older_store(folder: Path, of: Store, revision: str) -> Database:
    """Make a database of the schema ``revision`` for the data folder ``folder``, with what ``of`` holds."""
    folder.mkdir()
    older = Database(folder / SQLITE_FILE, empty_database_of(folder))
    with older.alone() as connection:
        upgrade(connection, revision)
    with of.database.read() as now, older.write() as connection:
        _copy(now, connection)
    return older


def _copy(now: Connection, older: Connection) -> None:
    """All rows, in the columns that there were then."""
    then = MetaData()
    then.reflect(older)
    older.execute(delete(then.tables["meta"]))
    for name in _COPIED:
        table = then.tables[name]
        rows = [dict(row._mapping) for row in now.execute(select(table))]
        if rows:
            older.execute(insert(table), rows)
            continue_numbers(older, tables_now.tables[name])
