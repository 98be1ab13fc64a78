"""What is decided about a Harbor without asking it: addresses, releases, rows, memories, projects."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.model import ListedVersion, Source, SourceState
from indexer.plan import ANY_LISTING, CONFIRM_AFTER
from indexer.projects import child_of, plan_projects
from indexer.sources.harbor import is_meant
from indexer.sources.harbor.address import project_in
from indexer.sources.harbor.artifacts import read_artifact
from indexer.sources.harbor.memory import Memory, Repository, from_json, to_json
from indexer.sources.harbor.release import Release, release_of
from tests.data import digest_of

NOW = datetime(2026, 11, 25, tzinfo=UTC)
HARBOR = Source("hub", "https://harbor.example.org", "harbor", captain_repo="", title="")
ROW: dict[str, Any] = {
    "id": 7,
    "media_type": "application/vnd.cncf.helm.config.v1+json",
    "type": "CHART",
    "digest": f"sha256:{digest_of('a manifest')}",
    "repository_name": "team-a/argo",
    "push_time": "2026-11-23T07:17:32.695Z",
    "tags": [{"name": "1.4.2_build.7"}, {"name": "stable"}],
    "extra_attrs": {"name": "argo", "version": "1.4.2+build.7", "apiVersion": "v2"},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)

# -- addresses


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ""),
        ("/", ""),
        ("/index.yaml", ""),
        ("/harbor", ""),
        ("/harbor/projects", ""),
        ("/harbor/projects/12/repositories", "12"),
        ("/harbor/sign-in?redirect_url=x", ""),
        ("/account/sign-in", ""),
        ("/api/v2.0/projects", ""),
        ("/chartrepo", ""),
        ("/chartrepo/team-a", "team-a"),
        ("/chartrepo/team-a/index.yaml", "team-a"),
        ("/chartrepo/index.yaml", ""),
        ("/team-a/", "team-a"),
        ("/team-a/argo", "team-a"),
        ("/Team-A", ""),
        ("/%2e%2e/x", ""),
    ],
)
def test_an_address_may_name_a_project(path: str, expected: str) -> None:
    assert project_in(f"https://harbor.example.org{path}") == expected


def test_projects_are_meant_by_globs_before_the_address() -> None:
    named = replace(HARBOR, url="https://harbor.example.org/library")
    assert is_meant(HARBOR, "anything")
    assert is_meant(named, "library") and not is_meant(named, "team-a")
    assert is_meant(replace(named, projects=("team-*",)), "team-a")
    assert not is_meant(replace(named, projects=("team-*",)), "library")


def test_a_project_may_be_meant_by_its_number() -> None:
    numbered = replace(HARBOR, url="https://harbor.example.org/harbor/projects/3")
    assert is_meant(numbered, "library", 3)
    assert not is_meant(numbered, "library", 4)
    assert is_meant(numbered, "library")


# -- releases


@pytest.mark.parametrize(
    ("told", "whole", "dated", "museum", "old"),
    [
        ("v2.15.2-080b0220", True, True, False, False),
        ("v2.15.1-1", True, False, False, False),
        ("v2.12.0", True, False, False, False),
        ("v2.11.9-x", False, False, False, False),
        ("v2.8.0", False, False, False, False),
        ("v2.7.4-27", False, False, True, False),
        ("v1.10.17", False, False, True, True),
        ("2.16", True, True, False, False),
        ("", True, False, False, False),
        ("dev", True, False, False, False),
    ],
)
def test_a_release_says_what_can_be_asked_of_it(told: str, whole: bool, dated: bool, museum: bool, old: bool) -> None:
    release = Release(told)
    assert release.lists_projects_whole is whole
    assert release.dates_tags is dated
    assert release.may_have_museum is museum
    assert release.is_old is old


@pytest.mark.parametrize("told", [{}, {"harbor_version": None}, {"harbor_version": 3}])
def test_a_release_that_is_not_told_is_unknown(told: dict[str, Any]) -> None:
    assert release_of(told).number == ()


# -- rows


def test_a_row_is_a_version_under_the_tag_that_helm_gave_it() -> None:
    found = read_artifact(ROW, "harbor.example.org")
    assert found and found.seen
    assert (found.seen.chart, found.seen.version, found.seen.tag) == ("argo", "1.4.2+build.7", "1.4.2_build.7")
    assert found.seen.manifest == digest_of("a manifest")


def test_when_it_was_packed_counts_before_when_it_was_pushed() -> None:
    assert created({"org.opencontainers.image.created": "2026-01-02T03:04:05Z"}) == datetime(
        2026, 1, 2, 3, 4, 5, tzinfo=UTC
    )
    pushed = datetime(2026, 11, 23, 7, 17, 32, 695_000, tzinfo=UTC)
    assert created({"org.opencontainers.image.created": "never"}) == created({}) == pushed


def created(annotations: dict[str, str]) -> datetime | None:
    found = read_artifact({**ROW, "annotations": annotations}, "harbor.example.org")
    assert found and found.seen and isinstance(found.seen.entry, ListedVersion)
    return found.seen.entry.created


@given(st.dictionaries(st.sampled_from(list(ROW)), JSON))
def test_whatever_a_row_holds_it_is_read_or_is_a_problem(fields: dict[str, Any]) -> None:
    found = read_artifact({**ROW, **fields}, "harbor.example.org")
    if found and found.problem:
        json.dumps(found.problem.params)
        assert found.problem.cause
    if found and found.seen:
        assert found.seen.chart and found.seen.version and len(found.seen.manifest) == 64


# -- memories


def test_a_memory_is_the_same_after_it_was_stored() -> None:
    memory = Memory("project", "v2.15.2", ([3, 7, "sha256:x", "now"], 3, [2, "a", "now"]), museum=True)
    memory = replace(memory, repositories={"a/b": Repository(("b",), 3, 2, (4, "now"))}, named={"x": [1]})
    stored = from_json(json.loads(json.dumps(to_json(memory))))
    assert stored and to_json(stored) == to_json(memory)


@given(st.dictionaries(st.sampled_from(["format", "way", "release", "marks", "repositories", "named", "museum"]), JSON))
def test_an_odd_memory_is_none_or_one(data: dict[str, Any]) -> None:
    from_json({**to_json(Memory("project")), **data})


def test_repositories_that_share_a_chart_are_read_together() -> None:
    memory = Memory(
        "project",
        repositories={
            "p/a": Repository(("one", "two")),
            "p/b": Repository(("two", "three")),
            "p/c": Repository(("three",)),
            "p/d": Repository(("four",)),
        },
    )
    assert memory.sharing(frozenset({"p/a"}), frozenset()) == {"p/a", "p/b", "p/c"}
    assert memory.sharing(frozenset({"p/new"}), frozenset({"four"})) == {"p/new", "p/d"}


# -- projects


def test_a_project_has_the_settings_of_its_harbor_and_none_of_what_is_the_harbors_alone() -> None:
    harbor = replace(
        HARBOR,
        username="robot$x",
        stored_secrets=("hook", "password"),
        hook_secret_file="/secret",
        projects=("team*",),
        repositories=("team_a/argo", "other/pear"),
        interval=60,
        operator=True,
    )
    child = child_of(harbor, "team_a")
    assert (child.name, child.parent, child.project, child.chart_repo) == ("hub.team_a", "hub", "team_a", "hub.team-a")
    assert (child.username, child.interval, child.operator) == ("robot$x", 60, True)
    assert (child.projects, child.repositories, child.stored_secrets) == ((), ("argo",), ("password",))
    assert child.hook_secret_file == ""
    assert not child.holds_projects


def state(**values: Any) -> SourceState:
    return SourceState(HARBOR, **values)


MANY = {f"p{number}" for number in range(10)}


def test_projects_come_and_go() -> None:
    made = plan_projects(state(), MANY, (MANY - {"p1"}) | {"new"}, NOW)
    assert (made.added, made.removed, made.held) == ({"new"}, {"p1"}, None)


@pytest.mark.parametrize(
    ("present", "shown", "error_id"),
    [
        (MANY, MANY - {"p1", "p2", "p3"}, ""),
        (MANY, MANY - {"p1", "p2", "p3", "p4"}, "held-projects"),
        ({f"p{number}" for number in range(40)}, {f"p{number}" for number in range(4, 40)}, ""),
        ({"a"}, {"b"}, "held-projects"),
        ({"a", "b"}, set(), "held-no-projects"),
        (set(), {"a"}, ""),
        (set(), set(), ""),
    ],
)
def test_a_large_fall_is_held(present: set[str], shown: set[str], error_id: str) -> None:
    held = plan_projects(state(), present, shown, NOW).held
    assert (held.error_id if held else "") == error_id


def test_an_equal_answer_confirms_it_but_for_the_end_of_all() -> None:
    for shown, carried in ((frozenset({"p1"}), True), (frozenset[str](), False)):
        held = plan_projects(state(), MANY, shown, NOW).held
        assert held
        early = plan_projects(state(held=held), MANY, shown, NOW + timedelta(minutes=1)).held
        assert early == held
        late = plan_projects(state(held=held), MANY, shown, NOW + CONFIRM_AFTER)
        assert (late.held is None) is carried


def test_another_answer_waits_anew() -> None:
    held, later = plan_projects(state(), MANY, {"p1"}, NOW).held, NOW + CONFIRM_AFTER
    other = plan_projects(state(held=held), MANY, {"p2"}, later).held
    assert held and other
    assert (other.since, other.removed, other.of) == (later, 9, 10)
    assert other.fingerprint != held.fingerprint


def test_a_person_or_another_address_takes_what_comes() -> None:
    held = plan_projects(state(), MANY, (), NOW).held
    assert held
    assert plan_projects(state(), MANY, (), NOW, accept=True).held is None
    assert plan_projects(state(accepted=held.fingerprint), MANY, (), NOW).held is None
    assert plan_projects(state(accepted=ANY_LISTING), MANY, (), NOW).held is None
