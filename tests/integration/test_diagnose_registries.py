"""Test connection of a Harbor and of OCI registries."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.http import Access, Basic, Tls
from tests.fake_harbor import LISTING, PULLING, FakeHarbor, fake_harbor
from tests.fake_registry import DISTRIBUTION, GITHUB, FakeRegistry, Habits, fake_registry
from tests.integration.diagnoses import diagnosis, failed, states
from tests.repository import archive
from tests.tls_servers import silent
from tests.upstream import upstream

ROBOT = "robot$team-a+catalog"


def access(name: str = ROBOT, password: str = "secret") -> Access:
    return Access(Basic(name, lambda: password))


def filled(harbor: FakeHarbor) -> FakeHarbor:
    harbor.project("team-a", public=False)
    harbor.project("library")
    harbor.project("empty")
    harbor.robot(ROBOT, "secret", {"team-a": LISTING})
    harbor.robot("robot$team-a+puller", "secret", {"team-a": PULLING})
    for version in ("1.0.0", "1.1.0"):
        harbor.push("team-a/argo", archive("argo", version))
    harbor.push("library/apple", archive("apple", "1.0.0"))
    harbor.push_image("team-a/app", "1.0")
    return harbor


@pytest.fixture
def harbor() -> Iterator[FakeHarbor]:
    with fake_harbor() as running:
        yield filled(running)


# -- Harbor


@pytest.mark.parametrize("path", ["", "/harbor/projects"])
def test_a_harbor_is_found_out_by_its_address_and_all_its_projects_are_read(harbor: FakeHarbor, path: str) -> None:
    found = diagnosis(harbor.url + path, access(), username=ROBOT)
    assert found.is_good
    assert (found.source.kind, found.rung("kind").cause_words) == (
        "harbor",
        "A Harbor v2.15.2-080b0220, read through its API.",
    )
    assert found.rung("auth").cause_words == f"Read as {ROBOT}."
    assert found.rung("charts").cause_words == "2 charts in 3 versions."
    assert states(found)["read"] == "ok"


def test_where_somebody_said_that_it_has_an_index_the_right_kind_is_named(harbor: FakeHarbor) -> None:
    rung, cause, remedy = failed(diagnosis(f"{harbor.url}/chartrepo/library", kind="index"))
    assert rung == "kind"
    assert "no index.yaml there: it is a Harbor" in cause
    assert f"“harbor” for this source, with the address {harbor.url}" in remedy


def test_a_wrong_password_of_a_harbor_is_found_out_though_it_answers(harbor: FakeHarbor) -> None:
    found = diagnosis(harbor.url, access(password="wrong"), kind="harbor", username=ROBOT)
    rung, cause, remedy = failed(found)
    assert (rung, cause) == ("auth", f"{harbor.url} does not take this user name and password.")
    assert "robot$project+name" in remedy


def test_a_wrong_project_is_told_as_such(harbor: FakeHarbor) -> None:
    found = diagnosis(harbor.url, access(), kind="harbor", projects=("Team-A",))
    rung, cause, remedy = failed(found)
    assert rung == "read"
    assert "shows no project that “Team-A” means" in cause
    assert "case-sensitive" in remedy


def test_an_empty_project_is_a_warning(harbor: FakeHarbor) -> None:
    found = diagnosis(harbor.url, kind="harbor", projects=("empty",))
    assert (found.is_good, found.rung("charts").state) == (True, "warn")
    assert "no chart in the projects" in found.rung("charts").cause_words


def test_a_robot_that_may_pull_and_not_list_is_told_which_rights_it_lacks(harbor: FakeHarbor) -> None:
    found = diagnosis(harbor.url, access("robot$team-a+puller"), kind="harbor", projects=("team-a",))
    rung, _, remedy = failed(found)
    assert rung == "auth"
    assert "artifact:list" in remedy


def test_something_else_than_a_harbor_is_not_taken_for_one() -> None:
    with upstream() as site:
        found = diagnosis(site.url, kind="harbor")
    assert not found.is_good


# -- OCI


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with fake_registry() as running:
        running.push("team/redis", "1.0.0")
        running.push("team/redis", "2.0.0")
        yield running


def oci(registry: FakeRegistry, path: str = "", reached: Access | None = None, **settings: Any) -> Any:
    return diagnosis(f"oci://{registry.host}/{path}".rstrip("/"), reached, kind="oci", **settings)


def test_a_registry_on_this_machine_may_do_without_tls_and_is_warned_of(registry: FakeRegistry) -> None:
    found = oci(registry)
    assert found.is_good
    assert found.rung("tls").state == "warn"
    assert "plain HTTP" in found.rung("tls").cause_words
    assert found.rung("charts").cause_words == "1 charts in 2 versions."


def test_a_registry_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    with fake_registry(tls=tmp_path) as running:
        running.push("team/redis", "1.0.0")
        refused = oci(running)
        assert refused.trust is not None
        pem = refused.trust.certificate.pem
        believed = oci(running, reached=Access(tls=Tls(ca=lambda: pem)))
    assert failed(refused)[0] == "tls"
    assert believed.is_good


def test_a_registry_without_charts_is_a_warning(registry: FakeRegistry) -> None:
    registry.repositories.clear()
    registry.push_image("team/app", "1.0")
    found = oci(registry)
    assert (found.is_good, found.rung("charts").state) == (True, "warn")
    assert "images and other artifacts do not count" in found.rung("charts").cause_words


@pytest.mark.parametrize("habits", [Habits(auth="basic"), Habits(auth="bearer")])
def test_a_registry_that_wants_to_know_who_asks(habits: Habits) -> None:
    with fake_registry(habits) as running:
        running.users["ann"] = "secret"
        running.push("team/redis", "1.0.0")
        nobody = oci(running)
        wrong = oci(running, reached=access("ann", "wrong"), username="ann")
        right = oci(running, reached=access("ann"), username="ann")
    assert failed(nobody)[0] == "auth"
    assert failed(wrong)[0] == "auth"
    assert right.is_good


def test_a_registry_that_does_not_list_its_repositories() -> None:
    with fake_registry(GITHUB) as running:
        running.push("team/redis", "1.0.0")
        rung, cause, remedy = failed(oci(running))
        named = oci(running, repositories=("team/redis",))
    assert rung == "read"
    assert "does not list its repositories" in cause
    assert "repositories" in remedy
    assert named.is_good


def test_a_repository_that_is_not_there(registry: FakeRegistry) -> None:
    rung, cause, _ = failed(oci(registry, repositories=("team/nothing",)))
    assert (rung, "no repository team/nothing" in cause) == ("read", True)


def test_a_server_that_is_no_registry() -> None:
    with upstream() as site:
        found = diagnosis(site.url.replace("http:", "oci:"), kind="oci")
    rung, cause, _ = failed(found)
    assert (rung, "no registry" in cause) == ("kind", True)


def test_a_registry_at_an_address_where_an_index_is_looked_for_names_its_kind(registry: FakeRegistry) -> None:
    registry.answers["/v2/"] = (200, b"{}", {"Docker-Distribution-API-Version": "registry/2.0"})
    rung, cause, remedy = failed(diagnosis(f"{registry.url}/team"))
    assert rung == "kind"
    assert "an OCI registry" in cause
    assert f"oci://{registry.host}/team" in remedy


def test_a_token_service_elsewhere_that_may_not_see_the_credentials() -> None:
    with fake_registry(Habits(auth="bearer", realm="http://127.0.0.2:1/token")) as running:
        rung, cause, remedy = failed(oci(running, reached=access("ann"), username="ann"))
    assert rung == "auth"
    assert "127.0.0.2" in cause
    assert "credential_origins" in remedy


def test_what_a_test_has_no_time_for_is_told_and_no_failure() -> None:
    with fake_registry(DISTRIBUTION) as running:
        for number in range(40):
            running.push(f"team/chart-{number}", "1.0.0")
        found = oci(running, seconds=0.4)
    assert found.is_good
    assert found.rung("read").state in ("ok", "warn")


def test_a_slow_harbor_is_left_when_the_time_is_up(harbor: FakeHarbor) -> None:
    harbor.before = lambda path: time.sleep(0 if path.endswith("/ping") else 0.4)
    found = diagnosis(harbor.url, access(), kind="harbor", seconds=1)
    assert (found.is_good, found.rung("read").state) == (True, "warn")
    assert "the time of a test is up" in found.rung("read").cause_words
    assert found.rung("charts").cause_words == "They were not counted, as not all was read."


def test_a_harbor_that_never_answers_is_no_good() -> None:
    with silent() as server:
        rung, cause, _ = failed(diagnosis(server.plain_url, kind="harbor", seconds=1))
    assert (rung, "did not answer" in cause) == ("http", True)
