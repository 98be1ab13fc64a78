"""How health looks in JSON."""

from collections.abc import Sequence
from typing import Literal

# pydantic derives JSON Schema only from this TypedDict below Python 3.12
from typing_extensions import TypedDict

from catalog_web.api.shapes import ProblemDetails, moment
from catalog_web.condition import Condition
from catalog_web.install.cluster_states import ClusterState
from catalog_web.metrics.families import StoreView
from catalog_web.readiness import Part
from indexer.errors import describe
from indexer.model import SourceState
from indexer.store.replicas import Replica


class Health(TypedDict):
    """Alive."""

    status: Literal["ok"]


class ReadinessPart(TypedDict):
    """One thing that serving needs."""

    id: Literal["process", "store", "search", "lag"]
    state: Literal["ok", "fail"]
    ms: float
    """How long it took to learn."""
    cause: str
    remedy: str


class Readiness(TypedDict):
    """Able to serve."""

    status: Literal["ready"]
    parts: list[ReadinessPart]


class NotReady(ProblemDetails):
    """What stands in the way first, and all parts."""

    parts: list[ReadinessPart]


class ProcessShape(TypedDict):
    """A process on the store."""

    id: str
    role: str
    host: str
    version: str
    started: str | None
    seen: str | None
    silent: float
    """Seconds since it was heard of; above thirty it has ended badly, or does not reach the database."""
    leads: bool
    lag: int
    """Changes that its search index has not seen."""


class ClusterWord(TypedDict):
    """How a cluster is, in one word."""

    cluster: str
    state: Literal["ok", "warn", "problem", "unknown"]
    cause: str


class Queues(TypedDict):
    """What waits."""

    sources_due: int
    archives_wanted: int
    installs_waiting: int
    deliveries_due: int
    deliveries_dead: int


class FailingSource(TypedDict):
    """A source whose last sync failed."""

    source: str
    since: str | None
    failures: int
    id: str
    cause: str
    remedy: str


class StoreHealth(TypedDict):
    """What the store says."""

    seconds: float
    """Time of the shortest question."""
    processes: list[ProcessShape]
    queues: Queues
    failing: list[FailingSource]
    sessions: int


class HealthReport(TypedDict):
    """How all of it fares."""

    version: str
    role: str
    parts: list[ReadinessPart]
    database: str
    store: StoreHealth | None
    """Null: it does not answer in time."""
    clusters: list[ClusterWord]


def health_report(found: Condition) -> HealthReport:
    """Shape how all of it fares."""
    return {
        "version": found.version,
        "role": found.process.role,
        "parts": [readiness_part(one) for one in found.readiness.parts],
        "database": found.database,
        "store": _store_health(found.store, found.failing) if found.store else None,
        "clusters": [_cluster_word(one) for one in found.clusters],
    }


def readiness_part(part: Part) -> ReadinessPart:
    """Shape one thing that serving needs."""
    if part.error is None:
        return {"id": part.id, "state": "ok", "ms": part.ms, "cause": "", "remedy": ""}
    return {"id": part.id, "state": "fail", "ms": part.ms, "cause": part.error.cause, "remedy": part.error.remedy}


def _store_health(view: StoreView, failing: Sequence[SourceState]) -> StoreHealth:
    figures = view.figures
    return {
        "seconds": figures.latency,
        "processes": [_process(one) for one in view.replicas],
        "queues": {
            "sources_due": view.due,
            "archives_wanted": view.archives_wanted,
            "installs_waiting": view.installs_waiting,
            "deliveries_due": figures.deliveries.get("due", 0),
            "deliveries_dead": figures.deliveries.get("dead", 0),
        },
        "failing": [_failing(one) for one in failing],
        "sessions": figures.sessions,
    }


def _process(one: Replica) -> ProcessShape:
    return {
        "id": one.id,
        "role": one.role,
        "host": one.host,
        "version": one.version,
        "started": moment(one.started),
        "seen": moment(one.seen),
        "silent": round(one.silent, 1),
        "leads": one.leads,
        "lag": one.lag,
    }


def _failing(state: SourceState) -> FailingSource:
    attempt = state.last_attempt
    error = describe(attempt.error_id, attempt.error_params) if attempt else None
    return {
        "source": state.source.name,
        "since": moment(state.failing_since),
        "failures": state.failures,
        "id": attempt.error_id if attempt else "",
        "cause": error.cause if error else "",
        "remedy": error.remedy if error else "",
    }


def _cluster_word(one: ClusterState) -> ClusterWord:
    error = one.health.error if one.health else None
    return {"cluster": one.cluster, "state": one.state, "cause": error.cause if error else ""}
