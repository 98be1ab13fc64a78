"""Installing, in order: check, keep as a revision, send, follow, remove.

Nothing is sent that was not stored first, and nothing is sent twice: a HelmRequest carries the id of the request that
made it as a label, so after a time-out, a cut connection or a second click Chartroom finds its own and goes on with it.
"""

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Protocol, TypeVar

from catalog_web.install.cluster import Cluster, ClusterHealth, Object
from catalog_web.install.helmrequest import LABEL_REQUEST, MAX_NAME, Check, InstallForm, label_value
from catalog_web.install.preview import Preview, draft, everything, preview
from catalog_web.install.status import App, AppStatus, Seen, advance, app_of, busy_with, seen
from indexer.errors import (
    N_,
    CaptainAbsent,
    ChartroomError,
    ClusterError,
    ClusterNotFound,
    ClusterRefused,
    ClusterTimedOut,
    Conflict,
    InstallNotFound,
    ObjectConflict,
    ObjectInvalid,
    UsageError,
)
from indexer.model import ClusterConfig, Revision

_T = TypeVar("_T")

LIST_PATIENCE = 5.0
"""Seconds that one of several clusters gets for its list; a hanging one costs only its own rows."""
MAX_FOLLOWED = 2_000
"""HelmRequests whose last status is remembered."""
REFUSALS = (ObjectInvalid, ClusterRefused, CaptainAbsent)
"""Answers that say for certain that nothing was made; after any other the same request may be sent again."""


class NoCluster(ClusterNotFound):
    """No cluster at all is configured."""

    id = "no-cluster"
    cause_text = N_("No cluster is configured.")
    remedy_text = N_(
        "Name one with its kubeconfig under “clusters” in the configuration file. "
        "Until then, send the HelmRequest of a dry run yourself with kubectl."
    )


class RevisionStore(Protocol):
    """What was sent to clusters."""

    def start(self, revision: Revision) -> Revision:
        """Keep it under the next number of its install; the same request id returns the one already kept."""

    def sent(self, request_id: str, uid: str) -> None:
        """Remember the uid of the object that this request made."""

    def history(self, cluster: str, namespace: str, name: str) -> Sequence[Revision]:
        """All of one install, newest first."""

    def find_request(self, request_id: str) -> Revision | None:
        """The revision of a request, or None."""

    def withdraw(self, request_id: str) -> None:
        """Forget the revision of a request that the cluster refused."""

    def namespaces(self, cluster: str) -> Sequence[str]:
        """The namespaces of a cluster that something was ever sent to."""


@dataclass(frozen=True, slots=True)
class AppDetail:
    """One HelmRequest with what is known of its past."""

    app: App
    helmrequest: Object | None
    """As the cluster has it, without managedFields; None once it is gone."""
    history: tuple[Revision, ...]
    """Newest first; empty for one that Chartroom did not make."""

    @property
    def revision(self) -> int:
        """Number of the newest revision; 0 where Chartroom sent none."""
        return self.history[0].number if self.history else 0


@dataclass(frozen=True, slots=True)
class AppList:
    """HelmRequests of one or several clusters. A cluster that fails is told, and the others are complete."""

    apps: tuple[App, ...]
    errors: Mapping[str, ChartroomError]
    """By cluster."""
    partial: tuple[str, ...]
    """Clusters whose HelmRequests may only be listed in the namespaces that Chartroom has installed to."""


class Installs:
    """All configured clusters and what is installed there. Safe to use from several threads."""

    def __init__(
        self,
        clusters: Iterable[ClusterConfig],
        revisions: RevisionStore,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clusters = {one.name: Cluster(one) for one in clusters}
        self._revisions = revisions
        self._now = now
        self._followed: OrderedDict[tuple[str, str, str], AppStatus] = OrderedDict()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let all connections go."""
        for one in self._clusters.values():
            one.close()

    @property
    def clusters(self) -> tuple[ClusterConfig, ...]:
        """As configured; the first one is the default."""
        return tuple(one.config for one in self._clusters.values())

    def cluster(self, name: str = "") -> Cluster:
        """The cluster ``name``, or the default. Raises `ClusterNotFound`, `NoCluster`."""
        if not name and not self._clusters:
            raise NoCluster
        found = self._clusters.get(name) if name else next(iter(self._clusters.values()), None)
        if found is None:
            raise ClusterNotFound(cluster=name)
        return found

    def health(self, patience: float = LIST_PATIENCE) -> tuple[ClusterHealth, ...]:
        """The health of every cluster, asked at the same time."""
        return tuple(_at_once(lambda one: one.health(patience), self._clusters.values()))

    def versions(self) -> tuple[str, ...]:
        """The versions of Kubernetes of all clusters as they were last seen, each once. Nothing is asked here."""
        return tuple(dict.fromkeys(self.versions_by_cluster().values()))

    def versions_by_cluster(self) -> Mapping[str, str]:
        """The version of Kubernetes of each cluster that was seen. Nothing is asked here."""
        return {one.name: one.version for one in self._clusters.values() if one.version}

    # -- before

    def preview(self, form: InstallForm) -> Preview:
        """The HelmRequest of ``form`` and all checks. Raises `ClusterNotFound`; what a cluster refuses is a check."""
        cluster = self.cluster(form.cluster)
        return preview(cluster, replace(form, cluster=cluster.name))

    # -- install

    def install(self, form: InstallForm) -> AppDetail:
        """Send what ``form`` means, once per ``request_id``, and return what the cluster then has.

        Raises `UsageError` for the form, `Conflict` where the name or the release is taken, `ClusterError` for the
        rest. After `ClusterTimedOut` or `ClusterUnreachable` the same form may be sent again.
        """
        cluster = self.cluster(form.cluster)
        form = replace(form, cluster=cluster.name, request_id=label_value(form.request_id) or uuid.uuid4().hex)
        stored = self._revisions.find_request(form.request_id) or self._begin(form)
        if stored.manifest != draft(form, cluster.api_version).helmrequest:
            raise Conflict(
                what="This very request was already sent with another content.",
                hint="Open the install page again and send it from there.",
            )
        if stored.uid:
            return self.status(cluster.name, stored.namespace, stored.name)
        return self._detail(cluster, self._send(cluster, stored))

    def _begin(self, form: InstallForm) -> Revision:
        """Keep the revision of ``form`` if nothing speaks against it; else raise what does."""
        found = self.preview(form)
        if found.helmrequest is not None and found.sendable:
            return self._revisions.start(_revision(form, found.helmrequest, self._now()))
        # A second click of the same request may find the first one's HelmRequest in its way.
        stored = self._revisions.find_request(form.request_id)
        if stored is None:
            raise _as_error(found.checks)
        return stored

    def _send(self, cluster: Cluster, revision: Revision) -> Object:
        try:
            thing = cluster.create(revision.manifest, dry_run=False)
        except REFUSALS:
            self._revisions.withdraw(revision.request_id)
            raise
        except ClusterError as error:
            thing = self._read_back(cluster, revision, error)
        self._revisions.sent(revision.request_id, seen(thing).uid)
        return thing

    def _read_back(self, cluster: Cluster, revision: Revision, error: ClusterError) -> Object:
        """The HelmRequest, if this request did make it although the answer was ``error``; else raises that."""
        try:
            thing = cluster.get(revision.namespace, revision.name)
        except (ClusterError, InstallNotFound):
            raise error from None
        if seen(thing).labels.get(LABEL_REQUEST) != revision.request_id:
            self._revisions.withdraw(revision.request_id)  # the name is somebody else's, so nothing was made
            raise error
        return thing

    # -- afterwards

    def status(self, cluster_name: str, namespace: str, name: str) -> AppDetail:
        """One HelmRequest, whoever made it. One that Chartroom knew and that is gone has the state ``gone``.

        Raises `InstallNotFound`, `ClusterError`.
        """
        cluster = self.cluster(cluster_name)
        try:
            return self._detail(cluster, cluster.get(namespace, name))
        except InstallNotFound:
            history = tuple(self._revisions.history(cluster.name, namespace, name))
            if not any(one.uid for one in history):  # what was sent never arrived
                raise
            return self._gone(cluster, history)

    def apps(self, cluster_name: str = "", namespace: str = "", patience: float = LIST_PATIENCE) -> AppList:
        """The HelmRequests of one cluster or of all, asked at the same time, by cluster, namespace and name."""
        asked = [self.cluster(cluster_name)] if cluster_name else list(self._clusters.values())
        apps: list[App] = []
        errors: dict[str, ChartroomError] = {}
        partial: list[str] = []
        for cluster, found in zip(
            asked, _at_once(lambda one: self._list(one, namespace, patience), asked), strict=True
        ):
            if isinstance(found, ChartroomError):
                errors[cluster.name] = found
                continue
            things, complete = found
            apps += [self._listed(cluster, thing) for thing in things]
            partial += [] if complete else [cluster.name]
        return AppList(tuple(sorted(apps, key=_place)), errors, tuple(partial))

    def uninstall(self, cluster_name: str, namespace: str, name: str, person: str) -> AppDetail:
        """Ask the cluster to delete the HelmRequest; captain then uninstalls its release.

        Works for those that Chartroom did not make as well. Raises `InstallNotFound`, `ClusterError`, and `Conflict`
        where captain could never finish it.
        """
        cluster = self.cluster(cluster_name)
        thing = cluster.get(namespace, name)
        one = seen(thing)
        _refuse_undeletable(one)
        if one.deleted is None:
            request = self._revisions.start(_removal(cluster.name, thing, person, self._now()))
            try:
                cluster.delete(namespace, name, one.uid)
            except (*REFUSALS, ObjectConflict, InstallNotFound):
                self._revisions.withdraw(request.request_id)
                raise
            self._revisions.sent(request.request_id, one.uid)
        return self.status(cluster.name, namespace, name)

    # -- how

    def _detail(self, cluster: Cluster, thing: Object) -> AppDetail:
        one = seen(thing)
        status = self._follow(cluster, thing)
        history = tuple(self._revisions.history(cluster.name, one.namespace, one.name))
        return AppDetail(app_of(cluster.name, thing, status), thing, history)

    def _listed(self, cluster: Cluster, thing: Object) -> App:
        return app_of(cluster.name, thing, self._advance(cluster, thing))

    def _follow(self, cluster: Cluster, thing: Object) -> AppStatus:
        """The next status; where one look at the object says too little, the events and the others are asked too."""
        status = self._advance(cluster, thing)
        one = seen(thing)
        if status.id in ("taken-up", "stuck", "dependency", "installing", "installing-loaded", "upgrading"):
            return self._advance(cluster, thing, events=_or_none(lambda: cluster.events(one.namespace, one.name)))
        if status.id in ("not-seen", "not-taken-up"):
            others = _or_none(lambda: everything(cluster, one.namespace)[0])
            return self._advance(cluster, thing, busy=busy_with(others, one.uid))
        return status

    def _advance(self, cluster: Cluster, thing: Object, events: Sequence[Object] = (), busy: str = "") -> AppStatus:
        one = seen(thing)
        key = (cluster.name, one.namespace, one.name)
        with self._lock:
            status = advance(self._followed.get(key), thing, now=self._now(), events=events, busy_with=busy)
            self._followed[key] = status
            self._followed.move_to_end(key)
            while len(self._followed) > MAX_FOLLOWED:
                self._followed.popitem(last=False)
        return status

    def _gone(self, cluster: Cluster, history: tuple[Revision, ...]) -> AppDetail:
        sent = next((one for one in history if one.action == "install"), history[0])
        with self._lock:
            previous = self._followed.pop((cluster.name, sent.namespace, sent.name), None)
        status = advance(previous, None, now=self._now())
        return AppDetail(app_of(cluster.name, dict(sent.manifest), status), None, history)

    def _list(
        self, cluster: Cluster, namespace: str, patience: float
    ) -> tuple[tuple[Object, ...], bool] | ChartroomError:
        try:
            if namespace:
                return cluster.list(namespace, patience), True
            try:
                return cluster.list(None, patience), True
            except ClusterRefused as error:
                if error.params["status"] == HTTPStatus.UNAUTHORIZED:
                    return error
                return self._list_known(cluster, patience), False
        except ClusterError as error:
            return error

    def _list_known(self, cluster: Cluster, patience: float) -> tuple[Object, ...]:
        """Those of the namespaces that Chartroom has installed to, as far as these may be listed."""
        end = time.monotonic() + patience
        found: list[Object] = []
        for namespace in self._revisions.namespaces(cluster.name):
            left = end - time.monotonic()
            if left <= 0:
                raise ClusterTimedOut(cluster=cluster.name, seconds=patience)
            with suppress(ClusterRefused):
                found += cluster.list(namespace, left)
        return tuple(found)


# -- sending


def _as_error(checks: Sequence[Check]) -> ChartroomError:
    """The failed ones of ``checks`` as one error."""
    bad = [one for one in checks if one.state == "fail"]
    told = next((one.error for one in bad if isinstance(one.error, ClusterError)), None)
    if told is not None:
        return told
    what, hint = " ".join(one.cause for one in bad), bad[0].remedy
    if bad[0].id in ("name-free", "release-free"):
        return Conflict(what=what, hint=hint)
    return UsageError(what=what, hint=hint)


def _revision(form: InstallForm, wanted: Object, now: datetime) -> Revision:
    return Revision(
        number=0,
        cluster=form.cluster,
        namespace=form.namespace,
        name=form.name,
        action="install",
        source=form.source,
        chart=form.chart,
        version=form.version,
        chart_digest=form.chart_digest,
        values_yaml=form.values_yaml,
        manifest=wanted,
        request_id=form.request_id,
        person=form.person,
        at=now,
    )


def _removal(cluster: str, thing: Object, person: str, now: datetime) -> Revision:
    """The revision that says who removed what; its manifest is the HelmRequest as it was."""
    one = seen(thing)
    app = app_of(cluster, thing, advance(None, thing, now=now))
    return Revision(
        number=0,
        cluster=cluster,
        namespace=one.namespace,
        name=one.name,
        action="uninstall",
        source=app.source,
        chart=app.chart,
        version=app.version,
        chart_digest="",
        values_yaml="",
        manifest={key: value for key, value in thing.items() if key != "status"},
        request_id=uuid.uuid4().hex,
        person=person,
        at=now,
    )


def _refuse_undeletable(one: Seen) -> None:
    length = len(one.release_name)
    if length > MAX_NAME:
        raise Conflict(
            what=f"captain cannot remove it: its release name has {length} characters, more than {MAX_NAME}.",
            hint="Set spec.releaseName of the HelmRequest to a short name with kubectl, then remove it.",
        )


# -- asking several


def _at_once(ask: Callable[[Cluster], _T], clusters: Collection[Cluster]) -> list[_T]:
    """``ask`` every one of ``clusters`` at the same time; the answers in their order."""
    if not clusters:
        return []
    with ThreadPoolExecutor(max_workers=len(clusters)) as pool:
        return list(pool.map(ask, clusters))


def _or_none(ask: Callable[[], Sequence[Object]]) -> Sequence[Object]:
    """What ``ask`` brings, or nothing where the cluster refuses it: it would only have told more."""
    try:
        return ask()
    except ClusterError:
        return ()


def _place(app: App) -> tuple[str, str, str]:
    return app.cluster, app.namespace, app.name
