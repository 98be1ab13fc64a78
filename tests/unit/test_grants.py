"""What roles allow, and where."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.auth import Person, why_not
from catalog_web.auth.actions import ACTIONS, DEEDS, UNASKED, Action
from catalog_web.auth.deciding import source_refused
from catalog_web.auth.grants import ALL, EVERYWHERE, Grant, Grants, fits_source
from catalog_web.auth.roles import ROLE_ACTIONS

NAMES = st.text("ab-*", max_size=4)
TARGETS = st.sampled_from(
    ["", "source", "source/a", "chart/a/b", "app", "app/a", "app/a/b", "app/a/b/c", "cluster/a", "admin"]
)
GRANTS = st.builds(
    Grant,
    st.sampled_from(sorted(ROLE_ACTIONS)),
    *(st.lists(NAMES, max_size=2).map(tuple) for _ in range(3)),
)


@pytest.mark.parametrize("action", sorted(ACTIONS - UNASKED))
def test_a_refusal_says_in_words_what_is_refused_and_names_it(action: Action) -> None:
    refused = why_not(Person("ann", frozenset()), action, "some/thing", "help@example.org")
    assert refused is not None
    assert refused.cause == f"ann may not {DEEDS[action]} here ({action} on some/thing)."
    assert refused.remedy == "Ask an administrator for the right to do this. (help@example.org)"
    assert "." not in DEEDS[action]


def test_a_developer_installs_in_the_named_places_alone() -> None:
    grant = Grant("developer", clusters=("dev",), namespaces=("team-a-*",))
    assert grant.allows("app.install", "app/dev/team-a-web/shop")
    assert not grant.allows("app.install", "app/dev/team-b/shop")
    assert not grant.allows("app.install", "app/prod/team-a-web/shop")
    assert not grant.allows("app.install", "app/DEV/team-a-web/shop")


@pytest.mark.parametrize("target", ["app/dev/..", "app/../team-a", "app/dev/TEAM-A-x/shop", "app//team-a-x"])
def test_L5_no_way_of_writing_a_place_leads_out_of_ones_own(target: str) -> None:
    assert not Grant("developer", clusters=("dev",), namespaces=("team-a-*",)).allows("app.install", target)


A_INTO_DEV = Grant("developer", sources=("a",), clusters=("dev",))


def test_charts_of_a_source_go_only_where_one_role_names_both() -> None:
    grants = Grants((A_INTO_DEV, Grant("developer", sources=("b",), clusters=("lab",)), Grant("viewer")))
    assert grants.allow("app.install", "app/dev/x/web", "a") and grants.allow("app.upgrade", "app/lab/x/web", "b.team")
    assert not grants.allow("app.install", "app/dev/x/web", "b")
    assert not grants.allow("app.upgrade", "app/lab/x/web", "a")


@pytest.mark.parametrize("sources", [EVERYWHERE, ("a", "*")])
def test_a_chart_of_which_nobody_knows_the_source_wants_a_role_for_all_sources(sources: tuple[str, ...]) -> None:
    assert not A_INTO_DEV.allows("app.upgrade", "app/dev/x/web", "")
    assert Grant("developer", sources=sources).allows("app.upgrade", "app/dev/x/web", "")


def test_why_a_source_is_not_ones_own_names_it_and_whom_to_ask() -> None:
    ann = Person("ann", ACTIONS, "local", grants=Grants((A_INTO_DEV,)))
    refused = source_refused(ann, "app.install", "app/dev/x/web", "b", "ops@example.org")
    assert refused is not None and "source “b”" in refused.cause
    assert "not with those of “b”" in refused.remedy and "ops@example.org" in refused.remedy
    assert source_refused(ann, "app.install", "app/dev/x/web", "a", "") is None
    assert source_refused(ann, "app.install", "app/prod/x/web", "b", "") is None


def test_who_may_install_nowhere_is_offered_no_install() -> None:
    assert not Grant("developer", clusters=()).allows("app.install", "chart/shop/web")


def test_an_administrator_of_some_sources_is_none_of_people_or_other_sources() -> None:
    grants = Grants((Grant("admin", sources=("team-a-*",), clusters=(), namespaces=()),))
    assert grants.allow("source.write", "source/team-a-shop") and grants.allow("approval.decide", "source/team-a-shop")
    assert not grants.allow("source.write", "source/other")
    assert not grants.allow("source.write", "source")
    assert not grants.allow("people.write", "people") and not grants.allow("audit.read", "audit")
    assert not grants.is_admin


def test_a_private_source_wants_to_be_named() -> None:
    everything = Grants((Grant("viewer"),))
    assert everything.see_source("shop", private=False) and not everything.see_source("shop", private=True)
    assert Grants((Grant("viewer", sources=("sho*",)),)).see_source("shop", private=True)
    assert ALL.see_source("shop", private=True)


def test_a_harbor_stands_for_its_projects() -> None:
    assert Grants((Grant("viewer", sources=("harbor",)),)).see_source("harbor.team-a", private=True)
    assert not Grants((Grant("viewer", sources=("harbor.team-b",)),)).see_source("harbor.team-a", private=False)


@given(st.lists(GRANTS, max_size=3), st.sampled_from(sorted(ACTIONS)), TARGETS)
def test_one_more_grant_never_takes_anything_away(given_: list[Grant], action: str, target: str) -> None:
    more = Grants((*given_, Grant("viewer")))
    assert Grants(tuple(given_)).allow(action, target) <= more.allow(action, target)  # type: ignore[arg-type]


@given(GRANTS, st.sampled_from(sorted(ACTIONS)), TARGETS)
def test_no_grant_allows_more_than_an_administrator_of_everything(one: Grant, action: str, target: str) -> None:
    assert one.allows(action, target) <= Grant("admin").allows(action, target)  # type: ignore[arg-type]


@given(GRANTS, st.text("ab", min_size=1, max_size=3), st.text("ab", min_size=1, max_size=3))
def test_an_install_is_allowed_only_where_a_pattern_fits(one: Grant, cluster: str, namespace: str) -> None:
    allowed = one.allows("app.install", f"app/{cluster}/{namespace}/web")
    fits = any(fnmatchcase(cluster, glob) for glob in one.clusters) and any(
        fnmatchcase(namespace, glob) for glob in one.namespaces
    )
    assert allowed == (one.role != "viewer" and fits)


@given(st.lists(GRANTS, max_size=3), TARGETS, st.text("ab", max_size=2))
def test_a_chart_never_allows_more_than_no_chart_and_all_of_it_by_one_grant(
    given_: list[Grant], target: str, source: str
) -> None:
    allowed = Grants(tuple(given_)).allow("app.install", target, source)
    assert allowed == any(one.allows("app.install", target) and fits_source(one.sources, source) for one in given_)


def test_nothing_is_allowed_without_a_role_but_the_own_account() -> None:
    assert {action for action in ACTIONS if Grants().allow(action, "")} == {"account", "approval.own"}
    assert Grant("viewer").sources == EVERYWHERE
