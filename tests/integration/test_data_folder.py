"""The data folder goes wrong: what rests on it says so, nothing else pays, and it heals without a restart."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from catalog_web.catalog import Catalog
from indexer.errors import DataFolderUnusable, StoreDamaged
from indexer.search.whoosh_index import SearchIndex
from indexer.store import SQLITE_FILE
from tests.command import chartroom, write_config
from tests.integration.conftest import Room
from tests.pages import Browser
from tests.postgres import open_store
from tests.repository import repository
from tests.upstream import Site
from tests.web import web

SHOP = {"apple": ("1.0.0", "1.1.0")}


@pytest.fixture
def catalog(room: Room) -> Iterator[Catalog]:
    search = SearchIndex(room.folder / "search")
    yield Catalog(room.store, search, room.syncer)
    search.close()


@contextmanager
def no_room_for_archives(folder: Path) -> Iterator[None]:
    """Put a file where the folder of downloads should be, which no right overcomes, unlike a mode."""
    shutil.rmtree(folder / "archives")
    (folder / "archives").write_text("in the way")
    yield
    (folder / "archives").unlink()


@pytest.mark.parametrize(
    "verb", [("sync",), ("search", "x"), ("source", "list"), ("doctor",), ("serve",), ("reindex",)]
)
@pytest.mark.parametrize(
    ("inside", "why"), [("", "file exists"), ("locks", "file exists"), ("archives", "not a directory")]
)
def test_an_unusable_data_folder_is_named_by_every_verb(
    tmp_path: Path, verb: tuple[str, ...], inside: str, why: str
) -> None:
    config = write_config(tmp_path / "room")
    blocked = tmp_path / "room" / "data" / inside
    blocked.parent.mkdir(exist_ok=True)
    blocked.write_text("in the way")
    done = chartroom(config, *verb)
    assert done.returncode == (3 if verb == ("doctor",) else 1)
    told = done.stdout + done.stderr
    assert f"The data folder {tmp_path / 'room' / 'data'} cannot be used: {why}." in told
    assert "Traceback" not in told


def test_a_removed_archive_folder_is_made_again(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    shutil.rmtree(room.folder / "archives")
    result = room.sync()
    assert result.problems == ()
    assert len(list((room.folder / "archives").glob("*/*.tgz"))) == 1


def test_a_version_is_not_blamed_when_its_archive_cannot_be_kept(room: Room, site: Site, catalog: Catalog) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    with no_room_for_archives(room.folder):
        with pytest.raises(DataFolderUnusable):
            room.sync()
        assert room.versions() == {"apple": ["1.1.0", "1.0.0"]}
        shown = catalog.version("shop", "apple")
        assert shown.content is None
        assert isinstance(shown.content_error, DataFolderUnusable)
    assert catalog.version("shop", "apple").content is not None
    assert room.sync().problems == ()


def test_a_full_disk_is_told_as_what_it_is_and_no_chart_goes(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.sync()
    (room.folder / "spool").rmdir()
    (room.folder / "spool").write_text("in the way")
    failed = room.sync()
    assert isinstance(failed.error, DataFolderUnusable)
    assert room.versions() == {"apple": ["1.1.0", "1.0.0"]}
    (room.folder / "spool").unlink()
    assert room.sync().error is None


def test_a_page_is_shown_while_the_archive_cannot_be_kept(tmp_path: Path, site: Site) -> None:
    repository(SHOP).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url, "content": "none"}]) as shop:
        shop.sync()
        with no_room_for_archives(tmp_path / "room" / "data"):
            assert "cannot be used" in Browser(shop).get("/charts/shop/apple").text
            assert shop.get("/charts/shop/apple-1.1.0.tgz", 503)["id"] == "data-folder-unusable"
        with shop.ask("GET", "/charts/shop/apple-1.1.0.tgz") as answer:
            assert answer.status_code == 200


@pytest.mark.sqlite_only("its file is spoilt")
@pytest.mark.parametrize("spoil", ["all", "half"])
def test_a_damaged_database_is_not_said_to_have_lost_nothing(tmp_path: Path, spoil: str) -> None:
    open_store(tmp_path).close()
    file = tmp_path / "chartroom.sqlite"
    file.write_bytes(b"garbage" * 1000 if spoil == "all" else file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(StoreDamaged) as caught:
        open_store(tmp_path)
    assert "nothing that was stored is lost" not in caught.value.remedy


@pytest.mark.sqlite_only("test_postgres has the other database's")
def test_M3_a_database_that_somebody_keeps_locked_is_a_503_and_heals(tmp_path: Path) -> None:
    source = {"name": "shop", "url": "https://shop.example"}
    with web(tmp_path / "room") as shop:
        engine = shop.services.store.database.engine
        event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout=100"))
        engine.dispose()  # so that it connects anew, and waits as long as that
        with closing(sqlite3.connect(tmp_path / "room" / "data" / SQLITE_FILE, isolation_level=None)) as somebody:
            somebody.execute("BEGIN IMMEDIATE")
            body, form = json.dumps(source), {"Content-Type": "application/json"}
            answer = shop.ask("POST", "/api/v1/sources", data=body, headers=form)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert shop.get("/api/v1/sources")["total"] == 0
        assert shop.send("POST", "/api/v1/sources", source, 201)["name"] == "shop"
