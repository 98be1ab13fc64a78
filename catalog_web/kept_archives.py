"""Where the archive of a version is on this machine; fetched again where its file was removed from the cache."""

from contextlib import suppress
from pathlib import Path

from catalog_web.catalog import Catalog, VersionPage
from indexer.archive import ArchiveCache
from indexer.errors import ChartNotFound, ChartroomError
from indexer.store import Store


def kept_archive(catalog: Catalog, cache: ArchiveCache, page: VersionPage) -> tuple[Path, str]:
    """The file, which may leave the cache at any time, and its digest. Raises why the archive cannot be had;
    ChartNotFound where it went meanwhile."""
    source, name, version = page.chart.source, page.chart.name, page.version.version
    absent = ChartNotFound(source=source, chart=f"{name}-{version}")
    if page.content is None or page.content.partial:
        raise page.content_error or absent
    digest = page.content.digest
    path = cache.path(digest)
    if path is None:  # it was read once, and its file was removed from the cache since
        digest = catalog.fetched_again(source, name, version).digest
        path = cache.path(digest)
    if path is None:
        raise absent
    return path, digest


def keep_installed(store: Store, catalog: Catalog, cache: ArchiveCache) -> None:
    """Have the archive of every version that is installed at hand, for a roll back after it has left its source. What
    cannot be had now is tried again next time. Raises StoreUnavailable."""
    for source, chart, version in {(one.source, one.chart, one.version) for one in store.revisions.installed()}:
        with suppress(ChartroomError):
            kept_archive(catalog, cache, catalog.version(source, chart, version))
