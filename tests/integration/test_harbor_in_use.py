"""A Harbor with its projects, as people and programs meet it: over the API and on the command line."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from indexer.model import Source
from tests.command import chartroom, write_config
from tests.fake_harbor import LISTING, FakeHarbor, fake_harbor
from tests.postgres import open_store
from tests.repository import archive
from tests.web import Web, web

ROBOT = "robot$team-a+catalog"
PASSWORD = "pass-phrase-7"


@pytest.fixture
def harbor() -> Iterator[FakeHarbor]:
    with fake_harbor() as running:
        running.robot(ROBOT, PASSWORD, {"team-a": LISTING})
        running.project("team-a", public=False)
        running.project("library")
        running.push("team-a/argo", archive("argo", "1.0.0"))
        running.push("library/pear", archive("pear", "0.1.0"))
        yield running


def registered(harbor: FakeHarbor, folder: Path) -> Source:
    (folder / "secret").write_text(PASSWORD)
    login = {"username": ROBOT, "password_file": str(folder / "secret")}
    return Source("hub", harbor.url, "harbor", operator=True, title="Company", **login)


@pytest.fixture
def hub(harbor: FakeHarbor, tmp_path: Path) -> Iterator[Web]:
    with web(tmp_path) as running:
        running.services.store.sources.add(registered(harbor, tmp_path), datetime.now(UTC))
        for name in ("hub", "hub.library", "hub.team-a"):
            running.sync(name)
        yield running


def test_a_harbor_and_its_projects_are_shown_as_sources(hub: Web) -> None:
    items = hub.get("/api/v1/sources")["items"]
    assert [(one["name"], one["parent"], one["kind"]) for one in items] == [
        ("hub", "", "harbor"),
        ("hub.library", "hub", "harbor"),
        ("hub.team-a", "hub", "harbor"),
    ]
    assert [(one["charts"], one["versions"], one["state"]) for one in items] == [
        (2, 2, "ok"),
        (1, 1, "ok"),
        (1, 1, "ok"),
    ]


def test_a_harbor_as_a_filter_means_all_its_projects(hub: Web) -> None:
    assert hub.get("/api/v1/charts?source=hub")["total"] == 2
    assert hub.get("/api/v1/charts?source=hub.team-a")["total"] == 1
    assert hub.get("/api/v1/charts?q=pear&source=hub")["items"][0]["source"] == "hub.library"


@pytest.mark.parametrize(
    ("method", "body"), [("DELETE", None), ("PUT", {"url": "https://example.org", "enabled": False})]
)
def test_a_project_by_itself_is_neither_changed_nor_removed(hub: Web, method: str, body: Any) -> None:
    error = hub.send(method, "/api/v1/sources/hub.team-a", body, 409)
    assert error["id"] == "source-of-harbor"
    assert "“hub”" in error["cause"]
    assert hub.get("/api/v1/sources/hub.team-a")["state"] == "ok"


def test_syncing_a_harbor_makes_its_projects_due(hub: Web) -> None:
    hub.send("POST", "/api/v1/sources/hub/sync", status=202)
    items = hub.get("/api/v1/sources")["items"]
    assert {one["due_reason"] for one in items} == {"asked"}


def test_removing_a_harbor_takes_its_charts_out_of_the_catalog(hub: Web) -> None:
    hub.send("DELETE", "/api/v1/sources/hub", status=204)
    hub.services.catalog.follow()
    assert hub.get("/api/v1/sources")["total"] == 0
    assert hub.get("/api/v1/charts")["total"] == 0


def test_a_version_shows_all_of_its_archive_once_somebody_looks(hub: Web, harbor: FakeHarbor) -> None:
    shown = hub.get("/api/v1/charts/hub.team-a/argo/versions/1.0.0")
    assert (shown["archive"]["state"], bool(shown["templates"])) == ("ready", True)
    assert harbor.repositories["team-a/argo"].pulls == 1


def test_readme_and_values_are_shown_while_the_archive_cannot_be_had(hub: Web, harbor: FakeHarbor) -> None:
    harbor.artifact("team-a/argo", "1.0.0").repository.blobs.clear()
    for _ in range(2):
        shown = hub.get("/api/v1/charts/hub.team-a/argo/versions/1.0.0")
        assert "The readme of argo 1.0.0." in shown["readme"]
        assert (shown["archive"]["state"], shown["archive"]["digest"]) == ("partial", "")
        assert shown["archive"]["error"]["cause"]
    assert hub.ask("GET", "/charts/hub.team-a/argo-1.0.0.tgz").status_code == 502
    assert "The readme of argo" in hub.ask("GET", "/charts/hub.team-a/argo").get_data(as_text=True)


def test_the_archive_is_handed_on_byte_for_byte(hub: Web) -> None:
    answer = hub.ask("GET", "/charts/hub.team-a/argo-1.0.0.tgz")
    assert answer.get_data() == archive("argo", "1.0.0")
    answer.close()


def test_pages_of_a_project_are_shown(hub: Web) -> None:
    for path in ("/sources", "/sources/hub", "/sources/hub.team-a", "/?source=hub"):
        assert hub.ask("GET", path).status_code == 200


def test_the_page_of_a_project_says_where_its_settings_are(hub: Web) -> None:
    for path in ("/sources/hub.team-a/edit", "/sources/hub.team-a/remove"):
        assert "Change “hub” instead" in hub.ask("GET", path).get_data(as_text=True)


def test_no_secret_is_shown_or_stored(hub: Web, harbor: FakeHarbor, caplog: pytest.LogCaptureFixture) -> None:
    harbor.accounts[ROBOT].secret = "another"
    hub.sync("hub")
    told = json.dumps(hub.get("/api/v1/sources")) + json.dumps(hub.get("/api/v1/sources/hub/attempts")) + caplog.text
    assert "login-refused" in told
    assert PASSWORD not in told


def test_the_command_line_syncs_a_harbor_with_its_projects(harbor: FakeHarbor, tmp_path: Path) -> None:
    config = write_config(tmp_path)
    store = open_store(tmp_path / "data")
    store.sources.add(registered(harbor, tmp_path), datetime.now(UTC))
    store.close()
    done = chartroom(config, "sync", "hub", "--json")
    assert done.returncode == 0, done.stderr
    results = [(one["source"], one["outcome"], one["added"]) for one in json.loads(done.stdout)]
    assert results == [("hub", "changed", 2), ("hub.library", "changed", 1), ("hub.team-a", "changed", 1)]
    harbor.delete_project("library")
    done = chartroom(config, "sync")
    assert done.returncode == 0, done.stderr
    assert "hub: changed: 1 removed" in done.stdout
    assert "hub.library" not in done.stdout


def test_a_harbor_registered_by_its_address_and_a_robot_account_is_read_with_the_secret_that_is_kept(
    harbor: FakeHarbor, tmp_path: Path
) -> None:
    with web(tmp_path, network_allow=["127.0.0.0/8"]) as running:
        body = {"name": "hub", "url": harbor.url, "username": ROBOT, "password": PASSWORD}
        assert running.send("POST", "/api/v1/sources", body, 201)["kind"] == "index"
        running.sync("hub")
        assert running.get("/api/v1/sources/hub")["kind"] == "harbor"
        for name in ("hub.library", "hub.team-a"):
            running.sync(name)
        assert running.get("/api/v1/charts?source=hub")["total"] == 2
        running.services.store.secrets.put("hub", "password", "another")
        harbor.accounts[ROBOT].secret = "another"
        running.sync("hub.team-a")
        assert running.get("/api/v1/sources/hub.team-a")["state"] == "ok"


def test_a_declared_harbor_shows_the_projects_that_are_declared(harbor: FakeHarbor, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(PASSWORD)
    declared = {"name": "hub", "url": harbor.url, "kind": "harbor", "projects": ["team-*"], "content": "none"}
    login = {"username": ROBOT, "password_file": str(tmp_path / "secret")}
    config = write_config(tmp_path, [{**declared, **login}])
    done = chartroom(config, "sync", "--json")
    assert done.returncode == 0, done.stderr
    assert [one["source"] for one in json.loads(done.stdout)] == ["hub", "hub.team-a"]
    done = chartroom(config, "source", "remove", "hub.team-a")
    assert done.returncode == 1, done.stderr
    assert "Change “hub” instead" in done.stderr
