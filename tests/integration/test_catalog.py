"""The read questions, where an upstream is slow."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from catalog_web.catalog import Catalog
from indexer.errors import ChartroomError
from indexer.search.whoosh_index import SearchIndex
from tests.integration.conftest import Room
from tests.repository import repository
from tests.upstream import Site


@pytest.fixture
def catalog(room: Room) -> Iterator[Catalog]:
    search = SearchIndex(room.folder / "search")
    made = Catalog(room.store, search, room.syncer)
    yield made
    made.close()
    search.close()


def wait_for(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come to be"
        time.sleep(0.01)


VERSIONS = tuple(f"1.{minor}.0" for minor in range(6))


def stall(site: Site) -> None:
    """Let nobody have an archive any more."""
    for version in VERSIONS:
        site.behave(f"/apple-{version}.tgz", "stalled")


def errors_of(look: Callable[[str], ChartroomError | None]) -> list[str]:
    """What is told to people who look at all versions at the same time."""
    with ThreadPoolExecutor(len(VERSIONS)) as people:
        return [error.id if error else "" for error in people.map(look, VERSIONS)]


def test_people_who_look_at_slow_archives_do_not_hold_everybody(room: Room, site: Site, catalog: Catalog) -> None:
    repository({"apple": VERSIONS}).serve(site)
    room.add(site.url, content="none", timeout=5)
    room.sync()
    stall(site)
    answers = errors_of(lambda version: catalog.version("shop", "apple", version).content_error)
    assert set(answers) <= {"archive-not-yet", "timed-out"}
    assert answers.count("archive-not-yet") >= 3


def test_people_who_ask_for_slow_archives_that_left_the_cache_do_not_hold_everybody(
    room: Room, site: Site, catalog: Catalog
) -> None:
    repository({"apple": VERSIONS}).serve(site)
    room.add(site.url, content="all", timeout=5)
    room.sync()
    for file in (room.folder / "archives").glob("??/*.tgz"):
        file.unlink()
    stall(site)

    def again(version: str) -> ChartroomError | None:
        try:
            catalog.fetched_again("shop", "apple", version)
        except ChartroomError as error:
            return error
        return None

    answers = errors_of(again)
    assert set(answers) <= {"archive-not-yet", "timed-out"}
    assert answers.count("archive-not-yet") >= 3


def test_a_fetch_that_nobody_waited_for_goes_on_and_its_result_stays(room: Room, site: Site, catalog: Catalog) -> None:
    repository({"apple": ("1.0.0",)}).serve(site)
    room.add(site.url, content="none")
    room.sync()
    assert catalog.version("shop", "apple", "1.0.0", patience=0).is_being_fetched
    wait_for(lambda: catalog.fetching("shop", "apple", "1.0.0") is None, "the archive")
    content = catalog.version("shop", "apple", "1.0.0", patience=0).content
    assert content is not None
    assert "The readme of apple 1.0.0" in content.readme
    assert len(site.asked("/apple-1.0.0.tgz")) == 1


def test_the_same_chart_in_other_sources_is_told_by_its_home_or_its_bytes(
    room: Room, site: Site, catalog: Catalog
) -> None:
    made = repository({"apple": ("1.0.0",)})
    made.serve(site)
    fork = repository({"apple": ("1.0.0",)}, salt="other").index
    site.put("/copy/index.yaml", made.index)
    site.put("/fork/index.yaml", fork)
    home = "    home: https://www.example.org/apple/\n    keywords:"
    site.put("/kin/index.yaml", fork.replace("    keywords:", home))
    site.put(
        "/index.yaml", made.index.replace("    keywords:", home.replace("www.example.org/apple/", "example.org/apple"))
    )
    for name, path in (("shop", ""), ("copy", "/copy"), ("fork", "/fork"), ("kin", "/kin")):
        room.add(f"{site.url}{path}", name=name, content="none")
        room.sync(name)
    page = catalog.version("shop", "apple", "1.0.0", patience=0)
    assert [one.source for one in catalog.also_in(page)] == ["copy", "kin"]


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
