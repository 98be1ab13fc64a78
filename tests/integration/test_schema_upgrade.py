"""A store of the first release goes on as if nothing had happened: sources, credentials, charts."""

from pathlib import Path

from sqlalchemy import select, update

from indexer.store.tables import sources
from tests.integration.conftest import Room, open_room
from tests.older_store import older_store
from tests.repository import repository
from tests.upstream import Site

FIRST_SETTINGS = (
    "title", "url", "kind", "enabled", "username", "password_file", "interval", "timeout", "max_index_bytes", "content",
    "captain_repo",
)  # fmt: skip
"""What the first release kept of a source."""
CANARY = "canary-7f3a"


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
