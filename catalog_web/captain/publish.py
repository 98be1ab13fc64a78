"""What is published to captain, kept in step: the wish stands in the store, and each cluster is made to agree with it.

A wish is carried out at once where the cluster answers. The scheduler goes through all of them again and again: after a
change of a source's settings or its removal at once, to repair what others changed every five minutes. After a change
of its charts captain is asked to read the repository at once.
"""

import hashlib
import json
import logging
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from catalog_web.captain import chartrepo, objects, status
from catalog_web.captain.chartrepo import SeenRepo, Wanted
from catalog_web.captain.errors import CaptainCannotFollow, ForeignChartRepo, HelmUrlUnknown
from catalog_web.captain.limits import OTHER_SECRET, all_of, limits, why_not_direct
from catalog_web.captain.status import Published, Told
from catalog_web.helm.credentials import USERNAME, HelmCredentials
from catalog_web.install.cluster import Cluster
from catalog_web.install.service import Installs
from indexer.errors import (
    N_,
    ChartroomError,
    ClusterError,
    ClusterNotFound,
    ClusterTimedOut,
    ClusterUnreachable,
    Conflict,
    ObjectConflict,
    SourceNotFound,
    phrase,
)
from indexer.http import Access, Basic
from indexer.model import Publication, PublicationMode, Source
from indexer.options import REPO_NAME
from indexer.store import Store

log = logging.getLogger(__name__)

REPAIR_EVERY = timedelta(minutes=5)
RETRY_AFTER = timedelta(minutes=1)
LOOK_PATIENCE = 5.0
"""Seconds that a cluster gets to say how a publication fares."""
_LOOKS_AT_ONCE = 4

AccessOf = Callable[[Source], Access]
"""How a source is reached. Raises CredentialsUnreadable."""


class Publisher:
    """All publications. Safe to use from several threads and processes: whatever is done may be done twice."""

    def __init__(
        self,
        store: Store,
        installs: Installs,
        access_of: AccessOf,
        credentials: HelmCredentials,
        helm_url: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._installs, self._access_of = store, installs, access_of
        self._credentials, self._helm_url, self._now = credentials, helm_url, now
        self._changes = _Changes(store)

    # -- what a person asks for

    def publish(self, source: Source, cluster_name: str = "", mode: PublicationMode | None = None) -> Published:
        """Let captain of a cluster know ``source``; by default directly where captain can follow.

        A cluster that does not answer is told later; all else that stands in the way is raised: CaptainCannotFollow,
        HelmUrlUnknown, ForeignChartRepo, PublishingRefused, CredentialsUnreadable, ClusterError, ClusterNotFound.
        """
        cluster = self._installs.cluster(cluster_name)
        chosen = mode or default_mode(source)
        self._check(source, chosen)
        before = self._store.publications.find(cluster.name, source.name)
        row = self._store.publications.want(cluster.name, source.name, chosen)
        if source.holds_projects:
            self._publish_projects(row)
            return self._shown(row, Told())
        try:
            told = self._tell(row, source, sync=before is not None)
        except ChartroomError as error:
            if before is None and not _may_pass(error):
                self._store.publications.forget(row)
                raise
            told = self._failed(row, source, error)
        return self._shown(row, told)

    def unpublish(self, source: str, cluster_name: str = "") -> None:
        """Let captain of a cluster forget ``source``, at once or as soon as the cluster answers.

        captain then deletes its Charts of it (`status.WARNING`). Raises Conflict where it is not published there,
        and what the cluster says unless it does not answer.
        """
        name = cluster_name or self._installs.cluster().name
        row = self._store.publications.find(name, source)
        if row is None:
            raise Conflict(what=f"“{source}” is not published to {name}.", hint="There is nothing to take back.")
        self._refuse_one_of_many(row)
        for one in (row, *self._projects(row)):
            self._store.publications.unwant(one.cluster, one.source)
            try:
                self._leave(replace(one, wanted=False))
            except ChartroomError as error:
                if not _may_pass(error):
                    raise

    def publications(self, source: str = "") -> tuple[Published, ...]:
        """Those of ``source``, or of all, with what captain says of them now."""
        rows = self._store.publications.all(source)
        if not rows:
            return ()
        with ThreadPoolExecutor(_LOOKS_AT_ONCE) as pool:
            return tuple(pool.map(self._looked_at, rows))

    # -- what the clock asks for

    def keep_in_step(self) -> None:
        """Carry out what is due, of all publications; what fails is told in the store and tried again."""
        rows = self._store.publications.all()
        if not rows:
            return
        silent: dict[str, ChartroomError] = {}
        sources = {one.name: one for one in self._store.sources.registered()}
        for row in rows:
            known = silent.get(row.cluster)
            try:
                if known is None:
                    self._step(row, sources)
            except (ClusterUnreachable, ClusterTimedOut) as error:
                silent[row.cluster] = known = error
            except ChartroomError as error:
                self._note(row, error)
            if known is not None:
                self._note(row, known)

    def _step(self, row: Publication, sources: Mapping[str, Source]) -> None:
        source, told = sources.get(row.source), status.told_of(row.state)
        if source is None or not row.wanted:
            if told.error is None or may_retry(told, self._now()):
                self._leave(row)
        elif source.holds_projects:
            self._publish_projects(row)
        else:
            change = self._changes.last(source.name)
            if is_due(told, self._fingerprint(row, source), change, self._now()):
                self._tell(row, source, sync=told.change != change)

    def _publish_projects(self, row: Publication) -> None:
        """Each project of a Harbor is a source of its own, and so a ChartRepo; new ones are published as they come."""
        if status.told_of(row.state).repo:  # it was published before a sync found out that it is a Harbor
            objects.drop(self._installs.cluster(row.cluster), row.source)
            self._store.publications.tried(row, {})
        for project in self._store.sources.registered():
            if project.parent == row.source and not self._store.publications.find(row.cluster, project.name):
                mode = row.mode if row.mode == "helm" else default_mode(project)
                self._store.publications.want(row.cluster, project.name, mode)

    def _refuse_one_of_many(self, row: Publication) -> None:
        """A project of a Harbor that is published as a whole would be published again at once."""
        source = self._source(row.source)
        whole = self._store.publications.find(row.cluster, source.parent) if source and source.parent else None
        if whole and whole.wanted:
            raise Conflict(
                what=f"“{row.source}” is published because all of “{whole.source}” is.",
                hint=f"Unpublish “{whole.source}”, then publish the projects that captain is to know.",
            )

    def _projects(self, row: Publication) -> tuple[Publication, ...]:
        start = f"{row.source}."
        return tuple(
            one for one in self._store.publications.all()
            if one.cluster == row.cluster and one.source.startswith(start)
        )  # fmt: skip

    # -- how

    def _check(self, source: Source, mode: PublicationMode) -> None:
        reasons = why_not_direct(source)
        if mode == "direct" and reasons:
            raise CaptainCannotFollow(source=source.name, reasons=all_of(reasons))
        if mode == "helm" and not self._helm_url:
            raise HelmUrlUnknown
        if not re.fullmatch(REPO_NAME, source.chart_repo):
            raise Conflict(
                what=f"“{source.chart_repo}” cannot be the name of a ChartRepo.",
                hint="Give the source another name for captain (captain_repo): small letters, digits and hyphens.",
            )

    def _wanted(self, source: Source, mode: PublicationMode) -> Wanted:
        if mode == "helm":
            url = f"{self._helm_url}/helm/{source.name}"
            return Wanted(source.name, source.chart_repo, url, USERNAME, self._credentials.password(source.name))
        username, password = self._login(source)
        return Wanted(source.name, source.chart_repo, chartrepo.direct_url(source.url), username, password)

    def _login(self, source: Source) -> tuple[str, str]:
        """User name and password of ``source``; empty where it is read without.

        Raises CredentialsUnreadable, and CaptainCannotFollow where the Secret that it refers to holds something else.
        """
        access = self._access_of(source)
        credentials = access.credentials
        if access.tls.client or not isinstance(credentials, Basic | None):
            raise CaptainCannotFollow(source=source.name, reasons=phrase(OTHER_SECRET))
        return (credentials.username, credentials.password()) if credentials else ("", "")

    def _tell(self, row: Publication, source: Source, *, sync: bool) -> Told:
        """Make the cluster agree, and remember what it then has. Raises what stands in the way."""
        self._check(source, row.mode)
        wanted = self._wanted(source, row.mode)
        change = self._changes.last(source.name)
        cluster = self._installs.cluster(row.cluster)
        try:
            repo = objects.keep(cluster, wanted, sync=sync)
        except ObjectConflict:  # the scheduler, or somebody who publishes it as well, was faster
            repo = objects.keep(cluster, wanted, sync=sync)
        told = Told(
            fingerprint=self._fingerprint(row, source),
            change=change,
            checked=self._now(),
            repo=repo.name,
            url=wanted.url,
            **status.captains(repo),
        )
        self._store.publications.tried(row, status.kept(told))
        return told

    def _leave(self, row: Publication) -> None:
        """Let captain forget it. A cluster that is not configured any more cannot be told."""
        try:
            objects.drop(self._installs.cluster(row.cluster), row.source)
        except ClusterNotFound:
            log.warning("%s is no longer configured, so captain there keeps %s", row.cluster, row.source)
        except ClusterError as error:
            self._note(row, error)
            raise
        self._store.publications.forget(row)
        if not self._store.publications.all(row.source) and self._source(row.source):
            self._credentials.forget(row.source)

    def _failed(self, row: Publication, source: Source, error: ChartroomError) -> Told:
        told = replace(status.told_of(row.state), error=error, checked=self._now(), repo=source.chart_repo)
        self._store.publications.tried(row, status.kept(told))
        return told

    def _note(self, row: Publication, error: ChartroomError) -> None:
        before = status.told_of(row.state)
        if before.error is None or before.error.id != error.id:
            log.warning("publishing %s to %s: %s", row.source, row.cluster, error.cause)
        self._store.publications.tried(row, status.kept(replace(before, error=error, checked=self._now())))

    def _fingerprint(self, row: Publication, source: Source) -> str:
        """Equal as long as captain need be told nothing else."""
        told = (row.mode, source.chart_repo, source.url, source.username, source.password_file, source.secret_ref,
                "password" in source.stored_secrets, self._helm_url)  # fmt: skip
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def _source(self, name: str) -> Source | None:
        try:
            return self._store.sources.get(name).source
        except SourceNotFound:
            return None

    # -- how it fares

    def _looked_at(self, row: Publication) -> Published:
        told = status.told_of(row.state)
        source = self._source(row.source)
        if not row.wanted or source is None or source.holds_projects:
            return self._shown(row, told)
        try:
            repo = self._look(self._installs.cluster(row.cluster), source)
        except ChartroomError as error:
            return self._shown(row, replace(told, error=error))
        if repo is None:
            return self._shown(row, replace(told, phase="", reason="", last_sync=None))
        return self._shown(row, replace(told, error=None, **status.captains(repo)))

    def _look(self, cluster: Cluster, source: Source) -> SeenRepo | None:
        with objects.with_role(cluster):
            thing = cluster.chart_repo(source.chart_repo, LOOK_PATIENCE)
        if thing is not None and not chartrepo.belongs(thing, source.name):
            raise ForeignChartRepo(
                kind=chartrepo.KIND,
                name=source.chart_repo,
                cluster=cluster.name,
                namespace=cluster.captain_namespace,
                whose=phrase(N_("Chartroom did not make it")),
            )
        return chartrepo.seen(thing) if thing else None

    def _shown(self, row: Publication, told: Told) -> Published:
        source = self._source(row.source)
        if source is None:
            return status.published(replace(row, wanted=False), told, ())
        try:
            namespace = self._installs.cluster(row.cluster).captain_namespace
        except ClusterNotFound:
            namespace = "captain"
        known = limits(source, row.mode, told.url, namespace) if told.url else ()
        return status.published(row, told, known)


class _Changes:
    """The newest row of the change log about each source; the log is read on from where it was last read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._newest: dict[str, int] = {}
        self._read = 0
        self._lock = threading.Lock()

    def last(self, source: str) -> int:
        """0 where there is none."""
        with self._lock:
            last = self._store.changes.last()
            if last > self._read:
                self._newest |= self._store.changes.newest(self._read)
                self._read = last
            return self._newest.get(source, 0)


def default_mode(source: Source) -> PublicationMode:
    """Directly where captain can follow; what Chartroom's own catalog leaves out, captain then may see."""
    return "helm" if why_not_direct(source) else "direct"


def is_due(told: Told, fingerprint: str, change: int, now: datetime) -> bool:
    """Whether a wanted publication has to be looked after now."""
    if told.checked is None:
        return True
    if told.error is not None:
        return may_retry(told, now)
    waited = now - told.checked
    return told.fingerprint != fingerprint or told.change != change or not timedelta(0) <= waited < REPAIR_EVERY


def may_retry(told: Told, now: datetime) -> bool:
    """Whether what failed may be tried once more."""
    return told.checked is None or not timedelta(0) <= now - told.checked < RETRY_AFTER


def _may_pass(error: ChartroomError) -> bool:
    """The cluster did not answer, so nobody knows what it would have said."""
    return isinstance(error, ClusterUnreachable | ClusterTimedOut)
