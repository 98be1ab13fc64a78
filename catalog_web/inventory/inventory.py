"""The one question that lists of apps ask: which are there, as far as it is known in so much time?"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from catalog_web.install.service import Installs
from catalog_web.install.status import App
from catalog_web.inventory.charts import Charts
from catalog_web.inventory.filters import AppFilter, Facet, narrowed
from catalog_web.inventory.images import Images
from catalog_web.inventory.listings import Listing, Listings
from catalog_web.inventory.rows import AppRow, Sources, by_place, rows, source_of, told_by_store
from catalog_web.sight import EVERYTHING, Sight
from indexer.model import KnownApp
from indexer.store import Store

_MOST_NAMESPACES = 10
"""That are asked for one by one."""


@dataclass(frozen=True, slots=True)
class Found:
    """The apps that were wanted, in their order, and how it stands with each cluster."""

    rows: tuple[AppRow, ...]
    total: int
    """Of all apps of these clusters."""
    facets: Mapping[Facet, tuple[tuple[str, int], ...]]
    listings: tuple[Listing, ...]
    images: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Those that were asked for, by ``AppRow.content_digest``."""
    unread: int = 0
    """Apps of which nobody knows the images, because their archive was never read."""

    def of(self, cluster: str) -> Listing | None:
        """The listing of a cluster that was asked."""
        return next((one for one in self.listings if one.cluster == cluster), None)


class Inventory:
    """What is installed over all clusters. Safe to use from several threads."""

    def __init__(
        self, installs: Installs, store: Store, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._installs, self._store = installs, store
        self._listings = Listings(installs, now)
        self._charts, self._images = Charts(store), Images(store)
        self._known: tuple[object, tuple[KnownApp, ...]] = (None, ())

    def close(self) -> None:
        """Ask no more clusters."""
        self._listings.close()

    def look(self, wanted: AppFilter, patience: float, sight: Sight = EVERYTHING) -> Found:
        """All apps that are ``wanted`` and that ``sight`` shows, after at most ``patience`` seconds for the clusters.

        What a cluster does not tell in that time is told as it was before; of one that has never told anything, what
        Chartroom sent there. Raises StoreUnavailable.
        """
        names = [one.name for one in self._installs.clusters if sight.sees_cluster(one.name)]
        asked = [one for one in names if one in wanted.clusters] or names
        listings = self._listings.look([(one, "") for one in asked], patience)
        listings = tuple(self._with_namespaces(one, wanted.namespaces, patience) for one in listings)
        found = self._rows(listings, sight)
        kept, facets = narrowed(found, wanted)
        if not wanted.image:
            return Found(wanted.ordered(kept), len(found), facets, listings)
        images = self._images.of(kept, wanted.image)
        using = [row for row in kept if row.content_digest in images]
        unread = sum(not row.content_digest for row in kept)
        return Found(wanted.ordered(using), len(found), facets, listings, images, unread)

    def listings(self, clusters: Iterable[str], patience: float) -> tuple[Listing, ...]:
        """How it stands with each of ``clusters`` after at most ``patience`` seconds; unknown ones are left out."""
        names = {one.name for one in self._installs.clusters}
        return self._listings.look([(one, "") for one in clusters if one in names], patience)

    def row(self, app: App, sight: Sight = EVERYTHING) -> AppRow:
        """The row of one app that was looked at by itself. Raises StoreUnavailable."""
        return self._joined((app,), sight)[0]

    def _with_namespaces(self, listing: Listing, namespaces: Sequence[str], patience: float) -> Listing:
        """``listing`` with all of ``namespaces``, which may be listed where the whole cluster may not."""
        if not listing.partial or not namespaces:
            return listing
        more = self._listings.look([(listing.cluster, one) for one in namespaces[:_MOST_NAMESPACES]], patience)
        apps = {(app.namespace, app.name): app for one in (listing, *more) for app in one.apps}
        return replace(listing, apps=tuple(apps.values()))

    def _rows(self, listings: Sequence[Listing], sight: Sight) -> tuple[AppRow, ...]:
        revisions = self._revisions()
        apps = [
            app for one in listings for app in _apps(one, revisions) if sight.sees_place(app.cluster, app.namespace)
        ]
        return self._joined(apps, sight)

    def _joined(self, apps: Sequence[App], sight: Sight) -> tuple[AppRow, ...]:
        """An app of a source that is not seen is one of no source: nothing that the catalog knows of it is told."""
        known = by_place(self._revisions())
        sources = Sources.of([state.source for state in self._store.sources.all()], sight.sees_source)
        keys = {(source_of(app, known.get((app.cluster, app.namespace, app.name)), sources), app.chart) for app in apps}
        facts = self._charts.of([key for key in keys if key[0] in sources.names], sight)
        return rows(apps, known, sources, facts)

    def _revisions(self) -> tuple[KnownApp, ...]:
        stamp = self._store.revisions.stamp()
        if self._known[0] != stamp:
            self._known = (stamp, self._store.revisions.known())
        return self._known[1]


def _apps(listing: Listing, revisions: Sequence[KnownApp]) -> Sequence[App]:
    return listing.apps if listing.at else told_by_store(revisions, listing.cluster)
