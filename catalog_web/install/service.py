"""The door to all that can be done with apps: check, keep as a revision, send, follow, remove.

Nothing is sent that was not stored first, and nothing is sent twice: a HelmRequest carries the id of the request that
made it as a label, so after a time-out, a cut connection or a second click Chartroom finds its own and goes on with it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from catalog_web.install.apps import AppDetail, AppList
from catalog_web.install.checks import NO_FACTS, Facts, Preview
from catalog_web.install.cluster import Cluster, ClusterHealth
from catalog_web.install.cluster.limits import TOTAL_SECONDS
from catalog_web.install.clusters import LIST_PATIENCE, Clusters, NoCluster
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.revision_store import RevisionStore
from catalog_web.install.verbs import installing, listing, looking, removing
from catalog_web.install.verbs.context import Context
from catalog_web.install.verbs.following import Following
from catalog_web.install.verbs.sending import REFUSALS
from indexer.model import ClusterConfig

__all__ = ["LIST_PATIENCE", "REFUSALS", "AppDetail", "AppList", "Installs", "NoCluster", "RevisionStore"]


class Installs:
    """All configured clusters and what is installed there. Safe to use from several threads."""

    def __init__(
        self,
        clusters: Iterable[ClusterConfig],
        revisions: RevisionStore,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        """``total_seconds``: for one call of a cluster."""
        self._context = Context(Clusters(clusters, total_seconds), revisions, Following(now), now)

    def close(self) -> None:
        """Let all connections go."""
        self._context.clusters.close()

    # -- clusters

    @property
    def clusters(self) -> tuple[ClusterConfig, ...]:
        """As configured; the first one is the default."""
        return self._context.clusters.configured

    def cluster(self, name: str = "") -> Cluster:
        """The cluster ``name``, or the default. Raises `ClusterNotFound`, `NoCluster`."""
        return self._context.clusters.get(name)

    def health(self, patience: float = LIST_PATIENCE) -> tuple[ClusterHealth, ...]:
        """The health of every cluster, asked at the same time."""
        return self._context.clusters.health(patience)

    def versions(self) -> tuple[str, ...]:
        """The versions of Kubernetes of all clusters as they were last seen, each once. Nothing is asked here."""
        return tuple(dict.fromkeys(self.versions_by_cluster().values()))

    def versions_by_cluster(self) -> Mapping[str, str]:
        """The version of Kubernetes of each cluster that was seen. Nothing is asked here."""
        return self._context.clusters.versions()

    # -- before

    def preview(self, form: InstallForm, facts: Facts = NO_FACTS) -> Preview:
        """The HelmRequest of ``form`` and all checks. Raises `ClusterNotFound`; what a cluster refuses is a check."""
        return installing.look(self._context, form, facts)

    # -- changes

    def install(self, form: InstallForm) -> AppDetail:
        """Send what ``form`` means, once per ``request_id``, and return what the cluster then has.

        Raises `UsageError` for the form, `Conflict` where the name or the release is taken, `ClusterError` for the
        rest. After `ClusterTimedOut` or `ClusterUnreachable` the same form may be sent again.
        """
        return installing.install(self._context, form)

    def uninstall(self, cluster_name: str, namespace: str, name: str, person: str) -> AppDetail:
        """Ask the cluster to delete the HelmRequest; captain then uninstalls its release.

        Works for those that Chartroom did not make as well. Raises `InstallNotFound`, `ClusterError`, and `Conflict`
        where captain could never finish it.
        """
        return removing.uninstall(self._context, cluster_name, namespace, name, person)

    # -- afterwards

    def status(self, cluster_name: str, namespace: str, name: str) -> AppDetail:
        """One HelmRequest, whoever made it. One that Chartroom knew and that is gone has the state ``gone``.

        Raises `InstallNotFound`, `ClusterError`.
        """
        return looking.status(self._context, cluster_name, namespace, name)

    def apps(self, cluster_name: str = "", namespace: str = "", patience: float = LIST_PATIENCE) -> AppList:
        """The HelmRequests of one cluster or of all, asked at the same time, by cluster, namespace and name."""
        return listing.apps(self._context, cluster_name, namespace, patience)
