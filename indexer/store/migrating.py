"""Bring a database to the schema of this program."""

from pathlib import Path

from filelock import FileLock
from sqlalchemy import Connection, inspect, text

from indexer.errors import StoreUnavailable
from indexer.store.database import Database

HEAD = "0007"
"""The newest migration; a test compares it with the folder."""


def migrate(database: Database, lock: Path) -> None:
    """Run what is missing, one process at a time. Raises StoreUnavailable when the database is newer than this
    program."""
    if _current(database) == HEAD:
        return
    with FileLock(lock), database.alone() as connection:
        _upgrade(connection)
        _compare_code_points(connection)
    if _current(database) != HEAD:
        raise StoreUnavailable(detail="it was written by a newer version of Chartroom; install that version")


def _current(database: Database) -> str:
    with database.read() as connection:
        return _version_of(connection)


def _upgrade(connection: Connection) -> None:
    # Imported late: it costs more than all the rest of a start, and most starts have nothing to migrate.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    present = _version_of(connection)
    if present and present not in known:
        return
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnavailable(detail=str(error)) from error


def _compare_code_points(connection: Connection) -> None:
    """Let PostgreSQL compare and sort all texts as SQLite does, whatever language the database was made with."""
    if connection.dialect.name == "postgresql":
        for statement in connection.execute(text(_WITH_A_LANGUAGE)).scalars().all():
            connection.exec_driver_sql(statement)


_WITH_A_LANGUAGE = """
SELECT format('ALTER TABLE %I ALTER COLUMN %I TYPE %s COLLATE "C"', relname, attname, format_type(atttypid, atttypmod))
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN pg_collation ON pg_collation.oid = attcollation
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attnum > 0 AND collname = 'default'
"""
"""The statements that change the columns which compare by the rules of the database's language."""


def _version_of(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
