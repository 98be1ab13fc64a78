"""``harbor``: the charts of one project of a Harbor."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from indexer.errors import AuthenticationFailed, HttpStatus, LoginRefused, ProjectRefused
from indexer.http import Access, Limits
from indexer.model import ListedChart, Listing, Source
from indexer.sources import Answer, Known, Preview
from indexer.sources.entry import listing_of
from indexer.sources.harbor import memory as remembered
from indexer.sources.harbor.additions import read_additions
from indexer.sources.harbor.api import PAGE, HarborApi
from indexer.sources.harbor.artifacts import Artifact
from indexer.sources.harbor.memory import Mark, Memory, tallied
from indexer.sources.harbor.museum import Museum, Part, together
from indexer.sources.harbor.reading import Marks, ProjectReader
from indexer.sources.harbor.release import Release
from indexer.sources.oci import Registry, fetch_chart, fetch_provenance, read_repositories
from indexer.sources.oci.listing import make_listing
from indexer.sources.oci.reference import SCHEME, is_repository

_NOT_FOUND = 404


class HarborProject:
    """Reads the project ``source.project`` of the Harbor at the origin of ``source.url``.

    The index of a ChartMuseum behind it is spooled in ``spool``. Raises BadUrl for an address that may not be used.
    """

    def __init__(self, source: Source, access: Access, spool: Path, limits: Limits | None = None) -> None:
        self._source = source
        self._api = HarborApi(source.url, access, timeout=source.timeout, budget=source.max_index_bytes, limits=limits)
        self._reader = ProjectReader(self._api, source.project)
        self._registry = Registry((self._api.origin,), access, timeout=source.timeout, limits=limits)
        self._museum = Museum(source, self._api.origin, access, spool, limits)

    @contextmanager
    def list_charts(self, known: Known) -> Iterator[Answer]:
        """Read what changed. Raises FetchError (LoginRefused, ProjectRefused, CutOff), CredentialsUnreadable."""
        memory = remembered.from_json(known.memory)
        release = Release(memory.release) if memory else self._release()
        if not release.may_have_museum:
            yield self._answer(known, memory, release)
            return
        with self._beside(known, memory, release) as answer:
            yield answer

    def fetch_archive(self, urls: Sequence[str], target: Path, limit: int, manifest: str = "") -> None:
        """Download the packed chart from the first of ``urls`` that gives it. Its manifest is read once, by digest:
        for Harbor each reading is a pull. Raises the last error: SourceError."""
        if any(url.startswith(SCHEME) for url in urls):
            fetch_chart(self._registry, urls, target, limit, manifest)
        else:
            self._museum.fetch_archive(urls, target, limit)

    def fetch_provenance(self, urls: Sequence[str], manifest: str = "") -> bytes:
        """What lies beside the packed chart; empty where nothing does. Raises SourceError."""
        if any(url.startswith(SCHEME) for url in urls):
            return fetch_provenance(self._registry, urls, manifest)
        return self._museum.fetch_provenance(urls)

    def preview(self, urls: Sequence[str], manifest: str) -> Preview | None:
        """README and values, without a pull; None where they cannot be had in that way. Raises FetchError."""
        if not manifest or not urls[0].startswith(SCHEME):
            return None
        return read_additions(self._api, self._source.project, urls[0], manifest)

    # -- which way

    def _release(self) -> Release:
        self._api.verify()
        return self._api.release()

    def _answer(self, known: Known, memory: Memory | None, release: Release) -> Answer:
        try:
            return self._listed(known, memory, release)
        except ProjectRefused:
            if not self._named:
                raise
            return self._by_name(known, memory, release)

    def _listed(self, known: Known, memory: Memory | None, release: Release) -> Answer:
        if memory is None or (memory.way == "project" and self._api.anonymous):
            return self._whole(known, release)
        if memory.way == "named":
            return self._by_name(known, memory, release)
        with self._explained():
            if known.only is not None:
                return self._part(known, memory)
            return self._again(known, memory, release)

    def _whole(self, known: Known, release: Release) -> Answer:
        """Everything. The marks are taken first: what changes meanwhile is seen next time."""
        with self._explained():
            marks = self._marks(release)
            if marks is not None:
                found = self._reader.artifacts(known.step)
                memory = Memory("project", release.told, tuple(marks.json), tallied(found))
                return self._answered(known, found, memory)
            return self._one_by_one(known, release, self._reader.repositories())

    def _marks(self, release: Release) -> Marks | None:
        """None where the project is no one list for us: an older release, or nobody in particular asks."""
        if self._api.anonymous or not release.lists_projects_whole:
            return None
        try:
            return self._reader.marks(release)
        except HttpStatus as error:
            if error.params["status"] != _NOT_FOUND or release.number:
                raise
            return None

    def _one_by_one(self, known: Known, release: Release, marks: Mapping[str, Mark]) -> Answer:
        found = self._reader.artifacts_of(marks, known.step)
        memory = Memory("repositories", release.told, (), tallied(found, marks))
        return self._answered(known, found, memory)

    # -- less than everything

    def _again(self, known: Known, memory: Memory, release: Release) -> Answer:
        """Look whether anything changed, and read of it as little as may be."""
        if memory.way == "repositories":
            return self._again_one_by_one(known, memory, release)
        marks = self._reader.marks(release)
        if tuple(marks.json) == memory.marks:
            return self._unchanged(memory)
        changed = memory.sharing(self._reader.changed(memory.marks, release), frozenset())
        if len(changed) * PAGE < marks.total and self._may_keep(known, memory, changed):
            found = self._reader.artifacts_of(changed, known.step)
            renewed = _renewed(memory, changed, tallied(found))
            if _adds_up(renewed, marks):
                return self._kept(known, found, replace(renewed, marks=tuple(marks.json)), changed)
        return self._whole(known, release)

    def _again_one_by_one(self, known: Known, memory: Memory, release: Release) -> Answer:
        if not self._api.anonymous:
            self._api.verify()
        marks = self._reader.repositories()
        changed = {name for name, mark in marks.items() if tuple(mark) != tuple(memory.of(name).mark)}
        changed |= memory.repositories.keys() - marks.keys()
        if not changed:
            return self._unchanged(memory)
        shared = memory.sharing(frozenset(changed), frozenset())
        if not self._may_keep(known, memory, shared):
            return self._one_by_one(known, release, marks)
        found = self._reader.artifacts_of(shared & marks.keys(), known.step)
        tally = tallied(found, {name: marks[name] for name in shared & marks.keys()})
        return self._kept(known, found, _renewed(memory, shared, tally), shared)

    def _may_keep(self, known: Known, memory: Memory, changed: frozenset[str]) -> bool:
        """Whether all charts elsewhere may stay as they are stored, which those with a problem may not."""
        return _elsewhere(known, memory, changed) <= (known.charts or {}).keys()

    def _kept(self, known: Known, found: Sequence[Artifact], memory: Memory, changed: frozenset[str]) -> Answer:
        """The charts of ``changed`` repositories as they were ``found``, and all others as they are stored."""
        fresh = _listing(known, found, None)
        stored = known.charts or {}
        stay = {name: ListedChart(name, stored[name], (), kept=True) for name in _elsewhere(known, memory, changed)}
        listing = listing_of({**stay, **fresh.charts}, fresh.problems, fresh.entries)
        return self._told(listing, memory)

    def _part(self, known: Known, memory: Memory) -> Answer:
        """What a webhook named, and nothing else."""
        only = known.only or frozenset()
        named = memory.sharing(frozenset(name for name in map(self._full, only) if is_repository(name)), frozenset())
        found = self._reader.artifacts_of(named, known.step)
        shared = memory.sharing(named, frozenset(one.chart for one in found if one.chart)) - named
        found += self._reader.artifacts_of(shared, known.step)
        before = frozenset(chart for name in named | shared for chart in memory.of(name).charts)
        spoken_of = before | frozenset(one.chart for one in found if one.chart)
        listing = _listing(known, found, spoken_of)
        return self._told(listing, _renewed(memory, named | shared, tallied(found)))

    # -- an account that may only pull

    def _by_name(self, known: Known, memory: Memory | None, release: Release) -> Answer:
        before = memory.named if memory else {}
        asked = replace(known, memory=before)
        names = self._named
        if known.only is not None:
            names = tuple(name for name in map(self._full, sorted(known.only)) if name in names)
        answer = read_repositories(self._registry, names, asked, frozenset(names))
        renewed = Memory("named", release.told, named=dict(answer.memory))
        return replace(answer, memory=remembered.to_json(renewed))

    @property
    def _named(self) -> tuple[str, ...]:
        """The repositories that the source names, without those that are globs."""
        return tuple(name for name in map(self._full, self._source.repositories) if is_repository(name))

    def _full(self, name: str) -> str:
        return f"{self._source.project}/{name}"

    # -- a ChartMuseum beside

    @contextmanager
    def _beside(self, known: Known, memory: Memory | None, release: Release) -> Iterator[Answer]:
        """The charts of the registry and those of the index. Only where neither changed is less read than all.

        The registry comes first: while an index is in memory, which few may be at once, no server is waited for.
        """
        if memory is not None and self._is_as_before(known, memory, release):
            yield Answer(None, "", "", known.body_digest, self._api.bytes, framed=True, memory=known.memory)
            return
        registry = self._part_of(replace(known, memory={}, charts=None, only=None), None, release)
        with self._museum.index(known, must_be=bool(memory and memory.museum)) as index:
            if index.refused and registry.refused:
                raise registry.refused
            told = remembered.from_json(registry.answer.memory) if registry.answer else memory
            kept = replace(told or Memory("repositories", release.told), museum=bool(index.answer or index.refused))
            listing = together(index, registry, known.charts or {})
            received = self._api.bytes + (index.answer.bytes if index.answer else 0)
            framed = index.answer is None or index.answer.framed
            yield Answer(listing, "", "", index.digest, received, framed, remembered.to_json(kept))

    def _is_as_before(self, known: Known, memory: Memory, release: Release) -> bool:
        """Whether neither the registry nor the index changed."""
        registry = self._part_of(known, memory, release)
        if registry.listing is not None or registry.refused:
            return False
        with self._museum.index(known, must_be=memory.museum, before=known.body_digest) as index:
            return index.digest == known.body_digest

    def _part_of(self, known: Known, memory: Memory | None, release: Release) -> Part:
        if release.is_old:  # its registry holds images alone, as far as it tells
            return Part()
        try:
            return Part(self._answer(known, memory, release))
        except ProjectRefused as refused:
            return Part(refused=refused)

    # -- answers

    def _answered(self, known: Known, found: Sequence[Artifact], memory: Memory) -> Answer:
        return self._told(_listing(known, found, None), memory)

    def _told(self, listing: Listing | None, memory: Memory) -> Answer:
        return Answer(listing, "", "", "", self._api.bytes, framed=True, memory=remembered.to_json(memory))

    def _unchanged(self, memory: Memory) -> Answer:
        return self._told(None, memory)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say what a refusal means: the login, which is tried once, or the rights on this project."""
        try:
            yield
        except (LoginRefused, ProjectRefused):
            raise
        except AuthenticationFailed as error:
            self._api.verify()
            facts = {"url": self._api.origin, "project": self._source.project, "status": error.params["status"]}
            raise ProjectRefused(**facts, detail="") from None


def _listing(known: Known, found: Sequence[Artifact], only: frozenset[str] | None) -> Listing:
    seen = [one.seen for one in found if one.seen]
    problems = [one.problem for one in found if one.problem]
    return make_listing(seen, problems, known.charts or {}, only)


def _elsewhere(known: Known, memory: Memory, changed: frozenset[str]) -> set[str]:
    """Charts of all other repositories than those, as far as they are wanted."""
    others = (one for name, one in memory.repositories.items() if name not in changed)
    return {chart for one in others for chart in one.charts if known.takes_chart(chart)}


def _renewed(memory: Memory, changed: frozenset[str], tally: Mapping[str, remembered.Repository]) -> Memory:
    kept = {name: one for name, one in memory.repositories.items() if name not in changed}
    return replace(memory, repositories={**kept, **tally})


def _adds_up(memory: Memory, marks: Marks) -> bool:
    """Whether nothing was overlooked: what was read and what is remembered are together as many as Harbor tells."""
    known = memory.repositories.values()
    return (sum(one.rows for one in known), sum(one.tagged for one in known)) == (marks.total, marks.tagged)
