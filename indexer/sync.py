"""One sync of one source, in its order: fetch, read, plan, write, fetch archives. The only module that knows the order.

Whatever happens to one source becomes a row of the ledger; it never reaches another source. Everything is written in
transactions that hold after each step, so a process may die anywhere: the next sync goes on from what is stored.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from indexer import parse
from indexer.archive import ArchiveCache, check_digest, read_archive
from indexer.errors import (
    N_,
    ArchiveError,
    ChartroomError,
    Conflict,
    DataFolderUnusable,
    EntryError,
    IndexCutOff,
    SourceError,
    StoreUnavailable,
    VersionNotFound,
    phrase,
)
from indexer.model import (
    ArchiveContent,
    Attempt,
    ChartMetadata,
    Held,
    Listing,
    Outcome,
    Problem,
    Progress,
    Source,
    SourceState,
)
from indexer.plan import Plan, next_due, plan
from indexer.sources import Answer, ChartSource, Known
from indexer.store import Store
from indexer.store.catalog import Taken
from indexer.store.contents import Wanted

log = logging.getLogger(__name__)

ARCHIVE_BYTES = 20 * 1024 * 1024
"""Largest packed archive: ChartMuseum's default, "per Helm's limit"."""
FULL_FETCH_EVERY = timedelta(days=1)
"""A validator may be reused for a changed body, so once a day the index is asked for without one."""
LOOK_TIMEOUT = 10
"""Seconds somebody who looks at a version waits for its archive."""
_ARCHIVES_AT_ONCE = 4
_PROGRESS_EVERY = 0.3
"""Seconds between two rows that say how far a sync is."""


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What one sync came to."""

    attempt: Attempt
    error: ChartroomError | None
    problems: tuple[Problem, ...]

    @property
    def outcome(self) -> Outcome:
        """The attempt's outcome."""
        return self.attempt.outcome


OpenSource = Callable[[Source], ChartSource]
Report = Callable[[Progress], None]


class Syncer:
    """Calls in the right order. Safe to use from several threads; one source is synced by one at a time."""

    def __init__(self, store: Store, cache: ArchiveCache, open_source: OpenSource) -> None:
        self._store, self._cache, self._open_source = store, cache, open_source
        self.stop = threading.Event()
        """Once set, a running sync ends after the step it is in."""

    def sync(
        self,
        name: str,
        *,
        full: bool = False,
        archives: bool = True,
        accept: bool = False,
        wait: float = 0,
        report: Report | None = None,
    ) -> SyncResult:
        """Sync the source ``name`` now.

        ``full``: without validators, reading every entry anew. ``accept``: removals are carried out however many.
        ``wait``: seconds to wait for a sync of it that runs elsewhere.
        Raises SourceNotFound; Conflict when it is being synced elsewhere for longer than ``wait``, or was changed
        meanwhile.
        """
        with self._store.source_lock(name, wait) as mine:
            if not mine:
                raise Conflict(
                    what=f"“{name}” is being synced by another process.", hint="Wait until it ends, then try again."
                )
            state = self._store.sources.get(name)
            follow = _Progress(self._store, name, report)
            try:
                result = self._attempt(state, full=full, accept=accept, follow=follow)
                if archives and result.error is None:
                    self._fetch_archives(state.source, follow)
            finally:
                follow.ended()
        return replace(result, problems=self._problems(name))

    def look(self, source: str, chart: str, version: str) -> ArchiveContent:
        """Fetch the archive of a version that somebody looks at, keep what it holds, and return it.

        Raises VersionNotFound, SourceError, ArchiveError, StoreUnavailable.
        """
        wanted = self._store.contents.wanted_version(source, chart, version)
        if wanted is None:
            raise VersionNotFound(source=source, chart=chart, version=version)
        registered = self._store.sources.get(source).source
        opened = self._open_source(replace(registered, timeout=min(registered.timeout, LOOK_TIMEOUT)))
        got = self._fetch(opened, wanted)
        self._keep(wanted, got)
        if isinstance(got, ChartroomError):
            raise got
        return got

    # -- the listing

    def _attempt(self, state: SourceState, *, full: bool, accept: bool, follow: "_Progress") -> SyncResult:
        clock, started = time.monotonic(), _now()
        attempt = Attempt(0, state.source.name, started, 0.0, "unchanged")
        try:
            follow.at("fetching")
            known = self._known(state, full or accept, full, follow)
            with self._open_source(state.source).list_charts(known) as answer:
                follow.at("reading")
                attempt = replace(attempt, bytes=answer.bytes)
                return self._take(state, answer, attempt, clock, accept=accept, follow=follow)
        except Conflict:
            raise  # the source is another one by now, so this is no attempt of it
        except ChartroomError as error:
            return self._failed(state, attempt, clock, error)
        except Exception as error:
            log.exception("sync of %s met a fault of Chartroom's own", state.source.name)
            return self._failed(state, attempt, clock, ChartroomError(detail=type(error).__name__))

    def _known(self, state: SourceState, unconditional: bool, full: bool, follow: "_Progress") -> Known:
        def step(done: int, total: int) -> None:
            follow.at("fetching", done, total)

        if full:
            return Known(step=step)
        name = state.source.name
        stored = Known(
            charts=self._store.catalog.known(name),
            versions=lambda chart: self._store.catalog.known_versions(name, chart),
            step=step,
        )
        if unconditional or state.held or state.accepted or not state.last_success:
            return stored
        if state.full_fetch_at is None or _now() - state.full_fetch_at > FULL_FETCH_EVERY:
            return replace(stored, body_digest=state.body_digest)
        return replace(
            stored,
            etag=state.etag,
            last_modified=state.last_modified,
            body_digest=state.body_digest,
            memory=state.memory,
        )

    def _take(
        self, state: SourceState, answer: Answer, attempt: Attempt, clock: float, *, accept: bool, follow: "_Progress"
    ) -> SyncResult:
        listing = answer.listing
        if listing is None:
            return self._unchanged(state, answer, attempt, clock)
        if not answer.framed and not listing.end_proven:
            raise IndexCutOff(
                url=state.source.url, detail=phrase(N_("neither the server nor the index says where it ends"))
            )
        made = plan(self._store.catalog.stored(attempt.source, listing), listing, _now(), accept=accept)
        if made.held:
            return self._held(state, made.held, attempt, clock)
        follow.at("writing", total=made.changes)
        return self._write(state, answer, listing, made, attempt, clock)

    def _write(
        self, state: SourceState, answer: Answer, listing: Listing, made: Plan, attempt: Attempt, clock: float
    ) -> SyncResult:
        latest, unreadable = self._open_latest(attempt.source, made)
        problems = (*listing.problems, *unreadable)
        attempt = replace(
            attempt,
            outcome="changed" if made.changes else "unchanged",
            added=made.added,
            updated=made.updated,
            removed=made.removals,
            repushed=made.repushed,
            problems=len(problems),
            seconds=time.monotonic() - clock,
        )
        self._store.catalog.apply(
            state,
            made,
            latest=latest,
            problems=problems,
            taken=_taken(answer, listing),
            attempt=attempt,
            next_due=self._due(state, 0),
            now=_now(),
        )
        log.info("synced %s: %d versions changed, %d problems", attempt.source, made.changes, len(problems))
        return SyncResult(attempt, None, problems)

    def _open_latest(self, source: str, made: Plan) -> tuple[dict[str, ChartMetadata], list[Problem]]:
        """Open the newest version of each touched chart: a card shows more than a listing holds."""
        found: dict[str, ChartMetadata] = {}
        problems: list[Problem] = []
        for one in made.charts:
            listed = next((version for version in one.chart.versions if version.version == one.latest), None)
            name = one.chart.name
            try:
                if listed:
                    opened = parse.open_entry(listed.raw)
                else:  # stored before, and kept because its entry is merely unreadable now
                    opened = self._store.catalog.version(source, name, one.latest)[1]
            except EntryError as error:
                problems.append(Problem(name, one.latest, None, "flagged", error.cause_text, error.params))
                opened = ChartMetadata(name, one.latest, app_version=listed.app_version if listed else "")
            found[name] = opened
        return found, problems

    def _unchanged(self, state: SourceState, answer: Answer, attempt: Attempt, clock: float) -> SyncResult:
        attempt = replace(attempt, problems=state.problems, seconds=time.monotonic() - clock)
        values: dict[str, Any] = {"last_success": _now(), "etag": answer.etag, "last_modified": answer.last_modified}
        values["memory"] = dict(answer.memory)
        if answer.bytes and not state.memory:  # all of it came, so neither validators nor memory were trusted blindly
            values["full_fetch_at"] = _now()
        self._store.catalog.settle(state, attempt, next_due=self._due(state, 0), **values)
        return SyncResult(attempt, None, ())

    def _held(self, state: SourceState, held: Held, attempt: Attempt, clock: float) -> SyncResult:
        seconds = time.monotonic() - clock
        attempt = replace(attempt, outcome="held", error_id=held.error_id, error_params=held.params, seconds=seconds)
        due = self._due(state, 0, held=True)
        self._store.catalog.settle(state, attempt, next_due=due, held=held)
        log.warning("held the removals of %s: %s", attempt.source, held.reason)
        return SyncResult(attempt, None, ())

    def _failed(self, state: SourceState, attempt: Attempt, clock: float, error: ChartroomError) -> SyncResult:
        failures = state.failures + 1
        attempt = replace(
            attempt,
            outcome="failed",
            error_id=error.id,
            error_params=error.params,
            problems=state.problems,
            seconds=time.monotonic() - clock,
        )
        due = self._due(state, failures, retry_after=getattr(error, "retry_after", None))
        self._store.catalog.settle(state, attempt, next_due=due, failures=failures)
        log.warning("sync of %s failed: %s", attempt.source, error.cause)
        return SyncResult(attempt, error, ())

    def _due(
        self, state: SourceState, failures: int, *, held: bool = False, retry_after: float | None = None
    ) -> datetime:
        interval, jitter = state.source.interval, random.random()  # noqa: S311 -- spreads load, hides nothing
        return next_due(_now(), interval, failures=failures, retry_after=retry_after, held=held, jitter=jitter)

    def _problems(self, name: str) -> tuple[Problem, ...]:
        return (*self._store.catalog.problems(name), *self._store.contents.problems(name))

    # -- archives

    def _fetch_archives(self, source: Source, follow: "_Progress") -> None:
        wanted = self._store.contents.wanted(source.name, source.content, _now())
        follow.at("archives", total=len(wanted))
        opened = self._open_source(source)
        for done, (one, got) in enumerate(self._fetched(opened, wanted), 1):
            self._keep(one, got)
            follow.at("archives", done, len(wanted))
        if self.stop.is_set():
            self._store.sources.request(source.name, _now())  # the rest is fetched after the next start

    def _fetched(
        self, opened: ChartSource, wanted: Iterable[Wanted]
    ) -> Iterator[tuple[Wanted, ArchiveContent | ChartroomError]]:
        """Fetch a few at a time and yield each as it comes: one that hangs keeps no other waiting, or in memory."""
        waiting = iter(wanted)
        running: dict[Future[ArchiveContent | ChartroomError], Wanted] = {}
        with ThreadPoolExecutor(_ARCHIVES_AT_ONCE, "archives") as pool:
            while True:
                room = 0 if self.stop.is_set() else _ARCHIVES_AT_ONCE - len(running)
                running |= {pool.submit(self._fetch, opened, one): one for one in islice(waiting, room)}
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    yield running.pop(future), future.result()

    def _fetch(self, opened: ChartSource, wanted: Wanted) -> ArchiveContent | ChartroomError:
        """Fetch and read one archive; what went wrong is that version's own problem, but for DataFolderUnusable."""
        try:
            with self._cache.temp() as temp:
                opened.fetch_archive(wanted.urls, temp, ARCHIVE_BYTES, wanted.manifest)
                digest = check_digest(temp, wanted.digest, wanted.chart, wanted.version)
                content = read_archive(temp, chart=wanted.chart, version=wanted.version)
                self._cache.put(temp, digest)
                return content
        except (SourceError, ArchiveError) as error:
            return error
        except OSError as error:
            return DataFolderUnusable.at(self._store.folder, error)
        except Exception as error:
            log.exception("archive of %s %s met a fault of Chartroom's own", wanted.chart, wanted.version)
            return ArchiveError(detail=type(error).__name__)

    def _keep(self, wanted: Wanted, got: ArchiveContent | ChartroomError) -> None:
        if isinstance(got, StoreUnavailable):
            raise got  # no fault of that version: it is wanted again as soon as it can be kept
        if isinstance(got, ChartroomError):
            self._store.contents.failed(wanted, got, _now())
        else:
            self._store.contents.ready(wanted, got, _now())


class _Progress:
    """Says how far a sync is: into the store for pages, and to whoever started it."""

    def __init__(self, store: Store, source: str, report: Report | None) -> None:
        self._store, self._source, self._report = store, source, report
        self._started, self._told = _now(), 0.0

    def at(self, step: str, done: int = 0, total: int = 0) -> None:
        progress = Progress(self._started, step, done, total)  # type: ignore[arg-type]
        if self._report:
            self._report(progress)
        if done in (0, total) or time.monotonic() - self._told > _PROGRESS_EVERY:
            self._told = time.monotonic()
            self._store.sources.progress(self._source, progress)

    def ended(self) -> None:
        self._store.sources.progress(self._source, None)


def _taken(answer: Answer, listing: Listing) -> Taken:
    return Taken(
        etag=answer.etag,
        last_modified=answer.last_modified,
        body_digest=answer.body_digest,
        fingerprint=listing.fingerprint,
        end_proven=listing.end_proven,
        memory=answer.memory,
    )


def _now() -> datetime:
    return datetime.now(UTC)
