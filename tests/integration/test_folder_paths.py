"""Where a folder on the server lies is told to those who may change its source, and to nobody else."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.people import SENDS, Asking, People, browser_of
from tests.repository import archive
from tests.web import Web, web

PAGES = (
    "/sources",
    "/sources?q=secret-place",
    "/sources/local",
    "/sources/local/captain",
    "/sources/broken",
    "/charts/local/demo",
    "/charts/local/gone",
    "/activity",
    "/account",
)


@dataclass(frozen=True)
class Room:
    """A folder whose one archive is gone, and another that is no folder any more; ``ann`` reads and installs."""

    web: Web
    folder: Path


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    folder, broken = tmp_path / "secret-place", tmp_path / "secret-place-too"
    for one in (folder, broken):
        one.mkdir()
    (folder / "demo-1.0.0.tgz").write_bytes(archive("demo", "1.0.0"))
    index = "apiVersion: v1\nentries:\n  gone:\n  - {name: gone, version: 1.0.0, urls: [gone-1.0.0.tgz]}\n"
    index += "  demo:\n  - {name: demo, version: 1.0.0, urls: [demo-1.0.0.tgz]}\n"
    (folder / "index.yaml").write_text(index)
    (broken / "demo-1.0.0.tgz").write_bytes(archive("demo", "1.0.0"))
    sources = [
        {"name": name, "url": str(one), "kind": "directory"} for name, one in (("local", folder), ("broken", broken))
    ]
    with web(tmp_path / "room", sources) as running:
        (broken / "demo-1.0.0.tgz").unlink()
        broken.rmdir()
        running.sync("local")
        running.sync("broken")
        people = People().install(running.app)
        people.add("ann", SENDS)
        yield Room(running, folder)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_tells_a_viewer_where_a_folder_lies(room: Room, path: str) -> None:
    answer = browser_of(room.web, "ann").running.ask("GET", path)
    told = answer.get_data(as_text=True).replace("q=secret-place", "").replace('value="secret-place"', "")
    assert answer.status_code in (200, 303)
    assert "secret-place" not in told


@pytest.mark.parametrize(
    "path",
    [
        "sources",
        "sources/local",
        "sources/broken/attempts",
        "charts/local/gone/versions/1.0.0",
    ],
)
def test_no_answer_tells_a_viewer_where_a_folder_lies(room: Room, path: str) -> None:
    assert "secret-place" not in str(Asking(room.web, "ann").get(f"/api/v1/{path}"))


def test_a_viewer_sees_the_name_and_the_kind_and_what_went_wrong(room: Room) -> None:
    ann = browser_of(room.web, "ann")
    assert "folder on the server" in ann.get("/sources/local").text
    assert "The folder … cannot be read" in ann.get("/sources/broken").text
    assert Asking(room.web, "ann").get("/api/v1/sources/local")["url"] == ""


def test_who_may_change_the_source_sees_where_it_lies(room: Room) -> None:
    admin = browser_of(room.web, "admin")
    assert str(room.folder) in admin.get("/sources").text
    assert str(room.folder) in admin.get("/sources/local").text
    assert f"The folder {room.folder}-too cannot be read" in admin.get("/sources/broken").text
    assert Asking(room.web, "admin").get("/api/v1/sources/local")["url"] == str(room.folder)
