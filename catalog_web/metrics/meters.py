"""What this process counts while it works: requests and searches."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
SEARCH_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
"""Seconds."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # they double every counter, and nobody asks for them


class Meters:
    """Counters of one application; safe to use from several threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._requests = Counter(
            "chartroom_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self._request_seconds = Histogram(
            "chartroom_request_seconds",
            "Time until the answer began.",
            ("route",),
            buckets=REQUEST_BUCKETS,
            registry=self.registry,
        )
        self._search_seconds = Histogram(
            "chartroom_search_seconds", "Time of searches.", buckets=SEARCH_BUCKETS, registry=self.registry
        )

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer. ``route``: the template that was met, such as ``/charts/<source>/<name>``."""
        self._requests.labels(route, method, f"{status // 100}xx").inc()
        self._request_seconds.labels(route).observe(seconds)

    def waiting(self, count: Callable[[], float]) -> None:
        """Ask ``count`` at each scrape for the requests for which no thread is free."""
        told = "Requests for which no thread is free."
        Gauge("chartroom_requests_waiting", told, registry=self.registry).set_function(count)

    def search(self, seconds: float) -> None:
        """Count a search."""
        self._search_seconds.observe(seconds)
