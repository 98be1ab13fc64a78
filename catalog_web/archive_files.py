"""The file of a version's archive, fetched where it is not at hand."""

from pathlib import Path

from catalog_web.catalog import Catalog
from indexer.archive import ArchiveCache
from indexer.errors import ChartNotFound


def archive_file(catalog: Catalog, cache: ArchiveCache, source: str, name: str, version: str) -> tuple[Path, str]:
    """Where the archive is, and its digest. It may leave the cache at any time: open it at once.

    Raises ChartNotFound, VersionNotFound, SourceError, ArchiveError.
    """
    page = catalog.version(source, name, version)
    if page.content is None or page.content.partial:
        raise page.content_error or ChartNotFound(source=source, chart=name)
    digest = page.content.digest
    path = cache.path(digest)
    if path is None:  # it was read once, and its file was removed from the cache since
        digest = catalog.fetched_again(source, name, version).digest
        path = cache.path(digest)
    if path is None:
        raise ChartNotFound(source=source, chart=name)
    return path, digest
