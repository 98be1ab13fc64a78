"""The test controller does by itself on a real API server what captain 1.5.0 was recorded to do."""

import json
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from tests.charts import packed_chart
from tests.parts.captain_controller import CaptainController, captain_controller
from tests.parts.captain_release import manifest_of
from tests.parts.control_plane import ControlPlane, control_plane
from tests.upstream import Site, upstream
from tests.waiting import until

pytestmark = pytest.mark.parts

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}-tiny}
spec: {ports: [{port: {{ .Values.port }}}]}
"""
EXTRA = """
{{- if .Values.extra }}
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-extra}
data: {extra: {{ .Values.extra | quote }}}
{{- end }}
"""
FILES = {
    "values.yaml": "port: 80\nextra: ''\n",
    "values.schema.json": '{"properties": {"port": {"type": "integer"}}}',
    "templates/service.yaml": SERVICE,
    "templates/extra.yaml": EXTRA,
    "templates/NOTES.txt": "Port {{ .Values.port }}.\n",
}
STRICT = {"templates/needed.yaml": '{{ required "values.who is required" .Values.who }}\n'}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("cluster")) as running:
        for namespace in ("apps", "captain"):
            running.create_namespace(namespace)
        yield running


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with upstream() as running:
        entries: dict[str, list[dict[str, Any]]] = {}
        for name, version, files in (("tiny", "0.2.0", FILES), ("tiny", "0.1.0", FILES), ("strict", "1.0.0", STRICT)):
            archive = packed_chart(files, name, version)
            running.put(f"/{name}-{version}.tgz", archive)
            entry = {"name": name, "version": version, "digest": sha256(archive).hexdigest()}
            entries.setdefault(name, []).append({**entry, "urls": [f"{name}-{version}.tgz"]})
        running.put("/index.yaml", json.dumps({"apiVersion": "v1", "entries": entries}))
        yield running


@pytest.fixture(scope="module")
def captain(plane: ControlPlane, site: Site) -> Iterator[CaptainController]:
    with captain_controller(plane) as working:
        spec = {"type": "Chart", "url": site.url}
        meta = {"name": "open", "namespace": "captain"}
        put(plane, {"apiVersion": "app.alauda.io/v1beta1", "kind": "ChartRepo", "metadata": meta, "spec": spec})
        until(lambda: "tiny.open" in plane.kubectl("get", "charts", "-n", "captain", "-o", "name"))
        yield working


def put(plane: ControlPlane, thing: dict[str, Any]) -> None:
    plane.apply(json.dumps(thing))


def ask(plane: ControlPlane, name: str, notes: dict[str, str] | None = None, **spec: Any) -> None:
    """Creates or changes a HelmRequest."""
    meta = {"name": name, "namespace": "apps", "annotations": notes or {}}
    whole = {"chart": "open/tiny", "version": "0.1.0", **spec}
    put(plane, {"apiVersion": "app.alauda.io/v1", "kind": "HelmRequest", "metadata": meta, "spec": whole})


def names(plane: ControlPlane, kind: str, namespace: str = "apps") -> list[str]:
    return plane.kubectl("get", kind, "-n", namespace, "-o", "name").split()


def events(plane: ControlPlane, name: str) -> list[tuple[str, str]]:
    listed = json.loads(plane.kubectl("get", "events", "-n", "apps", "-o", "json"))["items"]
    return [(one["reason"], one["message"]) for one in listed if one["involvedObject"]["name"] == name]


def test_an_install_makes_objects_a_release_a_status_and_events(
    plane: ControlPlane, captain: CaptainController
) -> None:
    ask(plane, "web", values={"port": 8080})
    status = captain.wait_for("apps", "web", "Synced")["status"]
    assert (status["version"], status["notes"]) == ("0.1.0", "Port 8080.\n")
    assert status["conditions"][0]["message"] == "chart tiny:0.1.0 loaded"
    assert "service/web-tiny" in names(plane, "services")
    release = captain.helm.records("apps", "web")[0]
    assert (release["metadata"]["name"], release["status"]["status"]) == ("sh.helm.release.v1.web.v1", "deployed")
    assert "port: 8080" in manifest_of(release)
    until(lambda: len(events(plane, "web")) == 2)
    told = {("Synced", "Choose chart version: tiny 0.1.0"), ("Synced", "HelmRequest synced successfully")}
    assert set(events(plane, "web")) == told


def test_an_upgrade_removes_what_is_gone_and_supersedes_the_release(
    plane: ControlPlane, captain: CaptainController
) -> None:
    ask(plane, "up", values={"extra": "x"})
    before = captain.wait_for("apps", "up", "Synced")["status"]["lastSpecHash"]
    assert "configmap/up-extra" in names(plane, "configmaps")
    ask(plane, "up", version="0.2.0")
    after = captain.wait_for("apps", "up", "Synced")["status"]
    assert (after["version"], after["lastSpecHash"] == before) == ("0.2.0", False)
    assert "configmap/up-extra" not in names(plane, "configmaps")
    states = [one["status"]["status"] for one in captain.helm.records("apps", "up")]
    assert states == ["superseded", "deployed"]


@pytest.mark.parametrize(
    ("name", "spec", "reason"),
    [
        ("no-chart", {"chart": "open/nothere"}, 'charts.app.alauda.io "nothere.open" not found'),
        ("no-repo", {"chart": "norepo/tiny"}, 'chartrepos.app.alauda.io "norepo" not found'),
        ("no-version", {"version": "^0.1.0"}, "cannot find version ^0.1.0 for chart tiny.open"),
        ("no-namespace", {"namespace": "not-there"}, 'namespaces "not-there" not found'),
        (
            "no-map",
            {"valuesFrom": [{"configMapKeyRef": {"name": "absent", "key": "a"}}]},
            'configmaps "absent" not found',
        ),
        ("no-who", {"chart": "open/strict", "version": "1.0.0"}, "values.who is required"),
        ("no-number", {"values": {"port": "many"}}, "tiny:\n- "),
        ("no-port", {"values": {"port": 99999999}}, 'Service "no-port-tiny" is invalid: '),
        ("n" * 54, {}, "exceeds max length of 53"),
        ("no-url", {"source": {"http": {"url": "ftp://x"}}}, "does not start with HTTP or HTTPS"),
        ("no-cluster", {"clusterName": "moon"}, "get clusters.clusterregistry.k8s.io moon"),
    ],
)
def test_a_failure_has_the_recorded_reason(
    plane: ControlPlane, captain: CaptainController, name: str, spec: dict[str, Any], reason: str
) -> None:
    ask(plane, name, **spec)
    status = captain.wait_for("apps", name, "Failed")["status"]
    assert reason in status["reason"]
    assert any(one[0] == "FailedSync" and reason in one[1] for one in events(plane, name))
    plane.kubectl("patch", "helmrequests", name, "-n", "apps", "--type=merge", "-p", '{"spec": {"releaseName": "a"}}')
    plane.kubectl("delete", "helmrequests", name, "-n", "apps", "--timeout=20s")


def test_a_failing_one_is_tried_again_until_its_cause_is_gone(plane: ControlPlane, captain: CaptainController) -> None:
    ask(plane, "later", valuesFrom=[{"secretKeyRef": {"name": "later", "key": "values.yaml"}}])
    captain.wait_for("apps", "later", "Failed")
    plane.kubectl("create", "secret", "generic", "later", "-n", "apps", "--from-literal=values.yaml=port: 81")
    captain.wait_for("apps", "later", "Synced")
    assert "port: 81" in manifest_of(captain.helm.records("apps", "later")[-1])


def test_a_request_put_back_to_its_last_success_is_synced_without_a_try(
    plane: ControlPlane, captain: CaptainController
) -> None:
    ask(plane, "back")
    captain.wait_for("apps", "back", "Synced")
    ask(plane, "back", version="9.9.9")
    captain.wait_for("apps", "back", "Failed")
    ask(plane, "back")
    status = captain.wait_for("apps", "back", "Synced")["status"]
    assert "reason" not in status
    assert len(captain.helm.records("apps", "back")) == 1


def test_an_object_of_somebody_else_is_refused_until_captain_is_told_to_adopt_it(
    plane: ControlPlane, captain: CaptainController
) -> None:
    port = {"spec": {"ports": [{"port": 1}]}}
    put(plane, {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "own-tiny", "namespace": "apps"}, **port})
    ask(plane, "own")
    assert 'Service "own-tiny"' in captain.wait_for("apps", "own", "Failed")["status"]["reason"]
    ask(plane, "own", {"captain-force-adopt-resources": "true"})
    captain.wait_for("apps", "own", "Synced")


def test_a_dependency_holds_a_request_up_without_a_status(plane: ControlPlane, captain: CaptainController) -> None:
    ask(plane, "front", dependencies=["behind"])
    until(lambda: ("FailedSync", 'helmrequests.app.alauda.io "behind" not found') in events(plane, "front"))
    assert "status" not in captain.captain.read("apps", "front")
    ask(plane, "behind")
    captain.wait_for("apps", "front", "Synced")


def test_a_resync_annotation_installs_again(plane: ControlPlane, captain: CaptainController) -> None:
    ask(plane, "again")
    captain.wait_for("apps", "again", "Synced")
    plane.kubectl("delete", "service", "again-tiny", "-n", "apps")
    ask(plane, "again", {"kubectl-captain.resync": "1"})
    captain.wait_for("apps", "again", "Synced")
    assert "service/again-tiny" in names(plane, "services")


def test_a_delete_uninstalls_and_ends_with_an_event_that_is_no_failure(
    plane: ControlPlane, captain: CaptainController
) -> None:
    ask(plane, "bye")
    captain.wait_for("apps", "bye", "Synced")
    plane.kubectl("delete", "helmrequests", "bye", "-n", "apps", "--cascade=foreground")
    captain.wait_gone("apps", "bye")
    assert "service/bye-tiny" not in names(plane, "services")
    assert captain.helm.records("apps", "bye") == []
    until(lambda: any(reason == "FailedDelete" and "not found" in told for reason, told in events(plane, "bye")))


def test_a_delete_can_keep_the_objects(plane: ControlPlane, captain: CaptainController) -> None:
    ask(plane, "kept", {"captain-keep-resources": "true"})
    captain.wait_for("apps", "kept", "Synced")
    plane.kubectl("delete", "helmrequests", "kept", "-n", "apps")
    assert "service/kept-tiny" in names(plane, "services")


def test_one_that_is_not_to_be_synced_waits_with_its_delete_too(
    plane: ControlPlane, captain: CaptainController
) -> None:
    ask(plane, "still")
    captain.wait_for("apps", "still", "Synced")
    ask(plane, "still", {"captain-no-sync": "true"}, values={"port": 90})
    plane.kubectl("delete", "helmrequests", "still", "-n", "apps", "--wait=false")
    ask(plane, "other")
    captain.wait_for("apps", "other", "Synced")
    assert "port: 80" in manifest_of(captain.helm.records("apps", "still")[-1])
    plane.kubectl("annotate", "helmrequests", "still", "-n", "apps", "captain-no-sync-")
    captain.wait_gone("apps", "still")


def test_a_hanging_hook_holds_up_all_others(plane: ControlPlane, captain: CaptainController) -> None:
    with captain.hanging("apps", "slow"):
        ask(plane, "slow")
        until(lambda: captain.captain.read("apps", "slow").get("status", {}).get("conditions"))
        ask(plane, "behind-slow")
        time.sleep(0.5)
        assert "status" not in captain.captain.read("apps", "behind-slow")
    captain.wait_for("apps", "behind-slow", "Synced")
    captain.wait_for("apps", "slow", "Synced")
    assert ("FailedSync", "failed pre-install: timed out waiting for the condition") in events(plane, "slow")


def test_while_it_is_down_nothing_happens(plane: ControlPlane, captain: CaptainController) -> None:
    with captain.down():
        ask(plane, "alone")
        time.sleep(0.5)
        assert "status" not in captain.captain.read("apps", "alone")
    captain.wait_for("apps", "alone", "Synced")
