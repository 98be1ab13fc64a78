"""All versions of the chart: found by text, marked, and compared with each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from catalog_web.catalog import VersionPage
from catalog_web.pages.view import apps_of, number_argument, seen_catalog
from catalog_web.sight import NotYet
from indexer import versions
from indexer.model import InstalledApp, VersionSummary

VERSIONS_A_PAGE = 100
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version with what a reader wants to know of it here."""

    summary: VersionSummary
    apps: tuple[InstalledApp, ...]
    """Those that run it."""
    old: str
    """What a comparison with the shown version goes from, and to; empty where it is the shown version."""
    new: str
    not_yet: NotYet | None
    """Why who looks may not use it."""


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs."""
    wanted = request.args.get("find", "")[:_LONGEST]
    released = request.args.get("releases") == "only"
    found = list(_found(shown.versions, wanted, released=released))
    last = max(1, -(-len(found) // VERSIONS_A_PAGE))
    at = min(number_argument("page"), last)
    apps = apps_of(shown.chart)
    chosen = shown.version.version
    return {
        "rows": [_row(one, shown, apps) for one in found[(at - 1) * VERSIONS_A_PAGE : at * VERSIONS_A_PAGE]],
        "total": len(found),
        "prereleases": sum(one.prerelease for one in shown.versions),
        "wanted": wanted,
        "released": released,
        "before": versions.previous(chosen, [one.version for one in shown.versions]),
        "at": at,
        "last": last,
    }


def _found(some: Sequence[VersionSummary], wanted: str, *, released: bool) -> Iterator[VersionSummary]:
    """Versions whose text, or whose app version's, holds ``wanted``."""
    text = wanted.strip().casefold()
    for one in some:
        is_found = text in one.version.casefold() or text in one.app_version.casefold()
        if is_found and not (released and one.prerelease):
            yield one


def _row(one: VersionSummary, shown: VersionPage, apps: Sequence[InstalledApp]) -> VersionRow:
    running, chosen = tuple(app for app in apps if app.version == one.version), shown.version.version
    not_yet = seen_catalog().sight.not_yet(shown.chart.source, shown.chart.name, one.version)
    if one.version == chosen:
        return VersionRow(one, running, "", "", not_yet)
    older = versions.sort_key(one.version) < versions.sort_key(chosen)
    return VersionRow(one, running, one.version if older else chosen, chosen if older else one.version, not_yet)
