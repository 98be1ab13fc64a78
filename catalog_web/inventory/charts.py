"""What the catalog says of the charts that are installed: their versions, and whether they are deprecated."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from indexer import versions
from indexer.model import ChartSummary, VersionSummary
from indexer.search.request import ChartKey
from indexer.store import Store
from indexer.versions import SortKey


@dataclass(frozen=True)
class ChartFacts:
    """One chart of the catalog."""

    chart: ChartSummary
    versions: Mapping[str, VersionSummary]
    """Newest first."""

    @cached_property
    def releases(self) -> tuple[SortKey, ...]:
        """The releases that an app may go to, newest first: no pre-releases, nothing that is no version."""
        return tuple(
            versions.sort_key(one.version) for one in self.versions.values() if one.valid and not one.prerelease
        )

    @cached_property
    def newest(self) -> str:
        """The newest release; empty where there is none."""
        return next((one.version for one in self.versions.values() if one.valid and not one.prerelease), "")

    def behind(self, version: str) -> int:
        """How many releases are newer than ``version``."""
        mine = versions.sort_key(version)
        return next((at for at, one in enumerate(self.releases) if one <= mine), len(self.releases))


class Charts:
    """Keeps what was read until the catalog changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: tuple[int, dict[ChartKey, ChartFacts]] = (-1, {})

    def of(self, keys: Collection[ChartKey]) -> Mapping[ChartKey, ChartFacts]:
        """The charts of ``keys``; one that is not there is absent. Raises StoreUnavailable."""
        last = self._store.changes.last()
        kept = self._kept[1] if self._kept[0] == last else {}
        missing = [key for key in keys if key not in kept]
        if missing:
            kept = {**kept, **self._read(missing)}
        self._kept = (last, kept)
        return kept

    def _read(self, keys: Collection[ChartKey]) -> dict[ChartKey, ChartFacts]:
        charts = self._store.catalog.charts(keys)
        found = self._store.catalog.all_versions(list(charts))
        return {
            key: ChartFacts(chart, {one.version: one for one in found.get(key, ())}) for key, chart in charts.items()
        }
