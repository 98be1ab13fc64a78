"""One scrape: everything as one text, in bounded time, whether or not the store answers."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from datetime import UTC, datetime
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from catalog_web.catalog import Catalog
from catalog_web.install.service import Installs
from catalog_web.metrics.families import Once, ProcessView, StoreView, process_families, store_families
from catalog_web.metrics.meters import Meters
from catalog_web.process import Process
from indexer.about import program_version
from indexer.errors import ChartroomError
from indexer.store import Store

log = logging.getLogger(__name__)

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
STORE_SECONDS = 2.0
"""For so long a scrape waits for the store. Prometheus gives up after ten by default."""

T = TypeVar("T")


class Bounded(Generic[T]):
    """Asks something that may hang, at most once at a time: who comes while it hangs waits for the same answer."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._asking: Future[T] | None = None

    def answer(self, seconds: float) -> T | None:
        """What it says within ``seconds``; None where it is too slow or fails."""
        with self._lock:
            if self._asking is None or self._asking.done():
                self._asking = self._begin()
            asking = self._asking
        try:
            return asking.result(seconds)
        except (TooLate, ChartroomError):
            return None  # whoever needs the store says why
        except Exception:
            log.exception("the figures cannot be read")
            return None

    def _begin(self) -> Future[T]:
        answered = Future[T]()

        def ask() -> None:
            try:
                answered.set_result(self._ask())
            except BaseException as error:
                answered.set_exception(error)

        threading.Thread(target=ask, name="figures", daemon=True).start()
        return answered


class Scrape:
    """Makes the text for one application."""

    def __init__(self, store: Store, catalog: Catalog, installs: Installs, process: Process, meters: Meters) -> None:
        self._installs, self._process, self._meters = installs, process, meters
        self._store = Bounded(lambda: store_view(store, catalog if process.follows else None))

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        seen, now = self.store(STORE_SECONDS), datetime.now(UTC)
        once = CollectorRegistry()
        once.register(Once((*process_families(self._view()), *store_families(seen, now))))
        return generate_latest(self._meters.registry) + generate_latest(once)

    def store(self, seconds: float) -> StoreView | None:
        """What the store says; None where it does not answer within ``seconds``."""
        return self._store.answer(seconds)

    def _view(self) -> ProcessView:
        return ProcessView(program_version() or "0", self._process.leads, self._installs.states(0))


def store_view(store: Store, catalog: Catalog | None) -> StoreView:
    """What the store says now; None: this process has no search index. Raises StoreUnavailable."""
    now = datetime.now(UTC)
    return StoreView(
        figures=store.figures.now(now),
        sources=store.sources.all(),
        replicas=store.replicas.all(),
        due=len(store.sources.due(now)),
        lag=catalog.lag() if catalog else None,
    )
