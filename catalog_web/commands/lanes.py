"""Which threads of the HTTP server answer what: probes have their own, so that they are heard while all others are
busy."""

from collections.abc import Mapping
from typing import Any

from waitress.task import ThreadedTaskDispatcher  # type: ignore[import-untyped]

PROBES: Mapping[str, int] = {"/healthz": 1, "/readyz": 1, "/metrics": 1}
"""Threads by address. Each has its own: whether the process lives is told while the store keeps the others waiting."""


class Lanes:
    """What waitress asks of a task dispatcher, over one for each probe and one for all else."""

    def __init__(self) -> None:
        self._others = ThreadedTaskDispatcher()
        self._probes = {path: ThreadedTaskDispatcher() for path in PROBES}

    def set_thread_count(self, count: int) -> None:
        """Begin so many threads for all that is no probe."""
        self._others.set_thread_count(count)
        for path, lane in self._probes.items():
            lane.set_thread_count(PROBES[path])

    def add_task(self, channel: Any) -> None:
        """Let a thread answer the first request that waits on a connection."""
        self._lane(channel).add_task(channel)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """End all threads; whether none was left."""
        ended = [one.shutdown(cancel_pending, timeout) for one in (*self._probes.values(), self._others)]
        return all(ended)

    @property
    def waiting(self) -> int:
        """Requests for which no thread was free yet."""
        return len(self._others.queue)

    def _lane(self, channel: Any) -> Any:
        asked = channel.requests[0]
        return self._probes.get(getattr(asked, "path", ""), self._others)  # a request that cannot be read has no path
