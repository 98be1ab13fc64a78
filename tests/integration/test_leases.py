"""Leases: one holder at a time, another one within seconds, and no late write."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from indexer.errors import LeaseLost
from indexer.leading import Leadership
from indexer.model import Source
from indexer.store import Store
from indexer.store.clock import in_time
from indexer.store.locks import LEASE_SECONDS, Hold, LeaseLocks
from indexer.store.running_tables import leases
from tests.postgres import open_store
from tests.waiting import until

BRIEFLY = 0.2


def ends(store: Store, after: timedelta) -> None:
    """Let all leases end at that time from now, by the database's clock."""
    with store.database.write("running") as connection:
        connection.execute(update(leases).values(until=in_time(after)))


def locks_of(store: Store, holder: str) -> LeaseLocks:
    """Those of another process."""
    return LeaseLocks(store.leases, holder)


def test_a_lease_has_one_holder_until_it_ends_or_is_given_back(store: Store) -> None:
    mine = store.leases.hold("leader", "one", 30)
    assert mine
    assert store.leases.hold("leader", "two", 30) is None
    assert store.leases.holder("leader") == "one"
    store.leases.release([mine])
    assert store.leases.holder("leader") == ""
    taken = store.leases.hold("leader", "two", BRIEFLY)
    assert taken
    assert taken.token > mine.token
    until(lambda: store.leases.hold("leader", "one", 30))


def test_a_lease_is_renewed_for_as_long_as_nobody_took_it(store: Store) -> None:
    mine = store.leases.hold("leader", "one", BRIEFLY)
    assert mine
    time.sleep(BRIEFLY * 2)
    assert store.leases.renew([mine], 30) == {mine}
    ends(store, timedelta(0))
    assert store.leases.hold("leader", "two", 30)
    assert store.leases.renew([mine], 30) == frozenset()


def test_N2_a_holder_that_wakes_after_another_one_took_over_writes_nothing(store: Store) -> None:
    mine = store.leases.hold("source/shop", "one", 30)
    assert mine
    with store.leases.fenced(mine):
        store.sources.add(Source("before", "https://charts.example"), datetime.now(UTC))
        ends(store, timedelta(0))
        assert store.leases.hold("source/shop", "two", 30)
        with pytest.raises(LeaseLost):
            store.sources.add(Source("late", "https://charts.example"), datetime.now(UTC))
    assert [one.source.name for one in store.sources.all()] == ["before"]


def test_N2_what_was_given_back_is_no_right_to_write_any_more(store: Store) -> None:
    mine = store.leases.hold("source/shop", "one", 30)
    assert mine
    store.leases.release([mine])
    with store.leases.fenced(mine), pytest.raises(LeaseLost):
        store.sources.add(Source("late", "https://charts.example"), datetime.now(UTC))


@pytest.mark.parametrize("jump", [timedelta(days=365), timedelta(hours=-1)])
def test_M4_a_jump_of_the_databases_clock_keeps_nobody_waiting_and_lets_nobody_write_late(
    store: Store, jump: timedelta
) -> None:
    mine = store.leases.hold("leader", "one", 30)
    assert mine
    ends(store, timedelta(seconds=30) - jump)
    assert store.leases.holder("leader") == ""
    assert store.leases.hold("leader", "two", 30)
    with store.leases.fenced(mine), pytest.raises(LeaseLost):
        store.sources.add(Source("late", "https://charts.example"), datetime.now(UTC))


def test_locks_keep_processes_and_threads_out_of_each_others_way(store: Store) -> None:
    one, two = locks_of(store, "one"), locks_of(store, "two")
    with one.lock("source/shop") as hold, two.lock("source/shop") as not_had, one.lock("source/shop") as nor_this:
        assert hold
        assert not hold.is_lost
        assert (not_had, nor_this) == (None, None)
        assert two.is_locked("source/shop")
    assert not two.is_locked("source/shop")
    with two.lock("source/shop") as had:
        assert had
    one.close()
    two.close()


def test_a_lock_that_is_given_back_is_had_by_whoever_waits(store: Store) -> None:
    one, two = locks_of(store, "one"), locks_of(store, "two")
    had = threading.Event()

    def wait() -> None:
        with two.lock("source/shop", 30) as hold:
            if hold:
                had.set()

    with one.lock("source/shop"):
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not had.wait(BRIEFLY)
    assert had.wait(30)
    waiting.join()
    one.close()
    two.close()


def test_a_lock_lasts_as_long_as_its_process_and_is_free_once_that_ends_well(store: Store) -> None:
    one, two = locks_of(store, "one"), locks_of(store, "two")
    with one.lock("source/shop") as hold:
        assert hold
        time.sleep(LEASE_SECONDS * 1.5)
        assert not hold.is_lost
        assert two.is_locked("source/shop")
        one.close()
        with two.lock("source/shop") as at_once:
            assert at_once
        with pytest.raises(LeaseLost):
            store.sources.add(Source("late", "https://charts.example"), datetime.now(UTC))
    two.close()


def test_a_process_notices_that_its_lock_was_taken(store: Store) -> None:
    one = locks_of(store, "one")
    with one.lock("source/shop") as hold:
        ends(store, timedelta(0))
        taken = store.leases.hold("source/shop", "two", 30)
        assert hold
        assert taken
        until(lambda: hold.is_lost)
    assert store.leases.holder("source/shop") == "two"
    one.close()


@contextmanager
def leading(folder: Path, name: str, told: list[str]) -> Iterator[Leadership]:
    """Another process that could lead."""

    def begin(_hold: Hold) -> None:
        told.append(f"{name} begins")

    store = open_store(folder)
    leadership = Leadership(store, begin, lambda: told.append(f"{name} ends"))
    leadership.start()
    yield leadership
    leadership.stop()
    store.close()


def test_of_many_processes_one_leads_and_another_one_takes_over(tmp_path: Path) -> None:
    told: list[str] = []
    with leading(tmp_path, "one", told) as one:
        until(lambda: one.leads)
        with leading(tmp_path, "two", told) as two:
            time.sleep(BRIEFLY * 4)
            assert (one.leads, two.leads) == (True, False)
            one.stop()
            until(lambda: two.leads)
            assert not one.leads
            assert told == ["one begins", "one ends", "two begins"]
    assert told[-1] == "two ends"
