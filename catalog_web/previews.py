"""What an install or upgrade would bring, looked at before it is sent: rendered, and against what runs there now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from catalog_web.catalog import Catalog
from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.exports import KINDS, ChartOrigin, Export, ExportKind, export, origin_of
from catalog_web.install.http_request import UNKNOWN, HttpRequest, http_request
from catalog_web.install.manifest_diff import ManifestDiff, manifest_diff
from catalog_web.install.manifests import ManifestObject, read_manifests
from catalog_web.install.masking import secret_texts
from catalog_web.install.release_record import ReleaseRecord, newest_first, running
from catalog_web.install.rendering import Rendered, Renderer, Rendering
from catalog_web.install.secret_values import carried_over, texts_of
from catalog_web.install.service import Installs
from catalog_web.kept_archives import kept_archive
from catalog_web.values.paths import ABSENT, parse_path, value_at
from catalog_web.values.reading import merge
from catalog_web.values.secrets import split
from indexer.archive import ArchiveCache
from indexer.errors import N_, ChartroomError, ClusterError, Phrase, phrase
from indexer.model import Source


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at."""

    source: str
    chart: str
    version: str
    namespace: str
    name: str
    """Of the release."""
    values: Mapping[str, Any] = field(repr=False)
    """The person's own, secrets among them."""
    cluster: str = ""
    """Empty where none is connected: then nothing is known of what it serves or runs."""
    secret_paths: tuple[str, ...] = ()
    upgrade: bool = False
    current: Object | None = field(default=None, repr=False)
    """The HelmRequest as it is there, of an upgrade. Values at ``secret_paths`` that are not among ``values`` are taken
    from the Secrets that it names."""
    person: str = ""
    """Who looks; where Chartroom acts as people, only what they may see is looked at. Empty: Chartroom itself."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the chart makes of it."""

    objects: tuple[ManifestObject, ...]
    change: ManifestDiff | None = None
    """From what runs in the cluster; None where nothing does, or that is not known."""
    notes: tuple[Phrase, ...] = ()
    """What could not be taken into account."""


class Previews:
    """Renders and exports what the pages, the API and the command line show."""

    def __init__(
        self, catalog: Catalog, cache: ArchiveCache, installs: Installs, renderer: Renderer, own_url: str
    ) -> None:
        """``own_url``: the address under which clusters reach this Chartroom; empty where that is not known."""
        self._catalog, self._cache, self._installs = catalog, cache, installs
        self._renderer, self._own_url = renderer, own_url

    # -- the same in other words

    def origin(self, source: Source, chart: str, urls: Sequence[str]) -> ChartOrigin:
        """Where others get ``chart`` from; ``urls`` are the addresses of its version."""
        return origin_of(source, chart, urls, self._own_url)

    def exports(
        self, helmrequest: Object, origin: ChartOrigin, secret_paths: Sequence[str] = ()
    ) -> Mapping[ExportKind, Export | ChartroomError]:
        """``helmrequest`` for every tool; the error that says why where one cannot have it."""
        return {kind: _export(helmrequest, origin, kind, secret_paths) for kind in KINDS}

    def http_request(self, helmrequest: Object, cluster: str = "", person: str = "") -> HttpRequest:
        """The request that sends it to ``cluster``. Raises ClusterNotFound."""
        if not cluster:
            return http_request(helmrequest)
        asked = self._installs.cluster(cluster)
        return http_request(helmrequest, asked.server() or UNKNOWN, asked.asker_for(person))

    # -- rendered

    def show(self, subject: Subject) -> Shown:
        """Render ``subject``, and compare it with what runs where it is an upgrade.

        Raises RenderError, ArchiveError, SourceError, ChartNotFound, VersionNotFound, ClusterNotFound,
        ImpersonationRefused, OwnTokenAbsent, OwnTokenUnavailable.
        """
        cluster = self._cluster(subject)
        subject, kept = _with_kept(cluster, subject)
        rendered, notes = self._rendered(subject, cluster)
        if cluster is None or not subject.upgrade:
            return Shown(rendered.objects, None, (*kept, *notes))
        change, why = _against(cluster, subject, rendered.release)
        return Shown(rendered.objects, change, (*kept, *notes, *why))

    def between(self, subject: Subject, before: Subject) -> ManifestDiff:
        """What changes in the objects from ``before`` to ``subject``, such as from one version to another. Raises as
        `show`."""
        cluster = self._cluster(subject)
        old, new = (self._rendered(one, cluster)[0] for one in (before, subject))
        return manifest_diff(old.release, new.release)

    def _cluster(self, subject: Subject) -> Cluster | None:
        if not subject.cluster:
            return None
        cluster = self._installs.cluster(subject.cluster)
        return cluster.acting_as(subject.person) if subject.person else cluster

    def _rendered(self, subject: Subject, cluster: Cluster | None) -> tuple[Rendered, tuple[Phrase, ...]]:
        served, notes = _served(cluster) if cluster else (frozenset(), ())
        # Last, as it may leave the cache again.
        page = self._catalog.version(subject.source, subject.chart, subject.version)
        archive, _ = kept_archive(self._catalog, self._cache, page)
        asked = Rendering(
            archive=archive,
            values=subject.values,
            release=subject.name,
            namespace=subject.namespace,
            kube_version=cluster.version if cluster else "",
            api_versions=served,
            upgrade=subject.upgrade,
            secret_values=_secrets(subject),
        )
        return self._renderer.render(asked), notes


def _export(
    helmrequest: Object, origin: ChartOrigin, kind: ExportKind, secret_paths: Sequence[str]
) -> Export | ChartroomError:
    try:
        return export(helmrequest, origin, kind, secret_paths)
    except ChartroomError as error:
        return error


def _with_kept(cluster: Cluster | None, subject: Subject) -> tuple[Subject, tuple[Phrase, ...]]:
    """``subject`` with the secret values that nobody typed again, as far as they can be read."""
    missing = [one for one in subject.secret_paths if value_at(subject.values, parse_path(one)) is ABSENT]
    if cluster is None or subject.current is None or not missing:
        return subject, ()
    try:
        kept = carried_over(cluster, subject.current, missing)
    except ChartroomError as error:
        told = N_("Rendered without the secret values that stay as they are: {cause}")
        return subject, (phrase(told, cause=phrase(error.cause_text, **error.params)),)
    return replace(subject, values=merge(kept, subject.values)), ()


def _served(cluster: Cluster) -> tuple[frozenset[str], tuple[Phrase, ...]]:
    try:
        served = cluster.served()
    except ClusterError as error:
        told = N_("Rendered without knowing what the cluster serves: {cause}")
        return frozenset(), (phrase(told, cause=phrase(error.cause_text, **error.params)),)
    return served or frozenset(), ()


def _secrets(subject: Subject) -> tuple[str, ...]:
    """Texts of the values that are kept secret."""
    return tuple(texts_of(split(subject.values, subject.secret_paths)[1]))


def _against(
    cluster: Cluster, subject: Subject, objects: Sequence[ManifestObject]
) -> tuple[ManifestDiff | None, tuple[Phrase, ...]]:
    """What changes from what runs to ``objects``; None and why where that is not known."""
    try:
        found = cluster.releases(subject.namespace, subject.name)
    except ClusterError as error:
        told = N_("What runs now is not known: {cause}")
        return None, (phrase(told, cause=phrase(error.cause_text, **error.params)),)
    if found is None:
        return None, (phrase(N_("What runs now is not known: captain’s Release records may not be read there.")),)
    record = running(newest_first(found, subject.name))
    if record is None or "manifest" in record.unknown:
        return None, (phrase(N_("What runs now is not known: captain has no readable record of this release.")),)
    runs = _running(record, subject)
    if runs is None:
        return None, (phrase(N_("What runs now is not shown: too much of it is secret.")),)
    return manifest_diff(runs, objects), ()


_UNKNOWN: Object = {"spec": {"valuesFrom": [{"secretKeyRef": {}}]}}
"""A HelmRequest that cannot be looked at: whatever the release got may come from a Secret."""


def _running(record: ReleaseRecord, subject: Subject) -> tuple[ManifestObject, ...] | None:
    """The objects of ``record``; None where so much of them is secret that nothing may be shown."""
    hide = secret_texts(record, subject.current or _UNKNOWN, subject.secret_paths)
    return None if hide is None else read_manifests(record.manifest, subject.namespace, (*hide, *_secrets(subject)))
