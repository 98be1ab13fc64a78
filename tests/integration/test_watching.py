"""One watch a namespace, shared by all who look: it mends itself and ends, and where it may not be, nobody waits."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.watching import MAX_THINGS, Sight, Watches, version_of
from indexer.errors import ClusterError, WatchExpired
from indexer.model import ClusterConfig
from tests.kube_api import Asked, KubeApi, Reply, kube_api, refusal
from tests.waiting import until


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    with kube_api() as running:
        yield running
        running.watches_until.set()


@pytest.fixture
def cluster(kube: KubeApi, tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path))))
    yield made
    made.close()


@pytest.fixture
def watches() -> Iterator[Watches]:
    made = Watches()
    yield made
    made.close()


def seen(watches: Watches, cluster: Cluster, holds: Callable[[Sight], object], name: str = "web") -> Sight:
    """The first look that ``holds`` is true of."""
    until(lambda: holds(watches.look(cluster, "apps", name)))
    return watches.look(cluster, "apps", name)


def phase(sight: Sight) -> str:
    return str(sight.thing["status"].get("phase")) if sight.thing else ""


def open_watches(kube: KubeApi) -> list[Asked]:
    return [one for one in kube.log if "watch" in one.query]


def test_the_first_look_waits_for_nothing_and_the_next_ones_see_what_happens(
    watches: Watches, cluster: Cluster, kube: KubeApi
) -> None:
    kube.put("web", status={"phase": "Pending"})
    assert watches.look(cluster, "apps", "web") == Sight()
    pending = seen(watches, cluster, lambda one: one.known)
    assert (phase(pending), pending.error) == ("Pending", None)
    kube.put("web", status={"phase": "Synced"})
    synced = seen(watches, cluster, lambda one: phase(one) == "Synced")
    assert synced.version != pending.version
    assert synced.version == version_of(synced.thing)


def test_what_is_removed_is_known_to_be_gone(watches: Watches, cluster: Cluster, kube: KubeApi) -> None:
    kube.put("web")
    seen(watches, cluster, lambda one: one.thing)
    until(lambda: open_watches(kube))
    del kube.objects["apps", "web"]
    gone = seen(watches, cluster, lambda one: one.thing is None)
    assert (gone.known, gone.version) == (True, 0)


def test_many_who_look_share_one_watch(watches: Watches, cluster: Cluster, kube: KubeApi) -> None:
    kube.put("web")
    looking = [threading.Thread(target=watches.look, args=(cluster, "apps", f"web-{n}")) for n in range(20)]
    for one in looking:
        one.start()
    for one in looking:
        one.join()
    seen(watches, cluster, lambda one: one.known)
    until(lambda: open_watches(kube))
    assert (len(open_watches(kube)), watches.count) == (1, 1)


def test_a_watch_that_ends_goes_on_from_its_last_bookmark(watches: Watches, cluster: Cluster, kube: KubeApi) -> None:
    kube.put("web")
    seen(watches, cluster, lambda one: one.thing)
    until(lambda: open_watches(kube))
    kube.put("elsewhere", namespace="ops")  # brings a bookmark
    time.sleep(0.3)
    ending, kube.watches_until = kube.watches_until, threading.Event()
    ending.set()
    until(lambda: len(open_watches(kube)) == 2)
    assert open_watches(kube)[1].query["resourceVersion"] == [str(kube.made)]
    assert len([one for one in kube.log if one.path.endswith("/helmrequests") and "watch" not in one.query]) == 1


def test_L2_after_410_it_lists_anew(watches: Watches, cluster: Cluster, kube: KubeApi) -> None:
    kube.put("web", status={"phase": "Pending"})
    seen(watches, cluster, lambda one: one.thing)
    until(lambda: open_watches(kube))
    time.sleep(0.3)
    ending, kube.watches_until = kube.watches_until, threading.Event()
    kube.oldest = kube.made + 1
    ending.set()
    doubtful = seen(watches, cluster, lambda one: one.error)
    assert isinstance(doubtful.error, WatchExpired)
    kube.put("web", status={"phase": "Synced"})
    seen(watches, cluster, lambda one: phase(one) == "Synced" and one.error is None)


def test_a_watch_that_breaks_keeps_its_picture_with_the_error_and_is_mended(
    watches: Watches, cluster: Cluster, kube: KubeApi
) -> None:
    kube.put("web", status={"phase": "Pending"})
    seen(watches, cluster, lambda one: one.thing)
    until(lambda: open_watches(kube))
    kube.faults.append(lambda asked, _reply: refusal(500, "InternalError", "etcd has no leader"))
    kube.watches_until, ending = threading.Event(), kube.watches_until
    ending.set()
    broken = seen(watches, cluster, lambda one: one.error)
    assert phase(broken) == "Pending"
    assert isinstance(broken.error, ClusterError)
    kube.faults.clear()
    kube.put("web", status={"phase": "Synced"})
    seen(watches, cluster, lambda one: phase(one) == "Synced" and one.error is None)


def test_a_watch_that_something_in_between_cuts_at_once_is_not_asked_for_again_and_again(
    watches: Watches, cluster: Cluster, kube: KubeApi
) -> None:
    kube.put("web")
    kube.faults.append(lambda asked, _reply: Reply(200, b"") if "watch" in asked.query else None)
    assert "at once" in str(seen(watches, cluster, lambda one: one.error).error)
    time.sleep(1)
    assert len(open_watches(kube)) <= 3


@pytest.mark.parametrize("what", ["list", "watch"])
def test_where_it_is_not_allowed_everybody_is_told_to_ask_by_himself(
    watches: Watches, cluster: Cluster, kube: KubeApi, what: str
) -> None:
    forbidden = refusal(403, "Forbidden", "cannot do it")
    kube.put("web")
    kube.faults.append(lambda asked, _: forbidden if ("watch" in asked.query) == (what == "watch") else None)
    watches.look(cluster, "apps", "web")
    until(lambda: watches.count == 0)
    asked = len(kube.log)
    assert watches.look(cluster, "apps", "web") == Sight()
    assert len(kube.log) == asked


def test_a_namespace_with_too_much_in_it_is_not_watched(watches: Watches, cluster: Cluster, kube: KubeApi) -> None:
    def more(asked: Asked, reply: Reply) -> Reply | None:
        assert asked.query["limit"] == [str(MAX_THINGS)]
        return replace(reply, body=b'{"metadata": {"resourceVersion": "1", "continue": "x"}, "items": []}')

    kube.faults.append(more)
    watches.look(cluster, "apps", "web")
    until(lambda: watches.count == 0)
    assert open_watches(kube) == []


def test_a_while_after_the_last_look_it_ends(cluster: Cluster, kube: KubeApi) -> None:
    watches = Watches(idle_seconds=0.3)
    watches.look(cluster, "apps", "web")
    until(lambda: open_watches(kube))
    until(lambda: watches.count == 0)
    assert watches.look(cluster, "apps", "web") == Sight()
    until(lambda: watches.look(cluster, "apps", "web").known)
    watches.close()


def test_what_was_just_written_is_seen_at_once_and_nothing_older_after_it(
    watches: Watches, cluster: Cluster, kube: KubeApi
) -> None:
    old = kube.put("web", spec={"version": "1.0.0"})
    seen(watches, cluster, lambda one: one.thing)
    new: Object = {**old, "metadata": {**old["metadata"], "resourceVersion": "999"}}
    watches.tell(cluster, new)
    watches.tell(cluster, old)
    sight = watches.look(cluster, "apps", "web")
    assert sight.thing is not None
    assert sight.thing["metadata"]["resourceVersion"] == "999"


def test_L5_nobody_sees_with_the_rights_of_another(watches: Watches, kube: KubeApi, tmp_path: Path) -> None:
    cluster = Cluster(ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path)), impersonate=True))
    kube.put("web")
    no = refusal(403, "Forbidden", 'User "mallory" cannot list resource "helmrequests"')
    kube.faults.append(lambda asked, _: no if asked.person == "mallory" else None)
    seen(watches, cluster.acting_as("alice"), lambda one: one.thing)
    assert watches.look(cluster.acting_as("mallory"), "apps", "web") == Sight()
    until(lambda: watches.count == 1)
    assert watches.look(cluster.acting_as("mallory"), "apps", "web") == Sight()
    cluster.close()


def test_L7_a_cluster_that_hangs_costs_those_who_look_nothing(cluster: Cluster, kube: KubeApi) -> None:
    never, watches = threading.Event(), Watches()
    kube.faults.append(lambda _asked, reply: replace(reply, after=never))
    try:
        for _ in range(100):
            assert watches.look(cluster, "apps", "web") == Sight()
        assert watches.count == 1
    finally:
        never.set()
        watches.close()
