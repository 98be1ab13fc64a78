"""The read questions, where an upstream is slow."""

import threading
from collections.abc import Iterator

import pytest

from catalog_web.catalog import Catalog
from indexer.search.whoosh_index import SearchIndex
from tests.integration.conftest import Room
from tests.repository import repository
from tests.upstream import Site


@pytest.fixture
def catalog(room: Room) -> Iterator[Catalog]:
    search = SearchIndex(room.folder / "search")
    yield Catalog(room.store, search, room.syncer)
    search.close()


def test_people_who_look_at_slow_archives_do_not_hold_everybody(room: Room, site: Site, catalog: Catalog) -> None:
    versions = tuple(f"1.{minor}.0" for minor in range(6))
    repository({"apple": versions}).serve(site)
    room.add(site.url, content="none", timeout=5)
    room.sync()
    for version in versions:
        site.behave(f"/apple-{version}.tgz", "stalled")
    answers: list[str] = []

    def look(version: str) -> None:
        error = catalog.version("shop", "apple", version).content_error
        answers.append(error.id if error else "")

    waiting = [threading.Thread(target=look, args=[version]) for version in versions]
    for one in waiting:
        one.start()
    for one in waiting:
        one.join()
    assert sorted(answers) == ["archive-not-yet"] * 3 + ["timed-out"] * 3


def test_the_problems_of_a_chart_are_its_own(room: Room, site: Site, catalog: Catalog) -> None:
    made = repository({"apple": ("1.0.0", "1.1.0"), "pear": ("0.1.0",)})
    made.serve(site)
    site.remove("/pear-0.1.0.tgz")
    site.put("/index.yaml", made.index.replace("    version: 1.0.0\n", ""))
    room.add(site.url)
    room.sync()
    assert [one.chart for one in catalog.problems("shop")] == ["apple", "pear"]
    assert [one.chart for one in catalog.problems("shop", "apple")] == ["apple"]
    assert [one.chart for one in catalog.problems("shop", "pear")] == ["pear"]
