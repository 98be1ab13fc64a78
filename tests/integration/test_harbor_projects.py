"""A Harbor as one source whose projects are sources: adopted, held, changed and removed with it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from indexer.errors import HarborWithoutIndex, LoginRefused, NotAnIndex, ProjectRefused, ProjectsAbsent
from indexer.model import Source
from indexer.plan import CONFIRM_AFTER
from indexer.store.tables import sources
from tests.fake_harbor import LISTING, PULLING, FakeHarbor, fake_harbor
from tests.fake_harbor import Answer as Reply
from tests.integration.conftest import Room
from tests.repository import archive

ROBOT = "robot$catalog"


def filled(harbor: FakeHarbor) -> FakeHarbor:
    harbor.robot(ROBOT, "secret", {"*": LISTING})
    for project in ("library", "team-a", "team_b"):
        harbor.project(project, public=project == "library")
        harbor.push(f"{project}/{project.replace('_', '-')}-app", archive(f"{project.replace('_', '-')}-app", "1.0.0"))
    return harbor


@pytest.fixture
def harbor() -> Iterator[FakeHarbor]:
    with fake_harbor() as running:
        yield filled(running)


@pytest.fixture
def secret(tmp_path: Path) -> str:
    (tmp_path / "secret").write_text("secret\n")
    return str(tmp_path / "secret")


def add(room: Room, harbor: FakeHarbor, secret: str = "", **settings: Any) -> Source:
    login = {"username": ROBOT, "password_file": secret} if secret else {}
    return room.add(harbor.url, "hub", **{"kind": "harbor", "interval": 600, **login, **settings})


def sync_all(room: Room, **options: Any) -> None:
    """The Harbor, and all that is due then."""
    room.sync("hub", **options)
    for one in sorted(room.store.sources.projects("hub")):
        room.sync(f"hub.{one}", **options)


def names(room: Room) -> list[str]:
    return [one.name for one in room.store.sources.registered()]


def source(room: Room, name: str) -> Source:
    return room.store.sources.get(name).source


def changed(room: Room, **settings: Any) -> None:
    room.store.sources.change(replace(source(room, "hub"), **settings), datetime.now(UTC))


def some_time_later(room: Room, name: str = "hub") -> None:
    """What is held is held since long."""
    state = room.store.sources.get(name)
    assert state.held
    held = {
        "since": (datetime.now(UTC) - CONFIRM_AFTER - timedelta(seconds=1)).isoformat(),
        "fingerprint": state.held.fingerprint.hex(),
        "removed": state.held.removed,
        "of": state.held.of,
        "error_id": state.held.error_id,
    }
    with room.store.database.write() as connection:
        connection.execute(update(sources).where(sources.c.name == name).values(held=held))


# -- adopting


def test_every_project_becomes_a_source_that_is_due_and_has_the_settings_of_its_harbor(
    room: Room, harbor: FakeHarbor, secret: str
) -> None:
    add(room, harbor, secret, proxy="direct", title="Company")
    result = room.sync("hub")
    assert (result.outcome, result.attempt.added) == ("changed", 3)
    assert names(room) == ["hub", "hub.library", "hub.team-a", "hub.team_b"]
    child = source(room, "hub.team_b")
    assert (child.parent, child.project, child.interval, child.proxy) == ("hub", "team_b", 600, "direct")
    assert (child.username, child.title, child.chart_repo) == (ROBOT, "Company / team_b", "hub.team-b")
    assert {one.name for one in room.store.sources.due(datetime.now(UTC))} == {
        "hub.library",
        "hub.team-a",
        "hub.team_b",
    }


def test_the_charts_of_all_projects_are_the_harbors(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret)
    sync_all(room)
    assert room.versions("hub.team-a") == {"team-a-app": ["1.0.0"]}
    state = room.store.sources.get("hub")
    assert (state.charts, state.versions, state.health) == (3, 3, "ok")
    assert set(room.found("app")) == {"library-app", "team-a-app", "team-b-app"}


def test_only_the_projects_that_are_chosen_are_shown(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret, projects=("team*",))
    room.sync("hub")
    assert names(room) == ["hub", "hub.team-a", "hub.team_b"]


def test_the_name_of_a_chart_repo_is_passed_on(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret, captain_repo="company")
    room.sync("hub")
    assert source(room, "hub.team_b").chart_repo == "company.team-b"


def test_repositories_are_told_to_the_project_they_are_in(room: Room, harbor: FakeHarbor, secret: str) -> None:
    harbor.accounts[ROBOT].rights = {"*": PULLING}
    add(room, harbor, secret, repositories=("team-a/team-a-app",), projects=("team-a",))
    sync_all(room)
    assert room.versions("hub.team-a") == {"team-a-app": ["1.0.0"]}


def test_an_account_that_may_only_pull_is_told_what_to_ask_for(room: Room, harbor: FakeHarbor, secret: str) -> None:
    harbor.accounts[ROBOT].rights = {"*": PULLING}
    add(room, harbor, secret, projects=("team-a",))
    room.sync("hub")
    assert isinstance(room.sync("hub.team-a").error, ProjectRefused)


def test_nothing_changes_where_nothing_changed(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret)
    sync_all(room)
    harbor.forget()
    assert room.sync("hub").outcome == "unchanged"
    assert len(harbor.log) == 2
    harbor.forget()
    assert room.sync("hub.team-a").outcome == "unchanged"
    assert len(harbor.log) == 3


def test_a_new_project_is_found_and_one_that_is_gone_goes_with_its_charts(
    room: Room, harbor: FakeHarbor, secret: str
) -> None:
    add(room, harbor, secret)
    sync_all(room)
    harbor.project("fresh")
    harbor.delete_project("team-a")
    result = room.sync("hub")
    assert (result.attempt.added, result.attempt.removed) == (1, 1)
    assert names(room) == ["hub", "hub.fresh", "hub.library", "hub.team_b"]
    assert ("removed", "team-a-app", "1.0.0") in room.log()


def test_no_project_that_is_meant_is_an_error_that_says_so(room: Room, harbor: FakeHarbor) -> None:
    add(room, harbor, projects=("nosuch",))
    assert isinstance(room.sync("hub").error, ProjectsAbsent)


# -- what vanishes is held


def test_a_wrong_password_removes_nothing_though_harbor_shows_the_public_view(
    room: Room, harbor: FakeHarbor, secret: str
) -> None:
    add(room, harbor, secret)
    sync_all(room)
    harbor.accounts[ROBOT].disabled = True
    assert isinstance(room.sync("hub").error, LoginRefused)
    assert isinstance(room.sync("hub.team-a").error, LoginRefused)
    assert names(room) == ["hub", "hub.library", "hub.team-a", "hub.team_b"]
    assert room.versions("hub.team-a") == {"team-a-app": ["1.0.0"]}


def test_an_account_that_lost_its_projects_loses_none_here_until_that_is_certain(
    room: Room, harbor: FakeHarbor, secret: str
) -> None:
    for number in range(6):
        harbor.project(f"p{number}", public=False)
    add(room, harbor, secret)
    sync_all(room)
    before = names(room)
    harbor.accounts[ROBOT].rights = {"library": LISTING}
    assert room.sync("hub").outcome == "held"
    held = room.store.sources.get("hub").held
    assert held and (held.removed, held.of, held.error_id) == (8, 9, "held-projects")
    assert names(room) == before
    assert room.sync("hub").outcome == "held"
    some_time_later(room)
    assert room.sync("hub").outcome == "changed"
    assert names(room) == ["hub", "hub.library"]


def test_the_end_of_all_projects_is_never_carried_out_by_itself(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret, projects=("team*",))
    sync_all(room)
    for name in ("team-a", "team_b"):
        harbor.delete_project(name)
    assert room.sync("hub").outcome == "held"
    some_time_later(room)
    assert room.sync("hub").outcome == "held"
    room.store.sources.accept("hub", datetime.now(UTC))
    assert room.sync("hub").outcome == "changed"
    assert names(room) == ["hub"]


def test_a_person_may_take_it_at_once(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret, projects=("team-a",))
    sync_all(room)
    harbor.delete_project("team-a")
    assert room.sync("hub", accept=True).outcome == "changed"


def test_charts_that_vanish_from_a_project_are_held_as_anywhere(room: Room, harbor: FakeHarbor, secret: str) -> None:
    for number in range(9):
        harbor.push(f"team-a/many-{number}", archive(f"many-{number}", "1.0.0"))
    add(room, harbor, secret)
    sync_all(room)
    for number in range(9):
        harbor.delete_repository(f"team-a/many-{number}")
    assert room.sync("hub.team-a").outcome == "held"
    assert len(room.versions("hub.team-a")) == 10


# -- changing and removing the Harbor


def test_a_changed_setting_is_the_projects_at_once(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret)
    sync_all(room)
    changed(room, interval=1200, enabled=False)
    assert (source(room, "hub.team-a").interval, source(room, "hub.team-a").enabled) == (1200, False)
    assert room.versions("hub.team-a") == {"team-a-app": ["1.0.0"]}


def test_projects_that_are_not_meant_any_more_go_at_once(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret)
    sync_all(room)
    changed(room, projects=("library",))
    assert names(room) == ["hub", "hub.library"]


def test_another_kind_has_no_projects(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret)
    sync_all(room)
    changed(room, kind="index")
    assert names(room) == ["hub"]


def test_removing_the_harbor_removes_its_projects(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret)
    sync_all(room)
    room.store.sources.remove("hub", datetime.now(UTC))
    assert names(room) == []
    assert len([one for one in room.log() if one[0] == "removed"]) == 3


def test_syncing_now_means_the_projects_too(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret)
    sync_all(room)
    room.store.sources.request("hub", datetime.now(UTC))
    assert len(room.store.sources.due(datetime.now(UTC))) == 4


def test_the_projects_of_a_declared_harbor_stay_as_long_as_it_is_declared(
    room: Room, harbor: FakeHarbor, secret: str
) -> None:
    declared = Source("hub", harbor.url, "harbor", username=ROBOT, password_file=secret)
    room.store.sources.configure([declared], datetime.now(UTC))
    sync_all(room)
    room.store.sources.configure([declared], datetime.now(UTC))
    assert len(names(room)) == 4
    assert source(room, "hub.team-a").configured
    room.store.sources.configure([replace(declared, interval=60)], datetime.now(UTC))
    assert source(room, "hub.team-a").interval == 60
    room.store.sources.configure([], datetime.now(UTC))
    assert names(room) == []


def test_a_project_with_the_longest_name_is_read(room: Room, harbor: FakeHarbor, secret: str) -> None:
    longest = "p" * 251
    harbor.project(longest)
    harbor.push(f"{longest}/app", archive("app", "1.0.0"))
    add(room, harbor, secret, projects=("ppp*",))
    sync_all(room)
    assert room.versions(f"hub.{longest}") == {"app": ["1.0.0"]}


# -- finding out


def guessed(room: Room, url: str, **settings: Any) -> None:
    room.add(url, "hub", kind_given=False, **settings)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ["hub", "hub.library"]),
        ("/", ["hub", "hub.library"]),
        ("/harbor/projects", ["hub", "hub.library"]),
        ("/chartrepo/library", ["hub", "hub.library"]),
        ("/library", ["hub", "hub.library"]),
        ("/harbor/projects/{number}/repositories", ["hub", "hub.library"]),
    ],
)
def test_a_harbor_is_found_out_whatever_of_its_addresses_is_entered(
    room: Room, harbor: FakeHarbor, path: str, expected: list[str]
) -> None:
    harbor.project("other", public=path not in ("", "/", "/harbor/projects"))
    guessed(room, harbor.url + path.format(number=harbor.projects["library"].id))
    assert room.sync("hub").outcome == "changed"
    assert source(room, "hub").kind == "harbor"
    assert names(room) == expected


def test_what_was_found_out_stays_where_the_declaration_stays(room: Room, harbor: FakeHarbor) -> None:
    declared = Source("hub", f"{harbor.url}/library", kind_given=False)
    room.store.sources.configure([declared], datetime.now(UTC))
    sync_all(room)
    room.store.sources.configure([declared], datetime.now(UTC))
    assert source(room, "hub").kind == "harbor"
    assert names(room) == ["hub", "hub.library"]


def test_a_harbor_that_is_said_to_be_an_index_is_told_to_be_one(room: Room, harbor: FakeHarbor) -> None:
    room.add(f"{harbor.url}/chartrepo/library", "hub", kind="index")
    error = room.sync("hub").error
    assert isinstance(error, HarborWithoutIndex)
    assert "kind “harbor”" in error.remedy and harbor.url in error.remedy
    assert names(room) == ["hub"]


def test_an_index_that_was_there_until_harbor_was_renewed_is_told(room: Room) -> None:
    with fake_harbor("v2.7.4-27", museum=True) as harbor:
        harbor.project("library")
        harbor.keep("library", archive("argo", "1.0.0"))
        guessed(room, f"{harbor.url}/chartrepo/library")
        assert room.sync("hub").outcome == "changed"
        assert source(room, "hub").kind == "index"
        harbor.version, harbor.museum = "v2.15.2-1", False
        assert isinstance(room.sync("hub").error, HarborWithoutIndex)
        assert room.versions("hub") == {"argo": ["1.0.0"]}


def test_a_page_that_is_no_harbor_stays_what_it_is(room: Room, site: Any) -> None:
    site.put("/index.yaml", "<!DOCTYPE html><html></html>", content_type="text/html")
    guessed(room, site.url)
    assert isinstance(room.sync("hub").error, NotAnIndex)
    assert source(room, "hub").kind == "index"


# -- ChartMuseum behind Harbor


@pytest.fixture
def museum() -> Iterator[FakeHarbor]:
    with fake_harbor("v2.7.4-27", museum=True) as running:
        running.robot(ROBOT, "secret", {"*": LISTING})
        running.project("team-a", public=False)
        running.keep("team-a", archive("argo", "1.0.0"))
        running.keep("team-a", archive("argo", "1.1.0"))
        yield running


def test_given_only_the_host_the_charts_of_a_chartmuseum_are_found(room: Room, museum: FakeHarbor, secret: str) -> None:
    guessed(room, museum.url, username=ROBOT, password_file=secret)
    sync_all(room)
    assert room.versions("hub.team-a") == {"argo": ["1.1.0", "1.0.0"]}
    assert "The readme of argo 1.0.0." in room.syncer.look("hub.team-a", "argo", "1.0.0").readme


def test_charts_of_both_stores_are_listed_and_the_index_counts(room: Room, museum: FakeHarbor, secret: str) -> None:
    museum.push("team-a/argo", archive("argo", "1.1.0"))
    museum.push("team-a/argo", archive("argo", "2.0.0"))
    museum.push("team-a/pear", archive("pear", "0.1.0"))
    add(room, museum, secret)
    sync_all(room)
    assert room.versions("hub.team-a") == {"argo": ["2.0.0", "1.1.0", "1.0.0"], "pear": ["0.1.0"]}
    urls = {one.version: one.urls[0] for one in room.store.catalog.versions("hub.team-a", "argo")}
    assert urls["1.1.0"] == "charts/argo-1.1.0.tgz"
    assert urls["2.0.0"].startswith("oci://")
    assert room.store.catalog.problems("hub.team-a") == ()
    for version in ("1.1.0", "2.0.0"):
        assert f"argo {version}" in room.syncer.look("hub.team-a", "argo", version).readme


def test_another_chart_of_the_same_version_in_the_registry_is_a_problem(
    room: Room, museum: FakeHarbor, secret: str
) -> None:
    other = {"apiVersion": "v2", "name": "argo", "version": "1.1.0", "description": "Something else"}
    museum.push("team-a/argo", archive("argo", "1.1.0"), config=other)
    add(room, museum, secret)
    sync_all(room)
    (problem,) = room.store.catalog.problems("hub.team-a")
    assert (problem.chart, problem.version) == ("argo", "1.1.0")
    assert "another chart of the same name and version" in problem.cause


def test_an_unchanged_index_and_registry_are_unchanged(room: Room, museum: FakeHarbor, secret: str) -> None:
    museum.push("team-a/pear", archive("pear", "0.1.0"))
    add(room, museum, secret)
    sync_all(room)
    assert room.sync("hub.team-a").outcome == "unchanged"
    museum.keep("team-a", archive("argo", "1.2.0"))
    assert room.sync("hub.team-a").attempt.added == 1
    museum.push("team-a/pear", archive("pear", "0.2.0"))
    assert room.sync("hub.team-a").attempt.added == 1
    assert room.versions("hub.team-a") == {"argo": ["1.2.0", "1.1.0", "1.0.0"], "pear": ["0.2.0", "0.1.0"]}


def test_an_account_without_the_right_for_the_index_loses_nothing_that_is_stored(
    room: Room, museum: FakeHarbor, secret: str
) -> None:
    museum.push("team-a/pear", archive("pear", "0.1.0"))
    add(room, museum, secret)
    sync_all(room)
    museum.accounts[ROBOT].rights = {"*": LISTING - {"helm-chart:read"}}
    result = room.sync("hub.team-a")
    assert result.outcome == "unchanged"
    assert any("403" in one.cause for one in result.problems)
    assert set(room.versions("hub.team-a")) == {"argo", "pear"}


def test_an_index_that_is_suddenly_absent_is_an_error(room: Room, museum: FakeHarbor, secret: str) -> None:
    add(room, museum, secret)
    sync_all(room)
    museum.museum = False
    assert room.sync("hub.team-a").error is not None
    assert room.versions("hub.team-a") == {"argo": ["1.1.0", "1.0.0"]}


def test_the_charts_of_a_harbor_1_are_found(room: Room) -> None:
    with fake_harbor("v1.10.17-1", museum=True) as harbor:
        harbor.project("library")
        harbor.keep("library", archive("argo", "1.0.0"))
        guessed(room, harbor.url)
        sync_all(room)
        assert room.versions("hub.library") == {"argo": ["1.0.0"]}
        assert room.sync("hub.library").outcome == "unchanged"


# -- README and values without the archive


def test_readme_and_values_are_known_without_a_pull(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret)
    sync_all(room)
    (version,) = room.store.catalog.versions("hub.team-a", "team-a-app")
    assert (version.archive, version.archive_digest) == ("partial", "")
    content = room.store.contents.get(version.content_digest)
    assert content and content.partial
    assert "The readme of team-a-app 1.0.0." in content.readme
    assert content.values.startswith("# how many\n")
    assert set(room.found("readme")) == {"library-app", "team-a-app", "team-b-app"}
    assert all(one.pulls == 0 for one in harbor.repositories.values())
    assert harbor.asked("/v2/team-a") == []


def test_what_one_registry_tells_of_a_digest_is_not_shown_for_the_chart_of_another(
    room: Room, harbor: FakeHarbor, secret: str
) -> None:
    add(room, harbor, secret, projects=("team-a",))
    sync_all(room)
    with fake_harbor() as evil:
        filled(evil).instead["/api/v2.0/projects/team-a/repositories/team-a-app/artifacts/"] = Reply(200, b"evil")
        login = {"kind": "harbor", "username": ROBOT, "password_file": secret, "projects": ("team-a",)}
        room.add(evil.url, "evil", **login)
        room.sync("evil")
        room.sync("evil.team-a")
    readmes = {}
    for one in ("hub.team-a", "evil.team-a"):
        (version,) = room.store.catalog.versions(one, "team-a-app")
        content = room.store.contents.get(version.content_digest)
        assert content
        readmes[one] = content.readme
    assert "The readme of team-a-app 1.0.0." in readmes["hub.team-a"]
    assert readmes["evil.team-a"] == "evil"


def test_the_archive_takes_its_place_once_somebody_looks(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret)
    sync_all(room)
    content = room.syncer.look("hub.team-a", "team-a-app", "1.0.0")
    assert content.templates and not content.partial
    (version,) = room.store.catalog.versions("hub.team-a", "team-a-app")
    assert (version.archive, version.archive_digest) == ("ready", content.digest)
    room.sync("hub.team-a", full=True)
    assert room.store.catalog.versions("hub.team-a", "team-a-app")[0].archive == "ready"


def test_what_is_known_stays_while_the_archive_cannot_be_had(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret)
    sync_all(room)
    harbor.artifact("team-a/team-a-app", "1.0.0").repository.blobs.clear()
    with pytest.raises(Exception, match="404"):
        room.syncer.look("hub.team-a", "team-a-app", "1.0.0")
    (version,) = room.store.catalog.versions("hub.team-a", "team-a-app")
    assert version.archive == "partial" and version.archive_next_try
    content = room.store.contents.get(version.content_digest)
    assert content and "The readme" in content.readme
    assert room.store.sources.get("hub.team-a").problems == 1


def test_an_account_that_may_not_ask_for_the_readme_gets_the_archive(
    room: Room, harbor: FakeHarbor, secret: str
) -> None:
    harbor.accounts[ROBOT].rights = {"*": LISTING - {"artifact-addition:read"}}
    add(room, harbor, secret, projects=("team-a",))
    sync_all(room)
    assert room.store.catalog.versions("hub.team-a", "team-a-app")[0].archive == "ready"


def test_all_archives_are_fetched_where_all_are_wanted(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret, projects=("team-a",))
    sync_all(room)
    changed(room, content="all")
    sync_all(room)
    assert room.store.catalog.versions("hub.team-a", "team-a-app")[0].archive == "ready"


def test_a_version_that_is_pushed_again_is_asked_for_again(room: Room, harbor: FakeHarbor, secret: str) -> None:
    add(room, harbor, secret)
    sync_all(room)
    harbor.push("team-a/team-a-app", archive("team-a-app", "1.0.0", "anew"))
    result = room.sync("hub.team-a")
    assert result.attempt.repushed == 1
    (version,) = room.store.catalog.versions("hub.team-a", "team-a-app")
    content = room.store.contents.get(version.content_digest)
    assert content and "anew" in content.readme


def test_a_broken_chart_is_a_problem_of_its_own(room: Room, harbor: FakeHarbor, secret: str) -> None:
    harbor.push("team-a/broken", b"no archive", config={"name": "broken", "version": "0.0.1", "apiVersion": "v2"})
    add(room, harbor, secret)
    sync_all(room)
    result = room.sync("hub.team-a")
    assert result.outcome == "unchanged"
    assert [one.chart for one in result.problems] == ["broken"]
    assert room.versions("hub.team-a")["team-a-app"] == ["1.0.0"]


def test_the_filter_of_a_harbor_holds_in_its_projects_and_costs_no_more_requests(
    room: Room, harbor: FakeHarbor, secret: str
) -> None:
    for name in ("one", "two", "three"):
        harbor.push(f"team-a/{name}", archive(name, "1.0.0"))
    add(room, harbor, secret, projects=("team-a",), content="none")
    sync_all(room)
    changed(room, exclude=("two", "team-*"))
    assert list(room.versions("hub.team-a")) == ["one", "three"]
    sync_all(room)
    harbor.push("team-a/one", archive("one", "1.1.0"))
    harbor.forget()
    assert room.sync("hub.team-a").attempt.added == 1
    assert harbor.asked("/api/v2.0/projects/team-a/repositories/three") == []
    assert room.versions("hub.team-a") == {"one": ["1.1.0", "1.0.0"], "three": ["1.0.0"]}
    changed(room, exclude=())
    sync_all(room)
    assert set(room.versions("hub.team-a")) == {"one", "two", "three", "team-a-app"}


def test_a_declared_source_that_was_found_to_be_a_harbor_stays_one(room: Room, harbor: FakeHarbor) -> None:
    declared = Source("hub", harbor.url, kind_given=False, operator=True)
    room.store.sources.configure([declared], datetime.now(UTC))
    room.sync("hub")
    assert (source(room, "hub").kind, "hub.library" in names(room)) == ("harbor", True)
    due = room.store.sources.get("hub").next_due
    room.store.sources.configure([declared], datetime.now(UTC))
    assert (source(room, "hub").kind, room.store.sources.get("hub").next_due) == ("harbor", due)
    room.store.sources.configure([replace(declared, title="Hub")], datetime.now(UTC))
    assert (source(room, "hub").kind, source(room, "hub").title) == ("harbor", "Hub")
    assert "hub.library" in names(room)
