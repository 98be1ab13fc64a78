"""What the catalog says of the charts that are installed: their versions, and whether they are deprecated."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from catalog_web.sight import EVERYTHING, Sight
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
    """Newest first; also those that are not seen: an app may run one."""
    sight: Sight = EVERYTHING
    """Of whom it is told to."""

    @cached_property
    def releases(self) -> tuple[SortKey, ...]:
        """The releases that an app may go to, newest first: no pre-releases, nothing that is no version or may not be
        used."""
        return tuple(map(versions.sort_key, self._usable))

    @property
    def newest(self) -> str:
        """The newest release that an app may go to; empty where there is none."""
        return next(iter(self._usable), "")

    def not_yet(self, version: str) -> str:
        """The newest release that is seen, where that is newer than ``version`` and may not be used; else empty."""
        released = (one.version for one in self.versions.values() if one.valid and not one.prerelease)
        newest = next((one for one in released if self.sight.sees_version(*self._key, one)), "")
        if not newest or versions.sort_key(newest) <= versions.sort_key(version):
            return ""
        return "" if self.sight.may_use(*self._key, newest) else newest

    @property
    def _key(self) -> ChartKey:
        return self.chart.source, self.chart.name

    @cached_property
    def _usable(self) -> tuple[str, ...]:
        return tuple(self.sight.releases(*self._key, self.versions.values()))

    def behind(self, version: str) -> int:
        """How many releases are newer than ``version``."""
        mine = versions.sort_key(version)
        return next((at for at, one in enumerate(self.releases) if one <= mine), len(self.releases))


class Charts:
    """Keeps what was read until the catalog changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: tuple[int, dict[ChartKey, ChartFacts]] = (-1, {})
        self._seen: tuple[Mapping[ChartKey, ChartFacts], Sight, Mapping[ChartKey, ChartFacts]] = ({}, EVERYTHING, {})

    def of(self, keys: Collection[ChartKey], sight: Sight = EVERYTHING) -> Mapping[ChartKey, ChartFacts]:
        """The charts of ``keys`` as ``sight`` lets them be used; one that is not there, or not seen, is absent. Raises
        StoreUnavailable."""
        wanted = [key for key in keys if sight.sees(*key)]
        found = self._as_seen(self._facts(wanted), sight)
        return {key: found[key] for key in wanted if key in found}

    def _as_seen(self, kept: Mapping[ChartKey, ChartFacts], sight: Sight) -> Mapping[ChartKey, ChartFacts]:
        """Kept as well: which versions of a chart may be used is worked out once, not for every request."""
        of, by, found = self._seen
        if of is not kept or by != sight:
            told = {key: replace(one, sight=sight) for key, one in kept.items() if sight.speaks_of_versions(*key)}
            found = {**kept, **told}
            self._seen = (kept, sight, found)
        return found

    def _facts(self, keys: Collection[ChartKey]) -> Mapping[ChartKey, ChartFacts]:
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
