"""What every verb works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog_web.install.cluster import Cluster
from catalog_web.install.clusters import Clusters
from catalog_web.install.revision_store import RevisionStore
from catalog_web.install.upgrade_form import ChartTaking
from catalog_web.install.verbs.following import Following
from catalog_web.install.watching import Watches
from indexer.model import Revision

Hide = Callable[[Mapping[str, Any]], tuple[Mapping[str, Any], tuple[str, ...]]]
"""Values without what looks like a secret, and the dotted paths of that."""
Take = Callable[[Cluster, Revision], ChartTaking | None]
"""How captain gets the chart of a revision again; None: as that revision says itself. Raises `ArchiveNotKept`."""


@dataclass(frozen=True, slots=True)
class Context:
    """The clusters, what was sent, last seen and is followed there, what may not be kept, and the clock."""

    clusters: Clusters
    revisions: RevisionStore
    following: Following
    watches: Watches
    hide: Hide
    take: Take
    now: Callable[[], datetime]

    def acting(self, cluster: str, person: str) -> Cluster:
        """The cluster, asked as ``person`` where it is configured so. Raises `ClusterNotFound`."""
        return self.clusters.get(cluster).acting_as(person)
