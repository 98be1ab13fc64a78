"""The list of sources: what needs a look comes first, projects lie folded below their Harbor."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from catalog_web.pages.sources.listing import counts, rows
from indexer.model import Attempt, Source, SourceState

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def state(name: str, *, failing: int = 0, parent: str = "", **more: object) -> SourceState:
    """A source that is well, or fails since so many days."""
    source = Source(name, f"https://{name}.example.org", parent=parent, **more)  # type: ignore[arg-type]
    since = NOW - timedelta(days=failing) if failing else None
    last = Attempt(1, name, NOW, 1.0, "failed" if failing else "unchanged")
    return SourceState(source, charts=3, last_attempt=last, failures=failing, failing_since=since)


def names(found: object) -> list[str]:
    return [one.state.source.name for one in found]  # type: ignore[attr-defined]


def test_what_fails_longest_stands_first_and_the_rest_by_name() -> None:
    all_of = [state("zeta"), state("late", failing=1), state("alpha"), state("long", failing=3)]
    assert names(rows(all_of)) == ["long", "late", "alpha", "zeta"]


def test_switched_off_sources_stand_last() -> None:
    off = replace(state("aaa"), source=Source("aaa", "https://a.example.org", enabled=False))
    assert names(rows([off, state("zeta")])) == ["zeta", "aaa"]


def test_projects_are_folded_below_their_harbor_but_those_that_fail() -> None:
    harbor = [state("hub", kind="harbor"), state("hub.a", parent="hub"), state("hub.b", parent="hub", failing=2)]
    (row,) = rows(harbor)
    assert [one.source.name for one in row.shown] == ["hub.b"]
    assert (len(row.projects), row.failing, row.charts) == (2, 1, 6)
    (row,) = rows(harbor, unfolded=["hub"])
    assert [one.source.name for one in row.shown] == ["hub.b", "hub.a"]


def test_a_harbor_with_a_project_that_fails_stands_among_what_fails() -> None:
    all_of = [state("alpha"), state("hub"), state("hub.b", parent="hub", failing=2)]
    assert names(rows(all_of)) == ["hub", "alpha"]


def test_a_filter_shows_the_projects_that_it_is_about() -> None:
    harbor = [
        state("hub", kind="harbor"),
        state("hub.a", parent="hub"),
        state("hub.b", parent="hub", failing=2),
        state("shop"),
    ]
    (row,) = rows(harbor, chosen="failing")
    assert [one.source.name for one in row.shown] == ["hub.b"]
    (row,) = rows(harbor, text="HUB.A")
    assert [one.source.name for one in row.shown] == ["hub.a"]
    assert rows(harbor, text="nosuch") == ()


def test_a_project_without_its_harbor_stands_by_itself() -> None:
    assert names(rows([state("gone.a", parent="gone")])) == ["gone.a"]


def test_states_are_counted() -> None:
    assert counts([state("a"), state("b", failing=1), state("c")]) == {"failing": 1, "ok": 2}
