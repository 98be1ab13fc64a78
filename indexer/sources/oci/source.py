"""``oci``: charts that ``helm push`` put into a registry."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from indexer.access import is_loopback
from indexer.errors import (
    N_,
    AuthenticationFailed,
    BadUrl,
    ManifestAbsent,
    RegistryInvalid,
    RepositoriesUnknown,
    RepositoryAbsent,
    TooLarge,
    phrase,
)
from indexer.http import Access, Limits
from indexer.model import Source
from indexer.sources import PROVENANCE_BYTES, Answer, Known
from indexer.sources.fetching import fetch_first
from indexer.sources.oci.manifest import ChartManifest, ManifestFault, read_manifest
from indexer.sources.oci.memory import from_json
from indexer.sources.oci.reference import parse_address, split_chart_url
from indexer.sources.oci.registry import Registry
from indexer.sources.oci.selection import Selection
from indexer.sources.oci.sweep import read_repositories


class OciSource:
    """The charts at and below an ``oci://`` address. Raises BadUrl for one that may not be used."""

    def __init__(self, source: Source, access: Access, limits: Limits | None = None) -> None:
        address = parse_address(source.url)
        self._registry = Registry(origins(address.host, access), access, timeout=source.timeout, limits=limits)
        self._anonymous = access.credentials is None
        self._selection = Selection(address.path, source.repositories)

    @contextmanager
    def list_charts(self, known: Known) -> Iterator[Answer]:
        """Read what changed. Raises FetchError, CredentialsUnreadable, RegistryInvalid, RepositoriesUnknown,
        RepositoryAbsent."""
        selection = self._selection
        trusted = frozenset((*selection.literal, selection.path))
        yield read_repositories(self._registry, self._repositories(known), known, trusted)

    def fetch_archive(self, urls: Sequence[str], target: Path, limit: int, manifest: str = "") -> None:
        """Download the packed chart of the first of ``urls`` that has it.

        Raises the last error: FetchError, BadUrl, CredentialsUnreadable, RegistryInvalid, ManifestAbsent.
        """
        fetch_chart(self._registry, urls, target, limit, manifest)

    def fetch_provenance(self, urls: Sequence[str], manifest: str = "") -> bytes:
        """The provenance layer of the first of ``urls``; empty where it has none. Raises as ``fetch_archive``."""
        return fetch_provenance(self._registry, urls, manifest)

    def _repositories(self, known: Known) -> tuple[str, ...]:
        if known.only is not None:
            return self._selection.meant(known.only, from_json(known.memory).repositories)
        if not self._selection.needs_catalog:
            return self._selection.literal
        try:
            found = self._selection.of(self._registry.repositories())
        except RepositoriesUnknown as unknown:
            if self._is_one(unknown):
                return (self._selection.path,)
            raise
        return found or ((self._selection.path,) if self._is_one() else ())

    def _is_one(self, unknown: RepositoriesUnknown | None = None) -> bool:
        """Whether the address itself is that of a repository, which a registry need not have listed."""
        path = self._selection.path
        if self._selection.named or not path:
            return False
        try:
            return bool(self._registry.tags(path))
        except RepositoryAbsent:
            return False
        except AuthenticationFailed:
            if unknown is None or self._anonymous:
                raise
            text = N_("{detail}, and it does not let these credentials read {path} either")
            told = phrase(text, detail=unknown.params["detail"], path=path)
            raise RepositoriesUnknown(host=self._registry.host, detail=told) from None


def origins(host: str, access: Access) -> tuple[str, ...]:
    """Where the registry ``host`` is looked for: by https, as Helm does.

    If no TLS is spoken there, then without it as well, but only where nobody can listen in (a loopback address) or
    where the owner of the source turned the check of certificates off, as container engines do with registries that
    they were told are insecure.
    """
    if is_loopback(urlsplit(f"//{host}").hostname or "") or not access.tls.verify:
        return f"https://{host}", f"http://{host}"
    return (f"https://{host}",)


def fetch_chart(registry: Registry, urls: Sequence[str], target: Path, limit: int, manifest: str = "") -> None:
    """Write the packed chart of the first of ``urls`` (``oci://host/repository:tag``) that has it to ``target``.

    ``manifest``: hexadecimal digest of its manifest, empty where it is what the tag stands for now. Raises the last
    error: FetchError, BadUrl, CredentialsUnreadable, RegistryInvalid, ManifestAbsent.
    """
    fetch_first(urls, lambda url: _fetch(registry, url, target, limit, manifest), registry.host)


def fetch_provenance(registry: Registry, urls: Sequence[str], manifest: str = "") -> bytes:
    """The provenance file that ``helm push`` put beside the chart of the first of ``urls``; empty where there is none.

    ``manifest`` and what it raises: as for ``fetch_chart``.
    """
    for url in urls[:1]:
        repository, chart = _chart(registry, url, manifest)
        if chart.provenance is not None:
            return registry.blob(repository, chart.provenance.digest, PROVENANCE_BYTES)
    return b""


def _fetch(registry: Registry, url: str, target: Path, limit: int, manifest: str) -> None:
    repository, chart = _chart(registry, url, manifest)
    if chart.layer.size > limit:
        raise TooLarge(url=url, limit=limit, size=chart.layer.size)
    registry.download(repository, chart.layer.digest, target, limit)


def _chart(registry: Registry, url: str, manifest: str) -> tuple[str, ChartManifest]:
    """The repository and the manifest of the chart at ``url``."""
    host, repository, tag = split_chart_url(url)
    if host != registry.host:
        raise BadUrl(url=url, detail=phrase(N_("it is in another registry")))
    fetched = registry.manifest(repository, f"sha256:{manifest}" if manifest else tag)
    if fetched is None:
        raise ManifestAbsent(host=registry.host, repository=repository, tag=tag)
    try:
        chart = read_manifest(fetched.body, fetched.media_type)
    except ManifestFault as fault:
        raise RegistryInvalid(url=url, detail=fault.cause) from None
    if chart is None:
        raise RegistryInvalid(url=url, detail=phrase(N_("it is no chart")))
    return repository, chart
