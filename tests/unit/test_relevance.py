"""The judged set, and how it is counted."""

from itertools import groupby

from tests.relevance.judged import HOLD_OUT_EVERY, Judgement, judgements
from tests.relevance.scoring import Floor, Outcome, Scores, scores

REDIS = Judgement("names", "redis", frozenset({"a/redis"}), frozenset({"a/valkey"}), frozenset({"a/old"}), held=False)


def shown(*names: str) -> Outcome:
    return Outcome(REDIS, tuple(frozenset(name.split()) for name in names), len(names))


def test_it_judges_enough_searches_and_each_of_them_once() -> None:
    asked = [one.query for one in judgements()]
    assert len(asked) >= 150
    assert len(asked) == len(set(asked))


def test_it_holds_out_every_third_search_of_each_group() -> None:
    for _, group in groupby(judgements(), key=lambda one: one.group):
        held = [one.held for one in group]
        assert held == [place % HOLD_OUT_EVERY == 0 for place in range(1, len(held) + 1)]


def test_it_says_of_each_search_what_is_best_and_never_what_is_right_and_wrong_at_once() -> None:
    for one in judgements():
        assert one.best, one.query
        assert not one.best & one.also, one.query
        assert not one.wanted & one.never, one.query


def test_the_best_chart_in_the_first_place_is_a_success() -> None:
    assert shown("a/redis", "a/other").first_is_best
    assert shown("a/redis").rank == 1


def test_a_chart_that_is_merely_right_is_no_success_as_the_first() -> None:
    outcome = shown("a/valkey", "a/redis")
    assert not outcome.first_is_best
    assert outcome.in_five


def test_a_chart_counts_under_the_name_of_any_source_it_is_also_in() -> None:
    assert shown("b/redis a/redis").first_is_best


def test_a_chart_that_the_search_forbids_spoils_all_of_it() -> None:
    assert shown("a/redis", "a/old").rank == 0


def test_it_counts_shares_of_all_searches() -> None:
    found = scores([shown("a/redis"), shown("x/x", "a/redis"), shown("x/x"), shown()])
    assert (found.mrr, found.success_1, found.success_5, found.zero) == (0.375, 0.25, 0.5, 0.25)


def test_a_search_that_got_worse_than_it_was_is_told() -> None:
    floor = Floor(success_1=0.9, success_5=0.97, zero=0.0)
    assert not list(floor.missed(Scores(100, 0.95, 0.9, 0.97, 0.0)))
    assert len(list(floor.missed(Scores(100, 0.95, 0.89, 0.96, 0.01)))) == 3
