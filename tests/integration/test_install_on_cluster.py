"""Installing on a real API server, with captain played as it was recorded."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from catalog_web.install.checks import draft
from catalog_web.install.helmrequest import InstallForm, kubectl_command
from catalog_web.install.service import Installs
from indexer.errors import CaptainAbsent, ClusterRefused, Conflict, InstallNotFound, ObjectConflict, ObjectInvalid
from indexer.model import ClusterConfig
from indexer.store import Store
from tests.parts.control_plane import ControlPlane, control_plane
from tests.parts.fake_captain import FakeCaptain, captain_on

pytestmark = pytest.mark.parts

VALUES = "replicas: 2\nimage: {tag: null}\nhosts: [a, null, {port: 80}]\n"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("cluster")) as running:
        for namespace in ("apps", "ops", "captain"):
            running.create_namespace(namespace)
        installer = {"kind": "User", "name": "catalog"}
        running.allow("installer", "apps", installer, "get", "list", "watch", "create", "patch", "delete")
        yield running


@pytest.fixture(scope="module")
def captain(plane: ControlPlane) -> Iterator[FakeCaptain]:
    with captain_on(plane) as playing:
        yield playing


@pytest.fixture
def installs(plane: ControlPlane, store: Store) -> Iterator[Installs]:
    made = Installs(
        [
            ClusterConfig("admin", kubeconfig=str(plane.kubeconfig)),
            ClusterConfig("catalog", kubeconfig=str(plane.kubeconfig_for("catalog"))),
            ClusterConfig("stranger", kubeconfig=str(plane.kubeconfig_for("stranger"))),
            ClusterConfig("v1", kubeconfig=str(plane.kubeconfig), api_version="v1"),
        ],
        store.revisions,
    )
    yield made
    made.close()


def form(name: str, **changes: Any) -> InstallForm:
    good = InstallForm(
        source="sample",
        chart_repo="sample",
        chart="lighthouse",
        version="1.2.0",
        cluster="admin",
        namespace="apps",
        name=name,
        values_yaml=VALUES,
        request_id=f"request-{name}",
        person="local",
    )
    return replace(good, **changes)


def read(plane: ControlPlane, name: str, namespace: str = "apps") -> Any:
    return json.loads(plane.kubectl("get", "helmrequests.v1alpha1.app.alauda.io", name, "-n", namespace, "-o", "json"))


def test_the_cluster_holds_what_was_shown_field_by_field(plane: ControlPlane, installs: Installs, store: Store) -> None:
    shown = installs.preview(form("fields")).helmrequest
    made = installs.install(form("fields"))
    stored = read(plane, "fields")
    assert shown is not None
    assert (
        stored["spec"]
        == shown["spec"]
        == {
            "chart": "sample/lighthouse",
            "version": "1.2.0",
            "namespace": "apps",
            "releaseName": "fields",
            "values": {"replicas": 2, "image": {"tag": None}, "hosts": ["a", None, {"port": 80}]},
        }
    )
    assert stored["metadata"]["labels"] == shown["metadata"]["labels"]
    assert "annotations" not in stored["metadata"]
    assert store.revisions.history("admin", "apps", "fields")[0].uid == stored["metadata"]["uid"] == made.app.uid


def test_a_chart_repo_that_captain_does_not_have_is_told(installs: Installs) -> None:
    (row,) = [one for one in installs.preview(form("homeless")).checks if one.id == "chart"]
    assert (
        row.cause == "There is no ChartRepo sample in namespace captain, so captain would not find sample/lighthouse."
    )


def test_a_preview_leaves_nothing_behind(installs: Installs) -> None:
    preview = installs.preview(form("previewed"))
    assert {one.id: one.state for one in preview.checks if one.state != "ok"} == {
        "captain-alive": "unknown",
        "chart": "warn",
    }
    with pytest.raises(InstallNotFound):
        installs.cluster("admin").get("apps", "previewed")


def test_the_v1_api_can_be_written_as_well(plane: ControlPlane, installs: Installs) -> None:
    made = installs.install(form("by-v1", cluster="v1"))
    assert made.helmrequest is not None
    assert made.helmrequest["apiVersion"] == "app.alauda.io/v1"
    assert read(plane, "by-v1")["spec"]["chart"] == "sample/lighthouse"


def test_an_install_is_followed_from_waiting_to_running(installs: Installs, captain: FakeCaptain) -> None:
    assert installs.install(form("journey")).app.status.id == "not-seen"
    captain.accept("apps", "journey")
    assert installs.status("admin", "apps", "journey").app.status.id == "installing"
    captain.load("apps", "journey")
    assert installs.status("admin", "apps", "journey").app.status.id == "installing-loaded"
    captain.sync("apps", "journey", notes="Open the page.")
    app = installs.status("admin", "apps", "journey").app
    assert (app.state, app.phase, app.status.version, app.status.notes) == (
        "running",
        "Synced",
        "1.2.0",
        "Open the page.",
    )
    assert app.status.settled


def test_a_failure_keeps_its_reason_while_captain_tries_again(installs: Installs, captain: FakeCaptain) -> None:
    installs.install(form("failing"))
    captain.fail("apps", "failing", "cannot find version 1.2.0 for chart lighthouse.sample", chart_loaded=False)
    assert installs.status("admin", "apps", "failing").app.state == "failed"
    captain.accept("apps", "failing")
    app = installs.status("admin", "apps", "failing").app
    assert (app.state, app.phase, app.reason) == (
        "retrying",
        "Pending",
        "cannot find version 1.2.0 for chart lighthouse.sample",
    )
    captain.sync("apps", "failing")
    assert installs.status("admin", "apps", "failing").app.state == "running"


def test_a_change_made_with_kubectl_is_followed_too(
    plane: ControlPlane, installs: Installs, captain: FakeCaptain
) -> None:
    installs.install(form("changed"))
    captain.sync("apps", "changed")
    assert installs.status("admin", "apps", "changed").app.state == "running"
    patch = '{"spec": {"version": "1.3.0"}}'
    plane.kubectl("patch", "hr", "changed", "-n", "apps", "--type=merge", "-p", patch)
    assert installs.status("admin", "apps", "changed").app.status.id == "change-not-seen"
    captain.sync("apps", "changed")
    assert installs.status("admin", "apps", "changed").app.status.version == "1.3.0"
    assert installs.status("admin", "apps", "changed").app.state == "running"


def test_one_that_waits_for_another_says_for_which(
    plane: ControlPlane, installs: Installs, captain: FakeCaptain
) -> None:
    request = draft(form("waits")).helmrequest
    assert request is not None
    request["spec"]["dependencies"] = ["later"]
    plane.kubectl("create", "-f", "-", stdin=json.dumps(request))
    captain.wait_for_dependency("apps", "waits", "later")
    app = installs.status("admin", "apps", "waits").app
    assert (app.state, app.status.id, app.status.headline) == ("waiting", "dependency", "Waiting for later")
    assert '"later" not found' in app.status.detail


def test_removing_waits_for_captain_and_then_it_is_gone(installs: Installs, captain: FakeCaptain) -> None:
    installs.install(form("removed"))
    captain.sync("apps", "removed")
    going = installs.uninstall("admin", "apps", "removed", "local")
    assert (going.app.state, going.app.phase) == ("deleting", "Synced")
    captain.uninstall("apps", "removed")
    gone = installs.status("admin", "apps", "removed")
    assert (gone.app.state, [one.action for one in gone.history]) == ("gone", ["uninstall", "install"])


def test_a_dry_run_of_a_delete_deletes_nothing(plane: ControlPlane, installs: Installs) -> None:
    made = installs.install(form("kept"))
    installs.cluster("admin").delete("apps", "kept", made.app.uid, dry_run=True)
    assert "deletionTimestamp" not in read(plane, "kept")["metadata"]


def test_only_the_object_with_this_uid_is_deleted(plane: ControlPlane, installs: Installs) -> None:
    installs.install(form("other-uid"))
    with pytest.raises(ObjectConflict):
        installs.cluster("admin").delete("apps", "other-uid", "0855117a-9e98-40cc-8093-7147d7c3be3a")
    assert "deletionTimestamp" not in read(plane, "other-uid")["metadata"]


def test_a_taken_name_a_taken_release_and_a_name_being_removed_are_refused(
    installs: Installs, captain: FakeCaptain
) -> None:
    installs.install(form("taken"))
    with pytest.raises(Conflict, match="already a HelmRequest"):
        installs.install(form("taken", request_id="another"))
    elsewhere = draft(form("owner", namespace="ops")).helmrequest
    assert elsewhere is not None
    elsewhere["spec"] |= {"releaseName": "owned", "namespace": "apps"}
    installs.cluster("admin").create(elsewhere, dry_run=False)
    with pytest.raises(Conflict, match="“owner” in namespace ops already owns"):
        installs.install(form("owned"))
    captain.accept("apps", "taken")
    installs.uninstall("admin", "apps", "taken", "local")
    with pytest.raises(Conflict, match="still being removed"):
        installs.install(form("taken", request_id="a-third"))


def test_with_the_least_rights_the_check_is_partial_and_the_install_works(installs: Installs) -> None:
    preview = installs.preview(form("least", cluster="catalog"))
    assert {one.id: one.state for one in preview.checks if one.state != "ok"} == {
        "captain-alive": "unknown",
        "chart": "unknown",
        "release-free": "warn",
    }
    assert installs.install(form("least", cluster="catalog")).app.state == "waiting"
    listed = installs.apps("catalog")
    assert ("least" in [one.name for one in listed.apps], listed.partial) == (True, ("catalog",))
    assert installs.cluster("catalog").namespaces() is None
    assert installs.cluster("catalog").events("apps", "least") == ()


def test_L5_without_rights_in_a_namespace_the_cluster_refuses_in_its_own_words(installs: Installs) -> None:
    with pytest.raises(ClusterRefused, match="catalog may not create helmrequests in namespace ops"):
        installs.install(form("least", cluster="catalog", namespace="ops", request_id="ops"))
    with pytest.raises(ClusterRefused, match="stranger"):
        installs.status("stranger", "apps", "least")


def test_a_namespace_that_is_not_there_is_named(installs: Installs, store: Store) -> None:
    with pytest.raises(ObjectInvalid, match="namespace nowhere does not exist"):
        installs.install(form("lost", namespace="nowhere"))
    assert store.revisions.find_request("request-lost") is None


def test_L2_a_wrong_type_is_told_by_its_field(installs: Installs) -> None:
    wanted = draft(form("typed")).helmrequest
    assert wanted is not None
    wanted["spec"] |= {"version": 3, "valuesFrom": [{"configMapKeyRef": {"name": "x"}}]}
    with pytest.raises(ObjectInvalid) as caught:
        installs.cluster("admin").create(wanted, dry_run=True)
    fields = [line.partition(":")[0] for line in caught.value.params["detail"].splitlines()]
    assert sorted(fields) == ["spec.valuesFrom[0].configMapKeyRef.key", "spec.version"]


def test_L2_a_version_that_is_not_served_is_captain_absent(
    plane: ControlPlane, installs: Installs, store: Store
) -> None:
    config: Any = ClusterConfig("old", kubeconfig=str(plane.kubeconfig), api_version="v1beta1")  # type: ignore[arg-type]
    old = Installs([config], store.revisions)
    with pytest.raises(CaptainAbsent):
        old.status("old", "apps", "fields")
    health = old.health()[0]
    assert (health.serves, type(health.error)) == (("v1alpha1", "v1"), CaptainAbsent)
    old.close()


def test_a_release_name_that_captain_could_never_remove_is_not_deleted(plane: ControlPlane, installs: Installs) -> None:
    wanted = draft(form("x")).helmrequest
    assert wanted is not None
    wanted["metadata"]["name"] = wanted["spec"]["releaseName"] = "n" * 60
    installs.cluster("admin").create(wanted, dry_run=False)
    with pytest.raises(Conflict, match="60 characters"):
        installs.uninstall("admin", "apps", "n" * 60, "local")
    assert "deletionTimestamp" not in read(plane, "n" * 60)["metadata"]


def test_the_kubectl_command_makes_the_same_helmrequest(plane: ControlPlane) -> None:
    wanted = draft(form("by-hand", values_yaml="a: 'yes'\nb: '1e3'\nc: \"x\\ny\\n\"\nd: {e: null}\n")).helmrequest
    assert wanted is not None
    _, _, text = kubectl_command(wanted).partition("\n")
    plane.kubectl("create", "-f", "-", stdin=text.removesuffix("EOF\n"))
    stored = read(plane, "by-hand")
    assert stored["spec"] == wanted["spec"]
    assert "annotations" not in stored["metadata"]
