"""What one person sees of the catalog: which sources and charts are there, and which apps are told of. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

from indexer.model import InstalledApp, VersionSummary
from indexer.search.request import ALL_SEEN, ChartKey, Unseen

Place = tuple[tuple[str, ...], tuple[str, ...]]
"""Globs of clusters and of namespaces."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """Why a version that is shown may not be used: it is above what ``team`` may use."""

    team: str
    """Its title."""
    ceiling: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """That ``team`` recommends a chart."""

    team: str
    """Its title."""
    note: str = ""
    versions: str = ""
    """A range in Helm's notation; empty: all."""


class TeamView(Protocol):
    """What a person's teams decided of charts that are seen, and of single versions."""

    def shows(self, source: str, chart: str, version: str = "") -> bool:
        """Whether the version is there for this person."""
        ...

    def speaks_of_versions(self, source: str, chart: str) -> bool:
        """Whether some versions of the chart may be treated otherwise than others."""
        ...

    def not_yet(self, source: str, chart: str, version: str) -> NotYet | None:
        """Why a version that is there may not be used; None where it may."""
        ...

    def recommendation(self, source: str, chart: str) -> Recommendation | None:
        """What a team says for the chart; None where none recommends it."""
        ...


@dataclass(frozen=True, slots=True)
class Sight:
    """What is there for one person. Equal for all who see the same, so that answers can be kept for them together."""

    unseen: Unseen = ALL_SEEN
    places: tuple[Place, ...] | None = None
    """Where apps are told of; None: everywhere."""
    teams: TeamView | None = None
    """None: no team of this person decided anything."""
    recommended: frozenset[ChartKey] = frozenset()
    """Charts that a team recommends."""
    folders: frozenset[str] = frozenset()
    """Sources that are folders on the server and that may not be changed: where they lie is not told."""

    def sees_source(self, name: str) -> bool:
        """Whether the source is there."""
        return name not in self.unseen.sources

    def sees(self, source: str, chart: str) -> bool:
        """Whether the chart is there."""
        return not self.unseen.hides((source, chart))

    def sees_version(self, source: str, chart: str, version: str) -> bool:
        """Whether one version of a chart that is there is, too."""
        return self.teams is None or self.teams.shows(source, chart, version)

    def speaks_of_versions(self, source: str, chart: str) -> bool:
        """Whether some versions of a chart may be treated otherwise than others."""
        return self.teams is not None and self.teams.speaks_of_versions(source, chart)

    def not_yet(self, source: str, chart: str, version: str) -> NotYet | None:
        """Why a version that is there may not be used; None where it may."""
        return self.teams.not_yet(source, chart, version) if self.teams is not None else None

    def may_use(self, source: str, chart: str, version: str) -> bool:
        """Whether one version of a chart that is there is, too, and may be used."""
        return self.sees_version(source, chart, version) and self.not_yet(source, chart, version) is None

    def releases(self, source: str, chart: str, listed: Iterable[VersionSummary]) -> Iterator[str]:
        """Those of the ``listed`` versions of a chart that an app may go to, in their order: no pre-releases, nothing
        that is no version or may not be used."""
        released = (one.version for one in listed if one.valid and not one.prerelease)
        return (one for one in released if self.may_use(source, chart, one))

    def recommendation(self, source: str, chart: str) -> Recommendation | None:
        """What a team says for a chart; None where none recommends it."""
        return self.teams.recommendation(source, chart) if self.teams is not None else None

    def sees_app(self, app: InstalledApp) -> bool:
        """Whether an app is told of."""
        return self.sees_place(app.cluster, app.namespace)

    def sees_cluster(self, name: str) -> bool:
        """Whether a cluster is told of."""
        return self.places is None or any(_fits(clusters, name) for clusters, _ in self.places)

    def sees_place(self, cluster: str, namespace: str) -> bool:
        """Whether the apps of a namespace are told of."""
        return self.places is None or any(
            _fits(clusters, cluster) and _fits(namespaces, namespace) for clusters, namespaces in self.places
        )


EVERYTHING = Sight()
"""Of those who see all."""


def _fits(globs: tuple[str, ...], name: str) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
