"""A store as an earlier program left it: the schema of then, with what could be kept then."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config

from indexer.store import migrating
from indexer.store.database import Database

_COPIED = ("meta", "sources", "charts", "packs", "versions", "contents", "archives", "problems", "attempts", "changes")


def older_store(folder: Path, of: Path, revision: str) -> Path:
    """Make a database of the schema ``revision`` in ``folder``, with what the one in the folder ``of`` holds."""
    folder.mkdir()
    file = folder / "chartroom.sqlite"
    database = Database(file)
    config = Config()
    config.set_main_option("script_location", str(Path(migrating.__file__).parent / "migrations"))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    database.close()
    with closing(sqlite3.connect(file, isolation_level=None)) as older:
        older.execute("ATTACH ? AS now", [str(of / "chartroom.sqlite")])
        older.execute("DELETE FROM main.meta")
        for table in _COPIED:
            columns = ", ".join(row[1] for row in older.execute(f"PRAGMA main.table_info({table})"))
            older.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}")
    return file
