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
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import Any, Protocol

from indexer import parse
from indexer.archive import ArchiveCache, check_digest, read_archive
from indexer.errors import (
    ArchiveError,
    AuthenticationFailed,
    ChartroomError,
    Conflict,
    DataFolderUnusable,
    EntryError,
    HarborWithoutIndex,
    NotFound,
    SourceError,
    StoreUnavailable,
    VersionNotFound,
)
from indexer.filters import filter_of, filtered
from indexer.images import values_images
from indexer.model import (
    ArchiveContent,
    Attempt,
    ChartMetadata,
    Held,
    Listing,
    Outcome,
    Problem,
    Progress,
    Provenance,
    Source,
    SourceState,
    Step,
)
from indexer.plan import ALL, Due, Plan, due_after_part, named_part, next_due, plan
from indexer.projects import plan_projects
from indexer.provenance import is_provenance
from indexer.sources import Answer, ChartSource, Known, PreviewSource, ProjectHost
from indexer.sources.detect import Detected, has_no_index
from indexer.store import Store
from indexer.store.catalog import Taken
from indexer.store.contents import Wanted
from indexer.store.locks import Hold

log = logging.getLogger(__name__)

ARCHIVE_BYTES = 20 * 1024 * 1024
"""Largest packed archive: ChartMuseum's default, "per Helm's limit"."""
FULL_FETCH_EVERY = timedelta(days=1)
"""A validator may be reused for a changed body, so once a day the index is asked for without one."""
LOOK_TIMEOUT = 60
"""Seconds until an archive that somebody looks at must have come."""
PROVENANCE_TIMEOUT = 3
READS_AT_ONCE = 2
"""Indexes that are in memory at the same time, however many sources are being asked."""
ARCHIVES_AT_ONCE = 3
"""One less than a host is asked at once (http.gate): archives that hang must not keep its list from being read."""
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


class Hosts(Protocol):
    """Knows hosts, not charts."""

    def open(self, source: Source) -> ProjectHost:
        """The reader of a source that holds projects. Raises SourceError."""
        ...

    def detect(self, source: Source) -> Detected | None:
        """What stands at the address of a source without an index; None: nothing that is known. Raises SourceError."""
        ...


Report = Callable[[Progress], None]


class Syncer:
    """Calls in the right order. Safe to use from several threads; one source is synced by one at a time."""

    def __init__(self, store: Store, cache: ArchiveCache, open_source: OpenSource, hosts: Hosts) -> None:
        self._store, self._cache, self._open_source, self._hosts = store, cache, open_source, hosts
        self._room = threading.BoundedSemaphore(READS_AT_ONCE)
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
        """Sync the source ``name`` now; of a Harbor which projects it has, each of which is a source to be synced.

        ``full``: without validators, reading every entry anew. ``accept``: removals are carried out however many.
        ``wait``: seconds to wait for a sync of it that runs elsewhere.
        Raises SourceNotFound; Conflict when it is being synced elsewhere for longer than ``wait``, or was changed
        meanwhile, and LeaseLost where another process has taken it over.
        """
        with self._alone_at(name, wait) as hold:
            state = self._store.sources.get(name)
            with _following(self._store, name, hold, report) as follow:
                result = self._attempt(state, None, full=full, accept=accept, follow=follow)
        if archives and result.error is None:
            self.fetch_archives(name, wait=wait, report=report)
        return replace(result, problems=self._problems(name))

    def sync_if_due(self, name: str, report: Report | None = None) -> SyncResult | None:
        """Sync the source ``name`` without its archives, unless somebody else did so since it was due; where webhooks
        named a part and the rest is not due, that part alone. Raises as ``sync``."""
        with self._alone_at(name) as hold:
            if not self._store.sources.is_due(name, _now()):
                return None
            state = self._store.sources.get(name)
            with _following(self._store, name, hold, report) as follow:
                result = self._attempt(state, named_part(state, _now()), full=False, accept=False, follow=follow)
        return replace(result, problems=self._problems(name))

    @contextmanager
    def _alone_at(self, name: str, wait: float = 0) -> Iterator[Hold]:
        with self._store.source_lock(name, wait) as hold:
            if hold is None:
                raise Conflict(
                    what=f"“{name}” is being synced by another process.", hint="Wait until it ends, then try again."
                )
            yield hold

    def fetch_archives(
        self, name: str, *, seconds: float = float("inf"), wait: float = 0, report: Report | None = None
    ) -> bool:
        """Fetch the archives of ``name`` that are wanted now, beginning none after ``seconds``; whether some are left.

        It has a lock of its own, so that archives that are slow do not keep the list of charts from being read. Where
        somebody else is at it for longer than ``wait`` seconds, nothing is done. Raises SourceNotFound.
        """
        with self._store.archives_lock(name, wait) as hold:
            if hold is None:
                return False
            ends = time.monotonic() + seconds
            try:
                with _following(self._store, name, hold, report) as follow:
                    left = self._fetch_archives(self._store.sources.get(name).source, ends, follow)
                    return left or self._renew_contents(name, ends)
            finally:
                self._bound_cache()

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
        self._bound_cache()
        if isinstance(got, ChartroomError):
            raise got
        if wanted.manifest:  # it names both, and to read it once more would count as another pull
            self._look_beside(opened, wanted)
        return got

    def keeps(self, digest: str) -> bool:
        """Whether the file of that archive is at hand."""
        return self._cache.path(digest) is not None

    def renew(self, digest: str, chart: str, version: str) -> ArchiveContent | None:
        """Read an archive again that was read when less was read of one, and keep what it holds.

        None where the archive is not at hand, or is refused by now: what is known of it stays. Raises StoreUnavailable.
        """
        try:
            path = self._cache.path(digest)
            if path is None:
                return None
            with self._cache.quarantine.reading(digest):
                content = read_archive(path, chart=chart, version=version)
        except (ArchiveError, OSError) as error:
            log.warning("cannot read the archive of %s %s again: %s", chart, version, error)
            return None
        if content.digest != digest:
            return None
        self._store.contents.renew(content, _now())
        return content

    def look_for_provenance(self, source: str, chart: str, version: str) -> Provenance:
        """Look whether a provenance file lies beside the archive of a version, keep it, and return it.

        That it could not be looked for is told in the answer. Raises VersionNotFound, StoreUnavailable.
        """
        wanted = self._store.contents.wanted_version(source, chart, version)
        if wanted is None:
            raise VersionNotFound(source=source, chart=chart, version=version)
        registered = self._store.sources.get(source).source
        try:
            opened = self._open_source(replace(registered, timeout=min(registered.timeout, PROVENANCE_TIMEOUT)))
        except SourceError as error:
            return self._store.provenances.failed(source, chart, version, error, _now())
        return self._look_beside(opened, wanted)

    def _look_beside(self, opened: ChartSource, wanted: Wanted) -> Provenance:
        named = (wanted.source, wanted.chart, wanted.version)
        try:
            text = opened.fetch_provenance(wanted.urls, wanted.manifest).decode("utf-8", "replace")
        except SourceError as error:
            return self._store.provenances.failed(*named, error, _now())
        kept = text.replace("\0", "") if is_provenance(text) else ""
        return self._store.provenances.found(*named, kept, _now())

    def _bound_cache(self) -> None:
        try:
            removed = self._cache.bound(self._store.contents.sent)
        except OSError as error:
            log.warning("the archive cache cannot be looked through: %s", error.strerror or error)
            return
        if removed:
            log.info("removed %d archives that were not used for the longest time", removed)

    # -- the listing

    def _attempt(
        self, state: SourceState, only: frozenset[str] | None, *, full: bool, accept: bool, follow: "_Progress"
    ) -> SyncResult:
        attempt = Attempt(0, state.source.name, _now(), 0.0, "unchanged")
        known = replace(self._known(state, full or accept, full, only), step=follow.step, received=follow.received)
        run = _Run(state, known, attempt, time.monotonic(), accept, follow)
        try:
            follow.at("fetching")
            if state.source.holds_projects:
                return self._adopt(run)
            with self._open_source(state.source).list_charts(known) as answer:
                follow.at("reading")
                return self._take(replace(run, attempt=replace(attempt, bytes=answer.bytes)), answer)
        except Conflict:
            raise  # the source is another one by now, so this is no attempt of it
        except ChartroomError as error:
            return self._without_index(run, error) if has_no_index(state.source, error) else self._failed(run, error)
        except OSError as error:  # those of the network are told as what they mean by whoever asks
            return self._failed(run, DataFolderUnusable.at(self._store.folder, error))
        except Exception as error:
            log.exception("sync of %s met a fault of Chartroom's own", state.source.name)
            return self._failed(run, ChartroomError(detail=type(error).__name__))

    def _adopt(self, run: "_Run") -> SyncResult:
        """Of a Harbor: see which projects it has, and make each a source."""
        source = run.state.source
        present = self._store.sources.projects(source.name)
        shown = self._hosts.open(source).projects(present)
        made = plan_projects(run.state, present, shown, _now(), accept=run.accept)
        if made.held:
            return self._held(run, made.held, part=False)
        outcome: Outcome = "changed" if made.changes else "unchanged"
        attempt = run.ended(outcome, added=len(made.added), removed=len(made.removed))
        self._store.sources.adopt(run.state, made, attempt, due=self._due(run.state, 0), now=_now())
        log.info("%s has %d projects, %d of them new", source.name, len(shown), len(made.added))
        return SyncResult(attempt, None, ())

    def _without_index(self, run: "_Run", error: ChartroomError) -> SyncResult:
        """No index is there: it may be a Harbor. Where nobody said what it is, it becomes one and is synced as such."""
        source = run.state.source
        try:
            found = self._hosts.detect(source)
        except SourceError:
            found = None
        if found is None or found.kind != "harbor":
            return self._failed(run, error)
        if source.kind_given or run.state.last_success:
            facts = {"url": source.shown_url, "origin": found.url, "what": found.what}
            return self._failed(run, HarborWithoutIndex(**facts))
        self._store.sources.settle_kind(run.state, replace(source, kind=found.kind), _now())
        settled = self._store.sources.get(source.name)
        return self._attempt(settled, None, full=False, accept=run.accept, follow=run.follow)

    def _known(self, state: SourceState, unconditional: bool, full: bool, only: frozenset[str] | None) -> Known:
        chosen = filter_of(state.source)
        plain = Known(takes_chart=chosen.admits_chart, takes_version=chosen.version_test(), room=lambda: self._room)
        if full:
            return plain
        name = state.source.name
        stored = replace(
            plain,
            charts=self._store.catalog.known(name),
            names=self._store.catalog.names(name),
            versions=lambda chart: self._store.catalog.known_versions(name, chart),
        )
        if unconditional or state.held or state.accepted or not state.last_success:
            return stored
        if only is None and (state.full_fetch_at is None or _now() - state.full_fetch_at > FULL_FETCH_EVERY):
            return replace(stored, body_digest=state.body_digest)
        # A reader that looks at all of it trusts what it remembers, and might overlook what a webhook named.
        overlooks = only is None and bool(state.pending.keys() - {ALL})
        return replace(
            stored,
            etag=state.etag,
            last_modified=state.last_modified,
            body_digest=state.body_digest,
            memory={} if overlooks else state.memory,
            only=only,
        )

    def _take(self, run: "_Run", answer: Answer) -> SyncResult:
        if answer.listing is None:
            return self._unchanged(run, answer)
        answer.check_end(run.state.source.shown_url)
        listing = filtered(answer.listing, filter_of(run.state.source))
        made = plan(self._store.catalog.stored(run.attempt.source, listing), listing, _now(), accept=run.accept)
        if made.held:
            return self._held(run, made.held, part=listing.only is not None)
        run.follow.at("writing", total=made.changes)
        return self._write(run, answer, listing, made)

    def _write(self, run: "_Run", answer: Answer, listing: Listing, made: Plan) -> SyncResult:
        latest, unreadable = self._open_latest(run.attempt.source, made)
        problems = (*listing.problems, *unreadable)
        attempt = run.ended(
            "changed" if made.changes else "unchanged",
            added=made.added,
            updated=made.updated,
            removed=made.removals,
            repushed=made.repushed,
            problems=len(problems) + self._problems_elsewhere(run.attempt.source, listing.only),
        )
        self._store.catalog.apply(
            run.state,
            made,
            latest=latest,
            problems=problems,
            only=listing.only,
            taken=_taken(run, answer, listing) if listing.only is None else None,
            memory=answer.memory,
            attempt=attempt,
            due=self._due_after(run, part=listing.only is not None),
            now=_now(),
        )
        log.info("synced %s: %d versions changed, %d problems", attempt.source, made.changes, attempt.problems)
        return SyncResult(attempt, None, problems)

    def _problems_elsewhere(self, source: str, only: frozenset[str] | None) -> int:
        """How many problems the charts have that the listing did not look at."""
        if only is None:
            return 0
        return sum(one.chart not in only for one in self._store.catalog.problems(source))

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

    def _unchanged(self, run: "_Run", answer: Answer) -> SyncResult:
        attempt = run.ended("unchanged", problems=run.state.problems)
        part = run.known.only is not None
        values: dict[str, Any] = {"memory": dict(answer.memory)} if answer.memory or not part else {}
        if not part:
            values |= {"etag": answer.etag, "last_modified": answer.last_modified}
        if answer.bytes and not part and not run.known.memory:  # all of it came; nothing was trusted blindly
            values["full_fetch_at"] = _now()
        due = self._due_after(run, part=part)
        self._store.catalog.settle(run.state, attempt, due=due, now=_now(), **values)
        return SyncResult(attempt, None, ())

    def _held(self, run: "_Run", held: Held, *, part: bool) -> SyncResult:
        attempt = run.ended("held", error_id=held.error_id, error_params=held.params)
        if part:  # what a part would remove is not even held: the whole is read at once, and decides
            self._store.catalog.settle(run.state, attempt, due=Due(_now(), "webhook"), now=_now())
        else:
            self._store.catalog.hold(run.state, attempt, held, due=self._due(run.state, 0, held=True), now=_now())
        log.warning("held the removals of %s: %s", attempt.source, held.reason)
        return SyncResult(attempt, None, ())

    def _failed(self, run: "_Run", error: ChartroomError) -> SyncResult:
        attempt = run.ended("failed", error_id=error.id, error_params=error.params, problems=run.state.problems)
        due = self._due(run.state, run.state.failures + 1, retry_after=getattr(error, "retry_after", None))
        due = replace(due, whole=run.known.only is None)
        self._store.catalog.settle(run.state, attempt, due=due, now=_now())
        log.warning("sync of %s failed: %s", attempt.source, error.cause)
        return SyncResult(attempt, error, ())

    def _due_after(self, run: "_Run", *, part: bool) -> Due:
        if part:
            return due_after_part(_now(), run.state.source.interval, run.state.full_due)
        return self._due(run.state, 0)

    def _due(self, state: SourceState, failures: int, *, held: bool = False, retry_after: float | None = None) -> Due:
        interval, jitter = state.source.interval, random.random()  # noqa: S311 -- spreads load, hides nothing
        return next_due(_now(), interval, failures=failures, retry_after=retry_after, held=held, jitter=jitter)

    def _problems(self, name: str) -> tuple[Problem, ...]:
        return (*self._store.catalog.problems(name), *self._store.contents.problems(name))

    # -- archives

    def _fetch_archives(self, source: Source, ends: float, follow: "_Progress") -> bool:
        wanted = self._store.contents.wanted(source.name, source.content, _now())
        if not wanted:
            return False
        follow.at("archives", total=len(wanted))
        opened, done, size = self._open_source(source), 0, 0
        fetch = partial(self._fetch, opened)
        if source.content == "latest" and isinstance(opened, PreviewSource):
            fetch = partial(self._preview, opened)
        for one, got in self._fetched(fetch, wanted, ends):
            self._keep(one, got)
            done += 1
            size += got.size if isinstance(got, ArchiveContent) else 0
            follow.at("archives", done, len(wanted), size)
        if self.stop.is_set():
            self._store.sources.request(source.name, _now())  # the rest is fetched after the next start
        return done < len(wanted)

    def _renew_contents(self, source: str, ends: float) -> bool:
        """Read again what an older Chartroom read less of, as far as it is at hand; whether time ran out before."""
        for one in self._store.contents.outdated(source):
            if self.stop.is_set() or time.monotonic() > ends:
                return True
            self.renew(one.digest, one.chart, one.version)
        return False

    def _fetched(
        self, fetch: Callable[[Wanted], ArchiveContent | ChartroomError], wanted: Iterable[Wanted], ends: float
    ) -> Iterator[tuple[Wanted, ArchiveContent | ChartroomError]]:
        """Fetch a few at a time and yield each as it comes: one that hangs keeps no other waiting, or in memory."""
        waiting = iter(wanted)
        running: dict[Future[ArchiveContent | ChartroomError], Wanted] = {}
        with ThreadPoolExecutor(ARCHIVES_AT_ONCE, "archives") as pool:
            while True:
                over = self.stop.is_set() or time.monotonic() > ends
                room = 0 if over else ARCHIVES_AT_ONCE - len(running)
                running |= {pool.submit(fetch, one): one for one in islice(waiting, room)}
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
                with self._cache.quarantine.reading(digest):
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

    def _preview(self, opened: PreviewSource, wanted: Wanted) -> ArchiveContent | ChartroomError:
        """What can be known without the archive; where that is nothing, or not for this account, the archive itself."""
        try:
            metadata = self._store.catalog.version(wanted.source, wanted.chart, wanted.version)[1]
            told = opened.preview(wanted.urls, wanted.manifest)
        except (AuthenticationFailed, EntryError, NotFound):
            told = None
        except SourceError as error:
            return error
        except Exception as error:
            log.exception("preview of %s %s met a fault of Chartroom's own", wanted.chart, wanted.version)
            return ArchiveError(detail=type(error).__name__)
        if told is None:
            return self._fetch(opened, wanted)
        return ArchiveContent(
            digest=_preview_digest(wanted),
            size=0,
            metadata=metadata,
            readme=told.readme,
            values=told.values,
            schema="",
            templates=(),
            crds=(),
            dependencies=metadata.dependencies,
            images=values_images(told.values, metadata),
            partial=True,
        )

    def _keep(self, wanted: Wanted, got: ArchiveContent | ChartroomError) -> None:
        if isinstance(got, StoreUnavailable):
            raise got  # no fault of that version: it is wanted again as soon as it can be kept
        if isinstance(got, ChartroomError):
            self._store.contents.failed(wanted, got, _now())
        elif got.partial:
            self._store.contents.partial(wanted, got, _now())
        else:
            self._store.contents.ready(wanted, got, _now())


@dataclass(frozen=True, slots=True)
class _Run:
    """One attempt that is under way."""

    state: SourceState
    """The source as the attempt found it."""
    known: Known
    attempt: Attempt
    began: float
    """On the monotonic clock."""
    accept: bool
    follow: "_Progress"

    def ended(self, outcome: Outcome, **facts: Any) -> Attempt:
        """The row of the ledger."""
        return replace(self.attempt, outcome=outcome, seconds=time.monotonic() - self.began, **facts)


class _Progress:
    """Says how far a sync is: into the store for pages, and to whoever started it. From any thread."""

    def __init__(self, store: Store, source: str, hold: Hold, report: Report | None) -> None:
        self._store, self._source, self._hold, self._report = store, source, hold, report
        self._now, self._told = Progress(_now(), "fetching"), 0.0

    def at(self, step: Step, done: int = 0, total: int = 0, received: int = 0) -> None:
        self._now = Progress(self._now.started, step, done, total, received)
        self._tell(at_once=done in (0, total))

    def step(self, done: int, total: int) -> None:
        """A listing of many requests goes on."""
        self._now = replace(self._now, done=done, total=total)
        self._tell(at_once=done == total)

    def received(self, count: int, of: int) -> None:
        """A large answer comes in."""
        self._now = replace(self._now, bytes=count, of_bytes=of)
        self._tell()

    def ended(self) -> None:
        if self._told:
            self._write(None)

    def _tell(self, *, at_once: bool = False) -> None:
        if self._report:
            self._report(self._now)
        if at_once or time.monotonic() - self._told > _PROGRESS_EVERY:
            self._told = time.monotonic()
            self._write(self._now)

    def _write(self, progress: Progress | None) -> None:
        with self._hold.fenced():
            self._store.sources.progress(self._source, progress)


@contextmanager
def _following(store: Store, source: str, hold: Hold, report: Report | None = None) -> Iterator[_Progress]:
    follow = _Progress(store, source, hold, report)
    try:
        yield follow
    finally:
        follow.ended()


def _preview_digest(wanted: Wanted) -> str:
    """Under which a preview is kept: for this source alone. Unlike the bytes of an archive it is not proven by any
    digest, and a registry may claim that of somebody else's chart."""
    return sha256(f"{wanted.source}/{wanted.manifest}".encode()).hexdigest()


def _taken(run: "_Run", answer: Answer, listing: Listing) -> Taken:
    return Taken(
        etag=answer.etag,
        last_modified=answer.last_modified,
        body_digest=answer.body_digest,
        fingerprint=listing.fingerprint,
        end_proven=listing.end_proven,
        whole=not run.known.memory,
    )


def _now() -> datetime:
    return datetime.now(UTC)
