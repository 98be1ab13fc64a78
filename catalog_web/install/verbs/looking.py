"""One app as it is now, with its past; what is new is kept on the way."""

from catalog_web.install.apps import AppDetail
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.recorded import values_of
from catalog_web.install.status import app_of, seen
from catalog_web.install.verbs.context import Context
from catalog_web.install.verbs.noticing import notice, notice_gone, taken
from catalog_web.install.verbs.outcomes import awaited, settle
from indexer.errors import ClusterError, InstallNotFound
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
        return _gone(context, cluster, notice_gone(context, cluster, history))


def glance(context: Context, cluster_name: str, namespace: str, name: str) -> AppDetail:
    """The same for whoever asks again and again: from the watch that all who look share, once it has a picture.

    Raises `InstallNotFound`, `ClusterError`.
    """
    cluster = context.clusters.get(cluster_name)
    sight = context.watches.look(cluster, namespace, name)
    if sight.thing is None or sight.error is not None:
        return status(context, cluster_name, namespace, name)
    return detail(context, cluster, sight.thing)


def detail(context: Context, cluster: Cluster, thing: Object) -> AppDetail:
    """``thing`` with what captain says of it, what was sent and what others did to it."""
    context.watches.tell(cluster, thing)
    one = seen(thing)
    history = notice(context, cluster, thing, context.revisions.history(cluster.name, one.namespace, one.name))
    found = context.following.look(cluster, thing, awaited(taken(history), context))
    hidden = context.hide(values_of(thing))[1]
    return AppDetail(app_of(cluster.name, thing, found), thing, settle(context, history, found), hidden)


def caught_up(context: Context, cluster: Cluster, thing: Object) -> tuple[Revision, ...]:
    """The history up to ``thing``, which is about to be changed: what others did to it, and what captain made of the
    last revision, would be seen no more after that."""
    one = seen(thing)
    known = notice(context, cluster, thing, context.revisions.history(cluster.name, one.namespace, one.name))
    return settle(context, known, context.following.advance(cluster, thing, before=awaited(taken(known), context)))


def history(context: Context, cluster_name: str, namespace: str, name: str) -> tuple[Revision, ...]:
    """All revisions of an app, newest first; also while its cluster is away. Raises `InstallNotFound`, and
    `ClusterError` where nothing is known of it."""
    try:
        return status(context, cluster_name, namespace, name).history
    except ClusterError:
        cluster = context.clusters.get(cluster_name)
        known = tuple(context.revisions.history(cluster.name, namespace, name))
        if not known:
            raise
        return known


def _gone(context: Context, cluster: Cluster, history: tuple[Revision, ...]) -> AppDetail:
    last = next((one for one in history if one.uid and not one.is_removal), history[0])
    found = context.following.gone(cluster.name, last.namespace, last.name)
    return AppDetail(app_of(cluster.name, dict(last.manifest), found), None, history)
