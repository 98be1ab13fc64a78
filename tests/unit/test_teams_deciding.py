"""What the teams of a person let them see and use."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from catalog_web.teams.deciding import (
    EVERYBODY,
    EVERYTHING,
    TeamSight,
    hidden_charts,
    hidden_for,
    is_member,
    sight_of,
)
from indexer import versions
from indexer.model import Team, TeamRule, TeamRuleKind

RED = Team("red", "Red", members=("ann",))
BLUE = Team("blue", "Blue", groups=("sea",))


def rule(kind: TeamRuleKind, chart: str, its_versions: str = "", note: str = "", source: str = "*") -> TeamRule:
    return TeamRule(kind, source, chart, its_versions, note)


def of(*rules: TeamRule) -> TeamSight:
    return TeamSight((replace(RED, rules=rules),))


# -- who is in a team


def test_a_member_is_named_or_in_a_group_or_the_team_is_of_everybody() -> None:
    assert is_member(RED, "ann", frozenset())
    assert is_member(BLUE, "bob", frozenset({"sea", "sky"}))
    assert is_member(replace(RED, groups=(EVERYBODY,)), "carl", frozenset())
    assert not is_member(RED, "bob", frozenset({"ann"}))
    assert not is_member(BLUE, "sea", frozenset())


def test_who_is_in_no_team_sees_and_uses_everything() -> None:
    sight = sight_of([replace(RED, rules=(rule("hide", "*"),))], "bob", frozenset())
    assert sight == EVERYTHING
    assert sight.shows("shop", "web", "1.0.0") and sight.may_use("shop", "web", "1.0.0")


# -- one team


def test_a_hidden_chart_is_hidden_with_all_its_versions() -> None:
    sight = of(rule("hide", "redis*", source="shop"))
    assert not sight.shows("shop", "redis-cluster")
    assert not sight.shows("shop", "redis", "1.0.0")
    assert sight.shows("other", "redis") and sight.shows("shop", "nginx")


def test_an_allow_list_hides_all_else_and_hide_wins_over_it() -> None:
    sight = of(rule("allow", "web*"), rule("hide", "webcam"))
    assert sight.shows("shop", "web") and sight.shows("shop", "website", "2.0.0")
    assert not sight.shows("shop", "redis") and not sight.shows("shop", "webcam")


def test_a_range_hides_those_versions_alone() -> None:
    sight = of(rule("hide", "web", "<2"))
    assert sight.shows("shop", "web") and sight.shows("shop", "web", "2.1.0")
    assert not sight.shows("shop", "web", "1.9.0")
    assert sight.shows_any("shop", "web", ["1.0.0", "2.0.0"])
    assert not sight.shows_any("shop", "web", ["1.0.0", "1.1.0"])


def test_a_range_leaves_prereleases_alone_unless_it_names_one() -> None:
    assert of(rule("hide", "web", "<2")).shows("shop", "web", "1.9.0-rc.1")
    assert not of(rule("hide", "web", "<2-0")).shows("shop", "web", "1.9.0-rc.1")


def test_a_chart_of_which_no_version_is_left_is_hidden() -> None:
    charts = {("shop", "web"): ("1.0.0", "1.1.0"), ("shop", "api"): ("1.0.0", "2.0.0"), ("shop", "db"): ()}
    assert hidden_charts(of(rule("hide", "*", "<2")), charts) == {("shop", "web"), ("shop", "db")}
    assert hidden_charts(EVERYTHING, charts) == frozenset()


def test_versions_above_the_ceiling_are_shown_with_the_reason_and_not_used() -> None:
    sight = of(rule("ceiling", "web", "15.2.5", "16 needs new disks"), rule("ceiling", "w*", "20.0.0"))
    assert sight.shows("shop", "web", "16.0.0") and not sight.may_use("shop", "web", "16.0.0")
    assert sight.may_use("shop", "web", "15.2.5") and sight.may_use("shop", "web", "2.0.0")
    told = sight.not_yet("shop", "web", "16.0.0")
    assert told is not None
    assert (told.team, told.ceiling, told.note) == ("Red", "15.2.5", "16 needs new disks")
    assert sight.not_yet("shop", "web", "15.2.4") is None
    assert sight.not_yet("shop", "api", "99.0.0") is None


def test_a_hidden_version_is_not_told_as_not_yet() -> None:
    sight = of(rule("ceiling", "web", "1.0.0"), rule("hide", "web", ">=3"))
    assert sight.not_yet("shop", "web", "3.0.0") is None
    assert sight.not_yet("shop", "web", "2.0.0") is not None


def test_a_recommendation_is_told_with_its_team_and_note() -> None:
    sight = of(rule("recommend", "web", "^15", "our standard"))
    found = sight.recommendation("shop", "web")
    assert found is not None
    assert (found.team, found.note, found.versions) == ("Red", "our standard", "^15")
    assert sight.recommendation("shop", "api") is None
    assert sight.recommends and not of(rule("hide", "web")).recommends


def test_an_administrator_is_told_for_which_teams_a_chart_is_hidden() -> None:
    teams = [replace(RED, rules=(rule("hide", "web"),)), BLUE]
    assert hidden_for(teams, "shop", "web") == ("Red",)
    assert hidden_for(teams, "shop", "api") == ()


# -- several teams


def test_what_one_team_shows_is_seen_whatever_the_others_hide() -> None:
    sight = TeamSight((replace(RED, rules=(rule("hide", "*"),)), replace(BLUE, rules=(rule("allow", "web"),))))
    assert sight.shows("shop", "web") and not sight.shows("shop", "api")


def test_a_team_without_rules_shows_everything_to_its_members() -> None:
    sight = TeamSight((replace(RED, rules=(rule("hide", "*"),)), BLUE))
    assert sight.shows_all and sight.shows("shop", "web")


def test_the_highest_ceiling_of_the_teams_that_show_the_version_counts() -> None:
    red, blue = (
        replace(RED, rules=(rule("ceiling", "web", "1.0.0"),)),
        replace(BLUE, rules=(rule("ceiling", "*", "2.0.0"),)),
    )
    sight = TeamSight((red, blue))
    assert sight.may_use("shop", "web", "1.5.0") and not sight.may_use("shop", "web", "2.5.0")
    told = sight.not_yet("shop", "web", "2.5.0")
    assert told is not None and told.team == "Blue"
    hiding = TeamSight((red, replace(blue, rules=(*blue.rules, rule("hide", "web")))))
    assert not hiding.may_use("shop", "web", "1.5.0")


# -- whatever the rules are

SOURCES, CHARTS = ("shop", "other"), ("web", "webcam", "redis")
VERSIONS = ("0.9.0", "1.0.0", "1.5.0-rc.1", "2.0.0", "2.0.0+b1", "odd")
kinds: st.SearchStrategy[TeamRuleKind] = st.sampled_from(("allow", "hide", "recommend", "ceiling"))
ranges = st.sampled_from(("", "<1", "^1", ">=1.2-0", "1.x || 2.x"))
rules = st.builds(
    lambda kind, source, chart, some, top: TeamRule(kind, source, chart, top if kind == "ceiling" else some),
    kinds,
    st.sampled_from(("*", "shop", "s?op", "none")),
    st.sampled_from(("*", "web", "web*", "[r-w]e*", "none")),
    ranges,
    st.sampled_from(("1.0.0", "1.9.9", "2.0.0")),
)
teams = st.builds(lambda some: Team("t", rules=tuple(some)), st.lists(rules, max_size=5))
charts = st.tuples(st.sampled_from(SOURCES), st.sampled_from(CHARTS))


@given(st.lists(teams, min_size=1, max_size=3), teams, charts, st.sampled_from(VERSIONS))
def test_a_further_team_never_takes_anything_away(
    some: list[Team], further: Team, chart: tuple[str, str], version: str
) -> None:
    fewer, more = TeamSight(tuple(some)), TeamSight((*some, further))
    assert not fewer.shows(*chart, version) or more.shows(*chart, version)
    assert not fewer.may_use(*chart, version) or more.may_use(*chart, version)


@given(st.lists(teams, max_size=3), charts, st.sampled_from(VERSIONS))
def test_what_may_be_used_is_seen_and_what_is_seen_is_used_or_told_why_not(
    some: list[Team], chart: tuple[str, str], version: str
) -> None:
    sight = TeamSight(tuple(some))
    if sight.may_use(*chart, version):
        assert sight.shows(*chart, version) and sight.shows(*chart)
    assert (sight.not_yet(*chart, version) is not None) == (
        sight.shows(*chart, version) and not sight.may_use(*chart, version)
    )


@given(st.lists(teams, max_size=3), charts)
def test_a_chart_is_hidden_exactly_where_none_of_its_versions_is_seen(some: list[Team], chart: tuple[str, str]) -> None:
    sight = TeamSight(tuple(some))
    hidden = hidden_charts(sight, {chart: VERSIONS})
    assert (chart in hidden) == (not sight.shows_any(*chart, VERSIONS))


@given(st.lists(teams, max_size=3), charts)
def test_below_a_usable_version_every_seen_older_one_of_a_team_is_usable(
    some: list[Team], chart: tuple[str, str]
) -> None:
    for team in some:
        sight = TeamSight((team,))
        usable = [one for one in VERSIONS if sight.may_use(*chart, one)]
        newest = max(usable, key=versions.sort_key, default="")
        older = [one for one in VERSIONS if usable and versions.sort_key(one) < versions.sort_key(newest)]
        assert all(sight.may_use(*chart, one) for one in older if sight.shows(*chart, one))
