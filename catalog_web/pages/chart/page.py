"""The page of a version: its head, the chosen tab, the facts beside it; and how far the fetch of its archive is."""

from collections.abc import Iterable

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog_web.auth import rule
from catalog_web.catalog import PAGE_PATIENCE, VersionPage
from catalog_web.pages.chart.blueprint import pages
from catalog_web.pages.chart.changes import changes
from catalog_web.pages.chart.facts import facts
from catalog_web.pages.chart.tabs import tabs
from catalog_web.pages.view import known_sources, seen_catalog, services
from indexer import versions
from indexer.model import Problem, VersionSummary

_PICKED = 15
_MAJORS = 12


@pages.get("/charts/<source>/<name>", endpoint="page")
@pages.get("/charts/<source>/<name>/<version>", endpoint="page")
@rule("catalog.read", "chart/{source}/{name}")
def page(source: str, name: str, version: str = "") -> str:
    """Show the version, by default the latest, with one of its tabs."""
    shown = seen_catalog().version(source, name, version, PAGE_PATIENCE)
    registered = known_sources()[source].source
    offered = tabs(shown)
    asked = request.args.get("tab", "readme")
    tab = next((one for one in offered if one.key == asked), offered[0])
    return render_template(
        "chart/page.html",
        shown=shown,
        source=registered,
        tab=tab.key,
        needs_archive=tab.needs_archive,
        tabs=[(one.key, one.label, one.count) for one in offered],
        latest=shown.version.version == shown.chart.version,
        picked=shown.versions[:_PICKED],
        majors=majors(shown.versions) if len(shown.versions) > _PICKED else [],
        fetching=seen_catalog().fetching(source, name, shown.version.version),
        problems=_problems(shown),
        changes=changes(shown),
        signature=services().signatures.of(shown),
        **facts(shown, registered),
        **tab.content(shown),
    )


@pages.get("/charts/<source>/<name>/<version>/fetching")
@rule("catalog.read", "chart/{source}/{name}")
def fetching(source: str, name: str, version: str) -> Response:
    """Say how far the fetch of the archive is; once there is none, that the page is to be loaded again."""
    found = seen_catalog().fetching(source, name, version)
    answer = make_response(render_template("chart/fetching.html", fetching=found))
    if found is None:
        answer.headers["HX-Refresh"] = "true"
    return answer


@pages.post("/charts/<source>/<name>/<version>/archive")
@rule("source.sync", "source/{source}")
def try_archive(source: str, name: str, version: str) -> Response:
    """Fetch an archive that could not be had once more, without waiting for the time of its next try."""
    seen_catalog().try_archive(source, name, version)
    return redirect(url_for(".page", source=source, name=name, version=version), 303)


def majors(found: Iterable[VersionSummary]) -> list[VersionSummary]:
    """The newest release of each major version, newest first; at most twelve."""
    newest: dict[int, VersionSummary] = {}
    for one in found:
        parsed = versions.parse(one.version)
        if parsed is not None and not one.prerelease:
            newest.setdefault(parsed.major, one)
    return list(newest.values())[:_MAJORS]


def _problems(shown: VersionPage) -> list[Problem]:
    """What is wrong with this version or with the chart as a whole, beside an archive that cannot be had."""
    told = shown.content_error.cause if shown.content_error else None
    mine = ("", shown.version.version)
    found = seen_catalog().problems(shown.chart.source, shown.chart.name)
    return [one for one in found if one.version in mine and one.cause != told]
