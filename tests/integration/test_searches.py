"""Searches that people keep, and which are popular."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from indexer.errors import SearchNotFound, TooManySearches
from indexer.model import InstalledApp, Revision, SavedSearch
from indexer.store import searches
from tests.integration.conftest import Room
from tests.integration.test_store import REVISION

NOW = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)
KEPT = SavedSearch("a" * 32, "local", "Redis", "q=redis", NOW)


def test_a_kept_search_comes_back_as_it_was_and_the_newest_first(room: Room) -> None:
    later = replace(KEPT, id="b" * 32, name="Nginx", created=NOW + timedelta(hours=1))
    room.store.searches.save(KEPT)
    room.store.searches.save(later)
    room.store.searches.save(replace(KEPT, id="c" * 32, person="somebody else"))
    assert room.store.searches.of("local") == (later, KEPT)
    assert room.store.searches.get(KEPT.id) == KEPT


def test_only_its_owner_drops_a_search(room: Room) -> None:
    room.store.searches.save(KEPT)
    with pytest.raises(SearchNotFound):
        room.store.searches.forget("somebody else", KEPT.id)
    room.store.searches.forget("local", KEPT.id)
    for gone in (lambda: room.store.searches.get(KEPT.id), lambda: room.store.searches.forget("local", KEPT.id)):
        with pytest.raises(SearchNotFound):
            gone()


def test_one_person_keeps_a_bounded_number(room: Room) -> None:
    for number in range(searches.MOST_SAVED):
        room.store.searches.save(replace(KEPT, id=str(number)))
    with pytest.raises(TooManySearches):
        room.store.searches.save(KEPT)
    room.store.searches.save(replace(KEPT, person="somebody else"))


def test_popular_is_what_was_searched_for_often_over_all_days(room: Room) -> None:
    kept = room.store.searches
    kept.count(NOW - timedelta(days=1), {"redis": 2, "nginx": 2})
    kept.count(NOW, {"redis": 2, "kafka": 9})
    kept.count(NOW, {"nginx": 1, "rare": 2})
    assert kept.popular(NOW, least=3, limit=8) == ("kafka", "redis", "nginx")
    assert kept.popular(NOW, least=3, limit=1) == ("kafka",)


def test_counts_leave_after_90_days(room: Room) -> None:
    room.store.searches.count(NOW, {"redis": 5})
    room.store.searches.count(NOW + timedelta(days=1), {"nginx": 5})
    later = NOW + timedelta(days=90)
    assert room.store.searches.popular(later, least=3, limit=8) == ("nginx",)
    assert room.store.searches.prune(later) == 1
    assert room.store.searches.popular(NOW, least=3, limit=8) == ("nginx",)


def test_a_flood_of_different_texts_does_not_fill_the_table(room: Room) -> None:
    room.store.searches.count(NOW, {f"text {number}": 5 for number in range(searches.MOST_A_DAY + 50)})
    room.store.searches.count(NOW, {"one more": 5, "text 0": 1})
    assert len(room.store.searches.popular(NOW, least=1, limit=10_000)) == searches.MOST_A_DAY
    assert room.store.searches.popular(NOW, least=6, limit=9) == ("text 0",)


# -- what is installed


def send(room: Room, revision: Revision, uid: str = "uid") -> None:
    """Keep a revision that the cluster took."""
    room.store.revisions.start(revision)
    room.store.revisions.sent(revision.request_id, uid)


def test_installed_is_what_was_sent_last_and_not_removed(room: Room) -> None:
    send(room, REVISION)
    send(room, replace(REVISION, request_id="r-2", version="2.0.0"))
    send(room, replace(REVISION, request_id="r-3", name="gone"))
    send(room, replace(REVISION, request_id="r-4", name="gone", action="uninstall"))
    room.store.revisions.start(replace(REVISION, request_id="r-5", name="never-arrived"))
    room.store.revisions.start(replace(REVISION, request_id="r-6", version="3.0.0"))
    assert room.store.revisions.installed() == (InstalledApp("dev", "team-a", "web", "shop", "apple", "2.0.0"),)


def test_the_stamp_tells_every_change_of_what_is_installed(room: Room) -> None:
    kept = room.store.revisions
    stamps = [kept.stamp()]
    for step in (
        lambda: kept.start(REVISION),
        lambda: kept.sent("r-1", "uid"),
        lambda: kept.start(replace(REVISION, request_id="r-2", at=NOW)),
        lambda: kept.withdraw("r-2"),
        lambda: kept.start(replace(REVISION, request_id="r-3", at=NOW + timedelta(seconds=1))),
        lambda: kept.sent("r-3", "uid"),
    ):
        step()
        stamps.append(kept.stamp())
    assert all(one != other for one, other in pairwise(stamps))
    assert stamps[2] == stamps[4], "what was withdrawn was never anything"


def test_the_databases_version_tells_every_commit_of_anybody(room: Room) -> None:
    database = room.store.database
    before = database.version()
    assert database.version() == before
    room.store.searches.save(KEPT)
    assert database.version() != before
    again = database.version()
    room.store.searches.of("local")
    assert database.version() == again
