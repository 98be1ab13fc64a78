"""How each cluster is, and its captain: asked in the background, remembered a little, so that one that hangs costs no
page more than its own line."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from catalog_web.install.checks.captain import alive, check_served, webhooks
from catalog_web.install.checks.check import Check, failed
from catalog_web.install.cluster import Cluster, ClusterHealth
from indexer.errors import ClusterError

FRESH_SECONDS = 15.0
"""For so long what was seen is told again without asking."""


@dataclass(frozen=True, slots=True)
class ClusterState:
    """How one cluster was when it was last asked."""

    cluster: str
    health: ClusterHealth | None = None
    """None: it was never asked, or has not answered yet."""
    checks: tuple[Check, ...] = ()
    """What is known of captain there: ``captain``, ``captain-alive``, ``webhook``, ``webhooks``."""
    asked: datetime | None = None
    captain_namespace: str = ""

    @property
    def state(self) -> Literal["ok", "warn", "problem", "unknown"]:
        """``problem``: nothing can be sent there; ``warn``: something of captain needs a look."""
        if self.health is None:
            return "unknown"
        if self.health.error is not None:
            return "problem"
        return "warn" if any(one.state in ("warn", "fail") for one in self.checks) else "ok"


class ClusterStates:
    """The states of all clusters. Safe to use from several threads."""

    def __init__(self, clusters: Sequence[Cluster], now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._followed = tuple(_Followed(one) for one in clusters)

    def look(self, patience: float) -> tuple[ClusterState, ...]:
        """What is known of each cluster, in their order. Those that were not asked lately are asked now; after
        ``patience`` seconds nobody waits for them any longer, but what they answer is there for the next look."""
        with self._lock:
            asked = [one.asking or (self._ask(one) if one.is_due else None) for one in self._followed]
        wait([one for one in asked if one is not None], patience)
        return tuple(one.state for one in self._followed)

    def _ask(self, one: "_Followed") -> Future[None]:
        one.asking = answered = Future[None]()

        def ask() -> None:
            try:
                one.state = _state_of(one.cluster, self._now)
                one.answered = time.monotonic()
            finally:
                one.asking = None
                answered.set_result(None)

        threading.Thread(target=ask, name=f"state-{one.cluster.name}", daemon=True).start()
        return answered


class _Followed:
    """One cluster, what is known of it, and the question that is under way."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.state = ClusterState(cluster.name)
        self.asking: Future[None] | None = None
        self.answered: float | None = None

    @property
    def is_due(self) -> bool:
        return self.answered is None or time.monotonic() - self.answered > FRESH_SECONDS


def _state_of(cluster: Cluster, now: Callable[[], datetime]) -> ClusterState:
    health = cluster.health()
    checks = (
        (*_asked("captain-alive", alive, cluster), *_asked("webhook", webhooks, cluster)) if not health.error else ()
    )
    served = (check_served(health, cluster.api_version),) if health.reachable and health.version else ()
    return ClusterState(cluster.name, health, (*served, *checks), now(), cluster.captain_namespace)


def _asked(check: str, ask: Callable[[Cluster], Iterable[Check]], cluster: Cluster) -> tuple[Check, ...]:
    try:
        return tuple(ask(cluster))
    except ClusterError as error:
        return (failed(check, error, state="unknown"),)
