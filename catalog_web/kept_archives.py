"""Where the archive of a version is on this machine; fetched again where its file was removed from the cache."""

from pathlib import Path

from catalog_web.catalog import VersionPage
from catalog_web.services import Services
from indexer.errors import ChartNotFound


def kept_archive(services: Services, page: VersionPage) -> tuple[Path, str]:
    """The file and its digest. Raises why the archive cannot be had; ChartNotFound where it went meanwhile."""
    source, name, version = page.chart.source, page.chart.name, page.version.version
    absent = ChartNotFound(source=source, chart=f"{name}-{version}")
    if page.content is None or page.content.partial:
        raise page.content_error or absent
    digest = page.content.digest
    path = services.cache.path(digest)
    if path is None:  # it was read once, and its file was removed from the cache since
        digest = services.catalog.fetched_again(source, name, version).digest
        path = services.cache.path(digest)
    if path is None:
        raise absent
    return path, digest
