"""The verbs of a cluster on a real API server: persons, conflicts, watches, webhooks, and answers that are lost."""

import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from catalog_web.install.cluster import Cluster, ObjectRef
from catalog_web.install.cluster_states import ClusterStates
from catalog_web.install.watching import Watches
from indexer.errors import (
    AdmissionDenied,
    ClusterRefused,
    ClusterUnreachable,
    InstallNotFound,
    NotServed,
    ObjectConflict,
    ObjectInvalid,
    WatchExpired,
    WebhookDown,
)
from indexer.model import ClusterConfig
from tests.certificates import HERE, signed
from tests.parts.captain_controller import captain_controller
from tests.parts.control_plane import ControlPlane, control_plane
from tests.parts.relay import Relay, relayed_kubeconfig
from tests.tls_servers import server_context
from tests.upstream import upstream

pytestmark = pytest.mark.parts

RULES = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: impersonator}
rules:
- {apiGroups: [""], resources: [users], verbs: [impersonate], resourceNames: [alice, bob]}
- {apiGroups: [""], resources: [groups], verbs: [impersonate], resourceNames: [operators]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: impersonator}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: impersonator}
subjects: [{kind: User, name: catalog, apiGroup: rbac.authorization.k8s.io}]
"""
INSTALLS = ("get", "list", "watch", "create", "update", "patch", "delete")
GROUPS = {"bob": ("operators", "system:masters"), "alice": ()}


FINALIZED = '{"metadata": {"finalizers": ["captain.cpaas.io"]}}'


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("cluster")) as running:
        for namespace in ("apps", "ops", "captain"):
            running.create_namespace(namespace)
        running.apply(RULES)
        running.allow("installer", "apps", {"kind": "User", "name": "alice"}, *INSTALLS)
        running.allow("installer", "ops", {"kind": "Group", "name": "operators"}, *INSTALLS)
        yield running


@pytest.fixture
def admin(plane: ControlPlane) -> Iterator[Cluster]:
    made = Cluster(ClusterConfig("admin", kubeconfig=str(plane.kubeconfig)))
    yield made
    made.close()


@pytest.fixture
def catalog(plane: ControlPlane) -> Iterator[Cluster]:
    """Chartroom with no right but to act as alice, or as bob of the operators."""
    config = ClusterConfig("catalog", kubeconfig=str(plane.kubeconfig_for("catalog")), impersonate=True)
    made = Cluster(config, groups_of=lambda name: GROUPS.get(name, ()))
    yield made
    made.close()


@pytest.fixture
def relay(plane: ControlPlane) -> Iterator[Relay]:
    made = Relay(int(plane.url.rpartition(":")[2]))
    yield made
    made.cut()


@pytest.fixture
def relayed(plane: ControlPlane, relay: Relay) -> Iterator[Cluster]:
    """The admin's cluster, by way of the relay."""
    made = Cluster(ClusterConfig("relayed", kubeconfig=str(relayed_kubeconfig(plane, relay))))
    yield made
    made.close()


def request(name: str, namespace: str = "apps", version: str = "v1alpha1", **spec: Any) -> dict[str, Any]:
    meta = {"name": name, "namespace": namespace}
    whole = {"chart": "shop/tiny", "version": "1.0.0", **spec}
    return {"apiVersion": f"app.alauda.io/{version}", "kind": "HelmRequest", "metadata": meta, "spec": whole}


def until(holds: Callable[[], object], seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


# -- persons


def test_L5_the_cluster_decides_what_each_person_may_do(catalog: Cluster) -> None:
    alice = catalog.acting_as("alice")
    assert alice.whoami() == "alice"
    right = {"group": "app.alauda.io"}
    assert alice.may("create", "helmrequests", namespace="apps", **right).allowed
    assert "installer" in alice.may("create", "helmrequests", namespace="apps", **right).reason
    assert not alice.may("create", "helmrequests", namespace="ops", **right).allowed
    assert not alice.may("create", "namespaces").allowed
    alice.create(request("of-alice"), dry_run=False)
    assert alice.get("apps", "of-alice")["spec"]["chart"] == "shop/tiny"


@pytest.mark.parametrize("namespace", ["ops", "nowhere", "kube-system", "APPS"])
def test_L5_a_namespace_of_others_is_refused_by_the_cluster_itself(catalog: Cluster, namespace: str) -> None:
    alice = catalog.acting_as("alice")
    for ask in (
        lambda: alice.get(namespace, "web"),
        lambda: alice.list(namespace),
        lambda: alice.create(request("web", namespace), dry_run=True),
    ):
        with pytest.raises(ClusterRefused, match='User "alice"'):
            ask()


def test_L5_the_cluster_counts_the_persons_groups_and_no_other(catalog: Cluster) -> None:
    alice, bob = catalog.acting_as("alice"), catalog.acting_as("bob")
    bob.create(request("of-bob", "ops"), dry_run=False)
    assert bob.get("ops", "of-bob")["spec"]["chart"] == "shop/tiny"
    for ask in (
        lambda: alice.get("ops", "of-bob"),
        lambda: alice.create(request("of-alice", "ops"), dry_run=False),
        lambda: bob.list("apps"),
        lambda: bob.list("kube-system"),
    ):
        with pytest.raises(ClusterRefused):
            ask()


def test_L5_whom_chartroom_may_not_act_as_is_refused(catalog: Cluster) -> None:
    with pytest.raises(ClusterRefused, match="mallory"):
        catalog.acting_as("mallory").get("apps", "web")
    with pytest.raises(ClusterRefused, match='User "catalog"'):
        catalog.list("apps")


# -- replacing and marking


def test_a_replace_takes_away_what_was_not_sent_and_can_send_a_null(admin: Cluster, plane: ControlPlane) -> None:
    made = admin.create(request("whole", values={"old": 1, "image": {"tag": "1"}}), dry_run=False)
    plane.kubectl("patch", "helmrequests", "whole", "-n", "apps", "--type=merge", "-p", FINALIZED)
    now = admin.get("apps", "whole")
    with pytest.raises(ObjectConflict) as caught:
        admin.replace({**made, "spec": {**made["spec"], "version": "2.0.0"}})
    assert caught.value.params["stale"]
    spec = {**now["spec"], "version": "2.0.0", "values": {"image": {"tag": None}}}
    would = admin.replace({**now, "spec": spec}, dry_run=True)
    assert would["spec"]["version"] == "2.0.0"
    assert admin.get("apps", "whole")["spec"]["version"] == "1.0.0"
    done = admin.replace({**now, "spec": spec})
    assert done["spec"]["values"] == {"image": {"tag": None}}
    assert done["metadata"]["finalizers"] == ["captain.cpaas.io"]
    assert done["metadata"]["generation"] == now["metadata"]["generation"] + 1
    with pytest.raises(ObjectInvalid, match="resourceVersion"):
        admin.replace({**now, "metadata": {"name": "whole", "namespace": "apps"}})


def test_a_replace_of_what_is_gone_or_has_unknown_fields_is_told(admin: Cluster) -> None:
    made = admin.create(request("brief"), dry_run=False)
    with pytest.raises(ObjectInvalid, match="colour"):
        admin.replace({**made, "spec": {**made["spec"], "colour": "red"}})
    admin.delete("apps", "brief", made["metadata"]["uid"])
    with pytest.raises(ObjectConflict) as caught:
        admin.replace(made)
    assert caught.value.params["stale"]


def test_an_annotation_leaves_what_only_v1_knows(admin: Cluster) -> None:
    source = {"http": {"url": "https://x.example/tiny-1.0.0.tgz"}}
    made = admin.create(request("sourced", version="v1", source=source), dry_run=False)
    noted = admin.annotate("apps", "sourced", {"captain-no-sync": "true"}, made["metadata"]["uid"])
    assert noted["metadata"]["annotations"] == {"captain-no-sync": "true"}
    assert admin.get("apps", "sourced", "v1")["spec"]["source"] == source
    admin.annotate("apps", "sourced", {"captain-no-sync": None}, made["metadata"]["uid"])
    assert not admin.get("apps", "sourced")["metadata"].get("annotations")
    with pytest.raises(ObjectConflict, match="another HelmRequest has the name"):
        admin.annotate("apps", "sourced", {"a": "b"}, "of-another")


# -- what there is


def test_objects_of_all_kinds_are_found_and_of_a_secret_no_value(admin: Cluster, plane: ControlPlane) -> None:
    plane.kubectl("create", "secret", "generic", "login", "-n", "apps", "--from-literal=password=s3cret")
    secret, role, account, nothing, unknown = admin.objects(
        [
            ObjectRef("v1", "Secret", "apps", "login"),
            ObjectRef("rbac.authorization.k8s.io/v1", "ClusterRole", "", "impersonator"),
            ObjectRef("v1", "ServiceAccount", "apps", "default"),
            ObjectRef("apps/v1", "Deployment", "apps", "nobody"),
            ObjectRef("example.com/v1", "Moon", "apps", "luna"),
        ]
    )
    assert isinstance(secret, dict)
    assert secret["metadata"]["name"] == "login"
    assert "data" not in secret
    assert isinstance(role, dict)
    assert role["rules"][0]["resourceNames"] == ["alice", "bob"]
    assert isinstance(account, dict)
    assert nothing is None
    assert isinstance(unknown, NotServed)


def test_what_is_served_is_what_helm_would_find(admin: Cluster) -> None:
    served = admin.served()
    assert served is not None
    wanted = {"v1", "v1/Pod", "apps/v1", "apps/v1/Deployment", "app.alauda.io/v1/HelmRequest", "batch/v1/CronJob"}
    assert wanted <= served


def test_a_namespace_is_made_once(admin: Cluster) -> None:
    assert admin.namespace("fresh") is None
    admin.create_namespace("fresh")
    assert admin.namespace("fresh") is not None
    with pytest.raises(ObjectConflict) as caught:
        admin.create_namespace("fresh")
    assert caught.value.params["taken"]
    with pytest.raises(ObjectInvalid, match="Namespace"):
        admin.create_namespace("Not A Name")


def test_captain_is_seen_to_work_by_what_it_reads_and_made_to_read_at_once(plane: ControlPlane) -> None:
    cluster = Cluster(ClusterConfig("home", kubeconfig=str(plane.kubeconfig)))
    with upstream() as site, captain_controller(plane) as captain:
        site.put("/index.yaml", json.dumps({"entries": {"Tiny": [{"name": "Tiny", "version": "1.0.0"}]}}))
        meta = {"name": "shop", "namespace": "captain"}
        repo = {"kind": "ChartRepo", "metadata": meta, "spec": {"type": "Chart", "url": site.url}}
        cluster.create_chart_repo("shop", lambda version: {"apiVersion": f"app.alauda.io/{version}", **repo})
        until(lambda: cluster.chart("shop", "Tiny"))
        state = ClusterStates((cluster,), lambda: datetime.now(UTC)).look(20)[0]
        assert (state.state, [(one.id, one.state) for one in state.checks]) == (
            "ok",
            [("captain", "ok"), ("captain-alive", "ok")],
        )
        asked = len(site.asked("/index.yaml"))
        cluster.resync_chart_repo("shop")
        until(lambda: len(site.asked("/index.yaml")) > asked)
        assert captain.errors == []
    cluster.close()


# -- watches


def phase(watches: Watches, cluster: Cluster, name: str) -> str:
    thing = watches.look(cluster, "apps", name).thing
    return str((thing or {}).get("spec", {}).get("version", ""))


def test_a_watch_follows_over_a_stopped_server_and_misses_nothing(
    admin: Cluster, relayed: Cluster, relay: Relay
) -> None:
    watches = Watches()
    made = admin.create(request("followed"), dry_run=False)
    until(lambda: phase(watches, relayed, "followed") == "1.0.0")
    made = admin.replace({**made, "spec": {**made["spec"], "version": "2.0.0"}})
    until(lambda: phase(watches, relayed, "followed") == "2.0.0")
    relay.cut()
    until(lambda: watches.look(relayed, "apps", "followed").error)
    made = admin.replace({**made, "spec": {**made["spec"], "version": "3.0.0"}})
    assert phase(watches, relayed, "followed") == "2.0.0"
    relay.mend()
    until(lambda: phase(watches, relayed, "followed") == "3.0.0")
    assert watches.look(relayed, "apps", "followed").error is None
    admin.delete("apps", "followed", made["metadata"]["uid"])
    until(lambda: watches.look(relayed, "apps", "followed").thing is None)
    watches.close()


def test_L2_a_watch_from_long_ago_is_expired(admin: Cluster) -> None:
    with admin.watch("apps", "1", 5) as watch, pytest.raises(WatchExpired):
        next(watch)


def test_a_watch_ends_when_it_is_told_to(admin: Cluster) -> None:
    snapshot = admin.snapshot("ops", 10)
    assert snapshot is not None
    ended: list[Any] = []
    with admin.watch("ops", snapshot.resource_version, 60) as watch:
        waiting = threading.Thread(target=lambda: ended.append(_last(watch)))
        waiting.start()
        watch.close()
        waiting.join(20)
    assert len(ended) == 1


def _last(watch: Any) -> Any:
    try:
        return list(watch)
    except ClusterUnreachable as error:
        return error


# -- the answer is lost


@pytest.mark.parametrize("verb", ["create", "replace", "annotate", "delete"])
def test_L1_a_write_whose_answer_is_lost_is_told_as_that_and_can_be_found(
    admin: Cluster, relayed: Cluster, relay: Relay, verb: str
) -> None:
    name = f"lost-{verb}"
    made = request(name) if verb == "create" else admin.create(request(name), dry_run=False)
    uid = made["metadata"].get("uid", "")
    verbs: dict[str, Callable[[], object]] = {
        "create": lambda: relayed.create(made, dry_run=False),
        "replace": lambda: relayed.replace({**made, "spec": {**made["spec"], "version": "2.0.0"}}),
        "annotate": lambda: relayed.annotate("apps", name, {"a": "b"}, uid),
        "delete": lambda: relayed.delete("apps", name, uid),
    }
    relayed.list("ops")  # opens the connection
    with relay.losing_answers(), pytest.raises(ClusterUnreachable):
        verbs[verb]()
    done: dict[str, Callable[[], object]] = {
        "create": lambda: _or_none(admin, name),
        "replace": lambda: admin.get("apps", name)["spec"]["version"] == "2.0.0",
        "annotate": lambda: admin.get("apps", name)["metadata"].get("annotations") == {"a": "b"},
        "delete": lambda: _or_none(admin, name) is None,
    }
    until(done[verb])


def _or_none(cluster: Cluster, name: str) -> object:
    try:
        return cluster.get("apps", name)
    except InstallNotFound:
        return None


# -- webhooks


@contextmanager
def webhook(
    plane: ControlPlane, folder: Path, code: int = 422, reason: str = "the chart may not change"
) -> Iterator[None]:
    """A validating webhook that says no to every HelmRequest."""
    certified = signed("127.0.0.1", names=HERE, is_authority=True)

    class No(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = {"code": code, "message": reason, "reason": reason}
            response = {"uid": asked["request"]["uid"], "allowed": False, "status": status}
            body = json.dumps({"apiVersion": asked["apiVersion"], "kind": asked["kind"], "response": response}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            """Nobody reads it."""

    server = HTTPServer(("127.0.0.1", 0), No)
    server.socket = server_context(certified).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        with registered(plane, server.server_address[1], certified.pem):
            yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def registered(plane: ControlPlane, port: int, ca: str) -> Iterator[None]:
    rule = {
        "apiGroups": ["app.alauda.io"],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["helmrequests"],
    }
    hook = {
        "name": "validate-helmrequest.app.alauda.io",
        "clientConfig": {"url": f"https://127.0.0.1:{port}/validate", "caBundle": b64encode(ca.encode()).decode()},
        "rules": [rule],
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Fail",
        "timeoutSeconds": 2,
    }
    api = "admissionregistration.k8s.io/v1"
    kind = "ValidatingWebhookConfiguration"
    plane.apply(json.dumps({"apiVersion": api, "kind": kind, "metadata": {"name": "captain"}, "webhooks": [hook]}))
    try:
        yield
    finally:
        plane.kubectl("delete", kind, "captain")


def refused_by_webhook(cluster: Cluster, name: str, kind: type[Exception]) -> Exception:
    """The refusal, once the API server has taken the registration up."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            cluster.create(request(name), dry_run=True)
        except kind as error:
            return error
        time.sleep(0.1)
    raise AssertionError("the webhook was not asked")


@pytest.mark.parametrize("code", [403, 422])
def test_L2_what_a_webhook_denies_is_told_in_its_words(admin: Cluster, plane: ControlPlane, code: int) -> None:
    with webhook(plane, code):
        error = refused_by_webhook(admin, "denied", AdmissionDenied)
        assert "the chart may not change" in str(error)
        found = admin.webhooks()
        assert found is not None
        assert [one["metadata"]["name"] for one in found] == ["captain"]


def test_L2_a_webhook_that_does_not_answer_is_told_as_that(admin: Cluster, plane: ControlPlane) -> None:
    with registered(plane, 9, signed("127.0.0.1", names=HERE, is_authority=True).pem):
        error = refused_by_webhook(admin, "unasked", WebhookDown)
        assert "validate-helmrequest.app.alauda.io" in str(error)
