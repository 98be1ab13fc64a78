"""Archives of versions that have left their source and that revisions of apps name: served and listed on, so that a
roll back to them works."""

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from catalog_web.helm.document import archive_name
from catalog_web.install.cluster import Cluster
from catalog_web.install.recorded import spec_of
from catalog_web.install.upgrade_form import ChartTaking, source_url
from indexer.archive import ArchiveCache
from indexer.errors import (
    N_,
    ArchiveNotKept,
    ArchiveOutOfReach,
    ChartNotFound,
    ClusterError,
    ObjectNotFound,
    SourceNotFound,
    VersionNotFound,
)
from indexer.model import ChartMetadata, Revision, Source
from indexer.store import Store

_PUBLISH = N_("Publish the source to captain through Chartroom; that needs “helm_url” in the configuration.")
_LISTEN = N_(
    "Set “helm_listen” in the configuration, and “helm_url” to the address under which pods of the cluster reach it; "
    "or publish the source to captain through Chartroom. Where people sign in, captain gets no archive otherwise."
)


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A version that its source no longer lists."""

    chart: str
    version: str
    digest: str
    metadata: ChartMetadata


class KeptArchives:
    """What revisions need and sources no longer have. Safe to use from several threads."""

    def __init__(self, store: Store, cache: ArchiveCache, helm_url: str, *, asks_who: bool = False) -> None:
        """``asks_who``: what is below ``helm_url`` is told to nobody who does not say who they are."""
        self._store, self._cache, self._helm_url, self._asks_who = store, cache, helm_url, asks_who

    def of(self, source: str) -> tuple[KeptVersion, ...]:
        """Those of ``source``, by chart and version."""
        named = self._store.revisions.archives(source)
        found = (self._kept(source, *one) for one in named)
        return tuple(one for one in found if one is not None)

    def stamp(self, source: str) -> str:
        """Another text whenever ``of`` says anything else."""
        told = "\n".join(f"{one.chart} {one.version} {one.digest}" for one in self.of(source))
        return sha256(told.encode()).hexdigest()[:16] if told else ""

    def file(self, source: str, name: str) -> tuple[Path, str] | None:
        """Where the archive ``name`` (chart, hyphen, version) is, and its digest; None where it is not kept."""
        for one in self.of(source):
            if name == f"{one.chart}-{one.version}" and (path := self._cache.path(one.digest)):
                return path, one.digest
        return None

    # -- what a roll back asks

    def digest(self, source: str, chart: str, version: str) -> str:
        """The digest of a version's archive as its source lists it; empty where that is not known."""
        with suppress(SourceNotFound, ChartNotFound, VersionNotFound):
            summary, _ = self._store.catalog.version(source, chart, version)
            return summary.archive_digest or summary.digest
        return ""

    def serves(self, url: str) -> bool:
        """Whether ``url`` is of an archive that Chartroom itself gives out."""
        return bool(self._helm_url) and url.startswith(f"{self._helm_url}/helm/")

    def taking(self, cluster: Cluster, revision: Revision) -> ChartTaking | None:
        """How captain gets the chart of ``revision`` again; None: as that says itself.

        Where captain reads the source through Chartroom it finds the version there, and is told to look now; else it
        is given the address of the archive. One that ``revision`` names from before people had to sign in is not used
        again. Raises ArchiveNotKept, ArchiveOutOfReach.
        """
        closed = self._asks_who and self.serves(source_url(dict(revision.manifest)))
        if not revision.source or ("source" in spec_of(revision.manifest) and not closed):
            return None
        by_repo = ChartTaking() if closed else None
        if self._store.contents.wanted_version(revision.source, revision.chart, revision.version) is not None:
            return by_repo
        source = self._source(revision)
        if self._kept(revision.source, revision.chart, revision.version, revision.chart_digest) is None:
            raise ArchiveNotKept(chart=revision.chart, version=revision.version, source=revision.source)
        if self._is_read_here(cluster, source):
            with suppress(ClusterError, ObjectNotFound):
                cluster.resync_chart_repo(source.chart_repo)
            return by_repo
        if not self._helm_url or source.is_guarded or self._asks_who:
            raise _out_of_reach(revision, _LISTEN if self._helm_url and not source.is_guarded else _PUBLISH)
        name = archive_name(revision.chart, revision.version)
        return ChartTaking("http", f"{self._helm_url}/helm/{revision.source}/{name}")

    def _source(self, revision: Revision) -> Source:
        try:
            return self._store.sources.get(revision.source).source
        except SourceNotFound:
            kept = {"chart": revision.chart, "version": revision.version, "source": revision.source}
            raise ArchiveNotKept(**kept) from None

    def _is_read_here(self, cluster: Cluster, source: Source) -> bool:
        try:
            repo = cluster.chart_repo(source.chart_repo)
        except ClusterError:
            return False
        url = spec_of(repo).get("url") if repo else None
        return isinstance(url, str) and self.serves(url)

    def _kept(self, source: str, chart: str, version: str, digest: str) -> KeptVersion | None:
        if not digest or self._store.contents.wanted_version(source, chart, version) is not None:
            return None
        content = self._store.contents.get(digest)
        if content is None or content.partial or self._cache.path(digest) is None:
            return None
        return KeptVersion(chart, version, digest, content.metadata)


def _out_of_reach(revision: Revision, hint: str) -> ArchiveOutOfReach:
    return ArchiveOutOfReach(chart=revision.chart, version=revision.version, source=revision.source, hint=hint)
