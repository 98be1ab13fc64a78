"""The read questions that pages, API and command line all ask. Answers are frozen; nothing here writes but ``version``,
which fetches the archive of a version when somebody looks at it first."""

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from catalog_web.archive_fetches import ArchiveFetches, Fetching
from catalog_web.folder_paths import attempt_without, error_without, problem_without, state_without
from catalog_web.installed import Installed, InstalledHere, narrowed, with_newest
from catalog_web.sight import EVERYTHING, NotYet, Recommendation, Sight
from indexer.errors import (
    ArchiveError,
    ArchiveNotYet,
    ChartNotFound,
    ChartroomError,
    SourceError,
    SourceNotFound,
    StoreUnavailable,
    VersionNotFound,
    VersionNotYet,
    describe,
)
from indexer.model import (
    ALL_CHANGES,
    ArchiveContent,
    Attempt,
    Change,
    ChangeFilter,
    ChartChanges,
    ChartMetadata,
    ChartSummary,
    InstalledApp,
    Problem,
    SourceState,
    SyncChanges,
    VersionSummary,
)
from indexer.search.feed import StoreFeed
from indexer.search.groups import plain_home
from indexer.search.request import ChartKey, Facet, Hit, Match, Note, SearchRequest, Suggestion
from indexer.search.whoosh_index import SearchIndex
from indexer.store import Store
from indexer.sync import Syncer
from indexer.versions import is_prerelease

LOOK_PATIENCE = 15.0
"""Seconds that a request waits for an archive, unless it says otherwise."""
PAGE_PATIENCE = 0.8
"""Seconds that a page waits, which can say that it is on its way."""
_PATIENT_AT_ONCE = 3
"""Requests that may wait so long at the same time: a slow upstream must not hold every thread of the server."""
_BRIEFLY = 0.5
"""Seconds that the others wait."""
_SUMMARIES = 4_000
"""Charts whose summaries are kept, about 2 kB each."""


@dataclass(frozen=True, slots=True)
class CatalogItem:
    """A chart that was found, and where it matched."""

    chart: ChartSummary
    matched: tuple[Match, ...] = ()
    also_in: tuple[ChartKey, ...] = ()
    """The same chart in other sources."""
    apps: tuple[InstalledApp, ...] = ()
    """What runs here of it."""
    behind: tuple[InstalledApp, ...] = ()
    """Those of ``apps`` that could be upgraded."""
    recommendation: Recommendation | None = None
    """What a team of whoever asks says for it."""


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """One page of a search."""

    total: int
    took_ms: float
    items: tuple[CatalogItem, ...]
    facets: Mapping[Facet, tuple[tuple[str, int], ...]]
    notes: tuple[Note, ...] = ()
    corrected: str = ""
    did_you_mean: str = ""


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One version with everything that is known of it."""

    chart: ChartSummary
    versions: tuple[VersionSummary, ...]
    """All of the chart's, newest first."""
    version: VersionSummary
    metadata: ChartMetadata
    content: ArchiveContent | None
    """None, or what is known without it, where the archive could not be had: then ``content_error`` says why."""
    content_error: ChartroomError | None = None
    not_yet: NotYet | None = None
    """Why who looks may not use this version."""

    @property
    def refused(self) -> VersionNotYet | None:
        """The same as an error."""
        if self.not_yet is None:
            return None
        named = {"source": self.chart.source, "chart": self.chart.name, "version": self.version.version}
        said = {"team": self.not_yet.team, "ceiling": self.not_yet.ceiling, "note": self.not_yet.note}
        return VersionNotYet(**named, **said)

    @property
    def is_being_fetched(self) -> bool:
        """Whether the archive is on its way, or waits for its turn: then nothing is wrong with it."""
        return isinstance(self.content_error, ArchiveNotYet)


class _Kept:
    """What is read once for all who ask."""

    def __init__(self) -> None:
        self.summaries: tuple[int, dict[ChartKey, ChartSummary]] = (0, {})
        self.states: tuple[int, tuple[SourceState, ...]] = (0, ())
        self.installed: tuple[object, Sight, Installed] = (None, EVERYTHING, Installed())


class Catalog:
    """Answers from the store and the search index. What somebody does not see is missing in every answer (``for_``)."""

    def __init__(
        self, store: Store, search: SearchIndex, syncer: Syncer, searched: Callable[[float], None] = lambda _: None
    ) -> None:
        """``searched`` is told the seconds of every search."""
        self._store, self._search, self._syncer, self._searched = store, search, syncer, searched
        self._feed = StoreFeed(store)
        self._installed = InstalledHere(store)
        self._kept = _Kept()
        self._sight = EVERYTHING
        self._fetches = ArchiveFetches(self._look)
        self._patient = threading.BoundedSemaphore(_PATIENT_AT_ONCE)

    def for_(self, sight: Sight) -> "Catalog":
        """The same catalog, of which only what ``sight`` shows is there."""
        if sight == self._sight:
            return self
        seen = copy(self)
        seen._sight = sight
        return seen

    def close(self) -> None:
        """Begin no more fetches of archives."""
        self._fetches.close()

    def follow(self) -> int:
        """Let the search index follow the change log; returns how many rows it took."""
        return self._search.follow(self._feed)

    def lag(self) -> int:
        """Rows of the change log that the search index has not seen."""
        return self._search.lag(self._feed)

    def search(self, request: SearchRequest) -> CatalogPage:
        """Find charts; a Harbor among the sources stands for its projects. Raises BadQuery, SearchUnavailable."""
        started = time.perf_counter()
        installed = self.all_installed()
        wanted = replace(request, sources=self._with_projects(request.sources))
        marks = replace(installed.marks, recommended=self._sight.recommended)
        result = self._search.search(wanted, marks, self._sight.unseen)
        charts = self.charts([(hit.source, hit.name) for hit in result.hits])
        found = ((charts.get((hit.source, hit.name)), hit) for hit in result.hits)
        items = tuple(self._item(chart, hit, installed) for chart, hit in found if chart)
        took = time.perf_counter() - started
        self._searched(took)
        return CatalogPage(
            result.total, took * 1000, items, result.facets, result.notes, result.corrected, result.did_you_mean
        )

    def _item(self, chart: ChartSummary, hit: Hit, installed: Installed) -> CatalogItem:
        key = (hit.source, hit.name)
        said = self._sight.recommendation(*key)
        return CatalogItem(
            chart, hit.matched, hit.also_in, installed.apps.get(key, ()), installed.behind.get(key, ()), said
        )

    def all_installed(self) -> Installed:
        """What is installed here."""
        installed = self._installed.now()
        if self._sight == EVERYTHING:
            return installed
        of, seen_by, found = self._kept.installed
        if of is not installed or seen_by != self._sight:
            found = self._usable(narrowed(installed, self._sight))
            self._kept.installed = (installed, self._sight, found)
        return found

    def _usable(self, installed: Installed) -> Installed:
        """Without the upgrades that whoever looks may not do."""
        keys = [key for key in installed.behind if self._sight.speaks_of_versions(*key)]
        listed = self._store.catalog.all_versions(keys) if keys else {}
        usable = {key: self._sight.releases(*key, listed.get(key, ())) for key in keys}
        return with_newest(installed, {key: next(found, "") for key, found in usable.items()})

    def stamp(self) -> tuple[object, ...]:
        """What is another one whenever ``search`` may answer anything else than before. Costs nearly nothing."""
        return self._search.commit, self._installed.now()

    @property
    def sight(self) -> Sight:
        """What is there for whom this catalog answers."""
        return self._sight

    def charts(self, keys: Sequence[ChartKey]) -> dict[ChartKey, ChartSummary]:
        """The charts of ``keys``; one that is not there is absent. Kept until the search index knows of a change."""
        commit = self._search.commit
        if self._kept.summaries[0] != commit or len(self._kept.summaries[1]) > _SUMMARIES:
            self._kept.summaries = (commit, {})
        kept = self._kept.summaries[1]
        missing = [key for key in keys if key not in kept]
        if missing:
            kept.update(self._store.catalog.charts(missing))
        return {key: self._as_seen(kept[key]) for key in keys if key in kept and self._sight.sees(*key)}

    def suggest(self, text: str, limit: int = 8) -> list[Suggestion]:
        """Names that ``text`` may become."""
        return self._search.suggest(text, limit, self._sight.unseen)

    def chart(self, source: str, name: str) -> tuple[ChartSummary, tuple[VersionSummary, ...]]:
        """Return a chart with its versions, newest first. Raises ChartNotFound."""
        self._must_see(source, name)
        chart, listed = self._store.catalog.chart(source, name), self._store.catalog.versions(source, name)
        if not self._sight.speaks_of_versions(source, name):
            return chart, listed
        shown = tuple(one for one in listed if self._sight.sees_version(source, name, one.version))
        if not shown:
            raise ChartNotFound(source=source, chart=name)
        return self._latest(chart, shown), shown

    def knows(self, source: str, name: str, version: str) -> bool:
        """Whether this version is in the catalog; nothing is fetched."""
        if not self._sight.sees(source, name) or not self._sight.sees_version(source, name, version):
            return False
        return self._store.contents.wanted_version(source, name, version) is not None

    def kept_content(self, digest: str) -> ArchiveContent | None:
        """What an archive holds that was read once, whether or not its version is still listed; None where it was
        never read."""
        return self._store.contents.get(digest) if digest else None

    def version(self, source: str, name: str, version: str = "", patience: float = LOOK_PATIENCE) -> VersionPage:
        """Return one version, by default the latest; when it is looked at first, its archive is fetched.

        That is waited for ``patience`` seconds, and goes on behind the answer. Raises ChartNotFound, VersionNotFound.
        An archive that cannot be had, or not yet, is told in the answer.
        """
        chart, versions = self.chart(source, name)
        wanted = version or chart.version
        if not self._sight.sees_version(source, name, wanted):
            raise VersionNotFound(source=source, chart=name, version=wanted)
        summary, metadata = self._store.catalog.version(source, name, wanted)
        content, error = self._content(source, name, summary, patience)
        if error or summary.archive != "ready":  # a look has just told more of it
            summary = self._store.catalog.version(source, name, wanted)[0]
        not_yet = self._sight.not_yet(source, name, summary.version)
        return VersionPage(chart, versions, summary, metadata, content, error, not_yet)

    def try_archive(self, source: str, name: str, version: str) -> None:
        """Fetch the archive of a version now, whatever was said of its next try. How it ends is told by ``version``.

        Raises ChartNotFound, VersionNotFound.
        """
        self._must_see(source, name, version)
        summary = self._store.catalog.version(source, name, version)[0]
        with suppress(SourceError, ArchiveError, StoreUnavailable):
            self._fetched((source, name, summary.version), PAGE_PATIENCE)

    def fetched_again(self, source: str, name: str, version: str) -> ArchiveContent:
        """Fetch the archive of a version whose file left the cache, as when somebody looks at it first.

        Raises SourceError, ArchiveError, of which ArchiveNotYet while it is on its way; StoreUnavailable.
        """
        self._must_see(source, name, version)
        try:
            return self._fetched((source, name, version), LOOK_PATIENCE)
        except (SourceError, ArchiveError) as error:
            raise self._untold(source, error) from None

    def also_in(self, page: VersionPage) -> tuple[ChartSummary, ...]:
        """The same chart in other sources: of one name, with the same home or the same bytes."""
        others = [one for one in self._store.catalog.named(page.chart.name) if one.source != page.chart.source]
        digest, home = page.version.digest or page.version.archive_digest, plain_home(page.chart.home)
        others = [one for one in others if self._sight.sees(one.source, one.name)]
        same = self._store.catalog.sources_of(page.chart.name, digest) if others and digest else frozenset()
        return tuple(one for one in others if one.source in same or (home and plain_home(one.home) == home))

    def named(self, names: Collection[str]) -> dict[str, tuple[ChartSummary, ...]]:
        """The charts of each of these names, by source; a name that no chart has is absent."""
        found = self._store.catalog.all_named(names)
        seen = {
            name: tuple(one for one in some if self._sight.sees(one.source, one.name)) for name, some in found.items()
        }
        return {name: some for name, some in seen.items() if some}

    def installed(self, source: str, name: str) -> tuple[InstalledApp, ...]:
        """The apps that run a chart, as far as Chartroom installed them."""
        return self.all_installed().apps.get((source, name), ())

    def fetching(self, source: str, name: str, version: str) -> Fetching | None:
        """How far the fetch of a version's archive is; None where nobody waits for it."""
        return self._fetches.fetching((source, name, version)) if self._sight.sees(source, name) else None

    def sources(self) -> tuple[SourceState, ...]:
        """All sources by name."""
        version = self._store.database.version()
        known, states = self._kept.states
        if known != version:
            states = self._store.sources.all()
            self._kept.states = (version, states)
        return tuple(self._told(self._live(state)) for state in states if self._sight.sees_source(state.source.name))

    def source(self, name: str) -> SourceState:
        """Return one source. Raises SourceNotFound."""
        return self._told(self._live(self._state(name)))

    def attempts(self, name: str, limit: int = 50, offset: int = 0) -> tuple[Attempt, ...]:
        """Return a source's ledger, newest first. Raises SourceNotFound."""
        path, found = self._state(name).source.url, self._store.ledger.of(name, limit, offset)
        return tuple(attempt_without(one, path) for one in found) if name in self._sight.folders else found

    def problems(self, name: str, chart: str = "") -> tuple[Problem, ...]:
        """Return entries and archives of a source, or of one chart, with something wrong. Raises SourceNotFound."""
        path = self._state(name).source.url
        found = (*self._store.catalog.problems(name, chart), *self._store.contents.problems(name, chart))
        return tuple(problem_without(one, path) for one in found) if name in self._sight.folders else found

    def changes(self, since: int, limit: int, wanted: ChangeFilter = ALL_CHANGES) -> tuple[int, tuple[Change, ...]]:
        """The row to ask from next time, and at most ``limit`` rows of the change log after ``since``, oldest first.

        What was not wanted is not looked at again.
        """
        newest = self._store.changes.last()
        rows = self._store.changes.since(since, limit, self._of_projects(wanted))
        if len(rows) < limit:
            return max(since, newest, *(row.id for row in rows)), rows
        return rows[-1].id if rows else since, rows

    def syncs(self, wanted: ChangeFilter, before: int, limit: int, lines: int) -> tuple[SyncChanges, ...]:
        """What the newest ``limit`` syncs changed before that row of the change log (0: up to now), each with its first
        ``lines``."""
        return self._store.activity.syncs(self._of_projects(wanted), before, limit, lines)

    def chart_changes(self, wanted: ChangeFilter, before: int, limit: int) -> tuple[ChartChanges, ...]:
        """The newest ``limit`` changes of charts before that row of the change log (0: up to now)."""
        return self._store.activity.charts(self._of_projects(wanted), before, limit)

    def _of_projects(self, wanted: ChangeFilter) -> ChangeFilter:
        unseen = self._sight.unseen
        return replace(
            wanted,
            sources=self._with_projects(wanted.sources),
            without_sources=unseen.sources,
            without_charts=unseen.charts,
        )

    def _with_projects(self, sources: tuple[str, ...]) -> tuple[str, ...]:
        if not sources:
            return sources
        known = (state.source for state in self.sources())
        return (*sources, *(one.name for one in known if one.parent in sources and one.name not in sources))

    def _as_seen(self, chart: ChartSummary) -> ChartSummary:
        """The chart with the latest of the versions that may be used."""
        key = (chart.source, chart.name)
        return self.chart(*key)[0] if self._sight.speaks_of_versions(*key) else chart

    def _state(self, name: str) -> SourceState:
        if not self._sight.sees_source(name):
            raise SourceNotFound(source=name)
        return self._store.sources.get(name)

    def _must_see(self, source: str, name: str, version: str = "") -> None:
        """Raise what is raised where there is no such chart or version."""
        if not self._sight.sees(source, name):
            raise ChartNotFound(source=source, chart=name)
        if version and not self._sight.sees_version(source, name, version):
            raise VersionNotFound(source=source, chart=name, version=version)

    def _latest(self, chart: ChartSummary, shown: Sequence[VersionSummary]) -> ChartSummary:
        """The chart as if ``shown``, newest first, were all of its versions; the latest is one that may be used, where
        any may."""
        usable = [one.version for one in shown if self._sight.not_yet(chart.source, chart.name, one.version) is None]
        releases = [one for one in usable if not is_prerelease(one)]
        latest = next(iter((*releases, *usable)), shown[0].version)
        if latest == chart.version:
            return chart
        metadata = self._store.catalog.version(chart.source, chart.name, latest)[1]
        return replace(chart, version=latest, app_version=metadata.app_version, description=metadata.description)

    def _told(self, state: SourceState) -> SourceState:
        """Without where a folder lies that whoever looks may not change."""
        return state_without(state) if state.source.name in self._sight.folders else state

    def _untold(self, source: str, error: ChartroomError) -> ChartroomError:
        """The same for what went wrong with an archive of the folder."""
        return error_without(error, self._state(source).source.url) if source in self._sight.folders else error

    def _live(self, state: SourceState) -> SourceState:
        """A killed process leaves its progress behind; only the lock says whether somebody is at it."""
        if state.running and not self._store.is_syncing(state.source.name):
            return replace(state, running=None)
        return state

    def _content(
        self, source: str, name: str, summary: VersionSummary, patience: float
    ) -> tuple[ArchiveContent | None, ChartroomError | None]:
        stored = self._store.contents.get(summary.content_digest) if summary.content_digest else None
        if stored is not None and not stored.partial:
            return self._renewed(stored, name, summary.version), None
        if summary.archive_next_try and summary.archive_next_try > datetime.now(UTC):
            return stored, self._untold(source, describe(summary.archive_error_id, summary.archive_error_params))
        try:
            return self._fetched((source, name, summary.version), patience), None
        except (SourceError, ArchiveError, StoreUnavailable) as error:
            return stored, self._untold(source, error)

    def _fetched(self, key: tuple[str, str, str], patience: float) -> ArchiveContent:
        patient = self._patient.acquire(blocking=False)
        try:
            return self._fetches.get(key, patience if patient else min(patience, _BRIEFLY))
        finally:
            if patient:
                self._patient.release()

    def _look(self, source: str, name: str, version: str) -> ArchiveContent:
        """Fetch the archive, unless somebody else has had it since it was asked for and its file is there."""
        summary = self._store.catalog.version(source, name, version)[0]
        stored = self._store.contents.get(summary.content_digest) if summary.content_digest else None
        if stored and not stored.partial and self._syncer.keeps(stored.digest):
            return stored
        return self._syncer.look(source, name, version)

    def _renewed(self, stored: ArchiveContent, name: str, version: str) -> ArchiveContent:
        """What an older Chartroom read less of is read again, if its archive is at hand; else it is shown as it is."""
        if not stored.outdated:
            return stored
        try:
            return self._syncer.renew(stored.digest, name, version) or stored
        except StoreUnavailable:
            return stored
