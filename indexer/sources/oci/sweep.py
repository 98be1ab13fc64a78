"""One reading of repositories: list their tags, look at those that may have changed, make a listing of it all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indexer.errors import N_, RateLimited, RepositoryAbsent, SourceError
from indexer.model import Problem, ProblemKind
from indexer.sources import Answer, Known
from indexer.sources.oci.listing import Seen, beaten_by, make_listing, winner
from indexer.sources.oci.look import SAMPLE, Look, StoredTag, decide, newest_share, stored_tags
from indexer.sources.oci.memory import Memory, Remembered, from_json, tags_mark, to_json
from indexer.sources.oci.reading import ENDS_ALL, Outcome, TagReader, Task, as_stored, each
from indexer.sources.oci.reference import version_of
from indexer.sources.oci.registry import Registry

"""That are told one by one."""


def read_repositories(
    registry: Registry, repositories: Sequence[str], known: Known, trusted: frozenset[str] = frozenset()
) -> Answer:
    """What ``repositories`` (names in full) hold. ``trusted``: those that somebody named, so that they do hold charts.

    With ``known.only`` the listing speaks of the charts of these repositories alone, and nothing is remembered. Where
    the registry asks in the middle to come back later, what was read so far is the answer, and a problem of each chart
    says that more is to come.

    Raises FetchError, CredentialsUnreadable, RegistryInvalid, RepositoryAbsent.
    """
    return _Sweep(registry, known, trusted).answer(tuple(dict.fromkeys(repositories)))


@dataclass(frozen=True, slots=True)
class _Tags:
    """The tags of a repository, or why there are none."""

    repository: str
    tags: tuple[str, ...] = ()
    failure: SourceError | None = None


class _Sweep:
    def __init__(self, registry: Registry, known: Known, trusted: frozenset[str]) -> None:
        self._registry, self._known, self._trusted = registry, known, trusted
        self._whole = not known.memory
        self._memory = from_json(known.memory)
        self._stored = stored_tags(known.names, known.versions)
        self._problems: list[Problem] = []
        self._as_before: set[str] = set()
        """Repositories of which nothing need be read."""

    def answer(self, repositories: tuple[str, ...]) -> Answer:
        listed = self._listed(repositories)
        newest = newest_share(len(repositories))
        there = frozenset(one.repository for one in listed if one.tags)
        looks = [self._look(one, newest, there) for one in listed if one.failure is None]
        outcomes = self._outcomes(looks)
        kept = [as_stored(one.repository, tag, self._stored[one.repository][tag]) for one in looks for tag in one.kept]
        found = [one.seen for one in outcomes if one.seen] + kept
        seen = [one for one in found if self._wanted(one)]
        only = None if self._known.only is None else self._spoken_of(repositories, seen)
        counted = [one for one in seen if only is None or one.chart in only]
        listing = make_listing(counted, self._problems, self._known.charts or {}, only)
        unwanted = _grouped((one.repository, one.tag) for one in found if not self._wanted(one))
        memory = self._remembered(listed, seen, outcomes, unwanted)
        return Answer(listing, "", "", "", self._registry.budget.bytes, framed=True, memory=memory)

    # -- tags

    def _listed(self, repositories: Sequence[str]) -> list[_Tags]:
        found = list(each(repositories, self._tags))
        failures = [one.failure for one in found if one.failure and not self._may_be_absent(one)]
        if failures and len(failures) == len(found):
            raise failures[0]
        for one in found:
            self._tell_failure(one)
        return found

    def _tags(self, repository: str) -> _Tags:
        try:
            return _Tags(repository, self._registry.tags(repository))
        except (RateLimited, *ENDS_ALL):
            raise
        except SourceError as error:
            return _Tags(repository, failure=error)

    def _may_be_absent(self, one: _Tags) -> bool:
        """Where the registry itself listed it, that is just what is left of a repository whose tags were all deleted;
        and what a webhook names need not be this source's."""
        told = one.repository not in self._trusted or self._known.only is not None
        return told and isinstance(one.failure, RepositoryAbsent)

    def _tell_failure(self, one: _Tags) -> None:
        """A repository that cannot be read keeps its charts; one that is gone does not."""
        if one.failure is None or self._may_be_absent(one):
            return
        kind: ProblemKind = "flagged" if isinstance(one.failure, RepositoryAbsent) else "skipped"
        for name in self._charts_of(one.repository):
            self._problems.append(Problem(name, "", None, kind, one.failure.cause_text, one.failure.params))

    def _look(self, one: _Tags, newest: int, there: frozenset[str]) -> Look:
        """``there``: repositories that have tags."""
        remembered = self._memory.of(one.repository)
        if remembered.tags == tags_mark(one.tags) and not remembered.charts and self._tell_beaten(one, there):
            self._as_before.add(one.repository)
            return Look(one.repository)
        return decide(
            one.repository,
            [tag for tag in one.tags if self._known.takes_version(version_of(tag))],
            self._stored.get(one.repository, {}),
            remembered,
            whole=self._whole,
            newest=newest,
            trusted=one.repository in self._trusted,
        )

    def _tell_beaten(self, one: _Tags, there: frozenset[str]) -> bool:
        """Whether all its charts still count elsewhere, which is told once more; True as well if it has none."""
        beaten = self._memory.of(one.repository).beaten
        homes = {name: self._homes(name) & there - {one.repository} for name in beaten}
        if not all(homes.values()):
            return False
        self._problems += [beaten_by(name, one.repository, winner(homes[name])) for name in beaten]
        return True

    # -- versions

    def _outcomes(self, looks: Sequence[Look]) -> list[Outcome]:
        reader = TagReader(self._registry)
        first = [task for one in looks for task in _first_tasks(one, self._stored.get(one.repository, {}))]
        outcomes = self._read(reader, first, 0)
        charts = {one.seen.repository for one in outcomes if one.seen}
        rest = [Task(one.repository, tag) for one in looks if one.repository in charts for tag in _rest(one)]
        outcomes += self._read(reader, rest, len(first))
        if outcomes and all(one.failure or one.waits for one in outcomes) and not any(one.kept for one in looks):
            raise reader.limited or next(one.failure for one in outcomes if one.failure)
        self._tell(outcomes)
        return outcomes

    def _read(self, reader: TagReader, tasks: Sequence[Task], before: int) -> list[Outcome]:
        total = before + len(tasks)
        return reader.read(tasks, lambda done: self._known.step(before + done, total))

    def _tell(self, outcomes: Iterable[Outcome]) -> None:
        waiting: dict[str, int] = {}
        for one in outcomes:
            if one.problem:
                self._problems.append(one.problem)
            if one.waits:
                waiting[one.task.repository] = waiting.get(one.task.repository, 0) + 1
        for repository, count in waiting.items():
            text = N_("The registry asks to come back later; {count} of its versions are not read yet.")
            for name in self._charts_of(repository):
                self._problems.append(Problem(name, "", None, "skipped", text, {"count": count}))

    # -- names

    def _wanted(self, one: Seen) -> bool:
        return self._known.takes_chart(one.chart) and self._known.takes_version(one.version)

    def _charts_of(self, repository: str) -> set[str]:
        """Names of the stored charts that were found in ``repository``; else what Helm would call the one in it."""
        stored = {tag.chart for tag in self._stored.get(repository, {}).values()}
        return stored or {repository.rpartition("/")[2]}

    def _spoken_of(self, repositories: Sequence[str], seen: Sequence[Seen]) -> frozenset[str]:
        """The charts that a reading of some repositories decides on: those in them, now or before, that do not count
        elsewhere."""
        before = {tag.chart for one in repositories for tag in self._stored.get(one, {}).values()}
        names = {one.chart for one in seen} | before
        return frozenset(name for name in names if not self._counts_elsewhere(name, repositories, seen))

    def _counts_elsewhere(self, name: str, repositories: Sequence[str], seen: Sequence[Seen]) -> bool:
        here = {one.repository for one in seen if one.chart == name}
        elsewhere = self._homes(name) - set(repositories)
        return bool(elsewhere) and winner(here | elsewhere) in elsewhere

    def _homes(self, name: str) -> set[str]:
        """The repositories in which the stored versions of a chart were found."""
        return {where for where, tags in self._stored.items() if any(tag.chart == name for tag in tags.values())}

    # -- memory

    def _remembered(
        self,
        listed: Sequence[_Tags],
        seen: Sequence[Seen],
        outcomes: Sequence[Outcome],
        unwanted: Mapping[str, set[str]],
    ) -> dict[str, Any]:
        """``unwanted``: tags of charts that the filter of the source leaves out, which need not be read again."""
        if self._known.only is not None:
            return {}
        winners, others = _winners(seen), _others(outcomes)
        beaten = _grouped((one.repository, one.chart) for one in seen if winners[one.chart] != one.repository)
        counting = set(winners.values())
        unsettled = {one.task.repository for one in outcomes if one.problem or one.waits}
        found: dict[str, Remembered] = {}
        for one in listed:
            name, before = one.repository, self._memory.of(one.repository)
            if one.failure is None and name not in self._as_before:
                left = before.others.intersection(one.tags) | others.get(name, set()) | unwanted.get(name, set())
                mark = "" if name in unsettled else tags_mark(one.tags)
                lost = tuple(sorted(beaten.get(name, ())))
                found[name] = Remembered(name in counting, lost, left, mark)
            elif not isinstance(one.failure, RepositoryAbsent):
                found[name] = before
        return to_json(Memory(found))


def _first_tasks(look: Look, stored: Mapping[str, StoredTag]) -> Iterable[Task]:
    manifests = {one.version.manifest: one for one in stored.values()}
    for tag in (*look.asked, *(look.fresh[:SAMPLE] if look.sampled else look.fresh)):
        yield Task(look.repository, tag, stored.get(tag), manifests)


def _rest(look: Look) -> tuple[str, ...]:
    return look.fresh[SAMPLE:] if look.sampled else ()


def _winners(seen: Iterable[Seen]) -> dict[str, str]:
    """By chart the repository that counts."""
    repositories = _grouped((one.chart, one.repository) for one in seen)
    return {name: winner(found) for name, found in repositories.items()}


def _others(outcomes: Iterable[Outcome]) -> dict[str, set[str]]:
    """Tags that are no charts, by repository."""
    return _grouped((one.task.repository, one.task.tag) for one in outcomes if one.other)


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return found
