"""The audit log: what is written stays, and whoever changes it is found out."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import delete, insert, select, update

from indexer.audited import Anchor, AuditEntry, AuditFilter, Break, chain_of
from indexer.model import Source
from indexer.store import KEY_FILE, Store
from indexer.store.people_tables import audit
from indexer.store.tables import meta
from tests.postgres import database_of, open_store

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


def cut_off(store: Store, first: int) -> None:
    """Delete the rows from ``first`` on, as who may write the database can."""
    with store.database.write("audit") as connection:
        connection.execute(delete(audit).where(audit.c.id >= first))


@pytest.mark.parametrize("first", [1, 3, 4])
def test_rows_that_are_missing_at_the_end_are_named(store: Store, first: int) -> None:
    write(store, 4)
    cut_off(store, first)
    assert store.audit.verify() == Break(first, "absent", last=4)


def test_a_cut_end_is_not_healed_by_what_is_written_later(store: Store) -> None:
    write(store, 4)
    cut_off(store, 3)
    assert store.audit.append(ONE).id == 5
    assert store.audit.verify() == Break(3, "absent")


def test_a_row_that_was_added_with_a_right_chain_is_named_now_and_later(store: Store) -> None:
    write(store, 2)
    entry = replace(ONE, person="bob")
    chain = chain_of(store.audit.rows()[0].chain, 3, entry)
    values = {name: getattr(entry, name) for name in AuditEntry.__dataclass_fields__}
    with store.database.write("audit") as connection:
        connection.execute(insert(audit).values({**values, "id": 3, "chain": chain}))
    assert store.audit.verify() == Break(3, "added")
    store.audit.append(ONE)
    assert store.audit.verify() == Break(4, "changed")


def test_a_log_that_was_written_anew_with_right_chains_is_noticed(store: Store) -> None:
    write(store, 2)
    last, entry = store.audit.rows()[1].chain, replace(ONE, person="bob")
    with store.database.write("audit") as connection:
        connection.execute(update(audit).where(audit.c.id == 2).values(person="bob", at=NOW, target=ONE.target))
        connection.execute(update(audit).where(audit.c.id == 2).values(chain=chain_of(last, 2, entry)))
    assert store.audit.verify() == Break(2, "changed")


def set_head(store: Store, **facts: object) -> None:
    """Change what the head says, without a key."""
    with store.database.write("audit") as connection:
        head = json.loads(connection.execute(select(meta.c.value).where(meta.c.key == "audit_head")).scalar_one())
        value = json.dumps({**head, **facts})
        connection.execute(update(meta).where(meta.c.key == "audit_head").values(value=value))


def test_who_has_no_key_cannot_set_the_head_back(store: Store) -> None:
    write(store, 4)
    second = store.audit.rows()[2]
    cut_off(store, 3)
    set_head(store, id=2, chain=second.chain)
    assert store.audit.verify() == Break(2, "unproven")
    store.audit.append(ONE)
    assert store.audit.verify() == Break(2, "unproven")


@pytest.mark.parametrize("value", ["", "[]", "{}", "nothing", '{"id": "x", "chain": 1, "found": 0, "signature": "é"}'])
def test_a_head_that_is_none_proves_nothing(store: Store, value: str) -> None:
    write(store, 2)
    with store.database.write("audit") as connection:
        connection.execute(update(meta).where(meta.c.key == "audit_head").values(value=value))
    assert store.audit.verify() == Break(2, "unproven")


def test_a_head_that_was_taken_away_is_missed_until_retention_removes_what_it_does_not_prove(store: Store) -> None:
    write(store, 3)
    with store.database.write("audit") as connection:
        connection.execute(delete(meta).where(meta.c.key == "audit_head"))
    assert store.audit.verify() == Break(3, "unproven")
    store.audit.append(replace(ONE, at=NOW + timedelta(days=9)))
    assert store.audit.verify() == Break(3, "unproven")
    store.audit.prune(NOW + timedelta(days=5), RETENTION)
    assert isinstance(store.audit.verify(), Anchor)


def test_a_cut_end_is_noticed_after_retention_removed_all_the_others(store: Store) -> None:
    write(store, 5)
    cut_off(store, 4)
    store.audit.prune(NOW + timedelta(days=9), RETENTION)
    assert store.audit.verify() == Break(4, "absent")


OLD, NEW = b"o" * 32, b"n" * 32


def test_the_head_goes_over_to_another_key(tmp_path: Path) -> None:
    for keys in ((OLD,), (NEW, OLD), (NEW,)):
        with closing(open_store(tmp_path, keys)) as one:
            write(one, 1)
            assert isinstance(one.audit.verify(), Anchor)


def test_a_process_without_the_key_of_the_head_says_that_it_proves_nothing(tmp_path: Path) -> None:
    with closing(open_store(tmp_path, (OLD,))) as one:
        write(one, 2)
    (tmp_path / KEY_FILE).unlink(missing_ok=True)
    with closing(open_store(tmp_path, (NEW,))) as other:
        assert other.audit.verify() == Break(2, "unproven")
        assert not other.audit.knows_head()


def test_rows_are_written_without_a_proof_where_the_key_cannot_be_read(tmp_path: Path) -> None:
    with closing(open_store(tmp_path)) as one:
        (tmp_path / KEY_FILE).write_text("no key")
        write(one, 2)
        assert one.audit.verify() == Break(2, "unproven")


def test_no_key_is_made_while_secrets_of_another_one_are_kept(tmp_path: Path) -> None:
    with closing(open_store(tmp_path, (OLD,))) as one:
        one.sources.add(Source("shop", "https://shop.example"), NOW)
        one.secrets.put("shop", "password", "x")
    with closing(Store(tmp_path, url=database_of(tmp_path), locked=True)) as other:
        write(other, 1)
        assert not (tmp_path / KEY_FILE).exists()
        assert other.audit.verify() == Break(1, "unproven")


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
