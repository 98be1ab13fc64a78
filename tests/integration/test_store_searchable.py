"""What searches and lists read of archives without unpacking them, and how contents from before get to it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, update

from indexer.model import CONTENT_FORMAT, ArchiveContent, ArchiveFile, ChartImage, Subchart
from indexer.store import tables
from tests.integration.conftest import Room
from tests.repository import repository
from tests.upstream import Site

NOW = datetime(2026, 11, 1, tzinfo=UTC)
IMAGES = (
    ChartImage("quay.io/a/apple:1", True, "values", "image", "", "", ""),
    ChartImage("redis", False, "values", "redis.image", "redis", "disabled", "redis.enabled"),
)
CRD = "kind: CustomResourceDefinition\nspec:\n  names:\n    kind: Apple\n"


@pytest.fixture
def apple(room: Room, site: Site) -> ArchiveContent:
    """The content of apple 1.0.0, with more in it than its archive holds."""
    repository({"apple": ("1.0.0", "0.9.0"), "pear": ("1.0.0",)}).serve(site)
    room.add(site.url)
    room.sync()
    digest = room.store.catalog.versions("shop", "apple")[0].archive_digest
    content = room.store.contents.get(digest)
    assert content is not None
    made = replace(
        content,
        images=IMAGES,
        crds=(ArchiveFile("crds/a.yaml", CRD),),
        changelog="# Changes\r\n",
        licence_text="MIT",
        values_files=(ArchiveFile("values-ha.yaml", "replicas: 3\r\n"),),
        subcharts=(Subchart("redis", "1.0.0", "a: 1 # eins\n", "{}"),),
        questions="questions: []\n",
    )
    room.store.contents.renew(made, NOW)
    return made


def age(room: Room) -> None:
    """Make all contents what an older program left."""
    with room.store.database.write() as connection:
        connection.execute(update(tables.contents).values(format=0, searchable=None, floating=0))


def test_all_that_was_read_comes_back(room: Room, apple: ArchiveContent) -> None:
    assert room.store.contents.get(apple.digest) == apple


def test_the_search_gets_images_kinds_and_values_of_the_newest_version(room: Room, apple: ArchiveContent) -> None:
    found = room.store.contents.searchable([("shop", "apple"), ("shop", "none")], 7)
    assert set(found) == {("shop", "apple")}
    told = found["shop", "apple"]
    assert told.readme == "# apple"
    assert told.images == ("quay.io/a/apple", "docker.io/library/redis")
    assert told.kinds == ("Apple",)
    assert told.values == (("replicas", "how many"),)


def test_it_takes_few_queries_and_unpacks_nothing(room: Room, apple: ArchiveContent) -> None:
    statements: list[str] = []
    event.listen(room.store.database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    room.store.contents.searchable([("shop", "apple"), ("shop", "pear")], 100)
    assert len(statements) <= 6
    assert not any("contents.data" in one for one in statements)


def test_charts_whose_images_have_no_fixed_version_are_told(room: Room, apple: ArchiveContent) -> None:
    (found,) = room.store.contents.floating()
    assert (found.source, found.chart, found.version, found.references) == ("shop", "apple", "1.0.0", ("redis",))


def test_rows_from_before_tell_a_searcher_as_much_as_they_know_and_keep_it(room: Room, apple: ArchiveContent) -> None:
    before = room.store.contents.searchable([("shop", "apple")], 100)
    age(room)
    assert room.store.contents.searchable([("shop", "apple")], 100) == before
    with room.store.database.read() as connection:
        kept = connection.execute(tables.contents.select().where(tables.contents.c.digest == apple.digest)).one()
    assert kept.searchable["kinds"] == ["Apple"]
    assert kept.floating == 1


def test_an_archive_that_less_was_read_of_is_read_again_after_a_sync(room: Room, apple: ArchiveContent) -> None:
    age(room)
    last = room.store.changes.last()
    assert sorted(one.chart for one in room.store.contents.outdated("shop")) == ["apple", "pear"]
    room.sync()
    assert room.store.contents.outdated("shop") == ()
    content = room.store.contents.get(apple.digest)
    assert content is not None
    assert content.format == CONTENT_FORMAT
    assert content.changelog == ""  # its archive has none
    told = [(one.name, one.kind) for one in room.store.changes.since(last, 10, content=True)]
    assert sorted(told) == [("apple", "content"), ("pear", "content")]


def test_what_was_read_before_stays_where_its_archive_is_gone(room: Room, apple: ArchiveContent) -> None:
    age(room)
    for file in (room.folder / "archives").glob("*/*.tgz"):
        file.unlink()
    room.sync()
    content = room.store.contents.get(apple.digest)
    assert content == replace(apple, format=0)
    assert room.syncer.renew(apple.digest, "apple", "1.0.0") is None


def test_an_archive_that_is_damaged_by_now_costs_nothing_that_is_known(room: Room, apple: ArchiveContent) -> None:
    age(room)
    for file in (room.folder / "archives").glob("*/*.tgz"):
        file.write_bytes(b"\x1f\x8b broken")
    room.sync()
    assert room.store.contents.get(apple.digest) == replace(apple, format=0)


def test_content_that_was_dropped_meanwhile_does_not_come_back(room: Room, apple: ArchiveContent) -> None:
    room.store.sources.remove("shop", NOW)
    room.store.contents.prune()
    room.store.contents.renew(apple, NOW)
    assert room.store.contents.get(apple.digest) is None
