"""How many problems a listing tells, and what follows from those that it only counts."""

from datetime import UTC, datetime

from indexer.model import ListedChart, Problem
from indexer.plan import Plan, Stored, StoredChart, plan
from indexer.sources.entry import MAX_PROBLEMS, listing_of

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def problem(number: int, kind: str) -> Problem:
    return Problem(f"chart-{number}", "1.0.0", None, kind, "It is odd.")  # type: ignore[arg-type]


def planned(problems: list[Problem]) -> Plan:
    """What happens to a chart that is stored and not listed any more, among many that stay."""
    names = [f"stays-{number}" for number in range(20)]
    listing = listing_of({name: ListedChart(name, b"same", (), kept=True) for name in names}, problems, 20)
    stored = {name: StoredChart(b"same", "1.0.0") for name in (*names, "gone")}
    return plan(Stored(stored, {"gone": {}}, end_proven=True), listing, NOW)


def test_a_thousand_problems_are_told_and_the_rest_is_counted() -> None:
    told = listing_of({}, [problem(number, "skipped") for number in range(MAX_PROBLEMS + 7)], 0).problems
    assert len(told) == MAX_PROBLEMS + 1
    assert told[-1].cause == "7 more problems are not told one by one."


def test_what_was_set_aside_is_told_before_mere_notes() -> None:
    notes = [problem(number, "flagged") for number in range(MAX_PROBLEMS)]
    told = listing_of({}, [*notes, problem(9999, "skipped")], 0).problems
    assert (len(told), told[0].chart) == (MAX_PROBLEMS, "chart-9999")


def test_a_chart_that_is_gone_goes_however_many_notes_there_are() -> None:
    assert planned([problem(number, "flagged") for number in range(2 * MAX_PROBLEMS)]).removed == {"gone": ()}


def test_no_chart_goes_while_some_that_were_set_aside_are_only_counted() -> None:
    made = planned([problem(number, "skipped") for number in range(2 * MAX_PROBLEMS)])
    assert (made.removed, made.held) == ({}, None)
