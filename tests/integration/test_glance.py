"""Who asks again and again is answered from one shared watch, with the same words as everybody else."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog_web.install.service import Installs
from indexer.errors import InstallNotFound
from indexer.model import ClusterConfig
from tests.kube_api import KubeApi, kube_api, refusal
from tests.postgres import open_store

PLACE = ("home", "apps", "web")


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    with kube_api() as running:
        yield running
        running.watches_until.set()


@pytest.fixture
def installs(kube: KubeApi, tmp_path: Path) -> Iterator[Installs]:
    store = open_store(tmp_path / "data")
    made = Installs([ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path)))], store.revisions)
    yield made
    made.close()
    store.close()


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def gets(kube: KubeApi) -> int:
    """How often the HelmRequest itself was asked for."""
    return sum(1 for one in kube.asked("GET") if one.path.endswith("/helmrequests/web"))


def watched(installs: Installs, kube: KubeApi) -> None:
    """Glances until they cost the cluster nothing."""

    def costs_nothing() -> bool:
        before = gets(kube)
        installs.glance(*PLACE)
        return gets(kube) == before

    until(costs_nothing)


def test_a_glance_says_what_a_look_says(installs: Installs, kube: KubeApi) -> None:
    kube.put("web", spec={"chart": "a/b"}, status={"phase": "Failed", "reason": "no such chart"})
    looked, glanced = installs.status(*PLACE), installs.glance(*PLACE)
    assert (
        (glanced.app.state, glanced.app.reason) == (looked.app.state, looked.app.reason) == ("failed", "no such chart")
    )


def test_many_glances_cost_the_cluster_one_watch(installs: Installs, kube: KubeApi) -> None:
    kube.put("web", spec={"chart": "a/b"}, status={"phase": "Synced"})
    watched(installs, kube)
    asked = len(kube.log)
    for _ in range(50):
        assert installs.glance(*PLACE).app.state == "running"
    assert len(kube.log) == asked
    kube.change("web", status={"phase": "Failed", "reason": "no such chart"})
    until(lambda: installs.glance(*PLACE).app.state == "failed")


def test_one_that_is_removed_is_told_as_that(installs: Installs, kube: KubeApi) -> None:
    kube.put("web", spec={"chart": "a/b"})
    watched(installs, kube)
    del kube.objects["apps", "web"]

    def is_gone() -> bool:
        try:
            installs.glance(*PLACE)
        except InstallNotFound:
            return True
        return False

    until(is_gone)


def test_where_no_watch_is_allowed_each_glance_is_a_look(installs: Installs, kube: KubeApi) -> None:
    kube.put("web", spec={"chart": "a/b"}, status={"phase": "Synced"})
    kube.faults.append(lambda asked, _: refusal(403, "Forbidden", "no") if "watch" in asked.query else None)
    for phase, state in (("Synced", "running"), ("Failed", "failed")):
        kube.change("web", status={"phase": phase})
        assert installs.glance(*PLACE).app.state == state


def test_what_was_just_read_is_never_followed_by_something_older(installs: Installs, kube: KubeApi) -> None:
    kube.put("web", spec={"chart": "a/b"}, status={"phase": "Synced"})
    watched(installs, kube)
    for phase, state in (("Failed", "failed"), ("Synced", "running")) * 5:
        kube.change("web", status={"phase": phase})
        assert installs.status(*PLACE).app.state == state
        assert installs.glance(*PLACE).app.state == state
