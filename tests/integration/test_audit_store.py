"""The audit log: what is written stays, and whoever changes it is found out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import delete, insert, select, update

from indexer.audited import Anchor, AuditEntry, AuditFilter, Break
from indexer.store import Store
from indexer.store.people_tables import audit
from indexer.store.tables import meta
from tests.postgres import open_store

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ONE = AuditEntry(NOW, "ann", "source.write", "source/shop", "ok", "local", "10.0.0.7", "a1b2c3d4", {"fields": ["url"]})
RETENTION = AuditEntry(NOW, "chartroom", "audit.retention", "audit", "ok", "chartroom")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def write(store: Store, number: int) -> None:
    for one in range(number):
        store.audit.append(replace(ONE, at=NOW + timedelta(days=one), target=f"source/shop{one}"))


def test_rows_are_counted_without_a_gap_and_read_newest_first(store: Store) -> None:
    write(store, 3)
    assert [row.id for row in store.audit.rows()] == [3, 2, 1]
    assert store.audit.rows()[2].entry == replace(ONE, target="source/shop0")
    assert store.audit.count() == 3


def test_a_log_that_nobody_touched_is_whole(store: Store) -> None:
    write(store, 3)
    assert store.audit.verify() == Anchor(3, store.audit.rows()[0].chain)


@pytest.mark.parametrize(
    "change",
    [{"person": "bob"}, {"result": "failed"}, {"at": NOW - timedelta(days=1)}, {"detail": {}}, {"address": ""}],
)
def test_a_row_that_was_changed_is_named(store: Store, change: dict[str, object]) -> None:
    write(store, 4)
    with store.database.write("audit") as connection:
        connection.execute(update(audit).where(audit.c.id == 2).values(change))
    assert store.audit.verify() == Break(2, "changed")


def test_a_row_that_was_taken_out_is_named(store: Store) -> None:
    write(store, 4)
    with store.database.write("audit") as connection:
        connection.execute(delete(audit).where(audit.c.id == 3))
    assert store.audit.verify() == Break(3, "absent")


def test_a_row_that_was_put_in_for_another_one_is_named(store: Store) -> None:
    write(store, 3)
    with store.database.write("audit") as connection:
        row = connection.execute(select(audit).where(audit.c.id == 2)).one()
        connection.execute(delete(audit).where(audit.c.id == 2))
        connection.execute(insert(audit).values({**row._mapping, "person": "bob"}))
    assert store.audit.verify() == Break(2, "changed")


def test_who_takes_the_first_rows_away_and_says_so_to_nobody_is_found_out(store: Store) -> None:
    write(store, 4)
    second = store.audit.rows()[2]
    with store.database.write("audit") as connection:
        connection.execute(delete(audit).where(audit.c.id <= 2))
        value = f'{{"id": 2, "chain": "{second.chain}"}}'
        connection.execute(insert(meta).values(key="audit_anchor", value=value))
    assert store.audit.verify() == Break(1, "absent")


def test_retention_removes_the_oldest_rows_and_the_others_are_still_verified(store: Store) -> None:
    write(store, 5)
    assert store.audit.prune(NOW + timedelta(days=3), RETENTION) == 3
    newest = store.audit.rows()[0]
    assert (newest.id, newest.entry.action, newest.entry.detail["rows"]) == (6, "audit.retention", 3)
    assert [row.id for row in store.audit.rows()] == [6, 5, 4]
    assert store.audit.verify() == Anchor(6, newest.chain)
    store.audit.append(ONE)
    assert store.audit.rows()[0].id == 7


def test_retention_that_finds_nothing_old_writes_nothing(store: Store) -> None:
    write(store, 2)
    assert store.audit.prune(NOW, RETENTION) == 0
    assert store.audit.count() == 2


def test_retention_may_remove_all_and_the_log_goes_on_from_there(store: Store) -> None:
    write(store, 2)
    assert store.audit.prune(NOW + timedelta(days=9), RETENTION) == 2
    assert [row.id for row in store.audit.rows()] == [3]
    assert isinstance(store.audit.verify(), Anchor)


def test_several_writers_at_once_make_one_chain(store: Store) -> None:
    threads = [Thread(target=write, args=(store, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.audit.verify() == Anchor(40, store.audit.rows()[0].chain)


def test_filters_say_which_rows_are_meant(store: Store) -> None:
    write(store, 3)
    store.audit.append(replace(ONE, person="bob", action="app.install", target="app/c/n/web", result="refused"))
    for wanted, ids in (
        (AuditFilter(person="bob"), [4]),
        (AuditFilter(action="source."), [3, 2, 1]),
        (AuditFilter(target="app/"), [4]),
        (AuditFilter(target="source/shop%"), []),
        (AuditFilter(result="refused"), [4]),
        (AuditFilter(since=NOW + timedelta(days=1), until=NOW + timedelta(days=2)), [2]),
    ):
        assert [row.id for row in store.audit.rows(wanted)] == ids
        assert store.audit.count(wanted) == len(ids)
