"""How all of it fares: this process, the others on the same store, the clusters, and what waits."""

from dataclasses import dataclass

from catalog_web.install.cluster_states import ClusterState
from catalog_web.metrics.families import StoreView
from catalog_web.process import Process
from catalog_web.readiness import Readiness, look
from catalog_web.services import Services
from indexer.about import program_version
from indexer.model import SourceState

STORE_PATIENCE = 10.0
"""Seconds: who looks wants to see how slow it is."""
CLUSTER_PATIENCE = 2.0
"""Seconds that clusters which were not asked lately are waited for."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One look."""

    version: str
    process: Process
    readiness: Readiness
    database: str
    """What it is: SQLite or PostgreSQL."""
    store: StoreView | None
    """None: the database does not answer in time."""
    clusters: tuple[ClusterState, ...]

    @property
    def failing(self) -> tuple[SourceState, ...]:
        """Sources whose last sync failed, those first that fail for the longest."""
        found = (one for one in self.store.sources if one.health == "failing") if self.store else ()
        return tuple(sorted(found, key=lambda one: (str(one.failing_since), one.source.name)))


def condition(services: Services) -> Condition:
    """Look at everything, for at most a few seconds."""
    return Condition(
        version=program_version(),
        process=services.process,
        readiness=look(services),
        database="PostgreSQL" if services.config.database_url else "SQLite",
        store=services.metrics.store(STORE_PATIENCE),
        clusters=services.installs.states(CLUSTER_PATIENCE),
    )
