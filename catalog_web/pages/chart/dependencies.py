"""The charts that a chart brings along: where each is in this catalog, and what switches it on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from catalog_web.catalog import VersionPage
from catalog_web.dependency_switch import Switch, switch
from catalog_web.pages.chart.values import anchor
from catalog_web.pages.view import known_sources, seen_catalog, services
from catalog_web.values_outline import Outline, outline
from indexer.model import ChartSummary, Dependency, Source, Subchart, VersionSummary
from indexer.version_range import VersionRange

_SHOWN = 100
"""Dependencies that are looked up; a chart with more shows the others as they are told."""


@dataclass(frozen=True, slots=True)
class Needed:
    """A dependency as the page shows it."""

    told: Dependency
    switch: Switch
    bundled: Subchart | None
    """It lies in the archive."""
    chart: ChartSummary | None = None
    """In this catalog, in the source that it names."""
    version: str = ""
    """The newest one there that it takes; empty where there is none."""
    namesakes: tuple[ChartSummary, ...] = ()
    """Charts of its name in other sources, where the one that it names is not in the catalog."""


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs."""
    found = dependencies(shown)
    told, more = found[:_SHOWN], max(0, len(found) - _SHOWN)
    values = outline(shown.content.values if shown.content else "")
    named = seen_catalog().named({one.name for one in told})
    looked_up = [_needed(one, shown, values, named.get(one.name, ())) for one in told]
    return {"dependencies": looked_up, "more": more, "archive": shown.content is not None, "value_anchor": anchor}


def dependencies(shown: VersionPage) -> tuple[Dependency, ...]:
    """As the archive says, else as the index does."""
    return (shown.content.dependencies if shown.content else ()) or shown.metadata.dependencies


def _needed(one: Dependency, shown: VersionPage, values: Outline, named: tuple[ChartSummary, ...]) -> Needed:
    """``values``: those of the chart that is shown; ``named``: the charts of the dependency's name."""
    bundled = _bundled(one, shown.content.subcharts if shown.content else ())
    decided = switch(one, values, bundled)
    chart = next((found for found in named if _is_meant(found, one, shown)), None)
    if chart is None:
        return Needed(one, decided, bundled, namesakes=named)
    _, versions = seen_catalog().chart(chart.source, chart.name)
    return Needed(one, decided, bundled, chart, newest_in(one.version, versions))


def newest_in(wanted: str, versions: Iterable[VersionSummary]) -> str:
    """The first of ``versions``, which come newest first, that the range ``wanted`` takes; empty where none is."""
    try:
        taken = VersionRange.parse(wanted or "*")
    except ValueError:
        return ""
    return next((one.version for one in versions if one.version in taken), "")


def _bundled(one: Dependency, subcharts: Iterable[Subchart]) -> Subchart | None:
    return next((sub for sub in subcharts if sub.name == one.name), None)


def _is_meant(chart: ChartSummary, dependency: Dependency, shown: VersionPage) -> bool:
    """Whether ``dependency`` names the source of ``chart`` as its repository.

    A folder has no address that a repository could name, and ``file://`` means the folder beside the chart: for both
    it is the source that the chart itself comes from.
    """
    wanted = dependency.repository.rstrip("/")
    state = known_sources().get(chart.source)
    if state is None:
        return False
    if wanted.startswith("oci://"):
        return _lies_at(chart, f"{wanted}/{chart.name}:".lower())
    if wanted.startswith(("@", "alias:")):
        return chart.source == wanted.removeprefix("@").removeprefix("alias:")
    if chart.source == shown.chart.source and (state.source.kind == "directory" or wanted.startswith("file:")):
        return True
    return bool(wanted) and wanted.lower() in (state.source.url.rstrip("/").lower(), _museum(state.source))


def _lies_at(chart: ChartSummary, prefix: str) -> bool:
    """Whether the chart's newest version is in the repository of a registry that ``prefix`` names."""
    version, _ = services().store.catalog.version(chart.source, chart.name, chart.version)
    return any(url.lower().startswith(prefix) for url in version.urls)


def _museum(source: Source) -> str:
    """The address under which an older Harbor served a project to Helm; empty for what is none."""
    if source.kind != "harbor" or not source.parent:
        return ""
    parts = urlsplit(source.url)
    return f"{parts.scheme}://{parts.netloc}/chartrepo/{source.project}".lower()
