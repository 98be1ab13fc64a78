"""Upgrades, roll backs and removals on a real API server, with captain played as it was recorded."""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.recorded import KEEP_RESOURCES
from catalog_web.install.service import Installs, UpgradeForm
from indexer.errors import AppChanged, ClusterRefused, SecretsNeeded
from indexer.model import ClusterConfig
from indexer.store import Store
from tests.charts import packed_chart
from tests.parts.captain_controller import CaptainController, captain_controller
from tests.parts.control_plane import ControlPlane, control_plane
from tests.upstream import Site, upstream

pytestmark = pytest.mark.parts

FILES = {
    "values.yaml": "text: none\n",
    "templates/map.yaml": """
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-map}
data: {text: {{ .Values.text | quote }}, version: {{ .Chart.Version | quote }}}
""",
    "templates/broken.yaml": '{{ if .Values.broken }}{{ required "values.who is required" .Values.who }}{{ end }}\n',
}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("cluster")) as running:
        for namespace in ("apps", "captain"):
            running.create_namespace(namespace)
        reader = {"kind": "User", "name": "catalog"}
        running.allow("reader", "apps", reader, "get", "list", "watch", "create")
        yield running


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with upstream() as running:
        entries = []
        for version in ("0.2.0", "0.1.0"):
            archive = packed_chart(FILES, "tiny", version)
            running.put(f"/tiny-{version}.tgz", archive, content_type="application/gzip")
            entry = {"name": "tiny", "version": version, "digest": sha256(archive).hexdigest()}
            entries.append({**entry, "urls": [f"tiny-{version}.tgz"]})
        running.put("/index.yaml", json.dumps({"apiVersion": "v1", "entries": {"tiny": entries}}))
        yield running


@pytest.fixture(scope="module")
def captain(plane: ControlPlane, site: Site) -> Iterator[CaptainController]:
    with captain_controller(plane) as working:
        meta, spec = {"name": "open", "namespace": "captain"}, {"type": "Chart", "url": site.url}
        kind = {"apiVersion": "app.alauda.io/v1beta1", "kind": "ChartRepo"}
        plane.apply(json.dumps({**kind, "metadata": meta, "spec": spec}))
        yield working


@pytest.fixture
def installs(plane: ControlPlane, store: Store) -> Iterator[Installs]:
    clusters = [
        ClusterConfig("home", kubeconfig=str(plane.kubeconfig)),
        ClusterConfig("reader", kubeconfig=str(plane.kubeconfig_for("catalog"))),
    ]
    made = Installs(clusters, store.revisions)
    yield made
    made.close()


def installed(installs: Installs, captain: CaptainController, name: str) -> UpgradeForm:
    """An app that captain has synced, and an upgrade of it."""
    form = InstallForm(
        source="shop",
        chart_repo="open",
        chart="tiny",
        version="0.1.0",
        cluster="home",
        namespace="apps",
        name=name,
        values_yaml="text: first\nkeep: 1\n",
        request_id=f"install-{name}",
        person="ann",
    )
    installs.install(form)
    captain.wait_for("apps", name, "Synced")
    place = ("home", "apps", name)
    return UpgradeForm(
        *place, "shop", "open", "tiny", "0.2.0", "text: second\nnothing: null\n", f"upgrade-{name}", "ann"
    )


def read(plane: ControlPlane, name: str, kind: str = "helmrequests.v1.app.alauda.io") -> Any:
    return json.loads(plane.kubectl("get", kind, name, "-n", "apps", "-o", "json"))


def synced(installs: Installs, captain: CaptainController, name: str, version: str) -> Any:
    """The app once captain has synced that version, with its history."""
    captain.wait_for("apps", name, "Synced")
    found = installs.status("home", "apps", name)
    while found.app.status.version != version or not found.history[0].outcome:
        found = installs.status("home", "apps", name)
    return found


def test_an_upgrade_and_a_roll_back_run_through(
    installs: Installs, captain: CaptainController, plane: ControlPlane
) -> None:
    form = installed(installs, captain, "through")
    installs.upgrade(form)
    found = synced(installs, captain, "through", "0.2.0")
    assert [(one.action, one.outcome) for one in found.history] == [("upgrade", "synced"), ("install", "synced")]
    stored = read(plane, "through")
    assert stored["spec"]["values"] == {"text": "second", "nothing": None}
    assert stored["metadata"]["finalizers"] == ["captain.cpaas.io"]
    assert read(plane, "through-map", "configmap")["data"] == {"text": "second", "version": "0.2.0"}
    installs.roll_back("home", "apps", "through", 1, person="bob")
    back = synced(installs, captain, "through", "0.1.0")
    assert (back.history[0].based_on, read(plane, "through-map", "configmap")["data"]["text"]) == (1, "first")


def test_a_failed_upgrade_is_kept_as_failed_and_rolled_back(installs: Installs, captain: CaptainController) -> None:
    form = installed(installs, captain, "failing")
    installs.upgrade(replace(form, values_yaml="broken: true\n"))
    captain.wait_for("apps", "failing", "Failed")
    newest = installs.status("home", "apps", "failing").history[0]
    assert (newest.outcome, "values.who is required" in newest.outcome_reason) == ("failed", True)
    installs.roll_back("home", "apps", "failing", 1, person="bob")
    found = synced(installs, captain, "failing", "0.1.0")
    assert found.offers_resync
    installs.resync("home", "apps", "failing", "bob")
    captain.wait_for("apps", "failing", "Synced")


def test_two_people_at_once_one_wins(installs: Installs, captain: CaptainController, plane: ControlPlane) -> None:
    form = installed(installs, captain, "contested")
    looked_at = installs.status("home", "apps", "contested").resource_version
    installs.upgrade(replace(form, resource_version=looked_at))
    mine = replace(form, values_yaml="text: mine\n", request_id="mine", person="bob", resource_version=looked_at)
    with pytest.raises(AppChanged, match="by ann: version, values"):
        installs.upgrade(mine)
    assert read(plane, "contested")["spec"]["values"]["text"] == "second"


def test_captain_that_writes_all_the_time_is_no_conflict(installs: Installs, captain: CaptainController) -> None:
    form = installed(installs, captain, "busy")
    looked_at = installs.status("home", "apps", "busy").resource_version
    for number in range(5):
        last = installs.status("home", "apps", "busy").resource_version
        done = installs.upgrade(
            replace(form, values_yaml=f"text: n{number}\n", request_id=f"busy-{number}", resource_version=last)
        )
    assert done.revision == 6
    with pytest.raises(AppChanged):
        installs.upgrade(replace(form, request_id="late", resource_version=looked_at))


def test_a_change_with_kubectl_is_noticed_with_its_writer(
    installs: Installs, captain: CaptainController, plane: ControlPlane
) -> None:
    installed(installs, captain, "edited")
    patch = '{"spec":{"values":{"text":"by hand","password":"hunter22"}}}'
    plane.kubectl("patch", "helmrequests.v1.app.alauda.io", "edited", "-n", "apps", "--type=merge", "-p", patch)
    newest = installs.history("home", "apps", "edited")[0]
    assert (newest.action, newest.person, newest.secret_paths) == ("seen", "kubectl-patch", ("password",))
    assert "hunter22" not in repr(newest)


def test_secret_values_reach_the_release_and_nothing_else(
    installs: Installs, captain: CaptainController, plane: ControlPlane
) -> None:
    form = installed(installs, captain, "secretive")
    installs.upgrade(replace(form, values_yaml="text: hunter22\n", secret_paths=("text",)))
    synced(installs, captain, "secretive", "0.2.0")
    assert "hunter22" not in json.dumps(read(plane, "secretive"))
    assert read(plane, "secretive-map", "configmap")["data"]["text"] == "hunter22"
    installs.upgrade(replace(form, values_yaml="", request_id="third", kept_secrets=("text",)))
    assert installs.status("home", "apps", "secretive").history[0].secret_paths == ("text",)
    secret = installs.status("home", "apps", "secretive").history[1].secret
    plane.kubectl("delete", "secret", secret, "-n", "apps")
    with pytest.raises(SecretsNeeded):
        installs.roll_back("home", "apps", "secretive", 2, person="bob")


def test_a_removal_ends_as_gone_and_is_rolled_back(
    installs: Installs, captain: CaptainController, plane: ControlPlane
) -> None:
    installed(installs, captain, "leaving")
    installs.uninstall("home", "apps", "leaving", "ann", why="over")
    captain.wait_gone("apps", "leaving")
    found = installs.status("home", "apps", "leaving")
    assert (found.app.state, found.history[0].outcome) == ("gone", "gone")
    installs.roll_back("home", "apps", "leaving", 1, person="bob")
    synced(installs, captain, "leaving", "0.1.0")
    assert read(plane, "leaving-map", "configmap")["data"]["text"] == "first"


def test_a_removal_may_leave_the_objects(installs: Installs, captain: CaptainController, plane: ControlPlane) -> None:
    installed(installs, captain, "kept")
    installs.uninstall("home", "apps", "kept", "ann", keep_resources=True)
    captain.wait_gone("apps", "kept")
    assert read(plane, "kept-map", "configmap")["data"]["text"] == "first"
    annotated = installs.status("home", "apps", "kept").history[1]
    assert annotated.manifest["metadata"]["annotations"] == {KEEP_RESOURCES: "true"}


def test_while_captain_is_down_a_change_has_no_outcome(installs: Installs, captain: CaptainController) -> None:
    form = installed(installs, captain, "alone")
    with captain.down():
        installs.upgrade(form)
        assert installs.catch_up() >= 1
        found = installs.status("home", "apps", "alone")
        assert (found.app.state, found.history[0].outcome) == ("upgrading", "")
        installs.uninstall("home", "apps", "alone", "ann")
        assert installs.status("home", "apps", "alone").app.state == "deleting"
    captain.wait_gone("apps", "alone")
    assert [one.outcome for one in installs.history("home", "apps", "alone")] == ["gone", "replaced", "synced"]


def test_L5_who_may_not_write_is_refused_and_nothing_is_kept(
    installs: Installs, captain: CaptainController, store: Store
) -> None:
    form = installed(installs, captain, "guarded")
    with pytest.raises(ClusterRefused):
        installs.upgrade(replace(form, cluster="reader"))
    assert store.revisions.history("reader", "apps", "guarded") == ()


def test_a_chart_by_address_keeps_it_through_an_annotation_and_follows_the_version_with_an_upgrade(
    installs: Installs, captain: CaptainController, plane: ControlPlane, site: Site
) -> None:
    form = installed(installs, captain, "direct")
    patch = json.dumps({"spec": {"source": {"http": {"url": f"{site.url}/tiny-0.1.0.tgz"}}}})
    plane.kubectl("patch", "helmrequests.v1.app.alauda.io", "direct", "-n", "apps", "--type=merge", "-p", patch)
    installs.resync("home", "apps", "direct", "ann")
    assert read(plane, "direct")["spec"]["source"]["http"]["url"].endswith("tiny-0.1.0.tgz")
    installs.upgrade(form)
    assert read(plane, "direct")["spec"]["source"]["http"]["url"].endswith("tiny-0.2.0.tgz")
    synced(installs, captain, "direct", "0.2.0")
