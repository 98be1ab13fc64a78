"""Teams in the store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.errors import Conflict, TeamChanged, TeamNotFound, TooManyRules
from indexer.model import Team, TeamRule
from indexer.store.teams import MOST_RULES, Teams
from tests.postgres import open_store

NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)
PAYMENTS = Team("payments", "Payments", ("ann",), ("pay", "fin"), created=NOW)
RULE = TeamRule("hide", "shop", "redis*", "<2", "too old", "root", NOW)


@pytest.fixture
def teams(tmp_path: Path) -> Iterator[Teams]:
    store = open_store(tmp_path)
    yield store.teams
    store.close()


def test_a_team_comes_back_as_it_was_kept(teams: Teams) -> None:
    made = teams.add(PAYMENTS)
    kept = teams.add_rule("payments", RULE)
    assert teams.get("payments") == replace(made, rules=(kept,))
    assert kept == replace(RULE, id=kept.id) and kept.id > 0
    assert teams.all() == (teams.get("payments"),)


def test_a_name_is_taken_once(teams: Teams) -> None:
    teams.add(PAYMENTS)
    with pytest.raises(Conflict, match="payments"):
        teams.add(replace(PAYMENTS, title="Other"))
    assert teams.get("payments").title == "Payments"


def test_I9_of_two_changes_of_one_state_the_second_is_told(teams: Teams) -> None:
    seen = teams.add(PAYMENTS)
    teams.change(replace(seen, title="First"))
    with pytest.raises(TeamChanged):
        teams.change(replace(seen, title="Second", members=()))
    assert (teams.get("payments").title, teams.get("payments").members) == ("First", ("ann",))


def test_I9_the_same_rule_sent_twice_is_there_once(teams: Teams) -> None:
    teams.add(PAYMENTS)
    assert teams.add_rule("payments", RULE) == teams.add_rule("payments", replace(RULE, person="eve"))
    assert len(teams.get("payments").rules) == 1


def test_a_rule_goes_alone_and_with_its_team(teams: Teams) -> None:
    teams.add(PAYMENTS)
    first, second = teams.add_rule("payments", RULE), teams.add_rule("payments", replace(RULE, chart="web"))
    teams.remove_rule("payments", first.id)
    teams.remove_rule("payments", first.id)
    assert teams.get("payments").rules == (second,)
    teams.remove("payments")
    assert teams.all() == ()
    teams.add(PAYMENTS)
    assert teams.get("payments").rules == ()


def test_what_is_not_there_is_said(teams: Teams) -> None:
    for step in (
        lambda: teams.get("none"),
        lambda: teams.change(replace(PAYMENTS, name="none")),
        lambda: teams.remove("none"),
        lambda: teams.add_rule("none", RULE),
        lambda: teams.remove_rule("none", 1),
    ):
        with pytest.raises(TeamNotFound):
            step()


def test_rules_are_bounded(teams: Teams) -> None:
    teams.add(PAYMENTS)
    for number in range(MOST_RULES):
        teams.add_rule("payments", replace(RULE, chart=f"c{number}"))
    with pytest.raises(TooManyRules):
        teams.add_rule("payments", RULE)
