"""What stands beside every tab: the licence, where else the chart is, who runs it here, what may be copied."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from catalog_web.auth import current_person, may
from catalog_web.catalog import VersionPage
from catalog_web.licences import licence_name
from catalog_web.pages.chart.commands import helm_commands, helmrequest
from catalog_web.pages.view import apps_of, seen_catalog, seen_clusters, services
from catalog_web.successor import moved_to
from indexer import versions
from indexer.model import ChartSummary, InstalledApp, Source, VersionSummary
from indexer.version_range import VersionRange

_RUNS_SHOWN = 20
_UPGRADED_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Run:
    """An app that runs the chart."""

    app: InstalledApp
    behind: int
    """How many releases newer than its version there are that may be used, up to the one that is shown."""
    is_older: bool
    """It could be upgraded to the version that is shown."""


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence, and whether the chart says so itself or its LICENSE file looks so."""

    name: str
    told: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a version of the chart admits the Kubernetes of a cluster."""

    cluster: str
    version: str
    fits: bool


def facts(shown: VersionPage, source: Source) -> dict[str, Any]:
    """What the templates of head, banners and side column need."""
    found = runs(shown)
    older = [one.app for one in found if one.is_older][:_UPGRADED_AT_ONCE]
    also = seen_catalog().also_in(shown)
    return {
        "fits": fits(shown),
        "licence": licence(shown),
        "also_in": also,
        "runs": found[:_RUNS_SHOWN],
        "more_runs": max(0, len(found) - _RUNS_SHOWN),
        "upgradeable": older,
        "recommendation": seen_catalog().sight.recommendation(shown.chart.source, shown.chart.name),
        "hidden_for": hidden_for(shown),
        "upgrade_places": [f"{one.cluster}/{one.namespace}/{one.name}" for one in older],
        "commands": helm_commands(source, shown),
        "helmrequest": helmrequest(source, shown, seen_clusters()),
        "instead": instead(shown) if shown.chart.deprecated or shown.version.deprecated else (),
        "moved_to": moved(shown) if shown.chart.deprecated or shown.version.deprecated else (),
    }


def hidden_for(shown: VersionPage) -> tuple[str, ...]:
    """The teams that do not show the chart to their members, for who decides that."""
    if not may(current_person(), "team.write", "team").allowed:
        return ()
    return services().teams.hidden_for(shown.chart.source, shown.chart.name)


def fits(shown: VersionPage) -> tuple[Fit, ...]:
    """How ``kubeVersion`` fits the clusters that were seen, by Helm's own rule; none where it says nothing."""
    try:
        wanted = VersionRange.parse(shown.metadata.kube_version) if shown.metadata.kube_version else None
    except ValueError:
        return ()
    known = services().installs.versions_by_cluster() if wanted else {}
    seen = {one.name for one in seen_clusters()}
    return tuple(Fit(name, version, version in wanted) for name, version in known.items() if wanted and name in seen)


def licence(shown: VersionPage) -> Licence | None:
    """What an annotation says, else what the LICENSE in the archive looks like."""
    if shown.metadata.licence:
        return Licence(shown.metadata.licence, told=True)
    read = licence_name(shown.content.licence_text) if shown.content else ""
    return Licence(read, told=False) if read else None


def runs(shown: VersionPage) -> list[Run]:
    """The apps that run any version of the chart, those that are behind first."""
    wanted = shown.version
    apps = apps_of(shown.chart)
    newer = _releases(shown) if apps else []
    found = []
    for app in apps:
        behind = len(newer) - bisect_right(newer, versions.sort_key(app.version))
        usable = wanted.valid and not shown.not_yet and shown.metadata.type != "library"
        found.append(Run(app, behind, bool(behind and usable)))
    return sorted(found, key=lambda one: -one.behind)


def _releases(shown: VersionPage) -> list[versions.SortKey]:
    """The releases that may be used, up to the version that is shown, oldest first; none where that is no version."""
    if not shown.version.valid:
        return []
    last = versions.sort_key(shown.version.version)
    may_use, key = seen_catalog().sight.may_use, (shown.chart.source, shown.chart.name)
    counted = (one.version for one in shown.versions if _counts(one, shown.version.version))
    keys = (versions.sort_key(one) for one in counted if may_use(*key, one))
    return sorted(key for key in keys if key <= last)


def _counts(one: VersionSummary, shown: str) -> bool:
    return one.version == shown or (one.valid and not one.prerelease)


def instead(shown: VersionPage) -> tuple[ChartSummary, ...]:
    """Charts of the same name in other sources that are kept up."""
    named = seen_catalog().named([shown.chart.name]).get(shown.chart.name, ())
    return tuple(one for one in named if one.source != shown.chart.source and not one.deprecated)


def moved(shown: VersionPage) -> tuple[str, ...]:
    """Where the publisher of a deprecated chart says that people should go."""
    return moved_to((shown.metadata.description, shown.content.readme if shown.content else ""))
