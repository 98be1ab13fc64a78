"""The clock: every second it asks the store which sources are due, and has them synced.

"Sync now", a webhook and the interval all just set "due"; nothing else starts a sync here.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import ConflictingIdError
from apscheduler.schedulers.background import BackgroundScheduler

from indexer.archive import ArchiveCache
from indexer.errors import ChartroomError
from indexer.store import Store
from indexer.sync import Syncer

log = logging.getLogger(__name__)

TICK_SECONDS = 1
SYNCS_AT_ONCE = 2
HOUSEKEEPING_HOURS = 6
PAUSE_SECONDS = 15
"""After a sync that could not run at all (another process is at it, the disk is full): the source stays due, and asking
every second would help nobody."""


class Scheduler:
    """Runs due syncs in the background until ``stop``. ``after`` is called when a sync has ended (the search
    follows)."""

    def __init__(self, store: Store, syncer: Syncer, cache: ArchiveCache, after: Callable[[], None]) -> None:
        self._store, self._syncer, self._cache, self._after = store, syncer, cache, after
        self._running: set[str] = set()
        self._not_before: dict[str, float] = {}
        self._lock = threading.Lock()
        self._clock = BackgroundScheduler(
            executors={
                "default": ThreadPoolExecutor(2),
                "syncs": ThreadPoolExecutor(SYNCS_AT_ONCE),
                "beside": ThreadPoolExecutor(2),
            },
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )

    def start(self) -> None:
        """Take up what a killed process left, then tick."""
        for name in self._store.sources.resume(_now(), self._store.is_syncing):
            log.info("resuming %s, whose sync was cut off", name)
        self._clock.add_job(self.tick, "interval", seconds=TICK_SECONDS, next_run_time=_now())
        first = _now() + timedelta(minutes=1)
        self._clock.add_job(self.tidy, "interval", hours=HOUSEKEEPING_HOURS, next_run_time=first)
        self._clock.start()

    def every(self, seconds: float, name: str, work: Callable[[], object]) -> None:
        """Run ``work`` again and again beside the syncs, never twice at a time; what it raises is logged."""

        def run() -> None:
            try:
                if not self._syncer.stop.is_set():
                    work()
            except ChartroomError as error:
                log.warning("%s could not run: %s", name, error.cause)
            except Exception:
                log.exception("%s could not run", name)

        self._clock.add_job(run, "interval", seconds=seconds, next_run_time=_now(), executor="beside")

    def stop(self, seconds: float = 5.0) -> None:
        """Start nothing more and wait up to ``seconds`` for running syncs to end after the step they are in."""
        self._syncer.stop.set()
        self._clock.pause()
        ends = time.monotonic() + seconds
        while self._running and time.monotonic() < ends:
            time.sleep(0.1)
        self._clock.shutdown(wait=False)

    def tick(self) -> None:
        """Start a sync of every source that is due and not running."""
        try:
            due = self._store.sources.due(_now())
        except ChartroomError as error:
            log.warning("cannot ask what is due: %s", error.cause)  # the next tick asks again
            return
        for source in due:
            self._start(source.name)

    def tidy(self) -> None:
        """Drop what is past its retention."""
        now = _now()
        rows = self._store.ledger.prune(now) + self._store.changes.prune(now)
        self._store.contents.prune()
        files = self._cache.keep(self._store.contents.digests())
        log.info("tidied: %d rows, %d archives", rows, files)

    def _start(self, name: str) -> None:
        with self._lock:
            if name in self._running or time.monotonic() < self._not_before.get(name, 0):
                return
            self._running.add(name)
        try:
            self._clock.add_job(self._run, args=[name], id=f"sync-{name}", executor="syncs")
        except ConflictingIdError:
            self._done(name)

    def _run(self, name: str) -> None:
        try:
            if not self._syncer.stop.is_set():  # it may have waited for its turn until now
                self._syncer.sync(name)
                self._after()
        except ChartroomError as error:
            log.warning("sync of %s could not run: %s", name, error.cause)
            self._pause(name)
        except Exception:
            log.exception("sync of %s could not run", name)
            self._pause(name)
        finally:
            self._done(name)

    def _pause(self, name: str) -> None:
        with self._lock:
            self._not_before[name] = time.monotonic() + PAUSE_SECONDS

    def _done(self, name: str) -> None:
        with self._lock:
            self._running.discard(name)


def _now() -> datetime:
    return datetime.now(UTC)
