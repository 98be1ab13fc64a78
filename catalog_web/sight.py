"""What one person sees of the catalog: which sources and charts are there, and which apps are told of. Pure."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

from indexer.model import InstalledApp
from indexer.search.request import ALL_SEEN, Unseen

Place = tuple[tuple[str, ...], tuple[str, ...]]
"""Globs of clusters and of namespaces."""


class VersionSight(Protocol):
    """What a person's teams decided of single versions."""

    def shows(self, source: str, chart: str, version: str = "") -> bool:
        """Whether the version is there for this person."""
        ...


@dataclass(frozen=True, slots=True)
class Sight:
    """What is there for one person. Equal for all who see the same, so that answers can be kept for them together."""

    unseen: Unseen = ALL_SEEN
    places: tuple[Place, ...] | None = None
    """Where apps are told of; None: everywhere."""
    versions: VersionSight | None = None
    """None: no team hides single versions."""

    def sees_source(self, name: str) -> bool:
        """Whether the source is there."""
        return name not in self.unseen.sources

    def sees(self, source: str, chart: str) -> bool:
        """Whether the chart is there."""
        return not self.unseen.hides((source, chart))

    def sees_version(self, source: str, chart: str, version: str) -> bool:
        """Whether one version of a chart that is there is, too."""
        return self.versions is None or self.versions.shows(source, chart, version)

    def sees_app(self, app: InstalledApp) -> bool:
        """Whether an app is told of."""
        return self.sees_place(app.cluster, app.namespace)

    def sees_place(self, cluster: str, namespace: str) -> bool:
        """Whether the apps of a namespace are told of."""
        return self.places is None or any(
            _fits(clusters, cluster) and _fits(namespaces, namespace) for clusters, namespaces in self.places
        )


EVERYTHING = Sight()
"""Of those who see all."""


def _fits(globs: tuple[str, ...], name: str) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
