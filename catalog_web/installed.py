"""What is installed here of the catalog's charts, and what of it could be upgraded. No cluster is asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from catalog_web.sight import Sight
from indexer import versions
from indexer.model import InstalledApp
from indexer.search.request import ALL_SEEN, NO_MARKS, ChartKey, Marks
from indexer.store import Store


@dataclass(frozen=True, slots=True)
class Installed:
    """The apps of each chart."""

    apps: Mapping[ChartKey, tuple[InstalledApp, ...]] = field(default_factory=dict)
    behind: Mapping[ChartKey, tuple[InstalledApp, ...]] = field(default_factory=dict)
    """Those that are older than the newest release in the catalog."""
    marks: Marks = NO_MARKS


def narrowed(installed: Installed, sight: Sight) -> Installed:
    """Those of the apps, and of the charts, that somebody sees."""
    if sight.places is None and sight.unseen == ALL_SEEN:
        return installed
    apps, behind = _seen(installed.apps, sight), _seen(installed.behind, sight)
    return Installed(apps, behind, Marks(frozenset(apps), frozenset(behind)))


def _seen(
    apps: Mapping[ChartKey, tuple[InstalledApp, ...]], sight: Sight
) -> Mapping[ChartKey, tuple[InstalledApp, ...]]:
    shown = {key: tuple(filter(sight.sees_app, some)) for key, some in apps.items() if sight.sees(*key)}
    return {key: some for key, some in shown.items() if some}


def with_newest(installed: Installed, newest: Mapping[ChartKey, str]) -> Installed:
    """The same, where the apps of some charts can be upgraded to another version at most; empty: to none."""
    older = {key: _older(installed.apps.get(key, ()), version) for key, version in newest.items()}
    behind = {key: some for key, some in {**installed.behind, **older}.items() if some}
    return replace(installed, behind=behind, marks=replace(installed.marks, upgradeable=frozenset(behind)))


class InstalledHere:
    """Keeps the answer until a revision was written or the catalog changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: tuple[int, object, Installed] = (0, None, Installed())

    def now(self) -> Installed:
        """What is installed. Costs nearly nothing where nothing was written. Raises StoreUnavailable."""
        version = self._store.database.version()
        seen, known, found = self._kept
        if seen != version:
            stamp = (self._store.revisions.stamp(), self._store.changes.last())
            found = found if known == stamp else self._read()
            self._kept = (version, stamp, found)
        return found

    def _read(self) -> Installed:
        apps = _by_chart(self._store.revisions.installed())
        newest = self._store.catalog.charts(apps.keys())
        behind = {key: _older(apps[key], chart.version) for key, chart in newest.items()}
        upgradeable = {key: some for key, some in behind.items() if some}
        return Installed(apps, upgradeable, Marks(frozenset(apps), frozenset(upgradeable)))


def _by_chart(apps: Iterable[InstalledApp]) -> dict[ChartKey, tuple[InstalledApp, ...]]:
    found: dict[ChartKey, tuple[InstalledApp, ...]] = {}
    for app in apps:
        if app.source:
            key = (app.source, app.chart)
            found[key] = (*found.get(key, ()), app)
    return found


def _older(apps: Iterable[InstalledApp], newest: str) -> tuple[InstalledApp, ...]:
    """Nobody is told to go to a pre-release, or to what is no version."""
    if versions.is_prerelease(newest) or not versions.is_valid(newest):
        return ()
    return tuple(app for app in apps if versions.sort_key(app.version) < versions.sort_key(newest))
