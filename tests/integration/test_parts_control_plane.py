"""The real API server with captain's custom resources behaves as Chartroom relies on; the fake captain plays on it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.parts.control_plane import ControlPlane, ControlPlaneError, control_plane
from tests.parts.fake_captain import FINALIZER, FakeCaptain, captain_on, hash_of

pytestmark = pytest.mark.parts

NAMESPACE = "apps-a"
V1ALPHA1 = f"/apis/app.alauda.io/v1alpha1/namespaces/{NAMESPACE}/helmrequests"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("cluster")) as running:
        running.create_namespace(NAMESPACE)
        running.create_namespace("captain")
        yield running


@pytest.fixture(scope="module")
def captain(plane: ControlPlane) -> Iterator[FakeCaptain]:
    with captain_on(plane) as playing:
        yield playing


def helm_request(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "app.alauda.io/v1alpha1",
        "kind": "HelmRequest",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"chart": "open/tiny", "version": "0.1.0", "values": {"replicaCount": 2, "nothing": None}, **spec},
    }


def create(plane: ControlPlane, name: str, query: str = "", **spec: Any) -> Any:
    manifest = json.dumps(helm_request(name, **spec))
    return json.loads(plane.kubectl("create", "--raw", V1ALPHA1 + query, "-f", "-", stdin=manifest))


def delete(plane: ControlPlane, name: str, query: str = "", **options: Any) -> Any:
    body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground", "gracePeriodSeconds": 0}
    address = f"{V1ALPHA1}/{name}{query}"
    return json.loads(plane.kubectl("delete", "--raw", address, "-f", "-", stdin=json.dumps({**body, **options})))


def test_what_is_written_through_v1alpha1_is_read_through_v1(plane: ControlPlane, captain: FakeCaptain) -> None:
    written = create(plane, "both")
    read = captain.read(NAMESPACE, "both")
    assert read["apiVersion"] == "app.alauda.io/v1"
    assert read["spec"] == helm_request("both")["spec"]
    assert (read["metadata"]["uid"], "status" in read) == (written["metadata"]["uid"], False)


def test_a_source_is_known_to_v1_alone(plane: ControlPlane, captain: FakeCaptain) -> None:
    source = {"http": {"url": "http://127.0.0.1:1/tiny-0.1.0.tgz"}}
    plane.apply(json.dumps({**helm_request("by-url", source=source), "apiVersion": "app.alauda.io/v1"}))
    assert captain.read(NAMESPACE, "by-url")["spec"]["source"] == source
    assert "source" not in json.loads(plane.kubectl("get", "--raw", f"{V1ALPHA1}/by-url"))["spec"]


def test_a_dry_run_of_a_create_stores_nothing(plane: ControlPlane, captain: FakeCaptain) -> None:
    assert create(plane, "only-tried", "?dryRun=All")["spec"]["chart"] == "open/tiny"
    assert captain.find(NAMESPACE, "only-tried") is None


def test_a_value_of_a_wrong_type_is_refused_and_values_may_be_null(plane: ControlPlane) -> None:
    with pytest.raises(ControlPlaneError, match=r"spec\.version"):
        create(plane, "odd", "?dryRun=All", version=3)
    assert create(plane, "odd", "?dryRun=All", values=None)["spec"]["chart"] == "open/tiny"


def test_the_fake_captains_synced_arrives(plane: ControlPlane, captain: FakeCaptain) -> None:
    create(plane, "installed")
    captain.sync(NAMESPACE, "installed", notes="hello")
    request = json.loads(plane.kubectl("get", "--raw", f"{V1ALPHA1}/installed"))
    status = request["status"]
    assert request["metadata"]["finalizers"] == [FINALIZER]
    assert request["metadata"]["generation"] == 1
    assert (status["phase"], status["version"], status["notes"]) == ("Synced", "0.1.0", "hello")
    assert status["lastSpecHash"] == hash_of(request)
    assert [each["reason"] for each in status["conditions"]] == ["ChartLoaded"]


def test_a_failing_request_flaps_and_recovers_at_once_when_it_is_put_back(
    plane: ControlPlane, captain: FakeCaptain
) -> None:
    create(plane, "flapping")
    captain.sync(NAMESPACE, "flapping")
    before = captain.read(NAMESPACE, "flapping")["status"]
    patch = ("patch", "hr", "flapping", "-n", NAMESPACE, "--type=merge", "-p")
    plane.kubectl(*patch, '{"spec": {"version": "9.9.9"}}')
    captain.fail(NAMESPACE, "flapping", "cannot find version 9.9.9 for chart tiny.open", chart_loaded=False)
    captain.flap(NAMESPACE, "flapping", "cannot find version 9.9.9 for chart tiny.open", times=2, gap=0)
    failed = captain.read(NAMESPACE, "flapping")["status"]
    assert failed == {**before, "phase": "Failed", "reason": "cannot find version 9.9.9 for chart tiny.open"}
    plane.kubectl(*patch, '{"spec": {"version": "0.1.0"}}')
    captain.sync(NAMESPACE, "flapping")
    assert captain.read(NAMESPACE, "flapping")["status"] == before


def test_a_request_that_waits_for_another_has_an_event_and_no_status(plane: ControlPlane, captain: FakeCaptain) -> None:
    create(plane, "waiting", dependencies=["later"])
    captain.wait_for_dependency(NAMESPACE, "waiting", "later")
    assert "status" not in captain.read(NAMESPACE, "waiting")
    events = json.loads(plane.kubectl("get", "events", "-n", NAMESPACE, "-ojson"))["items"]
    told = [(each["type"], each["reason"], each["message"]) for each in events]
    assert told == [("Warning", "FailedSync", 'helmrequests.app.alauda.io "later" not found')]


def test_a_dry_run_in_the_body_of_a_delete_does_not_delete(plane: ControlPlane, captain: FakeCaptain) -> None:
    create(plane, "kept")
    delete(plane, "kept", dryRun=["All"])
    assert "deletionTimestamp" not in captain.read(NAMESPACE, "kept")["metadata"]


def test_a_dry_run_in_the_query_of_a_delete_with_a_body_deletes_all_the_same(
    plane: ControlPlane, captain: FakeCaptain
) -> None:
    create(plane, "lost")
    delete(plane, "lost", "?dryRun=All")
    plane.kubectl("wait", "--for=delete", "hr/lost", "-n", NAMESPACE, "--timeout=30s")
    assert captain.find(NAMESPACE, "lost") is None


def test_a_foreground_delete_waits_for_captain(plane: ControlPlane, captain: FakeCaptain) -> None:
    create(plane, "deleted")
    captain.sync(NAMESPACE, "deleted")
    answer = delete(plane, "deleted")
    assert answer["metadata"]["finalizers"] == [FINALIZER, "foregroundDeletion"]
    going = captain.wait_until(NAMESPACE, "deleted", lambda it: it["metadata"]["finalizers"] == [FINALIZER])
    assert going["status"]["phase"] == "Synced"
    captain.uninstall(NAMESPACE, "deleted")
    assert captain.find(NAMESPACE, "deleted") is None


def test_a_published_repository_has_its_charts_and_takes_them_along(plane: ControlPlane, captain: FakeCaptain) -> None:
    captain.publish("captain", "open", "http://127.0.0.1:1/", {"tiny": [{"name": "tiny", "version": "0.1.0"}]})
    assert "Synced" in plane.kubectl("get", "ctr", "-n", "captain")
    assert "tiny.open   0.1.0" in plane.kubectl("get", "charts", "-n", "captain")
    plane.kubectl("delete", "ctr", "open", "-n", "captain", "--cascade=foreground", "--timeout=60s")
    assert plane.kubectl("get", "charts", "-n", "captain", "-oname") == ""


def test_a_person_without_rights_is_refused(plane: ControlPlane) -> None:
    with pytest.raises(ControlPlaneError, match="Forbidden"):
        plane.kubectl("get", "helmrequests", "-n", NAMESPACE, user="stranger")
