"""The scheduler: what is due is synced, one run a source, and an end within seconds."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from indexer.archive import ArchiveCache
from indexer.errors import Conflict
from indexer.schedule import SYNCS_AT_ONCE, Scheduler
from indexer.store.tables import sources
from indexer.sync import Syncer, SyncResult
from tests.integration.conftest import Room
from tests.repository import repository
from tests.upstream import Site

SHOP = {"apple": ("1.0.0",)}


class CountingSyncer(Syncer):
    """A real one that remembers what it was asked for, and tells when a sync has ended."""

    asked: list[str]
    ended: threading.Semaphore

    def sync(self, name: str, **options: Any) -> SyncResult:
        self.asked.append(name)
        try:
            return super().sync(name, **options)
        finally:
            self.ended.release()


@pytest.fixture
def syncer(room: Room) -> CountingSyncer:
    made: Any = room.syncer
    made.__class__ = CountingSyncer
    made.asked, made.ended = [], threading.Semaphore(0)
    return made  # type: ignore[no-any-return]


@contextmanager
def scheduled(room: Room, after: Callable[[], None] = lambda: None) -> Iterator[Scheduler]:
    scheduler = Scheduler(room.store, room.syncer, ArchiveCache(room.folder / "archives"), after)
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.stop(10)


def test_what_is_due_is_synced_and_the_search_is_told(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    told = threading.Event()
    with scheduled(room, told.set):
        assert told.wait(20)
    assert set(room.versions()) == set(SHOP)


def test_sync_now_needs_no_more_than_being_due(room: Room, site: Site, syncer: CountingSyncer) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.store.sources.request("shop", datetime.now(UTC) + timedelta(hours=1))
    with scheduled(room):
        assert syncer.asked == []
        room.store.sources.request("shop", datetime.now(UTC))
        assert syncer.ended.acquire(timeout=20)
    assert set(room.versions()) == set(SHOP)


def test_a_source_that_is_synced_elsewhere_is_not_asked_for_every_second(
    room: Room, site: Site, syncer: CountingSyncer
) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    with room.store.source_lock("shop"), scheduled(room) as scheduler:
        assert syncer.ended.acquire(timeout=20)
        for _ in range(5):
            scheduler.tick()
        assert not syncer.ended.acquire(timeout=3)
    assert syncer.asked == ["shop"]


def test_a_source_is_never_run_twice_at_once(room: Room, site: Site, syncer: CountingSyncer) -> None:
    repository(SHOP).serve(site)
    site.behave("/index.yaml", "silent")
    room.add(site.url)
    with scheduled(room) as scheduler:
        for _ in range(5):
            scheduler.tick()
        with pytest.raises(Conflict):
            while not site.asked("/index.yaml"):
                scheduler.tick()
            room.sync()
        site.closing.set()
    assert syncer.asked == ["shop", "shop"]  # the scheduler's, and the one that was refused


def test_it_ends_although_a_server_hangs_and_begins_nothing_that_still_waits(
    room: Room, site: Site, syncer: CountingSyncer
) -> None:
    for number in range(SYNCS_AT_ONCE + 1):
        site.put(f"/{number}/index.yaml", repository(SHOP).index)
        site.behave(f"/{number}/index.yaml", "silent")
        room.add(f"{site.url}/{number}", name=f"shop-{number}")
    with scheduled(room) as scheduler:
        while len(site.log) < SYNCS_AT_ONCE:
            scheduler.tick()
        syncer.stop.set()
        site.closing.set()
        for _ in range(SYNCS_AT_ONCE):
            assert syncer.ended.acquire(timeout=20)
        assert not syncer.ended.acquire(timeout=1)
    assert len(syncer.asked) == SYNCS_AT_ONCE


def test_tidying_removes_archives_that_no_version_and_no_revision_names(room: Room, site: Site) -> None:
    repository({"apple": ("1.0.0",), "pear": ("1.0.0",)}).serve(site)
    room.add(site.url)
    room.sync()
    cache = ArchiveCache(room.folder / "archives")
    listed = {name: room.store.catalog.versions("shop", name)[0].archive_digest for name in ("apple", "pear")}
    with cache.temp() as temp:
        orphan = cache.put(temp, "ab" * 32)
    repository({"apple": ("1.0.0",)}).serve(site)
    room.sync(accept=True)
    for path in (room.folder / "archives").glob("??/*.tgz"):
        os.utime(path, (0, 0))
    Scheduler(room.store, room.syncer, cache, lambda: None).tidy()
    assert not orphan.exists()
    assert cache.path(listed["pear"]) is None
    assert cache.path(listed["apple"]) is not None


def test_a_source_is_due_when_the_clock_was_put_back(room: Room, site: Site) -> None:
    room.add(site.url)
    now = datetime.now(UTC)

    def due_in(wait: timedelta) -> list[str]:
        with room.store.database.write() as connection:
            connection.execute(update(sources).values(next_due=now + wait))
        return [one.name for one in room.store.sources.due(now)]

    assert due_in(timedelta(days=365 * 70)) == ["shop"]
    assert due_in(timedelta(hours=6)) == []


def test_a_rare_source_is_not_due_before_its_time(room: Room, site: Site) -> None:
    room.add(site.url, interval=7 * 24 * 3600)
    now = datetime.now(UTC)
    with room.store.database.write() as connection:
        connection.execute(update(sources).values(next_due=now + timedelta(days=7)))
    assert room.store.sources.due(now) == ()
