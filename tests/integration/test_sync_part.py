"""Reading only what a webhook named: nothing else is touched, and nothing that was named is lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from indexer.access import Accesses
from indexer.archive import ArchiveCache
from indexer.plan import HOOK_DELAY, HOOK_GAP, MOST_NAMED
from indexer.sources.registry import Hosts
from indexer.store.tables import sources
from indexer.sync import Report, Syncer, SyncResult
from tests.integration.conftest import Room
from tests.integration.test_sync import at_step
from tests.postgres import open_store
from tests.registry import Registry
from tests.repository import repository
from tests.upstream import Site

CHARTS = {f"chart-{number}": ("1.0.0",) for number in range(10)}


@pytest.fixture
def registry() -> Registry:
    return Registry(dict(CHARTS))


@pytest.fixture
def harbor(room: Room, registry: Registry) -> Room:
    """A room whose source is ``registry``, synced once."""
    cache, hosts = ArchiveCache(room.folder / "archives"), Hosts(Accesses(room.store.secrets).of)
    made = Room(room.folder, room.store, Syncer(room.store, cache, lambda _source: registry, hosts))
    made.add("https://registry.example", content="none")
    made.sync()
    registry.asked.clear()
    return made


def named(room: Room, *names: str, ago: timedelta = HOOK_DELAY * 2) -> None:
    """A webhook named them so long ago that nothing more is waited for."""
    room.store.sources.request("shop", datetime.now(UTC) - ago, only=names)


def sync_due(room: Room, report: Report | None = None) -> SyncResult:
    """As the scheduler does once its time has come."""
    with room.store.database.write() as connection:
        connection.execute(update(sources).values(next_due=datetime.now(UTC)))
    result = room.syncer.sync_if_due("shop", report)
    assert result
    return result


def test_only_what_was_named_is_read(harbor: Room, registry: Registry) -> None:
    registry.charts |= {"chart-1": ("1.0.0", "2.0.0"), "chart-2": ("1.0.0", "2.0.0")}
    named(harbor, "chart-1")
    result = sync_due(harbor)
    assert (registry.parts, result.attempt.added) == ([frozenset({"chart-1"})], 1)
    assert harbor.versions() == {**{name: ["1.0.0"] for name in CHARTS}, "chart-1": ["2.0.0", "1.0.0"]}


def test_a_named_repository_is_due_within_seconds_and_the_rest_when_it_was(harbor: Room, registry: Registry) -> None:
    regular = harbor.store.sources.get("shop").next_due
    now = datetime.now(UTC) + HOOK_GAP
    harbor.store.sources.request("shop", now, only=["chart-1"])
    state = harbor.store.sources.get("shop")
    assert (state.next_due, state.due_reason, state.full_due) == (now + HOOK_DELAY, "webhook", regular)
    sync_due(harbor)
    state = harbor.store.sources.get("shop")
    assert (state.next_due, state.due_reason, state.full_due) == (regular, "interval", regular)


def test_a_repository_that_went_is_removed_alone(harbor: Room, registry: Registry) -> None:
    del registry.charts["chart-1"], registry.charts["chart-2"]
    named(harbor, "chart-1")
    assert sync_due(harbor).attempt.removed == 1
    assert set(harbor.versions()) == set(CHARTS) - {"chart-1"}


def test_D13_a_large_fall_of_a_part_is_for_the_whole_to_decide(harbor: Room, registry: Registry) -> None:
    gone = [f"chart-{number}" for number in range(6)]
    for name in gone:
        del registry.charts[name]
    named(harbor, *gone)
    assert sync_due(harbor).outcome == "held"
    state = harbor.store.sources.get("shop")
    assert (state.held, set(harbor.versions())) == (None, set(CHARTS))
    assert [one.name for one in harbor.store.sources.due(datetime.now(UTC))] == ["shop"]
    assert sync_due(harbor).outcome == "held"
    held = harbor.store.sources.get("shop").held
    assert (registry.parts[-1], held and held.removed) == (None, 6)


def test_problems_of_charts_that_were_not_looked_at_stay(harbor: Room, registry: Registry) -> None:
    registry.flawed = {"chart-1", "chart-2"}
    harbor.sync(full=True)
    registry.flawed = {"chart-3"}
    named(harbor, "chart-1", "chart-3")
    result = sync_due(harbor)
    assert {one.chart for one in result.problems} == {"chart-2", "chart-3"}
    assert result.attempt.problems == 2


def test_what_is_known_of_the_whole_is_not_told_by_a_part(harbor: Room, registry: Registry) -> None:
    before = harbor.store.sources.get("shop")
    registry.charts |= {"new": ("1.0.0",), "newer": ("1.0.0",)}
    named(harbor, "new")
    sync_due(harbor)
    after = harbor.store.sources.get("shop")
    assert (after.memory, after.listing_fingerprint) == (before.memory, before.listing_fingerprint)
    assert after.full_fetch_at == before.full_fetch_at
    harbor.sync()
    assert {"new", "newer"} <= set(harbor.versions())


def test_a_reader_may_renew_what_it_remembers_by_a_part(harbor: Room, registry: Registry) -> None:
    registry.of_a_part = {"repositories": 10, "renewed": 1}
    named(harbor, "chart-1")
    sync_due(harbor)
    assert harbor.store.sources.get("shop").memory == registry.of_a_part


def test_what_was_named_while_it_is_read_is_read_again(harbor: Room, registry: Registry) -> None:
    named(harbor, "chart-1", "chart-2")
    sync_due(harbor, at_step("reading", lambda: named(harbor, "chart-2", ago=timedelta(0))))
    state = harbor.store.sources.get("shop")
    assert (set(state.pending), state.due_reason) == ({"chart-2"}, "webhook")
    assert state.next_due is not None
    assert state.next_due < datetime.now(UTC) + HOOK_GAP + HOOK_DELAY


def test_what_was_named_just_before_the_reading_began_is_read_again_as_calls_after_it_were_let_go_by(
    harbor: Room, registry: Registry
) -> None:
    named(harbor, "chart-1", ago=timedelta(0))
    assert not harbor.store.sources.request("shop", datetime.now(UTC), only=["chart-1"])
    sync_due(harbor)
    assert set(harbor.store.sources.get("shop").pending) == {"chart-1"}


def test_a_part_that_could_not_be_read_waits_with_its_back_off(harbor: Room, registry: Registry) -> None:
    regular = harbor.store.sources.get("shop").full_due
    registry.down = True
    named(harbor, "chart-1")
    assert sync_due(harbor).outcome == "failed"
    state = harbor.store.sources.get("shop")
    assert (set(state.pending), state.due_reason, state.failures) == ({"chart-1"}, "back-off", 1)
    assert state.full_due == regular
    registry.down = False
    sync_due(harbor)
    assert (registry.parts[-1], dict(harbor.store.sources.get("shop").pending)) == (frozenset({"chart-1"}), {})


def test_a_webhook_makes_no_failing_source_be_asked_at_once(harbor: Room, registry: Registry) -> None:
    registry.down = True
    harbor.sync()
    named(harbor, "chart-1", ago=timedelta(0))
    assert harbor.store.sources.due(datetime.now(UTC) + timedelta(seconds=50)) == ()
    with harbor.store.database.write() as connection:
        later = datetime.now(UTC) + timedelta(hours=1)
        connection.execute(update(sources).values(next_due=later, due_reason="retry-after"))
    named(harbor, "chart-2", ago=timedelta(0))
    assert harbor.store.sources.get("shop").next_due == later


def test_when_all_is_due_all_of_it_is_read_and_nothing_is_taken_for_known(harbor: Room, registry: Registry) -> None:
    registry.charts["chart-1"] = ("2.0.0",)  # which a poll does not see
    named(harbor, "chart-1")
    harbor.store.sources.request("shop", datetime.now(UTC))
    sync_due(harbor)
    assert (registry.parts, registry.asked[0].memory) == ([None], {})
    assert harbor.versions()["chart-1"] == ["2.0.0"]
    assert dict(harbor.store.sources.get("shop").pending) == {}


def test_many_names_are_one_reading_of_all(harbor: Room, registry: Registry) -> None:
    for number in range(MOST_NAMED + 1):
        named(harbor, f"chart-{number}")
    assert set(harbor.store.sources.get("shop").pending) == {""}
    sync_due(harbor)
    assert (registry.parts, registry.asked[0].memory) == ([None], {})


def test_a_webhook_that_names_nothing_means_all_even_while_all_is_being_read(harbor: Room, registry: Registry) -> None:
    named(harbor)
    sync_due(harbor, at_step("reading", lambda: named(harbor, ago=timedelta(0))))
    state = harbor.store.sources.get("shop")
    assert (registry.parts, set(state.pending), state.due_reason) == ([None], {""}, "webhook")


def test_J4_calls_that_come_again_and_again_are_one_reading(harbor: Room, registry: Registry) -> None:
    now = datetime.now(UTC) + HOOK_GAP
    written = [
        harbor.store.sources.request("shop", now + timedelta(milliseconds=number), only=["chart-1"])
        for number in range(1000)
    ]
    assert sum(written) == 1
    sync_due(harbor)
    assert registry.parts == [frozenset({"chart-1"})]


def test_a_person_who_syncs_reads_all_of_it(harbor: Room, registry: Registry) -> None:
    named(harbor, "chart-1")
    harbor.sync()
    assert registry.parts == [None]
    assert dict(harbor.store.sources.get("shop").pending) == {}


def test_a_source_that_is_held_is_read_whole(harbor: Room, registry: Registry) -> None:
    registry.charts = {"chart-0": ("1.0.0",)}
    harbor.sync(full=True)
    named(harbor, "chart-0")
    sync_due(harbor)
    assert registry.parts == [None, None]
    assert set(harbor.store.sources.get("shop").pending) == {"chart-0"}


def test_an_index_cannot_be_read_in_parts_and_is_read_whole(room: Room, site: Site) -> None:
    repository({"apple": ("1.0.0",), "pear": ("1.0.0",)}).serve(site, etag='"1"')
    room.add(site.url, content="none")
    room.sync()
    named(room, "apple")
    assert sync_due(room).outcome == "unchanged"
    repository({"apple": ("1.1.0",), "plum": ("1.0.0",)}).serve(site, etag='"2"')
    named(room, "apple")
    assert sync_due(room).outcome == "changed"
    state = room.store.sources.get("shop")
    assert (state.etag, dict(state.pending)) == ('"2"', {})
    assert room.versions() == {"apple": ["1.1.0"], "plum": ["1.0.0"]}


def test_what_waits_survives_a_restart(harbor: Room, tmp_path: Path) -> None:
    named(harbor, "chart-1")
    again = open_store(harbor.folder)
    assert set(again.sources.get("shop").pending) == {"chart-1"}
    assert [one.name for one in again.sources.due(datetime.now(UTC) + HOOK_GAP)] == ["shop"]
    again.close()
