"""Planning: what a listing means for what is stored. Pure, so nothing here does I/O."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from indexer.model import ListedChart, ListedVersion, Listing, Problem
from indexer.plan import (
    ANY_LISTING,
    ARCHIVE_BACKOFF_CEILING,
    BACKOFF_CEILING,
    CONFIRM_AFTER,
    HOOK_DELAY,
    HOOK_GAP,
    Plan,
    Stored,
    StoredChart,
    StoredVersion,
    hook_due,
    listing_fields,
    next_archive_try,
    next_due,
    plan,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)
Catalog = dict[str, dict[str, str]]
"""name → version → digest"""


def mark(*parts: object) -> bytes:
    return blake2b(repr(parts).encode(), digest_size=16).digest()


def listed(name: str, version: str, digest: str) -> ListedVersion:
    raw = f"- {{name: {name}, version: {version}, digest: {digest}}}".encode()
    return ListedVersion(name, version, "", None, digest, (), False, raw, mark(raw))


def listing(catalog: Catalog, *, problems: tuple[Problem, ...] = (), end_proven: bool = True) -> Listing:
    charts = {
        name: ListedChart(
            name, mark(versions), tuple(listed(name, version, digest) for version, digest in versions.items())
        )
        for name, versions in catalog.items()
    }
    return Listing(charts, problems, mark(catalog), end_proven, sum(map(len, catalog.values())))


def as_stored(version: ListedVersion) -> StoredVersion:
    return StoredVersion(version.fingerprint, version.digest, listing_fields(version))


def stored(catalog: Catalog, **more: object) -> Stored:
    charts = {name: StoredChart(mark(versions), max(versions)) for name, versions in catalog.items()}
    versions = {
        name: {version: as_stored(listed(name, version, digest)) for version, digest in some.items()}
        for name, some in catalog.items()
    }
    return Stored(charts, versions, end_proven=True, **more)  # type: ignore[arg-type]


def many(count: int, version: str = "1.0.0") -> Catalog:
    return {f"chart-{number}": {version: "aa"} for number in range(count)}


def carried_out(before: Catalog, made: Plan) -> Catalog:
    """What is stored after ``made``, version by version."""
    after = {name: dict(versions) for name, versions in before.items() if name not in made.removed}
    for one in made.charts:
        versions = after.setdefault(one.chart.name, {})
        for gone in one.removed:
            del versions[gone]
        versions.update({new.version: new.digest for new in (*one.added, *one.updated, *one.repushed)})
    return after


def test_the_first_listing_is_added_whole() -> None:
    made = plan(stored({}), listing({"a": {"1.0.0": "aa", "2.0.0": "bb"}}), NOW)
    assert (made.added, made.removals, made.held) == (2, 0, None)
    assert made.charts[0].latest == "2.0.0"


def test_an_equal_listing_changes_nothing() -> None:
    assert plan(stored(many(5)), listing(many(5)), NOW).changes == 0


def test_a_version_with_another_digest_is_repushed() -> None:
    made = plan(stored({"a": {"1.0.0": "aa"}}), listing({"a": {"1.0.0": "bb"}}), NOW)
    assert (made.repushed, made.updated) == (1, 0)


def told(before: tuple[object, ...], digest: str = "aa") -> Stored:
    """``a`` 1.0.0 as an entry of other words told it."""
    return replace(stored({"a": {"1.0.0": digest}}), versions={"a": {"1.0.0": StoredVersion(b"other", digest, before)}})


def test_a_version_whose_entry_alone_changed_is_updated() -> None:
    made = plan(told(("another app version", None, (), False)), listing({"a": {"1.0.0": "aa"}}), NOW)
    assert (made.repushed, made.updated) == (0, 1)


def test_an_entry_in_other_words_is_rewritten_without_a_change() -> None:
    made = plan(told(("", None, (), False)), listing({"a": {"1.0.0": "aa"}}), NOW)
    assert (made.changes, made.replaced, len(made.charts[0].rewritten)) == (0, True, 1)


def test_without_a_digest_other_words_may_mean_anything() -> None:
    assert plan(told(("", None, (), False), digest=""), listing({"a": {"1.0.0": ""}}), NOW).updated == 1


def test_nothing_is_removed_where_the_list_of_unreadable_entries_is_not_complete() -> None:
    problem = Problem("", "", None, "flagged", "2,000 more problems are not listed")
    made = plan(
        stored({"a": {"1.0.0": "aa"}, "b": {"1.0.0": "aa"}}), listing({}, problems=(problem,)), NOW, accept=True
    )
    assert made.removals == 0


def test_a_digest_that_was_absent_before_is_no_repush() -> None:
    assert plan(stored({"a": {"1.0.0": ""}}), listing({"a": {"1.0.0": "bb"}}), NOW).updated == 1


def test_latest_prefers_a_release_to_a_newer_prerelease() -> None:
    made = plan(stored({}), listing({"a": {"2.0.0-rc.1": "", "1.9.0": "", "banana": ""}}), NOW)
    assert made.charts[0].latest == "1.9.0"


def test_a_kept_chart_is_left_alone() -> None:
    chart = ListedChart("a", mark({"1.0.0": "aa"}), (), kept=True)
    made = plan(stored({"a": {"1.0.0": "aa"}}), Listing({"a": chart}, (), b"x", True, 1), NOW)
    assert made == Plan()


def test_a_stored_version_stays_while_its_entry_is_only_unreadable() -> None:
    problem = Problem("a", "1.0.0", 7, "skipped", "its entry has no name")
    made = plan(
        stored({"a": {"1.0.0": "aa", "2.0.0": "bb"}}), listing({"a": {"2.0.0": "bb"}}, problems=(problem,)), NOW
    )
    assert made.removals == 0


def test_a_chart_listed_twice_keeps_what_was_stored() -> None:
    problem = Problem("a", "", 7, "skipped", "it is listed twice")
    made = plan(
        stored({"a": {"1.0.0": "aa"}, "b": {"1.0.0": "aa"}}), listing({"b": {"1.0.0": "aa"}}, problems=(problem,)), NOW
    )
    assert made.changes == 0


def test_a_chart_without_versions_any_more_is_removed() -> None:
    made = plan(stored(many(9) | {"a": {"1.0.0": "aa"}}), listing(many(9) | {"a": {}}), NOW)
    assert dict(made.removed) == {"a": ("1.0.0",)}


def test_D13_a_large_fall_is_held() -> None:
    made = plan(stored(many(130)), listing(many(1)), NOW)
    assert made.held is not None
    assert (made.held.error_id, made.held.removed, made.held.of, made.changes) == ("held-fall", 129, 130, 0)
    assert "129 of 130 charts would vanish" in made.held.reason


def test_D13_an_index_where_all_went_back_to_older_versions_is_held() -> None:
    assert plan(stored(many(10, "2.0.0")), listing(many(10, "1.0.0")), NOW).held is not None


def test_D13_an_empty_index_is_held_even_where_only_one_chart_was_stored() -> None:
    held = plan(stored(many(1)), listing({}), NOW).held
    assert held is not None
    assert (held.error_id, held.removed, held.of) == ("held-empty", 1, 1)


def test_D13_a_small_fall_is_carried_out() -> None:
    assert plan(stored(many(4)), listing(many(1)), NOW).removals == 3
    assert plan(stored(many(100)), listing(many(80)), NOW).removals == 20


def test_D13_a_held_fall_is_carried_out_at_a_second_equal_answer_ten_minutes_later() -> None:
    held = plan(stored(many(130)), listing(many(1)), NOW).held
    before = stored(many(130), held=held)
    soon, late = NOW + CONFIRM_AFTER / 2, NOW + CONFIRM_AFTER
    assert plan(before, listing(many(1)), soon).held == held
    assert plan(before, listing(many(1)), late).removals == 129


def test_D13_another_fall_starts_the_wait_anew() -> None:
    before = stored(many(130), held=plan(stored(many(130)), listing(many(1)), NOW).held)
    later = NOW + 2 * CONFIRM_AFTER
    again = plan(before, listing(many(2)), later).held
    assert again is not None
    assert again.since == later


def test_D13_an_empty_index_is_never_carried_out_by_itself() -> None:
    before = stored(many(9), held=plan(stored(many(9)), listing({}), NOW).held)
    assert plan(before, listing({}), NOW + timedelta(days=30)).held is not None


def test_D13_a_person_may_accept_a_fall() -> None:
    assert plan(stored(many(9)), listing({}), NOW, accept=True).removals == 9
    fallen = listing(many(1))
    assert plan(stored(many(9), accepted=fallen.fingerprint), fallen, NOW).removals == 8
    assert plan(stored(many(9), accepted=b"another"), fallen, NOW).held is not None
    assert plan(stored(many(9), accepted=ANY_LISTING), fallen, NOW).removals == 8


def test_C4_nothing_is_removed_by_an_index_that_does_not_show_its_end() -> None:
    made = plan(stored(many(100)), listing(many(99), end_proven=False), NOW)
    assert made.held is not None
    assert made.held.error_id == "held-unproven"
    assert "cut off" in made.held.reason


def test_C4_an_index_that_used_to_show_its_end_and_no_longer_does_is_held() -> None:
    assert plan(stored(many(3)), listing(many(4), end_proven=False), NOW).held is not None


VERSIONS = st.dictionaries(
    st.sampled_from(["1.0.0", "1.1.0", "2.0.0-rc.1", "v3", "odd"]), st.sampled_from(["", "aa", "bb"]), min_size=1
)
CATALOGS = st.dictionaries(st.sampled_from("abcdefgh"), VERSIONS)


@given(CATALOGS, CATALOGS)
def test_an_accepted_plan_makes_the_store_equal_to_the_listing(before: Catalog, after: Catalog) -> None:
    assert carried_out(before, plan(stored(before), listing(after), NOW, accept=True)) == after


@given(CATALOGS, CATALOGS)
def test_a_plan_carried_out_leaves_nothing_to_do(before: Catalog, after: Catalog) -> None:
    reached = carried_out(before, plan(stored(before), listing(after), NOW, accept=True))
    assert plan(stored(reached), listing(after), NOW).changes == 0


@given(CATALOGS, CATALOGS)
def test_a_plan_that_is_not_accepted_never_loses_more_than_a_fifth_and_three_charts(
    before: Catalog, after: Catalog
) -> None:
    made = plan(stored(before), listing(after), NOW)
    assert len(made.removed) <= 3 or len(made.removed) <= len(before) / 5


def test_a_healthy_source_is_due_after_its_interval_with_a_little_jitter() -> None:
    assert due() == NOW + timedelta(seconds=600)
    assert due(jitter=0.999) < NOW + timedelta(seconds=661)


def test_a_failing_source_waits_ever_longer_up_to_a_ceiling() -> None:
    waits = [due(failures=number) - NOW for number in range(1, 40)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=1)
    assert waits[-1] == timedelta(seconds=BACKOFF_CEILING)


def test_C8_a_server_that_asks_for_ten_years_is_asked_again_after_six_hours() -> None:
    assert due(failures=1, retry_after=10 * 365 * 86400.0) == NOW + timedelta(hours=6)
    assert due(failures=1, retry_after=120.0) == NOW + timedelta(seconds=120)


def test_a_held_source_is_asked_again_when_a_second_answer_counts() -> None:
    assert CONFIRM_AFTER < due(interval=86400, held=True) - NOW < CONFIRM_AFTER + timedelta(minutes=1)


def test_an_archive_that_cannot_be_had_is_tried_ever_more_rarely_up_to_a_day() -> None:
    waits = [next_archive_try(NOW, number) - NOW for number in range(1, 40)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(seconds=ARCHIVE_BACKOFF_CEILING)


def test_it_is_told_why_a_source_is_due_when_it_is() -> None:
    def why(failures: int = 0, retry_after: float | None = None, held: bool = False, interval: int = 86400) -> str:
        return next_due(NOW, interval, failures=failures, retry_after=retry_after, held=held, jitter=0).why

    assert [why(), why(held=True), why(held=True, interval=300)] == ["interval", "confirm", "interval"]
    assert [why(failures=2), why(failures=2, retry_after=5), why(failures=2, retry_after=500)] == [
        "back-off",
        "back-off",
        "retry-after",
    ]


def test_a_webhook_is_followed_soon_but_no_more_often_than_the_source_bears() -> None:
    assert hook_due(NOW, None, 0) == NOW + HOOK_DELAY
    assert hook_due(NOW, NOW - timedelta(hours=1), 0) == NOW + HOOK_DELAY
    assert hook_due(NOW, NOW - timedelta(seconds=1), 0) == NOW - timedelta(seconds=1) + HOOK_GAP
    assert hook_due(NOW, NOW, 1) == NOW + timedelta(minutes=1)


def test_C4_a_part_that_lists_nothing_removes_what_was_looked_at_alone() -> None:
    part = replace(listing({}), only=frozenset({"chart-1"}))
    assert dict(plan(stored(many(9)), part, NOW).removed) == {"chart-1": ("1.0.0",)}
    held = plan(stored(many(1)), replace(listing({}), only=frozenset({"chart-0"})), NOW).held
    assert held is not None
    assert held.error_id == "held-empty"


@given(CATALOGS, CATALOGS, st.frozensets(st.sampled_from("abcdefgh")))
def test_a_part_touches_nothing_but_what_it_looked_at(before: Catalog, after: Catalog, only: frozenset[str]) -> None:
    part = replace(listing({name: some for name, some in after.items() if name in only}), only=only)
    reached = carried_out(before, plan(stored(before), part, NOW, accept=True))
    assert {name: some for name, some in reached.items() if name not in only} == {
        name: some for name, some in before.items() if name not in only
    }
    assert {name: some for name, some in reached.items() if name in only} == {
        name: some for name, some in after.items() if name in only
    }


def due(
    interval: int = 600, failures: int = 0, retry_after: float | None = None, held: bool = False, jitter: float = 0.0
) -> datetime:
    return next_due(NOW, interval, failures=failures, retry_after=retry_after, held=held, jitter=jitter).at
