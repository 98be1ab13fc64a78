"""Whole syncs of a registry: what the store makes of what the ``oci`` source tells."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from indexer.store import tables
from indexer.sync import FULL_FETCH_EVERY
from tests.fake_registry import HARBOR, FakeRegistry, fake_registry
from tests.integration.conftest import Room
from tests.integration.oci_sources import oci


@pytest.fixture
def registry(room: Room) -> Iterator[FakeRegistry]:
    with fake_registry() as running:
        for version in ("1.0.0", "1.1.0"):
            running.push("team/argo", version)
        running.push("team/pear", "0.1.0")
        room.add(oci(running, "team"), kind="oci", operator=True)
        yield running


def test_a_first_sync_has_the_charts_with_their_READMEs(room: Room, registry: FakeRegistry) -> None:
    result = room.sync()
    assert (result.outcome, result.attempt.added, result.problems) == ("changed", 3, ())
    assert room.versions() == {"argo": ["1.1.0", "1.0.0"], "pear": ["0.1.0"]}
    assert room.store.catalog.version("shop", "argo", "1.1.0")[0].archive == "ready"
    assert room.syncer.look("shop", "argo", "1.0.0").readme.startswith("# argo")


def test_nothing_new_is_unchanged_and_costs_a_HEAD_a_tag(room: Room, registry: FakeRegistry) -> None:
    room.sync()
    before = len(registry.log)
    assert room.sync().outcome == "unchanged"
    methods = [one.method for one in registry.log[before:] if "/manifests/" in one.path]
    assert methods == ["HEAD"] * 3


def test_a_push_a_re_push_and_a_deleted_tag_are_seen(room: Room, registry: FakeRegistry) -> None:
    room.sync()
    registry.push("team/argo", "1.2.0")
    registry.push("team/argo", "1.0.0", salt="other")
    del registry.repositories["team/argo"].tags["1.1.0"]
    attempt = room.sync().attempt
    assert (attempt.added, attempt.repushed, attempt.removed) == (1, 1, 1)
    assert room.versions()["argo"] == ["1.2.0", "1.0.0"]
    assert room.sync().outcome == "unchanged"


def test_another_manifest_of_the_same_bytes_is_read_once_and_no_re_push(room: Room, registry: FakeRegistry) -> None:
    room.sync()
    registry.push("team/pear", "0.1.0", description="Told otherwise")
    assert room.sync().attempt.repushed == 0
    before = registry.count("/manifests/", "GET")
    room.sync()
    assert registry.count("/manifests/", "GET") == before


def test_all_is_looked_at_anew_once_a_day_however_often_something_changes(
    room: Room, registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.sync()
    _swept(room, datetime.now(UTC) - FULL_FETCH_EVERY + timedelta(minutes=1))
    due = room.store.sources.get("shop").full_fetch_at
    registry.push("team/argo", "1.2.0")
    assert room.sync().outcome == "changed"
    assert room.store.sources.get("shop").full_fetch_at == due
    _swept(room, datetime.now(UTC) - FULL_FETCH_EVERY - timedelta(minutes=1))
    room.sync()
    swept = room.store.sources.get("shop").full_fetch_at
    assert swept and datetime.now(UTC) - swept < timedelta(minutes=1)


def _swept(room: Room, at: datetime) -> None:
    with room.store.database.write() as connection:
        connection.execute(tables.sources.update().values(full_fetch_at=at))


def test_a_registry_that_seems_empty_is_held(room: Room, registry: FakeRegistry) -> None:
    room.sync()
    registry.repositories.clear()
    assert room.sync().outcome == "held"
    assert room.versions() == {"argo": ["1.1.0", "1.0.0"], "pear": ["0.1.0"]}


def test_a_failing_registry_leaves_the_catalog_as_it_was(room: Room, registry: FakeRegistry) -> None:
    room.sync()
    registry.answers["/v2/"] = (503, b"", {})
    result = room.sync()
    assert (result.outcome, result.error and result.error.id) == ("failed", "server-failed")
    assert room.versions() == {"argo": ["1.1.0", "1.0.0"], "pear": ["0.1.0"]}


def test_no_password_is_in_what_is_told_of_a_failure(room: Room, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("canary")
    with fake_registry(HARBOR) as registry:
        registry.push("team/argo", "1.0.0")
        who = {"username": "ann", "password_file": str(tmp_path / "password")}
        room.add(oci(registry, "team"), name="harbor", kind="oci", operator=True, repositories=("argo",), **who)
        result = room.sync("harbor")
        assert result.error and result.error.id == "authentication-failed"
        told = f"{result} {result.error.cause} {result.error.remedy} {room.store.ledger.of('harbor')}"
        assert "canary" not in told
        assert "Basic" not in told


def test_what_the_filter_leaves_out_is_read_once_or_not_at_all(room: Room, registry: FakeRegistry) -> None:
    source = room.store.sources.get("shop").source
    room.store.sources.change(replace(source, exclude=("pear",), versions=">=1.1", content="none"), datetime.now(UTC))
    room.sync()
    assert room.versions() == {"argo": ["1.1.0"]}
    assert registry.count("/manifests/1.0.0", "GET") == 0
    before = registry.count("/manifests/", "GET"), registry.count("team/pear/manifests/", "HEAD")
    registry.push("team/argo", "1.2.0")
    room.sync()
    assert room.versions() == {"argo": ["1.2.0", "1.1.0"]}
    after = registry.count("/manifests/", "GET"), registry.count("team/pear/manifests/", "HEAD")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 0)
    room.store.sources.change(replace(source, content="none"), datetime.now(UTC))
    room.sync()
    assert room.versions() == {"argo": ["1.2.0", "1.1.0", "1.0.0"], "pear": ["0.1.0"]}
