"""What is known at the moment of a scrape, as families of metrics. Pure."""

import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily

from catalog_web.install.cluster_states import ClusterState
from indexer.model import SourceState
from indexer.store.figures import Figures
from indexer.store.replicas import Replica

STATES = ("ok", "held", "failing", "never", "disabled")
GONE_AFTER = 30.0
"""Seconds of silence after which a process counts no more; it tells of itself every few."""
Key = TypeVar("Key", bound=tuple[str, ...])


@dataclass(frozen=True, slots=True)
class StoreView:
    """What the store says."""

    figures: Figures
    sources: Sequence[SourceState]
    replicas: Sequence[Replica]
    """Processes on the store, and those that ended badly within the hour."""
    due: int
    """Sources whose time has come."""
    lag: int | None
    """Changes that this process's search index has not seen; None: it has none."""

    @property
    def living(self) -> tuple[Replica, ...]:
        """Processes that were heard of lately."""
        return tuple(one for one in self.replicas if one.silent < GONE_AFTER)

    @property
    def archives_wanted(self) -> int:
        """Archives of newest versions that are to be fetched now."""
        fetched = {one.source.name for one in self.sources if one.source.enabled and one.source.content != "none"}
        return sum(count for source, count in self.figures.archives_wanted.items() if source in fetched)

    @property
    def installs_waiting(self) -> int:
        """Changes of apps that captain has not carried out yet."""
        return sum(count for (_, outcome), count in self.figures.changes_of_apps.items() if not outcome)


@dataclass(frozen=True, slots=True)
class ProcessView:
    """What this process knows without asking anybody."""

    version: str
    leads: bool
    """Whether it runs the scheduler now."""
    clusters: Sequence[ClusterState]


def process_families(seen: ProcessView) -> Iterator[Metric]:
    """The families that need no store."""
    facts = {"version": seen.version, "python": platform.python_version()}
    yield InfoMetricFamily("chartroom_build", "The program.", value=facts)
    yield _one("chartroom_leader", "1 where this process runs the scheduler.", seen.leads)
    up = {(one.cluster,): one.state in ("ok", "warn") for one in seen.clusters if one.state != "unknown"}
    yield _labelled("chartroom_cluster_up", "1 for a cluster that answers.", ("cluster",), up)
    captain = {(one.cluster,): one.state == "ok" for one in seen.clusters if one.state != "unknown"}
    yield _labelled("chartroom_cluster_captain_up", "1 where nothing of captain needs a look.", ("cluster",), captain)


def store_families(seen: StoreView | None, now: datetime) -> Iterator[Metric]:
    """The families that come from the store; None: it does not answer."""
    yield _one("chartroom_store_up", "1 while the database answers.", seen is not None)
    if seen is not None:
        yield _one("chartroom_store_seconds", "Time of the shortest question.", seen.figures.latency)
        if seen.lag is not None:
            yield _one("chartroom_index_lag_changes", "Changes that this search index has not seen.", seen.lag)
        yield from _source_families(seen.sources, now)
        yield from _attempt_families(seen.figures)
        yield from _queue_families(seen)
        yield from _replica_families(seen.living)
        yield _one("chartroom_sessions", "Sign-ins that are good now.", seen.figures.sessions)
        yield from _install_families(seen)


def _source_families(sources: Sequence[SourceState], now: datetime) -> Iterator[Metric]:
    label = ("source",)
    ages = {(one.source.name,): _seconds(one.last_success, now) for one in sources if one.last_success}
    yield _labelled("chartroom_source_age_seconds", "Time since the last sync that went well.", label, ages)
    took = {(one.source.name,): one.last_attempt.seconds for one in sources if one.last_attempt}
    yield _labelled("chartroom_source_sync_seconds", "Time that the last sync took.", label, took)
    overdue = {
        (one.source.name,): max(0.0, _seconds(one.next_due, now))
        for one in sources
        if one.next_due and one.source.enabled
    }
    yield _labelled("chartroom_source_overdue_seconds", "Time since a sync is due.", label, overdue)
    state = {(one.source.name, name): one.health == name for one in sources for name in STATES}
    yield _labelled("chartroom_source_state", "1 for the state of a source.", ("source", "state"), state)
    failing = {
        (one.source.name, one.last_attempt.error_id): one.failures
        for one in sources
        if one.last_attempt and one.health == "failing"
    }
    yield _labelled(
        "chartroom_source_failures_in_a_row", "Failed syncs since the last good one.", ("source", "cause"), failing
    )
    charts = {(one.source.name,): one.charts for one in sources}
    yield _labelled("chartroom_source_charts", "Charts.", label, charts)
    problems = {(one.source.name,): one.problems for one in sources}
    yield _labelled("chartroom_source_problems", "Entries that cannot be read.", label, problems)


def _attempt_families(figures: Figures) -> Iterator[Metric]:
    yield _labelled("chartroom_source_attempts", "Syncs of the last 24 hours.", ("source", "outcome"), figures.attempts)
    yield _labelled("chartroom_source_failed_attempts", "Those that failed.", ("source", "cause"), figures.failures)


def _queue_families(seen: StoreView) -> Iterator[Metric]:
    yield _one("chartroom_sources_due", "Sources whose time has come.", seen.due)
    wanted = "Archives of newest versions that are to be fetched."
    yield _one("chartroom_archives_wanted", wanted, seen.archives_wanted)
    waiting = {(state,): seen.figures.deliveries.get(state, 0) for state in ("due", "dead")}
    yield _labelled("chartroom_deliveries", "Notices that wait, or were given up.", ("state",), waiting)


def _replica_families(living: Sequence[Replica]) -> Iterator[Metric]:
    led = any(one.leads for one in living)
    yield _one("chartroom_leader_elected", "1 while some process runs the scheduler.", led)
    there = {(role,): count for role, count in Counter(one.role for one in living).items()}
    yield _labelled("chartroom_replicas", "Processes that were heard of lately.", ("role",), there)
    worst = max((one.lag for one in living), default=0)
    yield _one("chartroom_replica_lag_changes", "Changes that the slowest search index has not seen.", worst)


def _install_families(seen: StoreView) -> Iterator[Metric]:
    installs = CounterMetricFamily("chartroom_installs", "Changes of apps that ended.", labels=("action", "outcome"))
    for (action, outcome), count in seen.figures.changes_of_apps.items():
        if outcome:
            installs.add_metric((action, outcome), count)
    yield installs
    waiting = "Changes of apps that captain has not carried out yet."
    yield _one("chartroom_installs_waiting", waiting, seen.installs_waiting)


def _one(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=float(value))


def _labelled(name: str, told: str, labels: Sequence[str], values: Mapping[Key, float]) -> Metric:
    family = GaugeMetricFamily(name, told, labels=labels)
    for key, value in values.items():
        family.add_metric(key, float(value))
    return family


def _seconds(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0


class Once:
    """Families as prometheus-client collects them."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterable[Metric]:
        """All of them."""
        return self._families
