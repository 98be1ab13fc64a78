"""The page of clusters: how each is and its captain, and one that hangs costs no other anything."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.kube_api import KubeApi, Reply, kube_api, refusal
from tests.pages import Browser, Page
from tests.web import Web, web

HOOK = {
    "metadata": {"name": "captain"},
    "webhooks": [
        {
            "name": "validate-helmrequest.app.alauda.io",
            "rules": [{"apiGroups": ["app.alauda.io"], "apiVersions": ["v1alpha1"], "resources": ["helmrequests"]}],
        }
    ],
}


@contextmanager
def room(folder: Path, **kubes: KubeApi | str) -> Iterator[Web]:
    """A Chartroom with a cluster of each name; a text is an address where nobody is."""
    clusters = []
    folder.mkdir(exist_ok=True)
    for name, kube in kubes.items():
        url = kube if isinstance(kube, str) else kube.url
        file = KubeApi(url=url).kubeconfig(folder, name=name)
        clusters.append({"name": name, "kubeconfig": str(file), "captain_namespace": "captain"})
    with web(folder / "room", clusters=clusters) as running:
        yield running


def shown(running: Web) -> Page:
    """The page once every cluster has answered."""
    for _ in range(100):
        page = Browser(running).get("/clusters")
        if "has not answered yet" not in page.text:
            return page
        time.sleep(0.1)
    raise AssertionError(page.text)


def synced(ago: timedelta) -> dict[str, Any]:
    stamp = (datetime.now(UTC) - ago).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"cpaas.io/last-sync-at": stamp}


def captain_read(kube: KubeApi, ago: timedelta) -> None:
    kube.put_repo("shop", "https://x.example", {"phase": "Synced"})["metadata"]["annotations"] = synced(ago)


def deployments(kube: KubeApi, *ready: int) -> None:
    kube.deployments = [{"metadata": {"name": "captain"}, "status": {"readyReplicas": one}} for one in ready]


def test_a_cluster_that_is_well_says_its_versions_and_when_captain_last_worked(tmp_path: Path, kube: KubeApi) -> None:
    captain_read(kube, timedelta(minutes=1))
    with room(tmp_path, home=kube) as running:
        page = shown(running)
    assert "home Ready" in page.text
    for told in ("Kubernetes v1.36.3", "HelmRequests served as v1alpha1", "Namespace of captain captain", "at work"):
        assert told in page.text
    assert page.links["Apps there (home)"] == "/apps?cluster=home"
    assert page.links["Repositories that captain reads (home)"] == "/clusters/home/chartrepos"


def test_a_captain_that_is_silent_or_down_is_told_with_what_to_do(tmp_path: Path, kube: KubeApi) -> None:
    captain_read(kube, timedelta(hours=1))
    with room(tmp_path, home=kube) as running:
        silent = shown(running)
    assert "home Something there needs a look" in silent.text
    assert "last read a repository 60 min ago" in silent.text
    deployments(kube, 0)
    with room(tmp_path / "down", home=kube) as running:
        down = shown(running)
    assert "its Deployment captain in namespace captain has no pod that is ready" in down.text
    assert "kubectl get pods -n captain" in down.text


def test_a_captain_that_has_read_nothing_yet_is_known_to_run_by_its_deployment(tmp_path: Path, kube: KubeApi) -> None:
    deployments(kube, 1)
    with room(tmp_path, home=kube) as running:
        assert "captain runs: its Deployment captain" in shown(running).text


def test_what_may_not_be_seen_of_captain_is_told_as_unknown_and_stops_nothing(tmp_path: Path, kube: KubeApi) -> None:
    no = refusal(403, "Forbidden", "cannot list it")
    kube.faults.append(lambda asked, _: None if asked.path.count("/") < 4 else no)
    with room(tmp_path, home=kube) as running:
        page = shown(running)
    assert "home Ready" in page.text
    assert "unknown" in page.text
    assert "cannot list it" in page.text


def test_a_webhook_that_refuses_what_chartroom_writes_is_told(tmp_path: Path, kube: KubeApi) -> None:
    kube.webhooks = [HOOK]
    with room(tmp_path, home=kube) as running:
        page = shown(running)
    assert "registered for v1alpha1, which it cannot read" in page.text
    assert "Set api_version of the cluster" in page.text


def test_a_cluster_without_captain_and_one_that_is_away_say_what_is_missing(tmp_path: Path, kube: KubeApi) -> None:
    absent = Reply(404, b"404 page not found\n", "text/plain")
    kube.faults.append(lambda asked, _: absent if "app.alauda.io" in asked.path else None)
    with room(tmp_path, bare=kube, away="http://127.0.0.1:9") as running:
        page = shown(running)
    assert "captain is not installed there" in page.text
    assert "The cluster away cannot be reached: connection refused" in page.text
    assert page.text.count("Nothing can be installed there now") == 2


def test_L7_one_of_ten_clusters_that_hangs_leaves_the_others_and_the_page_alone(tmp_path: Path, kube: KubeApi) -> None:
    never = threading.Event()
    with kube_api() as slow:
        slow.faults.append(lambda _asked, reply: replace(reply, after=never))
        kubes: dict[str, KubeApi | str] = {f"well-{number}": kube for number in range(9)}
        with room(tmp_path, **kubes, slow=slow) as running:
            try:
                pages = [Browser(running).get("/clusters").text for _ in range(3)]
                listed = running.get("/api/v1/clusters")["items"]
            finally:
                never.set()
    assert pages[-1].count("Ready") == 9
    assert "slow It has not answered yet" in pages[-1]
    assert [one["state"] for one in listed] == ["ok"] * 9 + ["problem"]
    assert listed[-1]["error"]["id"] == "cluster-timed-out"
    assert [one for one in slow.log if one.path == "/version"] == slow.log[:1]


def test_it_is_not_asked_again_for_everybody_who_looks(tmp_path: Path, kube: KubeApi) -> None:
    with room(tmp_path, home=kube) as running:
        shown(running)
        asked = len(kube.log)
        shown(running)
        running.get("/api/v1/clusters")
        assert len(kube.log) == asked


def test_the_api_tells_the_same(tmp_path: Path, kube: KubeApi) -> None:
    captain_read(kube, timedelta(hours=1))
    with room(tmp_path, home=kube) as running:
        one = running.get("/api/v1/clusters")["items"][0]
    assert (one["name"], one["default"], one["state"], one["reachable"]) == ("home", True, "ok", True)
    assert (one["version"], one["serves"], one["captain_namespace"]) == ("v1.36.3", ["v1alpha1"], "captain")
    assert [(check["id"], check["state"]) for check in one["captain"]] == [("captain", "ok"), ("captain-alive", "warn")]
    assert one["asked"] is not None


def test_the_footer_leads_there_where_there_are_clusters(tmp_path: Path, kube: KubeApi) -> None:
    with room(tmp_path, home=kube) as running:
        assert Browser(running).get("/").links["Clusters"] == "/clusters"
    with web(tmp_path / "bare") as running:
        assert "Clusters" not in Browser(running).get("/").links
        assert "No cluster is connected" in Browser(running).get("/clusters").text


def test_G6_a_clusters_token_stands_on_no_page(tmp_path: Path, kube: KubeApi) -> None:
    kube.faults.append(lambda asked, _: refusal(403, "Forbidden", f"no: {asked.authorization}"))
    with room(tmp_path, home=kube) as running:
        assert "s3cret" not in shown(running).html
