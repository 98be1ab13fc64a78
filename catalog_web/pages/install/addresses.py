"""Where captain could get an archive without a ChartRepo, as far as the source's listing tells."""

from urllib.parse import urljoin

from catalog_web.catalog import VersionPage
from catalog_web.pages.view import known_sources
from indexer.model import Source
from indexer.sources.oci.reference import SCHEME

_WEB = ("http://", "https://")


def archive_address(shown: VersionPage) -> str:
    """The address of the version's archive as captain takes it: of the file, or ``host/path`` in a registry. Empty
    where only Chartroom reaches it."""
    source = known_sources()[shown.chart.source].source
    found = (_address(source, listed) for listed in shown.version.urls)
    return next(filter(None, found), "")


def _address(source: Source, listed: str) -> str:
    if listed.startswith(SCHEME):
        host, _, path = listed.removeprefix(SCHEME).partition("@")[0].partition("/")
        return f"{host}/{path.partition(':')[0]}"
    folder = source.shown_url.removesuffix("index.yaml").rstrip("/") + "/"
    url = urljoin(folder, listed) if folder.startswith(_WEB) else listed
    return url if url.startswith(_WEB) else ""
