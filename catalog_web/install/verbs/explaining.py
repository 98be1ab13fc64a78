"""What an app is made of, and why it is stuck: the cluster asked for what stands around a HelmRequest."""

from collections.abc import Sequence

from catalog_web.install.apps import AppDetail
from catalog_web.install.capabilities import CapabilityId, grant
from catalog_web.install.checks.taken import everything
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.resources import Asking, Resources, resources_of
from catalog_web.install.status import AppStatus, Seen, busy_with, seen
from catalog_web.install.stuck import ABSENT, FAILING, Around, Stuck, why
from catalog_web.install.verbs.context import Context
from indexer.errors import N_, phrase

_NOTHING = Resources()
_NO_OBJECTS: tuple[Object, ...] = ()
_EVENTS: tuple[CapabilityId, ...] = ("events",)
_NO_EVENTS = N_(
    "Chartroom may not list events in {namespace}, so it cannot say when captain tries again, nor what else was told."
)


def resources(context: Context, detail: AppDetail) -> Resources:
    """What the app is made of, each object with its health; nothing once it is gone. Raises `ClusterNotFound`."""
    if detail.helmrequest is None:
        return _NOTHING
    return resources_of(context.clusters.get(detail.app.cluster), seen(detail.helmrequest))


def explain(context: Context, detail: AppDetail, known: Resources = _NOTHING) -> Stuck:
    """Why the app is stuck or failed, as far as can be seen. ``known`` is what it is made of, where that was asked.

    Nothing is asked of the cluster that the state of the app does not call for. Raises `ClusterNotFound`.
    """
    if detail.helmrequest is None:
        return Stuck(())
    one, status = seen(detail.helmrequest), detail.app.status
    around = _look_around(context.clusters.get(detail.app.cluster), one, status, known)
    changed = next((done.at for done in detail.history if done.uid == one.uid), None)
    return why(one, status, around, context.now(), changed)


def _look_around(cluster: Cluster, one: Seen, status: AppStatus, known: Resources) -> Around:
    asking = Asking(list(known.errors))
    failing, absent = status.state in FAILING, status.id in ABSENT
    repo = one.chart.partition("/")[0]
    events = asking.ask(lambda: cluster.events(one.namespace, one.name), _NO_OBJECTS) if failing else ()
    no_events = failing and not events and not _may_list_events(cluster, one, asking)
    lacking = (*known.lacking, *(_EVENTS if no_events else ()))
    return Around(
        repo=asking.ask(lambda: cluster.chart_repo(repo), None) if failing and repo else None,
        repo_known=failing and bool(repo) and not asking.errors,
        events=events,
        others=asking.ask(lambda: cluster.namespace_events(one.release_namespace), _NO_OBJECTS)
        if known.trouble
        else (),
        busy_with=busy_with(_others(cluster, one, asking), one.uid) if absent else "",
        controller=asking.ask(cluster.controller, None) if absent else None,
        records=known.records,
        trouble=known.trouble,
        missing=(*known.missing, phrase(_NO_EVENTS, namespace=one.namespace)) if no_events else known.missing,
        role=_role(cluster, one, lacking, asking),
        errors=tuple(asking.errors),
    )


def _may_list_events(cluster: Cluster, one: Seen, asking: Asking) -> bool:
    return asking.ask(lambda: cluster.may("list", "events", namespace=one.namespace).allowed, True)


def _role(cluster: Cluster, one: Seen, lacking: Sequence[CapabilityId], asking: Asking) -> str:
    """YAML that gives Chartroom what it lacks to look closely; empty where that is nothing."""
    return grant(lacking, asking.ask(cluster.whoami, ""), one.release_namespace) if lacking else ""


def _others(cluster: Cluster, one: Seen, asking: Asking) -> Sequence[Object]:
    return asking.ask(lambda: everything(cluster, one.namespace)[0], _NO_OBJECTS)
