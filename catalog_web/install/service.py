"""The door to all that can be done with apps: check, keep as a revision, send, follow, remove.

Nothing is sent that was not stored first, and nothing is sent twice: a HelmRequest carries the id of the request that
made it as a label, so after a time-out, a cut connection or a second click Chartroom finds its own and goes on with it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from catalog_web.audit.recorder import Recording, unrecorded
from catalog_web.install.apps import AppDetail, AppList, Place
from catalog_web.install.checks import NO_FACTS, Facts, Preview
from catalog_web.install.cluster import Cluster, ClusterHealth, GroupsOf, TokenOf, no_groups, no_token
from catalog_web.install.cluster.limits import TOTAL_SECONDS
from catalog_web.install.cluster_states import ClusterState, ClusterStates
from catalog_web.install.clusters import LIST_PATIENCE, Clusters, NoCluster
from catalog_web.install.gate import OPEN, Gate
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.resources import Resources
from catalog_web.install.revision_store import RevisionStore
from catalog_web.install.stuck import Stuck
from catalog_web.install.upgrade_form import ChartTaking, UpgradeForm
from catalog_web.install.verbs import (
    adopting,
    annotating,
    catching_up,
    explaining,
    installing,
    listing,
    looking,
    removing,
    rolling_back,
    upgrading,
)
from catalog_web.install.verbs.context import NO_ARCHIVES, Archives, Context
from catalog_web.install.verbs.following import Following
from catalog_web.install.verbs.removing import Removal
from catalog_web.install.verbs.rolling_back import RollBack, nobody, nothing
from catalog_web.install.verbs.sending import NOT_SENT, REFUSALS, is_uncertain
from catalog_web.install.watching import Sight, Watches
from catalog_web.values.fields import Form
from catalog_web.values.secrets import secret_fields, split
from indexer.errors import ChartroomError
from indexer.model import ClusterConfig, Revision

__all__ = [
    "LIST_PATIENCE",
    "NOT_SENT",
    "REFUSALS",
    "AppDetail",
    "AppList",
    "ChartTaking",
    "Installs",
    "NoCluster",
    "Place",
    "RevisionStore",
    "UpgradeForm",
    "is_uncertain",
]


class Installs:
    """All configured clusters and what is installed there. Safe to use from several threads."""

    def __init__(
        self,
        clusters: Iterable[ClusterConfig],
        revisions: RevisionStore,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        total_seconds: float = TOTAL_SECONDS,
        *,
        archives: Archives = NO_ARCHIVES,
        secret_globs: Sequence[str] = (),
        gate: Gate = OPEN,
        recorded: Recording = unrecorded,
        groups_of: GroupsOf = no_groups,
        token_of: TokenOf = no_token,
    ) -> None:
        """``total_seconds``: for one call of a cluster. ``archives``: of the charts that revisions name.
        ``secret_globs``: over dotted paths of values that are secrets whatever their names. ``gate``: asked before
        anything is sent; ``recorded``: around every change. ``groups_of`` and ``token_of``: of the people as whom
        clusters are asked."""

        self._secret_globs = tuple(secret_globs)
        self._recorded = recorded
        reached = Clusters(clusters, total_seconds, groups_of, token_of)
        self._states = ClusterStates(reached.all, now)
        self._context = Context(reached, revisions, Following(now), Watches(), self.public, archives, gate, now)

    def close(self) -> None:
        """End what is followed, and let all connections go."""
        self._context.watches.close()
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

    def states(self, patience: float = LIST_PATIENCE) -> tuple[ClusterState, ...]:
        """Each cluster and its captain as they were lately; those not asked lately are waited for ``patience`` s."""
        return self._states.look(patience)

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

    def secret_paths(self, form: Form | None, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Dotted paths of what is secret in ``values``: as the chart's ``form``, names, or an administrator say."""
        return tuple(secret_fields(form, values, self._secret_globs))

    def public(self, values: Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """``values`` without what looks like a secret, and the dotted paths of that."""
        paths = self.secret_paths(None, values)
        return split(values, paths)[0], paths

    def preview_upgrade(self, form: UpgradeForm, facts: Facts = NO_FACTS) -> Preview:
        """The HelmRequest as ``form`` makes it, and all checks. Raises as `upgrade`; what a cluster refuses of the
        checks is one of them."""
        return upgrading.look(self._context, form, facts)

    # -- changes

    def install(self, form: InstallForm, facts: Facts = NO_FACTS) -> AppDetail:
        """Send what ``form`` means, once per ``request_id``, and return what the cluster then has.

        Raises `UsageError` for the form, `Conflict` where the name or the release is taken, `ApprovalWanted` where
        somebody else decides first, `ClusterError` for the rest. After `ClusterTimedOut` or `ClusterUnreachable` the
        same form may be sent again.
        """
        place = (form.cluster, form.namespace, form.name)
        with self._changing("app.install", place, chart=f"{form.source}/{form.chart}", version=form.version):
            return installing.install(self._context, form, facts)

    def upgrade(self, form: UpgradeForm, facts: Facts = NO_FACTS) -> AppDetail:
        """Write what ``form`` means over the HelmRequest, once per ``request_id``, and return what the cluster has.

        Raises `AppChanged` where somebody else changed it since the person looked, `ManagedElsewhere`, `Conflict`,
        `SecretValuesGone`, `UsageError` for the values, of which those that the schemas in ``facts`` refuse,
        `ApprovalWanted`, `InstallNotFound`, `ClusterError`. After `ClusterTimedOut` or `ClusterUnreachable`
        the same form may be sent again.
        """
        place = (form.cluster, form.namespace, form.name)
        with self._changing("app.upgrade", place, version=form.version, why=form.why):
            return upgrading.upgrade(self._context, form, facts)

    def roll_back(
        self,
        cluster_name: str,
        namespace: str,
        name: str,
        number: int,
        *,
        person: str,
        why: str = "",
        request_id: str = "",
        secret_values: str = "",
        resource_version: str = "",
        decides: Callable[[str], bool] = nobody,
        refused: Callable[[str], ChartroomError | None] = nothing,
    ) -> AppDetail:
        """Send the spec of an earlier revision again, once per ``request_id``; also after the app was removed.

        ``secret_values``: YAML of values that are no longer kept. ``decides``: whether the person decides what is
        installed from a source; ``refused``: why the person may not bring a chart of a source here. Raises that,
        `SecretsNeeded`, `ArchiveNotKept`, `UsageError` for a number that cannot be rolled back to, `AppChanged`,
        `Conflict`, `ApprovalWanted`, `ClusterError`.
        """
        wanted = RollBack(
            cluster_name,
            namespace,
            name,
            number,
            person,
            why,
            request_id,
            secret_values,
            resource_version,
            decides,
            refused,
        )
        return self.roll_back_to(wanted)

    def roll_back_to(self, wanted: RollBack) -> AppDetail:
        """The same, of a wish that was made before. Raises as `roll_back`."""
        place = (wanted.cluster, wanted.namespace, wanted.name)
        with self._changing("app.rollback", place, revision=wanted.number, why=wanted.why):
            return rolling_back.roll_back(self._context, wanted)

    def missing_secrets(self, target: Revision, person: str) -> tuple[str, ...]:
        """Dotted paths of the values that a roll back to the revision ``target`` asks the person for, because they are
        no longer kept. Raises `ClusterNotFound`, `ClusterError`."""
        return rolling_back.missing_secrets(self._context, target, person)

    def uninstall(
        self,
        cluster_name: str,
        namespace: str,
        name: str,
        person: str,
        *,
        why: str = "",
        keep_resources: bool = False,
        keep_secrets: bool = False,
    ) -> AppDetail:
        """Ask the cluster to delete the HelmRequest; captain then uninstalls its release, or with ``keep_resources``
        only lets go of it. The Secrets with values that Chartroom made go unless ``keep_secrets``.

        Works for those that Chartroom did not make as well. Raises `InstallNotFound`, `ClusterError`, and `Conflict`
        where captain could never finish it.
        """
        wanted = Removal(cluster_name, namespace, name, person, why, keep_resources, keep_secrets)
        kept = {"keep_resources": keep_resources, "keep_secrets": keep_secrets}
        with self._changing("app.uninstall", (cluster_name, namespace, name), why=why, **kept):
            return removing.uninstall(self._context, wanted)

    def resync(self, cluster_name: str, namespace: str, name: str, person: str, why: str = "") -> AppDetail:
        """Have captain run Helm again for a spec that it has synced already. Raises as `annotate`."""
        with self._changing("app.resync", (cluster_name, namespace, name), why=why):
            return annotating.resync(self._context, cluster_name, namespace, name, person, why)

    def annotate(
        self,
        cluster_name: str,
        namespace: str,
        name: str,
        annotations: Mapping[str, str | None],
        person: str,
        why: str = "",
    ) -> AppDetail:
        """Set annotations of captain's, and remove those that are None. What is so already is not sent.

        Raises `UsageError` for one that is not captain's, `InstallNotFound`, `ClusterError`.
        """
        with self._changing("app.annotate", (cluster_name, namespace, name), names=sorted(annotations), why=why):
            return annotating.annotate(self._context, cluster_name, namespace, name, annotations, person, why)

    def adopt(
        self, cluster_name: str, namespace: str, name: str, person: str, *, source: str = "", labels: bool = False
    ) -> AppDetail:
        """Keep the present state of a HelmRequest that somebody else made as its first revision.

        ``source``: where its chart is to be upgraded from; ``labels``: mark the object as Chartroom's, too. Raises
        `Conflict` where Chartroom knows it already, `ManagedElsewhere`, `InstallNotFound`, `ClusterError`.
        """
        with self._changing("app.adopt", (cluster_name, namespace, name), source=source, labels=labels):
            return adopting.adopt(self._context, cluster_name, namespace, name, person, source=source, labels=labels)

    def _changing(
        self, action: str, place: tuple[str, str, str], **detail: Any
    ) -> AbstractContextManager[dict[str, Any]]:
        """Around a change of an app, so that it is told of however it was asked for."""
        cluster, namespace, name = place
        known = cluster or next((one.name for one in self.clusters), "")
        return self._recorded(action, f"app/{known}/{namespace}/{name}", **detail)

    # -- afterwards

    def status(self, cluster_name: str, namespace: str, name: str) -> AppDetail:
        """One HelmRequest, whoever made it. One that Chartroom knew and that is gone has the state ``gone``.

        Raises `InstallNotFound`, `ClusterError`.
        """
        return looking.status(self._context, cluster_name, namespace, name)

    def glance(self, cluster_name: str, namespace: str, name: str) -> AppDetail:
        """The same, cheap enough to be asked every second by many: from one watch that all share, where that may be.

        Raises `InstallNotFound`, `ClusterError`.
        """
        return looking.glance(self._context, cluster_name, namespace, name)

    def sight(self, cluster_name: str, namespace: str, name: str) -> Sight:
        """What is watched of a HelmRequest, at once and without asking anybody. Raises `ClusterNotFound`."""
        return self._context.watches.look(self._context.clusters.get(cluster_name), namespace, name)

    def apps(self, cluster_name: str = "", namespace: str = "", patience: float = LIST_PATIENCE) -> AppList:
        """The HelmRequests of one cluster or of all, asked at the same time, by cluster, namespace and name."""
        return listing.apps(self._context, cluster_name, namespace, patience)

    def history(self, cluster_name: str, namespace: str, name: str) -> tuple[Revision, ...]:
        """All revisions of an app, newest first, with what others changed since; also while its cluster is away.

        Raises `InstallNotFound`, and `ClusterError` where nothing is known of it.
        """
        return looking.history(self._context, cluster_name, namespace, name)

    def resources(self, detail: AppDetail) -> Resources:
        """The objects of an app with their health, asked now. What may not be looked at is part of the answer."""
        return explaining.resources(self._context, detail)

    def explain(self, detail: AppDetail, resources: Resources | None = None) -> Stuck:
        """Why an app is stuck or failed, and what to try, asked now; better with the ``resources`` of the app."""
        return explaining.explain(self._context, detail, resources or Resources())

    def catch_up(self) -> int:
        """Keep what captain made of the last revisions although nobody looks; returns of how many more is to come
        soon."""
        return catching_up.catch_up(self._context)
