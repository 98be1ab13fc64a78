"""Keeping what captain made of the revisions although nobody looks at a page."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from catalog_web.install.cluster import Cluster
from catalog_web.install.clusters import at_once
from catalog_web.install.verbs import looking
from catalog_web.install.verbs.context import Context
from indexer.errors import ClusterError, InstallNotFound
from indexer.model import RevisionMark

AWAITED = timedelta(days=1)
"""captain tries again and again; what it has not brought to an end after a day is only noticed by whoever looks."""
FRESH = timedelta(minutes=5)
MOST = 50
"""Apps of one cluster that are looked at in one round."""


def catch_up(context: Context) -> int:
    """Look at the apps whose newest revision has no outcome yet; returns how many of these were sent within the last
    minutes, so that it is worth looking again soon. A cluster that does not answer costs only its own part."""
    waiting = context.revisions.unsettled(context.now() - AWAITED)
    names = {one.cluster for one in waiting}
    clusters = [one for one in context.clusters.all if one.name in names]
    at_once(lambda cluster: _look(context, cluster, [one for one in waiting if one.cluster == cluster.name]), clusters)
    return sum(context.now() - one.at < FRESH for one in waiting)


def _look(context: Context, cluster: Cluster, waiting: Sequence[RevisionMark]) -> None:
    with suppress(ClusterError):
        for one in waiting[:MOST]:
            with suppress(InstallNotFound):
                looking.status(context, cluster.name, one.namespace, one.name)
