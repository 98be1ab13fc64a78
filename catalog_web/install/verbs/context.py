"""What every verb works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from catalog_web.install.cluster import Cluster
from catalog_web.install.clusters import Clusters
from catalog_web.install.gate import Gate
from catalog_web.install.revision_store import RevisionStore
from catalog_web.install.upgrade_form import ChartTaking
from catalog_web.install.verbs.following import Following
from catalog_web.install.watching import Watches
from indexer.model import Revision

Hide = Callable[[Mapping[str, Any]], tuple[Mapping[str, Any], tuple[str, ...]]]
"""Values without what looks like a secret, and the dotted paths of that."""


class Archives(Protocol):
    """The archives of the charts that revisions name."""

    def digest(self, source: str, chart: str, version: str) -> str:
        """SHA-256 of a version's archive; empty where it is not known."""

    def serves(self, url: str) -> bool:
        """Whether ``url`` is of an archive that Chartroom itself gives out."""

    def taking(self, cluster: Cluster, revision: Revision) -> ChartTaking | None:
        """How captain gets the chart of a revision again; None: as that revision says itself. Raises `ArchiveNotKept`,
        `ArchiveOutOfReach`."""


class _NoArchives:
    """Nothing is known of any archive: captain finds charts or does not."""

    def digest(self, source: str, chart: str, version: str) -> str:
        return ""

    def serves(self, url: str) -> bool:
        return False

    def taking(self, cluster: Cluster, revision: Revision) -> ChartTaking | None:
        return None


NO_ARCHIVES: Archives = _NoArchives()


@dataclass(frozen=True, slots=True)
class Context:
    """The clusters, what was sent, last seen and is followed there, what may not be kept, who is asked before
    anything is sent, and the clock."""

    clusters: Clusters
    revisions: RevisionStore
    following: Following
    watches: Watches
    hide: Hide
    archives: Archives
    gate: Gate
    now: Callable[[], datetime]

    def acting(self, cluster: str, person: str) -> Cluster:
        """The cluster, asked as ``person`` where it is configured so. Raises `ClusterNotFound`, and as
        `Cluster.acting_as`."""
        return self.clusters.get(cluster).acting_as(person)
