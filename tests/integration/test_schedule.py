"""The scheduler: what is due is synced, one run a source, and an end within seconds."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from indexer.archive import ArchiveCache
from indexer.errors import Conflict
from indexer.plan import HOOK_GAP
from indexer.schedule import RETRIES, SYNCS, Scheduler
from indexer.store.tables import attempts, sources
from indexer.sync import Report, Syncer, SyncResult
from tests.integration.conftest import Room
from tests.integration.test_sync import wait_until
from tests.repository import repository
from tests.upstream import Site, upstream

SHOP = {"apple": ("1.0.0",)}


class CountingSyncer(Syncer):
    """A real one that remembers what it was asked for, and tells when a sync has ended."""

    asked: list[str]
    ended: threading.Semaphore

    def sync(self, name: str, **options: Any) -> SyncResult:
        with self._noted(name):
            return super().sync(name, **options)

    def sync_if_due(self, name: str, report: Report | None = None) -> SyncResult | None:
        with self._noted(name):
            return super().sync_if_due(name, report)

    @contextmanager
    def _noted(self, name: str) -> Iterator[None]:
        self.asked.append(name)
        try:
            yield
        finally:
            self.ended.release()


@pytest.fixture
def syncer(room: Room) -> CountingSyncer:
    made: Any = room.syncer
    made.__class__ = CountingSyncer
    made.asked, made.ended = [], threading.Semaphore(0)
    return made  # type: ignore[no-any-return]


@contextmanager
def scheduled(room: Room, after: Callable[[], None] = lambda: None, **options: float) -> Iterator[Scheduler]:
    scheduler = Scheduler(room.store, room.syncer, after, **options)
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


def test_archives_are_read_once_somebody_who_died_at_them_holds_their_lock_no_more(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    told = threading.Event()
    with scheduled(room, told.set):
        with room.store.archives_lock("shop"):
            assert told.wait(20)
            time.sleep(2)
            assert room.store.contents.searchable([("shop", "apple")], 10) == {}
        wait_until(lambda: len(room.store.contents.searchable([("shop", "apple")], 10)) == 1)


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
    for number in range(SYNCS.a_host + 1):
        site.put(f"/{number}/index.yaml", repository(SHOP).index)
        site.behave(f"/{number}/index.yaml", "silent")
        room.add(f"{site.url}/{number}", name=f"shop-{number}")
    with scheduled(room) as scheduler:
        while len(site.log) < SYNCS.a_host:
            scheduler.tick()
        syncer.stop.set()
        site.closing.set()
        for _ in range(SYNCS.a_host):
            assert syncer.ended.acquire(timeout=20)
        assert not syncer.ended.acquire(timeout=1)
    assert len(syncer.asked) == SYNCS.a_host


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
    Scheduler(room.store, room.syncer, lambda: None).tidy()
    cache.keep(room.store.contents.digests())
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


def healthy(room: Room, site: Site, count: int) -> set[str]:
    for number in range(count):
        site.put(f"/{number}/index.yaml", repository(SHOP).index)
        room.add(f"{site.url}/{number}", name=f"b-{number}", content="none")
    return {f"b-{number}" for number in range(count)}


def synced(room: Room) -> set[str]:
    return {one.source.name for one in room.store.sources.all() if one.last_success}


@pytest.mark.parametrize("failures", [0, 3])
def test_more_sources_that_hang_than_there_are_places_keep_no_other_from_being_fresh(
    room: Room, site: Site, failures: int
) -> None:
    with ExitStack() as stack:
        places = SYNCS.at_once + RETRIES.at_once
        bad = [stack.enter_context(upstream()) for _ in range(places)]
        for number, one in enumerate(bad):
            one.behave("/index.yaml", "silent")
            room.add(one.url, name=f"a-{number}")
        with room.store.database.write() as connection:
            connection.execute(update(sources).values(failures=failures))
        good = healthy(room, site, 9)
        with scheduled(room, patience=0.5):
            wait_until(lambda: synced(room) == good)
            for one in bad:
                one.closing.set()


def test_failing_sources_and_hanging_ones_fail_alone(room: Room, site: Site) -> None:
    with upstream() as bad:
        bad.behave("/hangs/index.yaml", "silent")
        bad.put("/slow/index.yaml", repository(SHOP).index)
        bad.behave("/slow/index.yaml", "stalled", at=100)
        bad.put("/html/index.yaml", "<html>", content_type="text/html")
        for name in ("hangs", "slow", "html"):
            room.add(f"{bad.url}/{name}", name=name)
        good = healthy(room, site, 9)
        with scheduled(room):
            wait_until(lambda: synced(room) == good)
            assert room.store.sources.get("html").health == "failing"
            bad.closing.set()


def test_one_host_is_not_asked_for_many_sources_at_once(room: Room, site: Site, syncer: CountingSyncer) -> None:
    for number in range(SYNCS.a_host + 2):
        site.behave(f"/{number}/index.yaml", "silent")
        room.add(f"{site.url}/{number}", name=f"a-{number}")
    with upstream() as other:
        good = healthy(room, other, 1)
        with scheduled(room) as scheduler:
            wait_until(lambda: synced(room) == good)
            scheduler.tick()
            assert len(syncer.asked) == SYNCS.a_host + len(good)
            site.closing.set()


def test_archives_that_hang_keep_no_list_from_being_read(room: Room, site: Site) -> None:
    charts = {f"chart-{number}": ("1.0.0",) for number in range(8)}
    made = repository(charts)
    for number in range(4):
        site.put(f"/{number}/index.yaml", made.index)
        room.add(f"{site.url}/{number}", name=f"a-{number}")
        for name, data in made.archives.items():
            site.put(f"/{number}/{name}", data)
            site.behave(f"/{number}/{name}", "silent")
    with scheduled(room):
        wait_until(lambda: synced(room) == {f"a-{number}" for number in range(4)})
        wait_until(lambda: any(path.path.endswith(".tgz") for path in site.log))
        site.put("/0/index.yaml", repository({**charts, "plum": ("1.0.0",)}).index)
        room.store.sources.request("a-0", datetime.now(UTC))
        wait_until(lambda: "plum" in room.versions("a-0"))
        site.closing.set()


def test_a_webhook_is_followed_by_a_sync_within_seconds(room: Room, site: Site) -> None:
    repository(SHOP).serve(site, etag='"1"')
    room.add(site.url, content="none")
    with scheduled(room):
        wait_until(lambda: synced(room) == {"shop"})
        with room.store.database.write() as connection:
            connection.execute(update(attempts).values(started=datetime.now(UTC) - HOOK_GAP))
        repository({"apple": ("1.0.0", "2.0.0")}).serve(site, etag='"2"')
        room.store.sources.request("shop", datetime.now(UTC), only=["apple"])
        wait_until(lambda: room.versions() == {"apple": ["2.0.0", "1.0.0"]})
