"""What each cluster told last of its HelmRequests. A cluster is asked in a thread of its own, so one that hangs holds
up nobody who has waited long enough for it."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime

from catalog_web.install.service import LIST_PATIENCE, Installs
from catalog_web.install.status import App
from indexer.errors import ChartroomError

_THREADS = 32
"""Clusters that are asked at the same time."""

Part = tuple[str, str]
"""A cluster, and one namespace of it or empty for all."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One cluster's HelmRequests as it told them last."""

    cluster: str
    namespace: str = ""
    """Of one namespace; empty: of all."""
    apps: tuple[App, ...] = ()
    at: datetime | None = None
    """When it told them; None: never since the start of this process."""
    error: ChartroomError | None = None
    """Why it did not tell them again."""
    partial: bool = False
    """Only those in namespaces that Chartroom has installed to may be listed."""
    waiting: bool = False
    """It was asked and has not answered yet."""

    @property
    def stale(self) -> bool:
        """Whether there may be others by now."""
        return self.error is not None or self.waiting


class Listings:
    """The last listing of every cluster. Safe to use from several threads."""

    def __init__(self, installs: Installs, now: Callable[[], datetime]) -> None:
        self._installs, self._now = installs, now
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="listing")
        self._lock = threading.Lock()
        self._kept: dict[Part, Listing] = {}
        self._asked: dict[Part, Future[None]] = {}

    def close(self) -> None:
        """Ask no more clusters."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def look(self, parts: Sequence[Part], patience: float) -> tuple[Listing, ...]:
        """Ask for all of ``parts`` now and wait at most ``patience`` seconds; what is late is told as it was before."""
        asked = {part: self._ask(part) for part in parts}
        late = wait(asked.values(), patience).not_done
        with self._lock:
            return tuple(replace(self._last(part), waiting=one in late) for part, one in asked.items())

    def _ask(self, part: Part) -> Future[None]:
        with self._lock:
            running = self._asked.get(part)
            if running is None or running.done():
                running = self._asked[part] = self._pool.submit(self._refresh, part)
            return running

    def _refresh(self, part: Part) -> None:
        cluster, namespace = part
        found = self._installs.apps(cluster, namespace, LIST_PATIENCE)
        error = found.errors.get(cluster)
        with self._lock:
            if error:
                self._kept[part] = replace(self._last(part), error=error)
            else:
                self._kept[part] = Listing(
                    cluster, namespace, found.apps, self._now(), partial=cluster in found.partial
                )

    def _last(self, part: Part) -> Listing:
        return self._kept.get(part) or Listing(*part)
