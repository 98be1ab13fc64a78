"""The clock: every second it asks the store which sources are due, and has them synced.

"Sync now", a webhook and the interval all just set "due"; nothing else starts a sync here. Of all processes on one
store only the one that leads does so (``leading``).

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

from indexer.errors import ChartroomError
from indexer.leading import Leadership
from indexer.store import Store
from indexer.store.locks import LEASE_SECONDS, Hold
from indexer.sync import Syncer

log = logging.getLogger(__name__)

TICK_SECONDS = 1
RESUME_SECONDS = 10
"""Between two looks for syncs whose process has died: its lease lasts a little longer than it."""
TIDY_SECONDS = 6 * 3600.0
TIDY_AFTER = 60.0
"""Seconds: what begins has more urgent things to do."""
PAUSE_SECONDS = 15
"""After a sync that could not run at all (another process is at it, the disk is full): the source stays due, and asking
every second would help nobody."""
LOCK_PATIENCE = LEASE_SECONDS + 1.0
"""Seconds to wait for the lock of a source's archives: somebody who was killed at them holds it for so long, and nobody
comes back to archives that were left to somebody else."""


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
    """Runs due syncs in the background until ``stop``, as long as this process leads. ``after`` is called when a sync
    has ended (the search follows)."""

    def __init__(self, store: Store, syncer: Syncer, after: Callable[[], None], patience: float = PATIENCE) -> None:
        self._store, self._syncer, self._after = store, syncer, after
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
        self._leadership = Leadership(store, self._begin, self._rest)
        self._lead: Hold | None = None
        self._took_up = False
        """Whether it was looked for archives that whoever led before has left."""
        self._first: dict[str, float] = {}
        """Seconds after the begin of the lead, by the names of what is then done again and again."""

    @property
    def leads(self) -> bool:
        """Whether this process is the one that syncs now."""
        return self._leadership.leads

    def start(self) -> None:
        """Tick whenever this process leads, and take up what killed ones left."""
        self.every(RESUME_SECONDS, "taking up what was cut off", self._resume)
        self.every(TICK_SECONDS, "asking what is due", self.tick)
        self.every(TIDY_SECONDS, "tidying", self.tidy, first=TIDY_AFTER)
        self._clock.start(paused=True)
        self._leadership.start()

    def every(self, seconds: float, name: str, work: Callable[[], object], first: float = 0.0) -> None:
        """Run ``work`` again and again beside the syncs, as long as this process leads, never twice at a time; what it
        raises is logged. ``first``: seconds after the begin of the lead."""

        def run() -> None:
            lead = self._lead
            if lead is None or self._syncer.stop.is_set():
                return
            try:
                with lead.fenced():
                    work()
            except ChartroomError as error:
                log.warning("%s could not run: %s", name, error.cause)
            except Exception:
                log.exception("%s could not run", name)

        self._first[name] = first
        self._clock.add_job(run, "interval", seconds=seconds, id=name)

    def hand_over(self) -> None:
        """Start nothing more, and let another process lead; what runs ends after the step it is in."""
        with self._lock:
            self._syncer.stop.set()
        self._leadership.stop()

    def stop(self, seconds: float = 5.0) -> None:
        """Hand over, and wait up to ``seconds`` for running syncs to end."""
        ends = time.monotonic() + seconds
        self.hand_over()
        while self._running and time.monotonic() < ends:
            time.sleep(0.1)
        self._clock.shutdown(wait=False)
        self._workers.shutdown(wait=False)

    # -- while it leads

    def _begin(self, lead: Hold) -> None:
        """All that is done again and again begins anew: nobody did it while nobody led."""
        self._lead, self._took_up, now = lead, False, _now()
        for name, first in tuple(self._first.items()):
            self._clock.modify_job(name, next_run_time=now + timedelta(seconds=first))
        self._clock.resume()

    def _rest(self) -> None:
        """What runs goes on to its end: it has a lock of its own."""
        self._lead = None
        self._clock.pause()
        with self._lock:
            self._due, self._archives = [], []

    def _resume(self) -> None:
        for name in self._store.sources.resume(_now(), self._store.is_syncing):
            log.info("resuming %s, whose sync was cut off", name)
        if not self._took_up:
            self._take_up_archives()
            self._took_up = True

    def _take_up_archives(self) -> None:
        """Whoever led before may have ended between a list and its archives."""
        known = {one.name: one for one in self._store.sources.registered() if one.enabled and one.content != "none"}
        whole = [one.name for one in known.values() if one.content == "all"]
        waiting = self._store.contents.waiting(_now(), whole) & known.keys()
        with self._lock:
            queued = {one.name for one in self._archives}
            self._archives += [_Run(ARCHIVES, name, known[name].host) for name in sorted(waiting - queued)]
        self._fill()

    def tick(self) -> None:
        """Ask what is due, and start what there is room for."""
        due = self._store.sources.due(_now())
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
        contents = self._store.contents.prune()
        log.info("tidied: %d rows, %d contents of archives", rows, len(contents))

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
        """Sync a source that is still due; whether its archives come next. That it was synced since it was seen to be
        due is cheaper told before its lock is asked for."""
        if not self._store.sources.is_due(run.name, _now()):
            return False
        result = self._syncer.sync_if_due(run.name)
        return result is not None and result.error is None

    def _archives_of(self, run: _Run) -> bool:
        return self._syncer.fetch_archives(run.name, seconds=ARCHIVE_SLICE, wait=LOCK_PATIENCE)

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
