"""Bring a database to the schema of this program."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Connection, inspect, text

from indexer.errors import StoreUnavailable
from indexer.store.database import Database
from indexer.store.meta_rows import meta_of, put_meta

log = logging.getLogger(__name__)
_READABLE = "readable_from"

FIRST = "0001"
HEAD = "0007"
"""The newest migration; a test compares it with the folder."""
READABLE_FROM = "0007"
"""The oldest HEAD of a program that may be on a database of this one: both are while a new release replaces an old one.
A migration that only adds tables, and columns that may be left out, leaves it as it is. One that takes away or changes
comes a release after the last program that needs what it takes, and sets it to that release's HEAD."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A step to a newer schema."""

    revision: str
    summary: str
    """What it is for, in one sentence."""


def migrate(database: Database, lock: Path) -> None:
    """Run what is missing, one process at a time. Raises StoreUnavailable when the database is newer than this
    program can read."""
    if _fits(database):
        return
    with FileLock(lock), database.alone() as connection:
        upgrade(connection)
    if not _fits(database):
        raise too_new()


def _fits(database: Database) -> bool:
    """Whether this program can be on the database as it is."""
    with database.read() as connection:
        present = schema_of(connection)
        return present == HEAD or (present > HEAD and _is_readable(connection))


def _is_readable(connection: Connection) -> bool:
    """Whether the newer program that made the schema says that this one may be on it."""
    since = meta_of(connection, _READABLE)
    return since is not None and since <= HEAD


def current(database: Database) -> str:
    """The schema that the database has; empty where it has none yet."""
    with database.read() as connection:
        return schema_of(connection)


def pending(database: Database) -> tuple[Migration, ...]:
    """The migrations that the next start runs, in order; changes nothing. Raises StoreUnavailable as ``migrate``."""
    present, steps = current(database), _steps()
    if present and present not in {one.revision for one in steps} and not _fits(database):
        raise too_new()
    return tuple(one for one in steps if one.revision > present)


def too_new() -> StoreUnavailable:
    """The error that says that this program must leave a database alone."""
    return StoreUnavailable(detail="it was written by a newer version of Chartroom; install that version")


def upgrade(connection: Connection, to: str = HEAD) -> None:
    """Bring what ``connection`` writes to the schema ``to``; nothing where it is of a program that is not known."""
    # Imported late: it costs more than all the rest of a start, and most starts have nothing to migrate.
    from alembic import command
    from alembic.util import CommandError

    config, present = _config(), schema_of(connection)
    config.attributes["connection"] = connection
    if present and present not in known_schemas():
        return
    if present and present != to:
        hint = "what stood here before is only in a copy that was made before (chartroom backup, pg_dump)"
        log.warning("the database is brought from schema %s to %s; %s", present, to, hint)
    try:
        command.upgrade(config, to)
    except CommandError as error:
        raise StoreUnavailable(detail=str(error)) from error
    if to == HEAD:
        put_meta(connection, _READABLE, READABLE_FROM)
    _compare_code_points(connection)


def known_schemas() -> frozenset[str]:
    """All that this program can bring to its own."""
    return frozenset(one.revision for one in _steps())


def _config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _steps() -> tuple[Migration, ...]:
    """All of them, the first one first."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(Migration(one.revision, one.doc) for one in reversed(list(scripts)))


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


def schema_of(connection: Connection) -> str:
    """The schema of what ``connection`` reads; empty where it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
