"""A sync from end to end, against a repository on loopback that can misbehave."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import yaml
from sqlalchemy import update

from indexer.errors import Conflict, SourceNotFound
from indexer.model import Progress
from indexer.parse import Limits
from indexer.plan import CONFIRM_AFTER
from indexer.store.tables import archives, sources
from indexer.sync import Report
from tests.integration.conftest import Room, open_room
from tests.repository import Charts, repository
from tests.upstream import Site

SHOP: Charts = {"apple": ("1.0.0", "1.1.0"), "pear": ("0.1.0",)}
MANY: Charts = {f"chart-{number}": ("1.0.0",) for number in range(10)}


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until ``holds``, or fail when it has not come true long after it should have."""
    given_up = threading.Event()
    for _ in range(400):
        if holds():
            return
        given_up.wait(0.05)
    raise AssertionError("it did not come true")


def at_step(step: str, do: Callable[[], None]) -> Report:
    """Do something when a sync comes to ``step``."""
    return lambda progress: do() if progress.step == step else None


def at_another_time(room: Room, **values: object) -> None:
    """Pretend that the source's state is of another time."""
    with room.store.database.write() as connection:
        connection.execute(update(sources).values(**values))


def test_a_first_sync_fills_the_catalog_and_the_change_log(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    result = room.sync()
    assert (result.outcome, result.attempt.added, result.problems) == ("changed", 3, ())
    assert room.versions() == {"apple": ["1.1.0", "1.0.0"], "pear": ["0.1.0"]}
    assert room.log() == [("added", "apple", "1.0.0"), ("added", "apple", "1.1.0"), ("added", "pear", "0.1.0")]


def test_the_newest_version_of_each_chart_is_read_whole(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.sync()
    newest, oldest = room.store.catalog.versions("shop", "apple")
    content = room.store.contents.get(newest.archive_digest)
    assert content is not None
    assert "The readme of apple 1.1.0." in content.readme
    assert content.values.startswith("# how many\n")
    assert oldest.archive == "unknown"
    assert site.asked("/apple-1.0.0.tgz") == []


def test_an_older_version_is_fetched_when_somebody_looks(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.sync()
    assert "The readme of apple 1.0.0." in room.syncer.look("shop", "apple", "1.0.0").readme
    assert room.store.catalog.versions("shop", "apple")[1].archive == "ready"


def test_a_readme_becomes_searchable_once_its_archive_is_read(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.sync(archives=False)
    assert room.found("apple") == ["apple"]
    room.sync()
    assert set(room.found("readme")) == {"apple", "pear"}


def test_a_second_sync_asks_with_the_validator_and_takes_no_for_an_answer(room: Room, site: Site) -> None:
    repository(SHOP).serve(site, etag='"1"')
    room.add(site.url)
    room.sync()
    result = room.sync()
    assert (result.outcome, result.attempt.bytes) == ("unchanged", 0)
    assert site.asked("/index.yaml")[1].headers["if-none-match"] == '"1"'
    assert [one.outcome for one in room.store.ledger.of("shop")] == ["unchanged", "changed"]


def test_an_equal_body_without_validators_is_unchanged(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.sync()
    result = room.sync()
    assert result.outcome == "unchanged"
    assert result.attempt.bytes > 0


def test_a_body_that_only_says_another_time_is_unchanged(room: Room, site: Site) -> None:
    made = repository(SHOP)
    made.serve(site)
    room.add(site.url)
    room.sync()
    site.put("/index.yaml", made.index.replace('generated: "2026-11', 'generated: "2026-12'))
    assert room.sync().outcome == "unchanged"


def test_an_index_written_in_another_shape_changes_nothing_that_is_told(room: Room, site: Site) -> None:
    made = repository(SHOP)
    made.serve(site)
    room.add(site.url)
    room.sync()
    entries, catalog = len(room.log()), room.store.catalog.version("shop", "apple", "1.1.0")
    site.put("/index.yaml", json.dumps(yaml.safe_load(made.index)))
    assert room.sync().outcome == "unchanged"
    assert len(room.log()) == entries
    assert room.store.catalog.version("shop", "apple", "1.1.0") == catalog
    site.put("/index.yaml", made.index)
    assert room.sync().outcome == "unchanged"
    assert len(site.asked("/apple-1.1.0.tgz")) == 1


def test_C9_a_body_that_changed_under_the_same_etag_is_seen_within_a_day(room: Room, site: Site) -> None:
    repository(SHOP).serve(site, etag='"1"')
    room.add(site.url)
    room.sync()
    repository({**SHOP, "plum": ("1.0.0",)}).serve(site, etag='"1"')
    assert room.sync().outcome == "unchanged"
    at_another_time(room, full_fetch_at=datetime.now(UTC) - timedelta(days=1, seconds=1))
    assert room.sync().outcome == "changed"
    assert "plum" in room.versions()


def test_added_removed_and_repushed_versions_are_told_apart(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.sync()
    before = len(room.log())
    made = repository({"apple": ("1.1.0", "1.2.0"), "pear": ("0.1.0",)})
    pear = repository({"pear": ("0.1.0",)}, salt="other")
    digests = [sha256(one.archives["pear-0.1.0.tgz"]).hexdigest() for one in (made, pear)]
    made.serve(site)
    site.put("/index.yaml", made.index.replace(*digests))
    site.put("/pear-0.1.0.tgz", pear.archives["pear-0.1.0.tgz"])
    attempt = room.sync().attempt
    assert (attempt.added, attempt.removed, attempt.repushed) == (1, 1, 1)
    assert room.log()[before:] == [
        ("added", "apple", "1.2.0"),
        ("removed", "apple", "1.0.0"),
        ("repushed", "pear", "0.1.0"),
    ]
    assert room.store.catalog.versions("shop", "pear")[0].repushed
    assert [one.repushed for one in room.store.catalog.versions("shop", "apple")] == [False, False]


def test_a_repushed_archive_is_read_again(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.sync()
    repository(SHOP, salt="second push").serve(site)
    room.sync()
    digest = room.store.catalog.versions("shop", "pear")[0].archive_digest
    content = room.store.contents.get(digest)
    assert content is not None
    assert "second push" in content.readme


@pytest.mark.parametrize(
    ("mode", "options", "error"),
    [
        ("cut", {"at": 200}, "cut-off"),
        ("status", {"status": 500}, "server-failed"),
    ],
)
def test_a_failure_keeps_the_catalog_and_says_why(
    room: Room, site: Site, mode: str, options: dict[str, int], error: str
) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.sync()
    site.behave("/index.yaml", mode, **options)
    result = room.sync()
    assert result.outcome == "failed"
    assert result.error is not None
    assert result.error.id == error
    assert room.versions() == {"apple": ["1.1.0", "1.0.0"], "pear": ["0.1.0"]}
    state = room.store.sources.get("shop")
    assert (state.health, state.failures) == ("failing", 1)
    assert state.last_attempt is not None
    assert state.last_attempt.error_id == error


def test_C8_a_sign_in_page_in_place_of_the_index_keeps_the_catalog(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.sync()
    site.put("/index.yaml", "<!DOCTYPE html><html><title>Sign in</title></html>", content_type="text/html")
    result = room.sync()
    assert result.error is not None
    assert result.error.id == "not-an-index"
    assert set(room.versions()) == set(SHOP)


def test_C8_an_empty_answer_keeps_the_catalog(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.sync()
    site.put("/index.yaml", "")
    assert room.sync().outcome == "failed"
    assert set(room.versions()) == set(SHOP)


def test_C4_no_cut_of_an_index_removes_a_chart(room: Room, site: Site) -> None:
    made = repository(SHOP)
    made.serve(site)
    room.add(site.url, content="none")
    room.sync()
    for at in range(1, len(made.index) - 1, 7):
        site.put("/index.yaml", made.index[:at])
        room.sync()
        assert room.versions() == {"apple": ["1.1.0", "1.0.0"], "pear": ["0.1.0"]}, made.index[:at]


def test_D13_a_large_fall_is_held_until_a_second_equal_answer_ten_minutes_later(room: Room, site: Site) -> None:
    repository(MANY).serve(site, etag='"1"')
    room.add(site.url, content="none")
    room.sync()
    repository({"chart-0": ("1.0.0",)}).serve(site, etag='"2"')
    assert room.sync().outcome == "held"
    state = room.store.sources.get("shop")
    assert (state.health, len(room.versions())) == ("held", 10)
    assert state.held is not None
    assert (state.held.removed, state.held.of) == (9, 10)
    assert room.sync().outcome == "held"
    assert "if-none-match" not in site.asked("/index.yaml")[-1].headers
    held = {
        "since": (state.held.since - CONFIRM_AFTER).isoformat(),
        "fingerprint": state.held.fingerprint.hex(),
        "removed": 9,
        "of": 10,
        "error_id": state.held.error_id,
    }
    at_another_time(room, held=held)
    assert room.sync().outcome == "changed"
    assert set(room.versions()) == {"chart-0"}
    assert room.store.sources.get("shop").health == "ok"


def test_D13_a_person_may_accept_what_is_held(room: Room, site: Site) -> None:
    repository(MANY).serve(site)
    room.add(site.url, content="none")
    room.sync()
    site.put("/index.yaml", "apiVersion: v1\nentries: {}\ngenerated: x\n")
    assert room.sync().outcome == "held"
    room.store.sources.accept("shop", datetime.now(UTC))
    assert room.sync().outcome == "changed"
    assert room.versions() == {}


def test_D13_an_emptied_index_is_carried_out_when_asked_for(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url, content="none")
    room.sync()
    site.put("/index.yaml", "apiVersion: v1\nentries: {}\ngenerated: x\n")
    assert room.sync(accept=True).outcome == "changed"
    assert room.versions() == {}


def test_what_was_held_is_forgotten_when_the_charts_come_back(room: Room, site: Site) -> None:
    made = repository(MANY)
    made.serve(site)
    room.add(site.url, content="none")
    room.sync()
    site.put("/index.yaml", "apiVersion: v1\nentries: {}\ngenerated: x\n")
    room.sync()
    made.serve(site)
    assert room.sync().outcome == "unchanged"
    assert room.store.sources.get("shop").health == "ok"


def test_one_bad_entry_costs_only_itself(room: Room, site: Site) -> None:
    made = repository({**SHOP, "zebra": ("1.0.0",)})
    made.serve(site)
    site.put("/index.yaml", made.index.replace("    version: 0.1.0\n", ""))
    room.add(site.url)
    result = room.sync()
    assert set(room.versions()) == {"apple", "zebra"}
    assert [(one.chart, one.kind) for one in result.problems] == [("pear", "skipped")]
    assert result.problems[0].line is not None


def test_a_stored_version_survives_its_entry_becoming_unreadable(room: Room, site: Site) -> None:
    made = repository(SHOP)
    made.serve(site)
    room.add(site.url)
    room.sync()
    site.put("/index.yaml", made.index.replace("    version: 0.1.0\n", ""))
    room.sync()
    assert room.versions()["pear"] == ["0.1.0"]


def test_the_newest_that_is_left_is_the_latest_even_where_its_entry_became_unreadable(room: Room, site: Site) -> None:
    repository({"apple": ("1.0.0", "1.1.0", "2.0.0")}).serve(site)
    room.add(site.url, content="none")
    room.sync()
    made = repository({"apple": ("1.0.0", "1.1.0")})
    site.put("/index.yaml", made.index.replace("    urls:\n    - apple-1.1.0.tgz\n", ""))
    room.sync()
    assert room.versions()["apple"] == ["1.1.0", "1.0.0"]
    assert room.store.catalog.chart("shop", "apple").version == "1.1.0"


def test_a_chart_without_dates_is_not_taken_for_updated_at_every_sync(room: Room, site: Site) -> None:
    made = repository(SHOP).index.replace('    created: "2026-11-01T00:00:00Z"\n', "")
    site.put("/index.yaml", made.replace("    name: pear\n", "    name: pear\n    unknown: x\n"))
    room.add(site.url, content="none")
    room.sync()
    first_seen = room.store.catalog.chart("shop", "pear").updated
    room.sync(full=True)
    assert room.store.catalog.chart("shop", "pear").updated == first_seen


def test_a_problem_is_gone_when_its_entry_is_mended(room: Room, site: Site) -> None:
    made = repository(SHOP)
    site.put("/index.yaml", made.index.replace("    version: 0.1.0\n", ""))
    room.add(site.url, content="none")
    room.sync()
    made.serve(site)
    assert room.sync().problems == ()
    assert set(room.versions()) == set(SHOP)


def test_problems_beyond_those_that_are_told_stay_known(room: Room, site: Site) -> None:
    charts = {f"chart-{number}": ("1.0.0",) for number in range(Limits().problems + 5)}
    index = repository(charts).index.replace("    keywords:", "    unknown: x\n    keywords:")
    site.put("/index.yaml", index)
    room.add(site.url, content="none")
    problems = room.sync().problems
    assert problems[0].cause == "5 more problems are not told one by one."
    site.put("/index.yaml", index + "serverInfo: {}\n")
    assert room.sync().problems == problems


def test_an_archive_that_cannot_be_had_is_that_versions_problem_with_its_own_back_off(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    site.remove("/pear-0.1.0.tgz")
    room.add(site.url)
    result = room.sync()
    assert result.outcome == "changed"
    assert [(one.chart, one.version) for one in result.problems] == [("pear", "0.1.0")]
    assert "404" in result.problems[0].cause
    room.sync()
    assert len(site.asked("/pear-0.1.0.tgz")) == 1
    with room.store.database.write() as connection:
        connection.execute(update(archives).values(next_try=datetime.now(UTC)))
    repository(SHOP).serve(site)
    assert room.sync().problems == ()


def test_an_archive_that_hangs_keeps_no_other_from_being_read(room: Room, site: Site) -> None:
    repository(MANY).serve(site)
    site.behave("/chart-0-1.0.0.tgz", "silent")
    room.add(site.url)
    syncing = threading.Thread(target=room.sync)
    syncing.start()
    try:
        wait_until(
            lambda: (
                sum(room.store.catalog.versions("shop", name)[0].archive == "ready" for name in room.versions())
                == len(MANY) - 1
            )
        )
    finally:
        site.closing.set()
        syncing.join()


def test_E11_an_archive_with_another_digest_than_promised_is_refused(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    site.put("/pear-0.1.0.tgz", repository(SHOP, salt="evil").archives["pear-0.1.0.tgz"])
    room.add(site.url)
    result = room.sync()
    assert "the index promises" in result.problems[0].cause
    assert room.store.catalog.versions("shop", "pear")[0].archive == "failed"


def test_a_source_is_synced_by_one_at_a_time(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    with room.store.source_lock("shop") as mine:
        assert mine
        other = open_room(room.folder)
        with pytest.raises(Conflict):
            other.sync()
        other.store.close()


def test_a_sync_that_runs_elsewhere_is_awaited_on_request(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    other = open_room(room.folder)
    with room.store.source_lock("shop"):
        waiting = threading.Thread(target=other.sync, kwargs={"wait": 20})
        waiting.start()
    waiting.join()
    other.store.close()
    assert set(room.versions()) == set(SHOP)


def test_an_unknown_source_is_not_found(room: Room) -> None:
    with pytest.raises(SourceNotFound):
        room.sync("nobody")


def test_a_source_that_moved_takes_what_the_new_address_lists(room: Room, site: Site) -> None:
    repository(MANY).serve(site)
    source = room.add(site.url, content="none")
    room.sync()
    made = repository(SHOP)
    site.put("/elsewhere/index.yaml", made.index)
    moved = replace(source, url=f"{site.url}/elsewhere")
    room.store.sources.change(moved, datetime.now(UTC))
    assert room.sync().outcome == "changed"
    assert set(room.versions()) == set(SHOP)


def test_a_source_that_moves_during_a_sync_takes_nothing_of_the_old_address(room: Room, site: Site) -> None:
    repository(MANY).serve(site)
    source = room.add(site.url, content="none")
    room.sync()
    site.put("/elsewhere/index.yaml", repository(SHOP).index)
    repository({**MANY, "late": ("1.0.0",)}).serve(site, etag='"old"')
    moved = replace(source, url=f"{site.url}/elsewhere")
    with pytest.raises(Conflict, match="was changed"):
        room.sync(report=at_step("reading", lambda: room.store.sources.change(moved, datetime.now(UTC))))
    assert "late" not in room.versions()
    assert [one.name for one in room.store.sources.due(datetime.now(UTC))] == ["shop"]
    assert room.sync().outcome == "changed"
    assert set(room.versions()) == set(SHOP)


def test_a_source_that_is_removed_during_its_sync_stays_removed(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    with pytest.raises(SourceNotFound):
        room.sync(report=at_step("reading", lambda: room.store.sources.remove("shop", datetime.now(UTC))))
    assert (room.store.sources.all(), room.log()) == ((), [])


def test_a_sync_that_is_asked_for_while_one_runs_is_not_forgotten(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.sync(report=at_step("reading", lambda: room.store.sources.request("shop", datetime.now(UTC))))
    assert [one.name for one in room.store.sources.due(datetime.now(UTC))] == ["shop"]


def test_a_removed_source_leaves_the_catalog_and_the_log_says_so(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.sync()
    room.store.sources.remove("shop", datetime.now(UTC))
    assert {kind for kind, _, _ in room.log()[-3:]} == {"removed"}
    assert room.found("apple") == []


def test_a_sync_that_is_told_to_stop_leaves_the_rest_to_the_next_start(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.syncer.stop.set()
    room.sync()
    assert site.asked("/pear-0.1.0.tgz") == []
    assert [one.name for one in room.store.sources.due(datetime.now(UTC))] == ["shop"]


def test_a_sync_in_progress_is_taken_up_after_a_kill(room: Room, site: Site) -> None:
    repository(SHOP).serve(site)
    room.add(site.url)
    room.sync()
    at_another_time(room, progress={"started": "2026-11-01T00:00:00+00:00", "step": "archives", "done": 1, "total": 2})
    now = datetime.now(UTC)
    assert room.store.sources.due(now) == ()
    with room.store.source_lock("shop"):
        assert room.store.sources.resume(now, room.store.is_syncing) == ()
    assert room.store.sources.resume(now, room.store.is_syncing) == ("shop",)
    assert [one.name for one in room.store.sources.due(now)] == ["shop"]


def test_bytes_are_told_as_they_come(room: Room, site: Site) -> None:
    made = repository({f"chart-{number}": ("1.0.0",) for number in range(500)})
    made.serve(site)
    room.add(site.url, content="none")
    told: list[Progress] = []
    room.sync(report=told.append)
    received = [one for one in told if one.step == "fetching" and one.bytes]
    assert [one.bytes for one in received] == sorted(one.bytes for one in received)
    assert (received[-1].bytes, received[-1].of_bytes) == (len(made.index), len(made.index))
    assert len(received) > 1
