"""A store of the first release goes on as if nothing had happened: sources, credentials, charts."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config

from indexer.store import migrating
from indexer.store.database import Database
from tests.integration.conftest import Room, open_room
from tests.repository import repository
from tests.upstream import Site

FIRST_SETTINGS = (
    "title", "url", "kind", "enabled", "username", "password_file", "interval", "timeout", "max_index_bytes", "content",
    "captain_repo",
)  # fmt: skip
"""What the first release kept of a source."""
COPIED = ("meta", "sources", "charts", "packs", "versions", "contents", "archives", "problems", "attempts", "changes")
CANARY = "canary-7f3a"


def first_release(folder: Path, of: Room) -> None:
    """A database of the first schema in ``folder``, with what ``of`` holds, as far as that could be said then."""
    folder.mkdir()
    database = Database(folder / "chartroom.sqlite")
    config = Config()
    config.set_main_option("script_location", str(Path(migrating.__file__).parent / "migrations"))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    database.close()
    with closing(sqlite3.connect(folder / "chartroom.sqlite", isolation_level=None)) as first:
        first.execute("ATTACH ? AS now", [str(of.folder / "chartroom.sqlite")])
        first.execute("DELETE FROM main.meta")
        for table in COPIED:
            columns = ", ".join(row[1] for row in first.execute(f"PRAGMA main.table_info({table})"))
            first.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}")
        for name, text in first.execute("SELECT name, settings FROM main.sources").fetchall():
            settings = {option: json.loads(text)[option] for option in FIRST_SETTINGS}
            first.execute("UPDATE main.sources SET settings = ? WHERE name = ?", [json.dumps(settings), name])


def test_a_source_with_its_password_and_charts_survives_the_upgrade_from_the_first_release(
    room: Room, site: Site, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text(CANARY)
    repository({"redis": ("1.0.0",), "nginx": ("2.0.0", "1.0.0")}).serve(site, etag='"1"')
    site.protect("reader", CANARY)
    login = {"username": "reader", "password_file": str(tmp_path / "password")}
    before = room.add(site.url, title="Shop", interval=77, **login)
    room.sync()
    first_release(tmp_path / "first", room)
    upgraded = open_room(tmp_path / "first")
    try:
        after = upgraded.store.sources.get("shop")
        assert after.source == before
        assert upgraded.versions() == room.versions()
        result = upgraded.sync()
        assert (result.error, result.attempt.outcome) == (None, "unchanged")
        assert site.asked("/index.yaml")[-1].headers["if-none-match"] == '"1"'
        repository({"redis": ("1.1.0", "1.0.0"), "nginx": ("2.0.0", "1.0.0")}).serve(site, etag='"2"')
        assert upgraded.sync().attempt.added == 1
        upgraded.store.secrets.put("shop", "token", CANARY)
        assert upgraded.store.secrets.get("shop", "token") == CANARY
    finally:
        upgraded.store.close()
