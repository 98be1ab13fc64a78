"""What in the catalog should worry an administrator, and what can be done about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from catalog_web.services import Services
from indexer.errors import N_, ChartroomError, describe
from indexer.model import InstalledApp
from indexer.search.request import ChartKey

WorryKind = Literal["deprecated", "repushed", "archives", "images"]

KINDS: tuple[WorryKind, ...] = get_args(WorryKind)
"""The gravest first."""
TITLES: Mapping[WorryKind, str] = {
    "deprecated": N_("Deprecated charts in use"),
    "repushed": N_("Versions pushed again"),
    "archives": N_("Archives that cannot be had"),
    "images": N_("Images without a fixed version"),
}
REMEDIES: Mapping[WorryKind, str] = {
    "deprecated": N_(
        "Nobody keeps these charts up any more. Look for a successor in their README or in the catalog, and move what "
        "runs here over to it."
    ),
    "repushed": N_(
        "The archive of a version that was out was replaced. Ask who keeps the repository why, and compare before you "
        "install or upgrade: the same version may now do something else."
    ),
    "archives": N_(
        "Without its archive a version is found, but can be neither read nor installed. Chartroom tries again; where "
        "an archive stays lost, tell who keeps the repository."
    ),
    "images": N_(
        "An image named “latest”, or without a tag, may be another one tomorrow. Set a tag or a digest in the values "
        "before you install such a chart."
    ),
}


@dataclass(frozen=True, slots=True)
class Worry:
    """One chart version that should worry somebody."""

    kind: WorryKind
    source: str
    chart: str
    version: str
    apps: tuple[InstalledApp, ...] = ()
    """What runs here of the chart."""
    at: datetime | None = None
    """When it was last seen to be pushed again."""
    images: tuple[str, ...] = ()
    """Those without a fixed version, as the chart writes them."""
    error: ChartroomError | None = None
    """Why its archive cannot be had."""
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Reader:
    """How many there are of a kind, and how a part of them (limit, offset) is read."""

    count: int
    read: Callable[[int, int], Sequence[Worry]]


class AllWorries:
    """All that there is at a moment: counted at once, read in parts."""

    def __init__(self, services: Services) -> None:
        """Raises StoreUnavailable, as reading does."""
        apps = services.catalog.all_installed().apps
        self._readers = {kind: reader(services, apps) for kind, reader in _READERS.items()}
        self.counts: Mapping[WorryKind, int] = {kind: self._readers[kind].count for kind in KINDS}
        """Of every kind, also of those without any."""

    def of(self, kinds: Sequence[WorryKind], limit: int, offset: int) -> tuple[Worry, ...]:
        """A part of those of ``kinds``, one kind after the other."""
        items: list[Worry] = []
        start = offset
        for kind in kinds:
            reader = self._readers[kind]
            items += reader.read(limit - len(items), start) if start < reader.count and len(items) < limit else ()
            start = max(start - reader.count, 0)
        return tuple(items)


Apps = Mapping[ChartKey, tuple[InstalledApp, ...]]


def _deprecated(services: Services, apps: Apps) -> _Reader:
    charts = services.catalog.charts(list(apps))
    found = [
        Worry("deprecated", chart.source, chart.name, chart.version, apps[key])
        for key, chart in sorted(charts.items())
        if chart.deprecated
    ]
    return _Reader(len(found), lambda limit, offset: found[offset : offset + limit])


def _repushed(services: Services, apps: Apps) -> _Reader:
    def read(limit: int, offset: int) -> Sequence[Worry]:
        return [
            Worry(
                "repushed",
                one.source,
                one.chart,
                one.version,
                _running(apps, one.source, one.chart, one.version),
                one.at,
            )
            for one in services.store.worries.repushed(limit, offset)
        ]

    return _Reader(services.store.worries.repushed_count(), read)


def _archives(services: Services, apps: Apps) -> _Reader:
    def read(limit: int, offset: int) -> Sequence[Worry]:
        return [
            Worry(
                "archives",
                one.source,
                one.chart,
                one.version,
                _running(apps, one.source, one.chart, one.version),
                error=describe(one.error_id, one.error_params),
                next_try=one.next_try,
            )
            for one in services.store.worries.lost(limit, offset)
        ]

    return _Reader(services.store.worries.lost_count(), read)


def _images(services: Services, apps: Apps) -> _Reader:
    found = services.store.contents.floating()

    def read(limit: int, offset: int) -> Sequence[Worry]:
        return [
            Worry(
                "images",
                one.source,
                one.chart,
                one.version,
                apps.get((one.source, one.chart), ()),
                images=one.references,
            )
            for one in found[offset : offset + limit]
        ]

    return _Reader(len(found), read)


def _running(apps: Apps, source: str, chart: str, version: str) -> tuple[InstalledApp, ...]:
    """What runs here of just that version."""
    return tuple(app for app in apps.get((source, chart), ()) if app.version == version)


_READERS: Mapping[WorryKind, Callable[[Services, Apps], _Reader]] = {
    "deprecated": _deprecated,
    "repushed": _repushed,
    "archives": _archives,
    "images": _images,
}
