"""An app looked at closely: what it is made of, how each part is, why it is so, and the ways out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog_web.install.status import AppStatus
from catalog_web.install.verbs.outcomes import is_news
from indexer.model import RevisionMark
from tests.cluster_objects import ClusterObjects, objects_of
from tests.kube_api import KubeApi, refusal
from tests.pages import Browser
from tests.repository import repository
from tests.upstream import Site
from tests.waiting import until
from tests.web import Web, web

APP = "/apps/home/apps/cache"
API = "/api/v1/installs/home/apps/cache"
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cache\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: cache\n"
INGRESS = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: cache\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: cache\ndata:\n  password: c2VjcmV0LXdvcmQ=\n"
SYNCED = {"phase": "Synced", "version": "7.0.0", "lastSpecHash": "1"}
NO_PULL = {"waiting": {"reason": "ImagePullBackOff", "message": "no such tag"}}


@pytest.fixture
def room(tmp_path: Path, site: Site, kube: KubeApi) -> Iterator[Web]:
    repository({"redis": ("7.0.0",)}).serve(site)
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}], clusters=clusters) as running:
        running.sync()
        yield running


@pytest.fixture
def browser(room: Web) -> Browser:
    return Browser(room)


@pytest.fixture
def objects(kube: KubeApi) -> ClusterObjects:
    labels = {"chartroom.dev/source": "shop", "app.kubernetes.io/managed-by": "chartroom"}
    spec = {"chart": "shop/redis", "version": "7.0.0"}
    kube.put("cache", metadata={"labels": labels, "finalizers": ["captain.cpaas.io"]}, spec=spec, status=SYNCED)
    return objects_of(kube)


def put_deployment(objects: ClusterObjects, ready: int, wanted: int = 2) -> None:
    spec = {"replicas": wanted, "selector": {"matchLabels": {"app": "cache"}}}
    objects.put("apps/v1", "Deployment", "cache", spec=spec, status={"readyReplicas": ready})


def pod(**status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "cache-1", "namespace": "apps"}, "status": {"phase": "Pending", **status}}


def test_each_object_of_the_release_is_shown_with_its_health(browser: Browser, objects: ClusterObjects) -> None:
    objects.put_release(DEPLOYMENT, SERVICE)
    put_deployment(objects, ready=1)
    objects.put_pods(pod(containerStatuses=[{"name": "redis", "image": "redis:0", "state": NO_PULL}]))
    page = browser.get(f"{APP}/closer")
    assert "Deployment cache in trouble 1 of 2 ready. Pod cache-1: The image redis:0" in page.text
    assert "no such tag" in page.text
    assert "imagePullSecrets" in page.text
    assert "Service cache in trouble It is not in the cluster." in page.text
    assert "release 1, deployed, redis 7.0.0" in page.text


def test_the_apps_page_does_not_wait_for_it(browser: Browser, objects: ClusterObjects, kube: KubeApi) -> None:
    objects.put_release(DEPLOYMENT)
    kube.log.clear()
    page = browser.get(APP)
    assert page.links["What it is made of, and how each part is"] == f"{APP}/closer"
    assert not any("/releases" in one.path or "/deployments" in one.path for one in kube.log)
    part = browser.get(f"{APP}/closer", **{"HX-Request": "true"})
    assert not part.all("html")
    assert "Deployment cache" in part.text


def test_where_it_can_be_reached_is_shown(browser: Browser, objects: ClusterObjects) -> None:
    objects.put_release(SERVICE, INGRESS)
    objects.put("v1", "Service", "cache", spec={"ports": [{"port": 6379}]})
    objects.put("networking.k8s.io/v1", "Ingress", "cache", spec={"rules": [{"host": "cache.test"}]})
    page = browser.get(f"{APP}/closer")
    assert page.links["http://cache.test/"] == "http://cache.test/"
    assert "kubectl port-forward -n apps service/cache 6379:6379" in page.text


def test_what_may_not_be_looked_at_is_told_once(browser: Browser, objects: ClusterObjects) -> None:
    objects.put_release(DEPLOYMENT, DEPLOYMENT.replace("cache", "other"), SERVICE)
    objects.put("v1", "Service", "cache", spec={"ports": [{"port": 6379}]})
    objects.forbidden.add("deployments")
    page = browser.get(f"{APP}/closer")
    assert page.text.count("may not look at these in this namespace: Deployment.") == 1
    assert "kubectl port-forward" in page.text


def test_without_the_right_to_read_records_its_pods_are_shown(browser: Browser, objects: ClusterObjects) -> None:
    objects.forbidden.add("releases")
    objects.put_pods(pod(containerStatuses=[{"name": "redis", "image": "redis:0", "state": NO_PULL}]))
    page = browser.get(f"{APP}/closer")
    assert "may not read captain's Release records in apps" in page.text
    assert "Pod cache-1 in trouble The image redis:0 of container redis cannot be pulled" in page.text


def test_L7_a_cluster_that_stops_answering_is_told_and_not_asked_for_more(
    browser: Browser, objects: ClusterObjects, kube: KubeApi
) -> None:
    objects.put_release(DEPLOYMENT)
    kube.faults.insert(0, lambda asked, _: refusal(503, "Unavailable", "no") if "/releases" in asked.path else None)
    page = browser.get(f"{APP}/closer")
    assert "home" in page.text
    assert "503" in page.text


def test_G6_what_really_ran_is_shown_without_secrets(browser: Browser, objects: ClusterObjects) -> None:
    values = {"replicas": 2, "auth": {"password": "secret-word"}}
    objects.put_release(SECRET, f"{DEPLOYMENT}spec:\n  args: [--pass=secret-word]\n", values=values)
    text = browser.get(f"{APP}/release").text
    assert "replicas: 2" in text
    assert "kind: Deployment" in text
    assert "secret-word" not in text
    assert "c2VjcmV0LXdvcmQ=" not in text


def test_an_older_record_can_be_looked_at(browser: Browser, objects: ClusterObjects) -> None:
    objects.put_release(DEPLOYMENT, version=1, status="superseded", values={"replicas": 1})
    objects.put_release(DEPLOYMENT, version=2, values={"replicas": 2})
    assert "replicas: 2" in browser.get(f"{APP}/release").text
    assert "replicas: 1" in browser.get(f"{APP}/release?number=1").text


def test_news_are_empty_until_there_are_some(browser: Browser, objects: ClusterObjects, kube: KubeApi) -> None:
    address = browser.get(APP).all("div", hidden="")[0]["hx-get"]
    assert browser.get(address, status=204).text == ""
    kube.change("cache", status={"phase": "Failed", "reason": "no"})
    until(lambda: browser.running.ask("GET", address).status_code == 200)
    assert browser.running.ask("GET", address).headers["HX-Trigger"] == "app-changed"


def test_many_who_look_cost_the_cluster_one_watch(browser: Browser, objects: ClusterObjects, kube: KubeApi) -> None:
    address = browser.get(APP).all("div", hidden="")[0]["hx-get"]
    browser.get(address, status=204)
    until(lambda: browser.running.services.installs.sight("home", "apps", "cache").known)
    kube.log.clear()
    for _ in range(20):
        browser.get(address, status=204)
    assert len([one for one in kube.log if "watch" not in one.query]) == 0


# -- ways out


def failing(kube: KubeApi, reason: str) -> None:
    kube.change("cache", status={"phase": "Failed", "reason": reason, "version": None})


def test_a_reason_stands_in_plain_words_above_captains_own(
    browser: Browser, objects: ClusterObjects, kube: KubeApi
) -> None:
    failing(kube, "cannot find version 7.0.0 for chart redis.shop")
    page = browser.get(APP)
    assert "captain knows redis, but not its version 7.0.0." in page.text
    assert page.links["Look at the source"] == "/sources/shop"
    assert page.text.index("captain knows redis") < page.text.index("cannot find version 7.0.0 for chart redis.shop")


def test_a_missing_namespace_is_made_by_a_button(browser: Browser, objects: ClusterObjects, kube: KubeApi) -> None:
    kube.change("cache", spec={"namespace": "fresh"})
    failing(kube, 'namespaces "fresh" not found')
    page = browser.get(APP)
    browser.followed(page.form("/act"), APP, do="create-namespace")
    assert "fresh" in kube.namespaces


def test_captain_is_told_to_do_it_again_by_a_button(browser: Browser, objects: ClusterObjects, kube: KubeApi) -> None:
    objects.put_release(DEPLOYMENT, version=1)
    objects.put_release(DEPLOYMENT, version=2, status="failed")
    page = browser.get(f"{APP}/closer")
    assert "its newest try (release 2) failed" in page.text
    browser.followed(page.form("/annotate"), APP, step="resync")
    assert "kubectl-captain.resync" in kube.objects["apps", "cache"]["metadata"]["annotations"]


def test_a_button_that_is_none_is_refused(browser: Browser, objects: ClusterObjects, kube: KubeApi) -> None:
    failing(kube, 'namespaces "apps" not found')
    answer = browser.send(browser.get(APP).form("/act"), APP, do="delete-everything")
    assert answer.status_code == 400


def test_notes_become_links_and_commands(browser: Browser, objects: ClusterObjects, kube: KubeApi) -> None:
    notes = "Visit https://cache.test/ui.\nRun:\n  kubectl get pods -n apps\n<script>alert(1)</script>\n"
    kube.change("cache", status={"notes": notes})
    page = browser.get(APP)
    assert page.links["https://cache.test/ui"] == "https://cache.test/ui"
    assert "<script>alert(1)</script>" in page.text
    assert page.all("code", id="note-2")


@pytest.mark.usefixtures("objects")
def test_a_missing_right_is_told_with_the_role_to_send(browser: Browser, kube: KubeApi) -> None:
    kube.forbidden.add("events")
    kube.denied.add("list events")
    failing(kube, "cannot parse chart name")
    page = browser.get(f"{APP}/closer")
    assert "may not list events in apps" in page.text
    assert "kind: RoleBinding" in page.text


def test_a_change_that_captain_is_told_not_to_make_has_no_outcome() -> None:
    mark = RevisionMark(
        "home", "apps", "cache", 2, "upgrade", "7.1.0", "ann", datetime.now(UTC), "u1", 2, {}, "1", "", "request"
    )
    frozen = AppStatus("frozen", "running", uid="u1", generation=2, settled=True)
    assert not is_news(mark, frozen)
    assert is_news(mark, AppStatus("running", "running", uid="u1", generation=2, settled=True))


# -- API


def test_the_api_tells_the_same(room: Web, objects: ClusterObjects, kube: KubeApi) -> None:
    objects.put_release(DEPLOYMENT)
    put_deployment(objects, ready=2)
    found = room.get(f"{API}/resources")
    (deployment,) = found["items"]
    assert (deployment["kind"], deployment["state"], deployment["cause"]) == ("Deployment", "ok", "2 of 2 ready.")
    assert found["release"]["chart_version"] == "7.0.0"
    assert room.get(f"{API}/why") == {"state": "ok", "clues": [], "next_try": None}
    failing(kube, 'charts.app.alauda.io "redis.shop" not found')
    told = room.get(f"{API}/why")
    assert told["state"] == "stuck"
    assert told["clues"][0]["id"] == "chart-unknown"
    assert told["clues"][0]["doors"][0]["path"] == "/api/v1/clusters/home/chartrepos/shop/sync"
