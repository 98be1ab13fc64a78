"""Each capability on a real API server: it works with exactly its rules; with less it is told what is missing."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from catalog_web.install.capabilities import CapabilityId, grant
from catalog_web.install.checks import Check
from catalog_web.install.cluster import Cluster
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.secret_values import SecretValues, drop, keep, values_in
from catalog_web.install.service import Installs
from catalog_web.install.upgrade_form import UpgradeForm
from indexer.errors import ClusterRefused, RightMissing
from indexer.model import ClusterConfig
from indexer.store import Store
from tests.parts.control_plane import ControlPlane, control_plane

pytestmark = pytest.mark.parts

USER = "catalog"
REPO = """
apiVersion: app.alauda.io/v1beta1
kind: ChartRepo
metadata: {name: sample, namespace: captain, annotations: {"cpaas.io/last-sync-at": "2026-11-23T06:54:29Z"}}
spec: {type: Chart, url: "http://127.0.0.1:1"}
status: {phase: Synced}
---
apiVersion: app.alauda.io/v1beta1
kind: Chart
metadata: {name: lighthouse.sample, namespace: captain, labels: {repo: sample}}
spec: {versions: [{name: lighthouse, version: 1.2.0}, {name: lighthouse, version: 1.1.0}]}
"""
FORM = InstallForm(
    source="sample",
    chart_repo="sample",
    chart="lighthouse",
    version="1.2.0",
    cluster="home",
    namespace="apps",
    name="beacon",
    values_yaml="replicas: 2\n",
    request_id="r",
    person="carol",
)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("cluster")) as running:
        for namespace in ("apps", "ops", "captain"):
            running.create_namespace(namespace)
        running.apply(REPO)
        yield running


@pytest.fixture
def installs(plane: ControlPlane, store: Store) -> Iterator[Installs]:
    kubeconfig = str(plane.kubeconfig_for(USER))
    made = Installs(
        [
            ClusterConfig("home", kubeconfig=kubeconfig),
            ClusterConfig("acting", kubeconfig=kubeconfig, impersonate=True),
        ],
        store.revisions,
    )
    yield made
    made.close()


@pytest.fixture
def poor(installs: Installs) -> Cluster:
    """The cluster as somebody sees it who may do nothing but what a test grants."""
    return installs.cluster("home")


@contextmanager
def may(plane: ControlPlane, *wanted: CapabilityId, user: str = USER, namespace: str = "apps") -> Iterator[None]:
    """Exactly these capabilities, for a while."""
    with applied(plane, grant(wanted, user, namespace)):
        yield


@contextmanager
def applied(plane: ControlPlane, text: str) -> Iterator[None]:
    plane.apply(text)
    try:
        yield
    finally:
        plane.kubectl("delete", "--ignore-not-found", "-f", "-", stdin=text)


def soon(ask: Callable[[], Any]) -> Any:
    """What `ask` says once it is not refused: the API server takes up a Role some milliseconds after it is written."""
    end = time.monotonic() + 20
    while True:
        try:
            found = ask()
            if found is not None or time.monotonic() > end:
                return found
        except ClusterRefused:
            if time.monotonic() > end:
                raise
        time.sleep(0.05)


def checks(installs: Installs, **changes: Any) -> dict[str, Check]:
    return {one.id: one for one in installs.preview(replace(FORM, **changes)).checks}


def until(installs: Installs, check: str, state: str, **changes: Any) -> Check:
    return (
        soon(lambda: found if (found := checks(installs, **changes)[check]).state == state else None)
        or checks(installs, **changes)[check]
    )


# -- rights


def test_everybody_may_ask_what_they_may_do_and_who_they_are(poor: Cluster) -> None:
    assert poor.whoami() == USER
    assert not poor.may("create", "helmrequests", group="app.alauda.io", namespace="apps").allowed


def test_L5_the_role_that_the_check_hands_out_is_all_that_an_install_takes(
    plane: ControlPlane, installs: Installs
) -> None:
    found = checks(installs)["rights"]
    assert (found.state, found.cause) == (
        "fail",
        "catalog may not create helmrequests in namespace apps of cluster home.",
    )
    with pytest.raises(RightMissing):
        installs.install(FORM)
    with applied(plane, found.doors[0].text):
        assert until(installs, "rights", "ok").state == "ok"
        assert installs.install(replace(FORM, name="by-role", request_id="by-role")).app.state == "waiting"
        assert checks(installs, namespace="ops")["rights"].state == "fail"  # and in no other namespace


def test_to_upgrade_takes_a_right_of_its_own(plane: ControlPlane, installs: Installs) -> None:
    wish = UpgradeForm("home", "apps", "grown", "sample", "sample", "lighthouse", "1.1.0", "", "up", "carol")
    with may(plane, "install"):
        until(installs, "rights", "ok")
        installs.install(replace(FORM, name="grown", request_id="grown"))
        found = {one.id: one for one in installs.preview_upgrade(wish).checks}
        assert found["rights"].state == "fail"
        with pytest.raises(ClusterRefused):
            installs.upgrade(wish)
        with applied(plane, found["rights"].doors[0].text):
            assert soon(lambda: installs.upgrade(replace(wish, request_id="again"))).app.version == "1.1.0"


def test_to_uninstall_takes_a_right_of_its_own(plane: ControlPlane, installs: Installs) -> None:
    with may(plane, "install"):
        until(installs, "rights", "ok")
        installs.install(replace(FORM, name="short", request_id="short"))
        with pytest.raises(ClusterRefused, match="cannot delete"):
            installs.uninstall("home", "apps", "short", "carol")
        with may(plane, "uninstall"):
            assert soon(lambda: installs.uninstall("home", "apps", "short", "carol")).app.state in ("gone", "deleting")


def test_whether_the_release_is_free_everywhere_takes_the_overview(plane: ControlPlane, installs: Installs) -> None:
    with may(plane, "install"):
        assert until(installs, "release-free", "warn").state == "warn"
        with applied(plane, checks(installs)["release-free"].doors[0].text):
            assert until(installs, "release-free", "ok").state == "ok"


# -- captain


def test_what_captain_knows_is_seen_with_the_right_to_read_charts(plane: ControlPlane, installs: Installs) -> None:
    with may(plane, "install"):
        found = until(installs, "chart", "unknown")
        assert [one.id for one in found.doors] == ["role"]
        with applied(plane, found.doors[0].text):
            assert (
                until(installs, "chart", "ok").cause
                == "captain has the ChartRepo sample and finds sample/lighthouse 1.2.0 there."
            )
            assert checks(installs, version="9.9.9")["chart"].state == "warn"


def test_captain_is_made_to_read_now_with_the_right_to_do_that(plane: ControlPlane, poor: Cluster) -> None:
    with pytest.raises(ClusterRefused):
        poor.resync_chart_repo("sample")
    with may(plane, "sync", namespace="captain"):
        soon(lambda: poor.resync_chart_repo("sample") or True)
    repo = json.loads(plane.kubectl("get", "chartrepos.v1beta1.app.alauda.io", "sample", "-n", "captain", "-o", "json"))
    assert "cpaas.io/last-sync-at" not in repo["metadata"]["annotations"]


def test_captain_itself_and_webhooks_are_seen_only_by_who_may(plane: ControlPlane, poor: Cluster) -> None:
    assert (poor.controller(), poor.webhooks()) == (None, None)
    with may(plane, "controller", namespace="captain"), may(plane, "webhooks"):
        assert soon(poor.controller) == ()
        assert soon(poor.webhooks) == ()


# -- namespaces, Secrets, what runs


def test_namespaces_are_made_by_who_may(plane: ControlPlane, installs: Installs, poor: Cluster) -> None:
    assert poor.namespaces() is None
    with pytest.raises(ClusterRefused):
        poor.create_namespace("refused")
    with may(plane, "namespaces"):
        assert "apps" in soon(poor.namespaces)
        assert poor.namespace("fresh") is None
        poor.create_namespace("fresh")
        assert poor.namespace("fresh") is not None
        check = checks(installs, namespace="nowhere")["namespace-there"]
        assert [one.id for one in check.doors] == ["create-namespace"]


def test_secret_values_are_kept_read_and_removed_with_just_their_role(plane: ControlPlane, poor: Cluster) -> None:
    wanted = SecretValues("apps", "beacon-values-0", "beacon", "r", {"auth": {"password": "s3cret"}})
    with pytest.raises(ClusterRefused):
        keep(poor, wanted)
    with may(plane, "secrets"):
        soon(lambda: keep(poor, wanted) or True)
        keep(poor, wanted)  # a second click
        assert values_in(poor, "apps", "beacon-values-0") == {"auth": {"password": "s3cret"}}
        drop(poor, "apps", "beacon-values-0")
        assert soon(lambda: values_in(poor, "apps", "beacon-values-0") == {} or None)


def test_without_that_role_an_install_with_secret_values_says_so_before(
    plane: ControlPlane, installs: Installs
) -> None:
    secret = {"values_yaml": "auth: {password: s3cret}\n", "secret_paths": ("auth.password",)}
    with may(plane, "install"):
        until(installs, "rights", "ok")
        found = checks(installs, **secret)["secrets"]
        assert (found.state, [one.id for one in found.doors]) == ("fail", ["role"])
        with applied(plane, found.doors[0].text):
            assert until(installs, "secrets", "ok", **secret).state == "ok"
            installs.install(replace(FORM, name="hidden", request_id="hidden", **secret))
            assert "s3cret" not in plane.kubectl("get", "helmrequests", "hidden", "-n", "apps", "-o", "yaml")


def test_events_releases_and_what_runs_are_read_by_who_may(plane: ControlPlane, poor: Cluster) -> None:
    event = "apiVersion: v1\nkind: Event\nmetadata: {name: e, namespace: apps}\nreason: FailedSync\n"
    plane.apply(event + "involvedObject: {kind: HelmRequest, name: beacon, namespace: apps}\n")
    assert (poor.events("apps", "beacon"), poor.releases("apps", "beacon"), poor.pods("apps", "")) == ((), None, None)
    with may(plane, "events", "releases", "workloads"):
        assert soon(lambda: poor.events("apps", "beacon") or None)[0]["reason"] == "FailedSync"
        assert soon(lambda: poor.releases("apps", "beacon")) == ()
        assert soon(lambda: poor.pods("apps", "")) == ()


# -- as the person


def test_L5_as_the_person_only_what_the_person_may_is_done(plane: ControlPlane, installs: Installs) -> None:
    wish = replace(FORM, cluster="acting", name="hers", request_id="hers")
    with may(plane, "install", "uninstall"):
        until(installs, "rights", "ok")  # Chartroom itself may, …
        refused = {one.id: one for one in installs.preview(wish).checks}["rights"]
        assert refused.state != "ok"  # … but may not even ask as somebody else
        with may(plane, "impersonate"):
            found = soon(lambda: one if (one := checks(installs, **vars_of(wish))["rights"]).error else None)
            found = until(installs, "rights", "fail", **vars_of(wish))
            assert found.cause == "carol may not create helmrequests in namespace apps of cluster acting."
            with pytest.raises(ClusterRefused):
                installs.install(wish)
            with applied(plane, found.doors[0].text):
                assert until(installs, "rights", "ok", **vars_of(wish)).state == "ok"
                assert installs.install(wish).app.state == "waiting"
                assert checks(installs, **vars_of(replace(wish, name="other")))["acting"].state == "warn"


def vars_of(form: InstallForm) -> dict[str, Any]:
    return {"cluster": form.cluster, "name": form.name, "request_id": form.request_id}
