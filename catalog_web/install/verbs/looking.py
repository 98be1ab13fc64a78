"""One app as it is now, with its past."""

from catalog_web.install.apps import AppDetail
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.status import app_of, seen
from catalog_web.install.verbs.context import Context
from indexer.errors import InstallNotFound
from indexer.model import Revision


def status(context: Context, cluster_name: str, namespace: str, name: str) -> AppDetail:
    """One HelmRequest, whoever made it. One that Chartroom knew and that is gone has the state ``gone``.

    Raises `InstallNotFound`, `ClusterError`.
    """
    cluster = context.clusters.get(cluster_name)
    try:
        return detail(context, cluster, cluster.get(namespace, name))
    except InstallNotFound:
        history = tuple(context.revisions.history(cluster.name, namespace, name))
        if not any(one.uid for one in history):  # what was sent never arrived
            raise
        return _gone(context, cluster, history)


def detail(context: Context, cluster: Cluster, thing: Object) -> AppDetail:
    """``thing`` with what captain says of it and what was sent."""
    one = seen(thing)
    found = context.following.look(cluster, thing)
    history = tuple(context.revisions.history(cluster.name, one.namespace, one.name))
    return AppDetail(app_of(cluster.name, thing, found), thing, history)


def _gone(context: Context, cluster: Cluster, history: tuple[Revision, ...]) -> AppDetail:
    sent = next((one for one in history if one.action == "install"), history[0])
    found = context.following.gone(cluster.name, sent.namespace, sent.name)
    return AppDetail(app_of(cluster.name, dict(sent.manifest), found), None, history)
