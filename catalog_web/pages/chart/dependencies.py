"""The charts that a chart brings along."""

from typing import Any

from catalog_web.catalog import VersionPage
from catalog_web.pages.view import known_sources, services
from indexer.model import Dependency


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs."""
    return {"dependencies": [(one, _source_of(one, shown)) for one in dependencies(shown)]}


def dependencies(shown: VersionPage) -> tuple[Dependency, ...]:
    """As the archive says, else as the index does."""
    return (shown.content.dependencies if shown.content else ()) or shown.metadata.dependencies


def _source_of(dependency: Dependency, shown: VersionPage) -> str:
    """Name of the source where the reader finds ``dependency``; empty where it is in none.

    That is the source with its repository. A folder has no address that a repository could name, and ``file://`` means
    the folder beside the chart: for both it is the source that the chart itself comes from.
    """
    wanted = dependency.repository.rstrip("/")
    known = (state.source for state in known_sources().values() if state.source.kind == "index")
    owner = next((one.name for one in known if wanted and one.url.rstrip("/") == wanted), "")
    if not owner and (known_sources()[shown.chart.source].source.kind == "directory" or wanted.startswith("file:")):
        owner = shown.chart.source
    return owner if services().store.catalog.charts([(owner, dependency.name)]) else ""
