"""A changed filter takes effect at once: what it leaves out goes with the change, what it takes in comes with the next
sync, and none of it is held."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from indexer.model import Source
from tests.integration.conftest import Room
from tests.repository import repository
from tests.upstream import Site

CHARTS = {"nginx": ("2.0.0-rc.1", "1.1.0", "1.0.0"), "nginx-ingress": ("0.9.0",), "redis": ("18.1.0", "17.0.0")}
MANY = {f"chart-{number:02}": ("1.0.0",) for number in range(30)}


@pytest.fixture
def shop(room: Room, site: Site) -> Iterator[Room]:
    repository(CHARTS).serve(site, etag='"1"')
    room.add(site.url, content="none")
    room.sync()
    yield room


def change(room: Room, **settings: Any) -> Source:
    source = replace(room.store.sources.get("shop").source, **settings)
    room.store.sources.change(source, datetime.now(UTC))
    return source


def test_only_what_the_filter_admits_is_ever_stored(room: Room, site: Site) -> None:
    repository(CHARTS).serve(site)
    room.add(site.url, content="none", include=("nginx*",), prereleases=False)
    assert room.sync().attempt.added == 3
    assert room.versions() == {"nginx": ["1.1.0", "1.0.0"], "nginx-ingress": ["0.9.0"]}
    assert {kind for kind, _, _ in room.log()} == {"added"}


def test_what_a_new_filter_leaves_out_goes_before_the_next_sync(shop: Room) -> None:
    before = len(shop.log())
    change(shop, exclude=("redis",), versions="<1.1 || >=2.0.0-0")
    assert shop.versions() == {"nginx": ["2.0.0-rc.1", "1.0.0"], "nginx-ingress": ["0.9.0"]}
    assert sorted(shop.log()[before:]) == [
        ("removed", "nginx", "1.1.0"),
        ("removed", "redis", "17.0.0"),
        ("removed", "redis", "18.1.0"),
    ]
    state = shop.store.sources.get("shop")
    assert (state.charts, state.versions, state.due_reason) == (2, 3, "changed")
    assert shop.store.catalog.chart("shop", "nginx").version == "1.0.0"
    assert shop.found("redis") == []


def test_what_a_new_filter_takes_in_comes_with_the_next_sync_although_nothing_changed_there(
    shop: Room, site: Site
) -> None:
    change(shop, include=("redis",), versions=">=18")
    assert shop.versions() == {"redis": ["18.1.0"]}
    change(shop, include=(), versions="")
    assert shop.sync().attempt.added == 5
    assert set(shop.versions()) == set(CHARTS)
    assert "if-none-match" not in site.asked("/index.yaml")[-1].headers


def test_the_newest_version_that_is_left_is_the_one_that_is_shown(shop: Room) -> None:
    change(shop, versions="17.x || *-0 <2")
    assert shop.store.catalog.chart("shop", "redis").version == "17.0.0"
    assert shop.found("redis") == ["redis"]
    assert shop.sync().attempt.outcome == "unchanged"


def test_D13_a_filter_that_leaves_out_nearly_all_is_not_held(room: Room, site: Site) -> None:
    repository(MANY).serve(site)
    room.add(site.url, content="none")
    room.sync()
    change(room, include=("chart-07",))
    assert list(room.versions()) == ["chart-07"]
    assert room.sync().attempt.outcome == "unchanged"
    state = room.store.sources.get("shop")
    assert (state.held, state.health) == (None, "ok")


def test_excluding_everything_leaves_nothing_and_is_no_failure(shop: Room) -> None:
    change(shop, exclude=("*",))
    assert shop.versions() == {}
    assert shop.sync().attempt.outcome == "unchanged"
    assert (shop.store.sources.get("shop").health, shop.store.sources.get("shop").charts) == ("ok", 0)
    change(shop, exclude=())
    shop.sync()
    assert set(shop.versions()) == set(CHARTS)


def test_D13_a_fall_of_the_repository_itself_is_held_as_before(room: Room, site: Site) -> None:
    repository(MANY).serve(site)
    room.add(site.url, content="none", exclude=("chart-0*",))
    room.sync()
    repository({"chart-20": ("1.0.0",)}).serve(site)
    assert room.sync().attempt.outcome == "held"
    assert len(room.versions()) == 20


def test_other_settings_take_nothing_away_and_ask_for_nothing_anew(shop: Room, site: Site) -> None:
    before = shop.log()
    change(shop, title="Shop", interval=60)
    assert shop.log() == before
    assert shop.sync().attempt.outcome == "unchanged"
    assert site.asked("/index.yaml")[-1].headers["if-none-match"] == '"1"'


def test_a_filter_of_the_configuration_file_works_alike(room: Room, site: Site) -> None:
    repository(MANY).serve(site)
    declared = Source("shop", site.url, content="none", operator=True)
    room.store.sources.configure([declared], datetime.now(UTC))
    room.sync()
    room.store.sources.configure([replace(declared, include=("chart-1?",))], datetime.now(UTC))
    assert len(room.versions()) == 10
    assert room.sync().attempt.outcome == "unchanged"


def test_the_projects_of_a_harbor_follow_its_filter_and_go_when_they_are_no_longer_meant(
    room: Room, site: Site
) -> None:
    repository(CHARTS).serve(site)
    room.add(site.url, "h", kind="harbor")
    for project in ("team-a", "team-b"):
        room.add(site.url, f"h.{project}", kind="index", parent="h", project=project, content="none")
        room.sync(f"h.{project}")
    parent = room.store.sources.get("h").source
    room.store.sources.change(replace(parent, projects=("team-a",), include=("nginx",)), datetime.now(UTC))
    assert [one.source.name for one in room.store.sources.all()] == ["h", "h.team-a"]
    assert list(room.versions("h.team-a")) == ["nginx"]
    assert ("removed", "redis", "18.1.0") in room.log()
