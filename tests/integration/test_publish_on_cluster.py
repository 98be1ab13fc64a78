"""Publishing on a real API server with captain's custom resources, with captain's reading played as it was recorded."""

import json
import socket
import threading
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from catalog_web import create_helm_app, publishing
from catalog_web.captain.errors import ForeignChartRepo, PublishingRefused, SecretUnreadable
from catalog_web.captain.publish import Publisher
from catalog_web.captain.secrets import KubernetesSecrets
from catalog_web.install.service import Installs
from indexer.errors import ChartroomError, ClusterError
from indexer.http import Access
from indexer.model import ClusterConfig
from tests.parts.captain_repos import read_repos
from tests.parts.control_plane import ControlPlane, control_plane
from tests.parts.fake_captain import FakeCaptain, captain_on
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

pytestmark = pytest.mark.parts

CHARTS = {"redis": ("2.0.0", "1.0.0"), "blog": ("0.1.0",)}
NAMESPACE = ("-n", "captain")


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("cluster")) as running:
        running.create_namespace("captain")
        running.create_namespace("apps")
        yield running


@pytest.fixture(scope="module")
def captain(plane: ControlPlane) -> Iterator[FakeCaptain]:
    with captain_on(plane) as playing:
        yield playing


@pytest.fixture(autouse=True)
def clean(plane: ControlPlane) -> Iterator[None]:
    yield
    plane.kubectl("delete", "chartrepos,charts,secrets", "--all", *NAMESPACE)


@pytest.fixture
def room(tmp_path: Path, plane: ControlPlane, site: Site) -> Iterator[Web]:
    """A Chartroom with a source behind a password and a folder, whose own listener captain can reach."""
    repository(CHARTS).serve(site)
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, data in repository(CHARTS).archives.items():
        (folder / name).write_bytes(data)
    port = _free_port()
    options: dict[str, Any] = {
        "clusters": [{"name": "home", "kubeconfig": str(plane.kubeconfig)}],
        "helm_listen": f"127.0.0.1:{port}",
    }
    sources = [{"name": "shop", "url": site.url}, {"name": "local", "url": str(folder), "kind": "directory"}]
    with web(tmp_path, sources, **options) as running:
        running.sync("shop")
        running.sync("local")
        with _served(running, port):
            yield running


class _Quiet(WSGIRequestHandler):
    def log(self, *_args: Any) -> None:
        pass


@contextmanager
def _served(running: Web, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, create_helm_app(running.services), True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def read(plane: ControlPlane, kind: str, name: str) -> Any:
    return json.loads(plane.kubectl("get", kind, name, *NAMESPACE, "-o", "json"))


def names(plane: ControlPlane, kind: str) -> list[str]:
    return sorted(plane.kubectl("get", kind, *NAMESPACE, "-o", "jsonpath={.items[*].metadata.name}").split())


def patch(plane: ControlPlane, kind: str, name: str, change: dict[str, Any]) -> None:
    plane.kubectl("patch", kind, name, *NAMESPACE, "--type=merge", "-p", json.dumps(change))


def state(room: Web, source: str) -> tuple[str, str, str]:
    (one,) = publishing.publications(room.services, source)
    return one.state, one.phase, one.reason


def forget_when(room: Web, source: str) -> None:
    """As if Chartroom had looked five minutes ago."""
    row = room.services.store.publications.find("home", source)
    assert row is not None
    room.services.store.publications.tried(row, {**row.state, "checked": "2026-11-25T00:00:00+00:00"})


def test_captain_reads_what_was_published_and_has_its_charts(
    room: Web, plane: ControlPlane, captain: FakeCaptain
) -> None:
    publishing.publish(room.services, "shop")
    assert state(room, "shop") == ("waiting", "", "")
    read_repos(captain)
    assert state(room, "shop") == ("published", "Synced", "")
    assert names(plane, "charts") == ["blog.shop", "redis.shop"]
    stored = read(plane, "chartrepos", "shop")
    assert stored["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "chartroom"
    assert "secret" not in stored["spec"]


def test_captain_reads_a_folder_from_chartroom_with_a_password_of_its_own(
    room: Web, plane: ControlPlane, captain: FakeCaptain
) -> None:
    publishing.publish(room.services, "local")
    read_repos(captain)
    assert state(room, "local") == ("published", "Synced", "")
    assert names(plane, "charts") == ["blog.local", "redis.local"]
    entry = read(plane, "charts", "redis.local")["spec"]["versions"][0]
    assert (entry["version"], entry["urls"]) == ("2.0.0", ["redis-2.0.0.tgz"])
    repo = read(plane, "chartrepos", "local")
    with urllib.request.urlopen(f"{repo['spec']['url']}/{entry['urls'][0]}", timeout=30) as answer:
        assert answer.read() == repository(CHARTS).archives["redis-2.0.0.tgz"]


def test_captains_reason_is_shown_and_drift_is_repaired(room: Web, plane: ControlPlane, captain: FakeCaptain) -> None:
    publishing.publish(room.services, "shop")
    patch(plane, "chartrepos", "shop", {"spec": {"url": "http://127.0.0.1:1"}})
    read_repos(captain)
    shown = publishing.publications(room.services, "shop")[0]
    assert (shown.state, shown.reason) == (
        "failing",
        'Get "http://127.0.0.1:1/index.yaml": dial tcp 127.0.0.1:1: connect: connection refused',
    )
    assert "network policies" in shown.remedy
    forget_when(room, "shop")
    publishing.keep_in_step(room.services)
    read_repos(captain)
    assert state(room, "shop") == ("published", "Synced", "")


def test_a_broken_or_lost_secret_is_put_back(room: Web, plane: ControlPlane, captain: FakeCaptain) -> None:
    publishing.publish(room.services, "local")
    good = read(plane, "secrets", "chartroom-local")["data"]
    patch(plane, "secrets", "chartroom-local", {"data": {"password": b64encode(b"nope").decode(), "more": "eA=="}})
    forget_when(room, "local")
    publishing.keep_in_step(room.services)
    assert read(plane, "secrets", "chartroom-local")["data"] == good
    plane.kubectl("delete", "secret", "chartroom-local", *NAMESPACE)
    read_repos(captain)
    assert state(room, "local") == ("failing", "Failed", 'secrets "chartroom-local" not found')
    forget_when(room, "local")
    publishing.keep_in_step(room.services)
    read_repos(captain)
    assert state(room, "local")[0] == "published"


def test_captain_skips_a_synced_one_for_a_minute_unless_it_is_told_to_read(
    room: Web, site: Site, plane: ControlPlane, captain: FakeCaptain
) -> None:
    publishing.publish(room.services, "shop")
    read_repos(captain)
    repository({"fresh": ("1.0.0",)}).serve(site)
    read_repos(captain)
    assert names(plane, "charts") == ["blog.shop", "redis.shop"]
    room.services.syncer.sync("shop", accept=True)
    publishing.keep_in_step(room.services)
    assert "cpaas.io/last-sync-at" not in read(plane, "chartrepos", "shop")["metadata"].get("annotations", {})
    read_repos(captain)
    assert names(plane, "charts") == ["fresh.shop"]


def test_what_is_not_ours_is_left_alone(room: Web, plane: ControlPlane) -> None:
    plane.apply(
        json.dumps(
            {
                "apiVersion": "app.alauda.io/v1beta1",
                "kind": "ChartRepo",
                "metadata": {"name": "shop", "namespace": "captain"},
                "spec": {"type": "Chart", "url": "http://theirs.example.org"},
            }
        )
    )
    before = read(plane, "chartrepos", "shop")
    with pytest.raises(ForeignChartRepo):
        publishing.publish(room.services, "shop")
    assert read(plane, "chartrepos", "shop") == before


def test_only_the_very_object_is_changed_or_deleted(room: Web, plane: ControlPlane) -> None:
    publishing.publish(room.services, "local")
    cluster = room.services.installs.cluster()
    other = "0855117a-9e98-40cc-8093-7147d7c3be3a"
    before = read(plane, "chartrepos", "local"), read(plane, "secrets", "chartroom-local")
    for attempt in (
        lambda: cluster.patch_chart_repo("local", {"metadata": {"uid": other}, "spec": {"url": "http://x"}}),
        lambda: cluster.delete_chart_repo("local", other),
        lambda: cluster.patch_secret("captain", "chartroom-local", {"metadata": {"uid": other}, "data": {"a": "eA=="}}),
        lambda: cluster.delete_secret("captain", "chartroom-local", other),
    ):
        with pytest.raises(ClusterError):
            attempt()
    assert (read(plane, "chartrepos", "local"), read(plane, "secrets", "chartroom-local")) == before


def test_unpublishing_takes_the_charts_along(room: Web, plane: ControlPlane, captain: FakeCaptain) -> None:
    publishing.publish(room.services, "local")
    read_repos(captain)
    assert names(plane, "charts") != []
    publishing.unpublish(room.services, "local")
    plane.kubectl("wait", "--for=delete", "chartrepo/local", *NAMESPACE, "--timeout=60s")
    assert (names(plane, "chartrepos"), names(plane, "charts")) == ([], [])
    assert "chartroom-local" not in names(plane, "secrets")
    assert publishing.publications(room.services, "local") == ()


OTHERS = """
apiVersion: v1
kind: Secret
metadata: {name: museum-auth, namespace: apps}
stringData: {username: reader, password: s3cret}
---
apiVersion: app.alauda.io/v1alpha1
kind: ChartRepo
metadata: {name: open-alpha, namespace: captain}
spec: {url: "https://charts.example.org"}
---
apiVersion: app.alauda.io/v1beta1
kind: ChartRepo
metadata: {name: authed-otherns, namespace: captain}
spec: {type: Chart, url: "https://private.example.org", secret: {name: museum-auth, namespace: apps}}
---
apiVersion: app.alauda.io/v1beta1
kind: ChartRepo
metadata: {name: userinurl, namespace: captain}
spec: {type: Chart, url: "https://reader:s3cret@charts.example.org"}
---
apiVersion: app.alauda.io/v1beta1
kind: ChartRepo
metadata: {name: gitnosrc, namespace: captain}
spec: {type: Git, url: ""}
"""


def test_chart_repos_of_others_are_offered(room: Web, plane: ControlPlane, captain: FakeCaptain) -> None:
    plane.apply(OTHERS)
    publishing.publish(room.services, "shop")
    found = {one.repo: one for one in publishing.discovered(room.services)}
    assert {name: one.state for name, one in found.items()} == {
        "authed-otherns": "offered",
        "gitnosrc": "impossible",
        "open-alpha": "offered",
        "userinurl": "offered",
    }
    assert found["authed-otherns"].secret_ref == "home/apps/museum-auth"
    assert (found["userinurl"].url, found["userinurl"].password) == ("https://charts.example.org", "s3cret")
    assert publishing.register(room.services, "home", "open-alpha").source.chart_repo == "open-alpha"
    registered = publishing.register(room.services, "home", "authed-otherns").source
    assert registered.secret_ref == "home/apps/museum-auth"
    secrets = KubernetesSecrets(room.services.installs)
    assert secrets.read("home", "apps", "museum-auth") == {"username": "reader", "password": "s3cret"}
    with pytest.raises(SecretUnreadable, match="it is not there"):
        secrets.read("home", "apps", "absent")
    with pytest.raises(SecretUnreadable, match="No cluster named"):
        secrets.read("elsewhere", "apps", "museum-auth")


def test_with_the_role_that_the_refusal_tells_publishing_works(room: Web, plane: ControlPlane) -> None:
    store = room.services.store
    poor = Installs([ClusterConfig("poor", kubeconfig=str(plane.kubeconfig_for("catalog")))], store.revisions)
    publisher = Publisher(store, poor, lambda _source: Access(), room.services.helm_credentials, "http://127.0.0.1:1")
    source = store.sources.get("local").source
    with pytest.raises(PublishingRefused) as caught:
        publisher.publish(source)
    assert store.publications.all() == ()
    assert "name: catalog" in caught.value.remedy
    plane.apply(caught.value.params["role"])
    assert publisher.publish(source).state == "waiting"
    publisher.unpublish("local")
    plane.kubectl("delete", "rolebinding,role", "--all", *NAMESPACE)
    poor.close()


def test_captains_namespace_is_where_its_chart_repos_are(room: Web, plane: ControlPlane, captain: FakeCaptain) -> None:
    publishing.publish(room.services, "shop")
    read_repos(captain)
    repo = {"metadata": {"name": "stray", "namespace": "apps"}, "spec": {"type": "Chart", "url": "http://x.example"}}
    plane.apply(json.dumps({"apiVersion": "app.alauda.io/v1beta1", "kind": "ChartRepo", **repo}))
    fresh = Installs([ClusterConfig("home", kubeconfig=str(plane.kubeconfig))], room.services.store.revisions)
    cluster = fresh.cluster()
    assert [one["metadata"]["name"] for one in cluster.chart_repos()] == ["shop"]
    assert cluster.captain_namespace == "captain"
    fresh.close()
    patch(plane, "chartrepos", "shop", {"status": None})
    plane.kubectl("patch", "ctr", "stray", "-n", "apps", "--type=merge", "-p", '{"status": {"phase": "Synced"}}')
    moved = Installs([ClusterConfig("home", kubeconfig=str(plane.kubeconfig))], room.services.store.revisions)
    assert [one["metadata"]["name"] for one in moved.cluster().chart_repos()] == ["stray"]
    moved.close()
    plane.kubectl("delete", "ctr", "stray", "-n", "apps")


def test_an_absent_namespace_is_named(room: Web, plane: ControlPlane) -> None:
    store = room.services.store
    config = ClusterConfig("lost", kubeconfig=str(plane.kubeconfig), captain_namespace="nowhere")
    lost = Installs([config], store.revisions)
    publisher = Publisher(store, lost, lambda _source: Access(), room.services.helm_credentials, "http://127.0.0.1:1")
    with pytest.raises(ChartroomError, match="namespace nowhere does not exist"):
        publisher.publish(store.sources.get("local").source)
    lost.close()
