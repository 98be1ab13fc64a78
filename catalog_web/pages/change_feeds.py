"""The activity as Atom feeds: of everything, of a source, of a chart. In English: readers of feeds name no language."""

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from catalog_web import feeds
from catalog_web.auth import rule
from catalog_web.pages.atom import absolute, answer, unchanged
from catalog_web.pages.view import seen_catalog, services
from indexer.about import program_version
from indexer.errors import ChartNotFound
from indexer.model import ChangeFilter, ChartChanges, ChartSummary

ENTRIES = 100

pages = Blueprint("change_feeds", __name__)


@pages.get("/feeds/all.atom")
@rule("catalog.read", "catalog")
def everything() -> Response:
    """What changed in all sources."""
    return _answer(ChangeFilter(), "All charts", url_for("change_feeds.everything"), url_for("activity.index"))


@pages.get("/feeds/<source>.atom")
@rule("catalog.read", "source/{source}")
def source(source: str) -> Response:
    """What changed in a source; of a Harbor in all its projects. Raises SourceNotFound."""
    state = seen_catalog().source(source)
    page = url_for("activity.index", source=source)
    return _answer(
        ChangeFilter(sources=(source,)),
        state.source.title or source,
        url_for("change_feeds.source", source=source),
        page,
    )


@pages.get("/feeds/<source>/<chart>.atom")
@rule("catalog.read", "chart/{source}/{chart}")
def chart(source: str, chart: str) -> Response:
    """What changed of one chart, also of one that is gone. Raises SourceNotFound, ChartNotFound."""
    seen_catalog().source(source)
    wanted = ChangeFilter(sources=(source,), chart=chart)
    there = seen_catalog().charts([(source, chart)])
    if not there and not seen_catalog().chart_changes(wanted, 0, 1):
        raise ChartNotFound(source=source, chart=chart)
    page = url_for("chart.page", source=source, name=chart) if there else url_for("activity.index", source=source)
    return _answer(wanted, f"{chart} ({source})", url_for("change_feeds.chart", source=source, chart=chart), page)


def _answer(wanted: ChangeFilter, title: str, link: str, page: str) -> Response:
    state = (program_version(), str(services().store.changes.last()), title, absolute(link))
    if (known := unchanged(*state)) is not None:
        return known
    found = seen_catalog().chart_changes(wanted, 0, ENTRIES)
    charts = seen_catalog().charts([(one.source, one.name) for one in found])
    kept = services().store.id
    feed = feeds.Feed(
        id=feeds.stable_id(kept, "changes", *wanted.sources, wanted.chart),
        title=f"{title} · Chartroom",
        link=absolute(link),
        page=absolute(page),
        updated=found[0].at if found else feeds.NEVER,
        entries=[_entry(kept, one, charts.get((one.source, one.name))) for one in found],
    )
    return answer(feed, *state)


def _entry(kept: str, one: ChartChanges, chart: ChartSummary | None) -> feeds.Entry:
    return feeds.Entry(
        id=feeds.stable_id(kept, "change", str(one.row)),
        title=f"{one.name} {one.versions[0] if one.versions else ''} ({one.source}): {_what(one)}",
        link=absolute(_link(one, chart)),
        updated=one.at,
        summary=_summary(one, chart),
    )


def _what(one: ChartChanges) -> str:
    if one.kind == "added":
        return "new chart" if one.is_new else "new version"
    return {"updated": "changed in place", "removed": "removed", "repushed": "pushed again with other bytes"}[one.kind]


def _link(one: ChartChanges, chart: ChartSummary | None) -> str:
    if chart is None:
        return url_for("activity.index", sync=one.row)
    version = one.versions[0] if one.kind != "removed" and one.versions else None
    return url_for("chart.page", source=one.source, name=one.name, version=version)


def _summary(one: ChartChanges, chart: ChartSummary | None) -> str:
    """Which versions, if several, and what the chart is."""
    several = f"{one.count} versions: {', '.join(one.versions)}{' …' if one.count > len(one.versions) else ''}."
    return "\n".join(filter(None, (several if one.count > 1 else "", chart.description if chart else "")))
