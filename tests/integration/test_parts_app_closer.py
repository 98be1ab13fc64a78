"""An app looked at closely on a real API server: its record, its objects, and what a missing right leaves."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from catalog_web.install.capabilities import grant
from catalog_web.install.resources import Resources
from catalog_web.install.service import Installs
from catalog_web.install.stuck import Stuck
from indexer.errors import Phrase, fill
from indexer.model import ClusterConfig
from tests.charts import packed_chart
from tests.parts.captain_controller import CaptainController, captain_controller
from tests.parts.control_plane import ControlPlane, control_plane
from tests.postgres import open_store
from tests.upstream import Site, upstream
from tests.waiting import until

pytestmark = pytest.mark.parts

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: 2
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: web, image: {{ .Values.image | quote }}}]}
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {ports: [{name: http, port: {{ .Values.port }}}], selector: {app: {{ .Release.Name }}}}
---
apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}}
stringData: {password: {{ .Values.password | quote }}}
"""
FILES = {"values.yaml": "port: 80\nimage: nginx\npassword: correct-horse\n", "templates/web.yaml": WEB}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("cluster")) as running:
        for namespace in ("apps", "captain"):
            running.create_namespace(namespace)
        yield running


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with upstream() as running:
        archive = packed_chart(FILES, "web", "0.1.0")
        running.put("/web-0.1.0.tgz", archive)
        entry = {"name": "web", "version": "0.1.0", "digest": sha256(archive).hexdigest(), "urls": ["web-0.1.0.tgz"]}
        running.put("/index.yaml", json.dumps({"apiVersion": "v1", "entries": {"web": [entry]}}))
        yield running


@pytest.fixture(scope="module")
def captain(plane: ControlPlane, site: Site) -> Iterator[CaptainController]:
    with captain_controller(plane) as working:
        meta = {"name": "open", "namespace": "captain"}
        spec = {"type": "Chart", "url": site.url}
        put(plane, {"apiVersion": "app.alauda.io/v1beta1", "kind": "ChartRepo", "metadata": meta, "spec": spec})
        until(lambda: "web.open" in plane.kubectl("get", "charts", "-n", "captain", "-o", "name"))
        yield working


@pytest.fixture
def look(tmp_path: Path, plane: ControlPlane) -> Iterator[Callable[..., tuple[Resources, Stuck]]]:
    """Looks at an app, with all rights or as somebody who has few."""
    made: list[Installs] = []

    def at(name: str, user: str = "admin") -> tuple[Resources, Stuck]:
        path = plane.kubeconfig if user == "admin" else plane.kubeconfig_for(user)
        store = open_store(tmp_path / f"data-{len(made)}")
        installs = Installs([ClusterConfig("home", kubeconfig=str(path))], store.revisions)
        made.append(installs)
        detail = installs.status("home", "apps", name)
        resources = installs.resources(detail)
        return resources, installs.explain(detail, resources)

    yield at
    for one in made:
        one.close()


def put(plane: ControlPlane, thing: dict[str, Any]) -> None:
    plane.apply(json.dumps(thing))


def ask(plane: ControlPlane, name: str, **spec: Any) -> None:
    meta = {"name": name, "namespace": "apps"}
    whole = {"chart": "open/web", "version": "0.1.0", **spec}
    put(plane, {"apiVersion": "app.alauda.io/v1", "kind": "HelmRequest", "metadata": meta, "spec": whole})


def words(phrase: Phrase | None) -> str:
    return fill(phrase["text"], phrase["params"]) if phrase else ""


def test_the_objects_that_captain_recorded_are_found_in_the_cluster(
    plane: ControlPlane, captain: CaptainController, look: Callable[..., tuple[Resources, Stuck]]
) -> None:
    ask(plane, "shop", values={"port": 8080})
    captain.wait_for("apps", "shop", "Synced")
    found, _ = look("shop")
    assert found.record is not None
    assert (found.record.status, found.record.chart, found.record.chart_version) == ("deployed", "web", "0.1.0")
    assert found.record.values["port"] == 8080
    assert {(one.kind, one.name) for one in found.items} == {
        ("Deployment", "shop"),
        ("Service", "shop"),
        ("Secret", "shop"),
    }
    assert [one.text for one in found.links] == ["kubectl port-forward -n apps service/shop 8080:8080"]
    assert found.errors == ()


def test_an_object_that_somebody_deleted_is_told_although_captain_says_synced(
    plane: ControlPlane, captain: CaptainController, look: Callable[..., tuple[Resources, Stuck]]
) -> None:
    ask(plane, "torn")
    captain.wait_for("apps", "torn", "Synced")
    plane.kubectl("delete", "deployment", "torn", "-n", "apps")
    found, stuck = look("torn")
    assert found.trouble is not None
    assert found.trouble[0] == "Deployment torn"
    (clue,) = [one for one in stuck.clues if one.id == "object"]
    assert words(clue.cause) == "Deployment torn: It is not in the cluster."
    assert "resync" in words(clue.remedy)


def test_a_version_that_captain_does_not_know_is_told_with_what_to_try(
    plane: ControlPlane, captain: CaptainController, look: Callable[..., tuple[Resources, Stuck]]
) -> None:
    ask(plane, "wrong", version="9.9.9")
    captain.wait_for("apps", "wrong", "Failed")
    _, stuck = look("wrong")
    assert stuck.clues[0].id == "version-unknown"
    assert [one.id for one in stuck.clues[0].doors] == ["sync", "upgrade", "source"]


def test_a_hanging_hook_of_another_app_is_named(
    plane: ControlPlane, captain: CaptainController, look: Callable[..., tuple[Resources, Stuck]]
) -> None:
    with captain.hanging("apps", "hog"):
        ask(plane, "hog")
        captain.wait_for("apps", "hog", "Pending")
        ask(plane, "patient")
        _, stuck = look("patient")
        (clue,) = [one for one in stuck.clues if one.id == "busy"]
        assert "now on apps/hog" in words(clue.cause)


def test_with_the_right_to_see_apps_alone_the_missing_rights_are_told(
    plane: ControlPlane, captain: CaptainController, look: Callable[..., tuple[Resources, Stuck]]
) -> None:
    ask(plane, "seen")
    captain.wait_for("apps", "seen", "Synced")
    plane.apply(grant(["install"], "stranger", "apps"))
    found, stuck = look("seen", user="stranger")
    assert found.items == ()
    assert [words(one) for one in found.missing] == [
        "Chartroom may not read captain's Release records in apps, so it does not know what the release is made of."
    ]
    assert found.errors == ()
    (role,) = [door for clue in stuck.clues for door in clue.doors if door.id == "role"]
    plane.apply(role.text)
    assert {one.kind for one in look("seen", user="stranger")[0].items} >= {"Deployment", "Service"}


def test_with_the_capabilities_of_the_table_all_of_it_is_seen(
    plane: ControlPlane, captain: CaptainController, look: Callable[..., tuple[Resources, Stuck]]
) -> None:
    ask(plane, "open")
    captain.wait_for("apps", "open", "Synced")
    plane.apply(grant(["install", "releases", "workloads", "secrets"], "stranger", "apps"))
    found, _ = look("open", user="stranger")
    assert {one.kind for one in found.items if one.health.state != "unknown"} == {"Deployment", "Service", "Secret"}
    assert found.missing == ()
