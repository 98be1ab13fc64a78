"""A store of the first release goes on as if nothing had happened: sources, credentials, charts."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, update

from indexer.model import Revision
from indexer.store import columns, migrating
from indexer.store.tables import sources
from tests.command import chartroom, write_config
from tests.integration.conftest import Room, open_room
from tests.older_store import older_store
from tests.postgres import empty_database_of, open_store
from tests.repository import repository
from tests.upstream import Site

FIRST_SETTINGS = (
    "title", "url", "kind", "enabled", "username", "password_file", "interval", "timeout", "max_index_bytes", "content",
    "captain_repo",
)  # fmt: skip
"""What the first release kept of a source."""
CANARY = "canary-7f3a"
INSTALL = Revision(
    number=0,
    cluster="home",
    namespace="apps",
    name="cache",
    action="install",
    source="shop",
    chart="redis",
    version="1.1.0",
    chart_digest="",
    values_yaml="a: 1\n",
    manifest={"kind": "HelmRequest"},
    request_id="r-1",
    person="ann",
    at=datetime(2026, 5, 4, 3, 2, 1, 5, tzinfo=UTC),
)


def first_release(folder: Path, of: Room) -> None:
    """A database of the first schema in ``folder``, with what ``of`` holds, as far as that could be said then."""
    first = older_store(folder, of.store, "0001")
    with first.write() as connection:
        for name, known in connection.execute(select(sources.c.name, sources.c.settings)).all():
            settings = {option: known[option] for option in FIRST_SETTINGS}
            connection.execute(update(sources).where(sources.c.name == name).values(settings=settings))
    first.close()


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


def test_what_was_read_of_archives_survives_the_upgrade_and_is_completed(
    room: Room, site: Site, tmp_path: Path
) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    room.add(site.url)
    room.sync()
    before = room.store.contents.searchable([("shop", "redis")], 100)
    older_store(tmp_path / "older", room.store, "0003").close()
    upgraded = open_room(tmp_path / "older")
    try:
        digest = upgraded.store.catalog.versions("shop", "redis")[0].archive_digest
        content = upgraded.store.contents.get(digest)
        assert content is not None
        assert (content.readme, content.outdated) == ("# redis\n\nThe readme of redis 1.0.0. \n", True)
        assert upgraded.store.contents.searchable([("shop", "redis")], 100) == before
    finally:
        upgraded.store.close()


def test_what_entries_say_to_a_searcher_is_known_after_the_upgrade(room: Room, site: Site, tmp_path: Path) -> None:
    repository({"redis": ("1.1.0", "1.0.0")}).serve(site)
    room.add(site.url)
    room.sync()
    before = room.store.catalog.chart("shop", "redis")
    older_store(tmp_path / "older", room.store, "0003").close()
    upgraded = open_room(tmp_path / "older")
    try:
        assert before.digest
        assert upgraded.store.catalog.chart("shop", "redis") == before
    finally:
        upgraded.store.close()


@pytest.mark.parametrize("schema", ["0001", "0002", "0003", "0004", "0005", "0006"])
def test_what_every_released_schema_kept_goes_forward(room: Room, site: Site, tmp_path: Path, schema: str) -> None:
    repository({"redis": ("1.1.0", "1.0.0"), "nginx": ("2.0.0",)}).serve(site)
    room.add(site.url, title="Läden")
    room.sync()
    room.store.revisions.start(INSTALL)
    older_store(tmp_path / "older", room.store, schema).close()
    upgraded = open_room(tmp_path / "older")
    try:
        assert upgraded.versions() == room.versions()
        assert upgraded.log() == room.log()
        assert upgraded.store.sources.get("shop").source == room.store.sources.get("shop").source
        assert upgraded.store.revisions.find_request("r-1") == room.store.revisions.find_request("r-1")
        assert upgraded.store.id == room.store.id
        repository({"redis": ("1.2.0", "1.1.0", "1.0.0"), "nginx": ("2.0.0",)}).serve(site)
        assert upgraded.sync().attempt.added == 1
        with upgraded.store.database.read() as connection:
            assert compare_metadata(MigrationContext.configure(connection), columns.metadata) == []
    finally:
        upgraded.store.close()


def test_a_start_that_migrates_says_how_the_way_back_is_kept(
    room: Room, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    older_store(tmp_path / "older", room.store, "0005").close()
    caplog.clear()
    with caplog.at_level("WARNING"):
        open_store(tmp_path / "older").close()
        open_store(tmp_path / "older").close()
    assert [one.getMessage() for one in caplog.records] == [
        f"the database is brought from schema 0005 to {migrating.HEAD}; what stood here before is only in a copy that "
        "was made before (chartroom backup, pg_dump)"
    ]


def test_doctor_says_what_a_start_would_do_and_does_nothing(room: Room, tmp_path: Path) -> None:
    (tmp_path / "older").mkdir()
    older = older_store(tmp_path / "older" / "data", room.store, "0005")
    config = write_config(tmp_path / "older")
    for _ in range(2):
        done = chartroom(config, "doctor", "--migrations")
        assert done.returncode == 0
        assert "migration 0006: the next start runs it: Values that teams keep under names." in done.stdout
        assert "chartroom backup FILE" in done.stdout
        assert "0005" not in done.stdout
    assert migrating.current(older) == "0005"
    older.close()
    assert f"answers, with schema {migrating.HEAD}, in " in chartroom(config, "doctor").stdout
    assert "none is due" in chartroom(config, "doctor", "--migrations").stdout


def test_a_first_start_has_nothing_to_keep(tmp_path: Path) -> None:
    empty_database_of(tmp_path / "new" / "data")
    config = write_config(tmp_path / "new")
    done = chartroom(config, "doctor", "--migrations")
    assert done.returncode == 0
    assert "migration 0001" in done.stdout
    assert "backup" not in done.stdout
