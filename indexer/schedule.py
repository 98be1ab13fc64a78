"""The clock: every second it asks the store which sources are due, and has them synced.

"Sync now", a webhook and the interval all just set "due"; nothing else starts a sync here.

A source that hangs must not keep others waiting. Runs therefore go in lanes. A lane has places for a few quick runs;
one that is still under way after PATIENCE gives its place to the next and only counts among the slow ones, of which a
lane bears many, since they do nothing but wait. Sources that failed last time have a lane of their own, so that those
that hang at every try never take a place of a healthy one. So have archives, which are fetched by slices: the list of
charts comes first everywhere. Only a few sources of one host are asked at the same time, so that one large registry
leaves room for all others.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from indexer.archive import ArchiveCache
from indexer.errors import ChartroomError
from indexer.store import Store
from indexer.sync import Syncer

log = logging.getLogger(__name__)

TICK_SECONDS = 1
HOUSEKEEPING_HOURS = 6
PAUSE_SECONDS = 15
"""After a sync that could not run at all (another process is at it, the disk is full): the source stays due, and asking
every second would help nobody."""


@dataclass(frozen=True, slots=True)
class Lane:
    """How many runs of one sort there are at the same time."""

    at_once: int
    """Those that began less than PATIENCE ago."""
    at_most: int
    """All of them."""
    a_host: int
    """Those that ask the same host."""


PATIENCE = 15.0
"""Seconds after which a run counts among the slow ones. Most need less than one."""
ARCHIVE_SLICE = 10.0
"""Seconds for which archives of one source are fetched before those of the next have their turn."""
SYNCS = Lane(at_once=8, at_most=24, a_host=4)
RETRIES = Lane(at_once=4, at_most=20, a_host=2)
ARCHIVES = Lane(at_once=2, at_most=8, a_host=1)
"""One a host: together with sync.ARCHIVES_AT_ONCE that leaves a place at the host's gate for its lists of charts."""
_LANES = (SYNCS, RETRIES, ARCHIVES)


@dataclass(frozen=True, slots=True)
class _Run:
    """Something that is to be done, or under way."""

    lane: Lane
    name: str
    """The source's."""
    host: str
    began: float = 0.0
    """On the monotonic clock."""

    @property
    def key(self) -> tuple[bool, str]:
        """Archives of a source may be fetched while it is synced."""
        return self.lane is ARCHIVES, self.name


class _Room:
    """What still has room beside the runs that are under way."""

    def __init__(self, running: Iterable[_Run], patience: float) -> None:
        self._all: Counter[Lane] = Counter()
        self._quick: Counter[Lane] = Counter()
        self._hosts: Counter[tuple[Lane, str]] = Counter()
        now = time.monotonic()
        for one in running:
            self.take(one, quick=one.began > now - patience)

    def take(self, run: _Run, *, quick: bool = True) -> None:
        self._all[run.lane] += 1
        self._quick[run.lane] += quick
        self._hosts[run.lane, run.host] += bool(run.host)

    def has(self, run: _Run) -> bool:
        lane = run.lane
        in_lane = self._quick[lane] < lane.at_once and self._all[lane] < lane.at_most
        return in_lane and self._hosts[lane, run.host] < lane.a_host


class Scheduler:
    """Runs due syncs in the background until ``stop``. ``after`` is called when a sync has ended (the search
    follows)."""

    def __init__(
        self,
        store: Store,
        syncer: Syncer,
        cache: ArchiveCache,
        after: Callable[[], None],
        patience: float = PATIENCE,
    ) -> None:
        self._store, self._syncer, self._cache, self._after = store, syncer, cache, after
        self._patience = patience
        self._due: list[_Run] = []
        self._archives: list[_Run] = []
        self._running: dict[tuple[bool, str], _Run] = {}
        self._not_before: dict[str, float] = {}
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(sum(lane.at_most for lane in _LANES), "sync")
        self._clock = BackgroundScheduler(
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}, timezone=UTC
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

        self._clock.add_job(run, "interval", seconds=seconds, next_run_time=_now())

    def stop(self, seconds: float = 5.0) -> None:
        """Start nothing more and wait up to ``seconds`` for running syncs to end after the step they are in."""
        with self._lock:
            self._syncer.stop.set()
        self._clock.pause()
        ends = time.monotonic() + seconds
        while self._running and time.monotonic() < ends:
            time.sleep(0.1)
        self._clock.shutdown(wait=False)
        self._workers.shutdown(wait=False)

    def tick(self) -> None:
        """Ask what is due, and start what there is room for."""
        try:
            due = self._store.sources.due(_now())
        except ChartroomError as error:
            log.warning("cannot ask what is due: %s", error.cause)  # the next tick asks again
            return
        with self._lock:
            now = time.monotonic()
            self._not_before = {name: until for name, until in self._not_before.items() if until > now}
            self._due = [
                _Run(RETRIES if one.failures else SYNCS, one.name, one.source.host)
                for one in due
                if one.name not in self._not_before
            ]
        self._fill()

    def tidy(self) -> None:
        """Drop what is past its retention."""
        now = _now()
        rows = self._store.ledger.prune(now) + self._store.changes.prune(now) + self._store.searches.prune(now)
        self._store.contents.prune()
        files = self._cache.keep(self._store.contents.digests())
        log.info("tidied: %d rows, %d archives", rows, files)

    # -- what runs next

    def _fill(self) -> None:
        """Start what waits, in its order, as far as there is room."""
        with self._lock:
            if self._syncer.stop.is_set():
                return
            room = _Room(self._running.values(), self._patience)
            for waiting in (self._due, self._archives):
                for run in tuple(waiting):
                    if run.key not in self._running and room.has(run):
                        waiting.remove(run)
                        room.take(run)
                        self._running[run.key] = replace(run, began=time.monotonic())
                        self._workers.submit(self._work, run)

    def _work(self, run: _Run) -> None:
        more = False
        try:
            more = self._archives_of(run) if run.lane is ARCHIVES else self._sync(run)
            self._after()
        except ChartroomError as error:
            log.warning("sync of %s could not run: %s", run.name, error.cause)
            self._pause(run.name)
        except Exception:
            log.exception("sync of %s could not run", run.name)
            self._pause(run.name)
        finally:
            self._ended(run, more)

    def _sync(self, run: _Run) -> bool:
        """Sync a source that is still due; whether its archives come next."""
        if not self._store.sources.is_due(run.name, _now()):
            return False  # it was synced since it was seen to be due
        return self._syncer.sync(run.name, archives=False, as_due=True).error is None

    def _archives_of(self, run: _Run) -> bool:
        return self._syncer.fetch_archives(run.name, seconds=ARCHIVE_SLICE)

    def _ended(self, run: _Run, more: bool) -> None:
        with self._lock:
            del self._running[run.key]
            if more and all(one.name != run.name for one in self._archives):
                self._archives.append(_Run(ARCHIVES, run.name, run.host))
        self._fill()

    def _pause(self, name: str) -> None:
        with self._lock:
            self._not_before[name] = time.monotonic() + PAUSE_SECONDS
            self._due = [one for one in self._due if one.name != name]


def _now() -> datetime:
    return datetime.now(UTC)
