"""From tags that were read to the charts of a source. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indexer import versions
from indexer.errors import N_, EntryError
from indexer.model import ListedChart, ListedVersion, Listing, Problem
from indexer.sources import KnownVersion
from indexer.sources.entry import fingerprint_of, listed_again, listing_of
from indexer.sources.oci.reference import tag_of, version_of


@dataclass(frozen=True, slots=True)
class Seen:
    """A tag that is a version of a chart."""

    repository: str
    tag: str
    chart: str
    """Its name as Chart.yaml says."""
    version: str
    """As Chart.yaml says."""
    manifest: str
    """Hexadecimal SHA-256."""
    entry: ListedVersion | KnownVersion
    """As read just now, or as it is stored."""


def winner(repositories: Iterable[str]) -> str:
    """Of several repositories with a chart of the same name the one that counts: the shortest path."""
    return min(repositories, key=lambda name: (name.count("/"), len(name), name))


def beaten_by(chart: str, other: str, repository: str) -> Problem:
    """What is told of the repository ``other`` whose chart does not count."""
    text = N_("The repository {other} holds a chart of the same name; the one in {repository} counts.")
    return Problem(chart, "", None, "flagged", text, {"other": other, "repository": repository})


def make_listing(
    seen: Sequence[Seen],
    problems: Sequence[Problem],
    known: Mapping[str, bytes],
    only: frozenset[str] | None = None,
) -> Listing:
    """The listing of all that was ``seen``. ``known``: fingerprints of stored charts; an equal one is kept as it is."""
    by_chart: dict[str, list[Seen]] = {}
    for one in seen:
        by_chart.setdefault(one.chart, []).append(one)
    told = list(problems)
    charts = {name: _chart(name, tags, known.get(name, b""), told) for name, tags in by_chart.items()}
    return listing_of(charts, told, len(seen), only)


def _chart(name: str, seen: Sequence[Seen], known: bytes, problems: list[Problem]) -> ListedChart:
    counted = _by_version(_of_one_repository(name, seen, problems), problems)
    ordered = sorted(counted, key=lambda one: versions.sort_key(one.version), reverse=True)
    told = (f"{one.repository}:{one.tag} {one.version} {one.manifest}" for one in ordered)
    fingerprint = fingerprint_of("\n".join(told).encode())
    if fingerprint == known:
        return ListedChart(name, fingerprint, (), kept=True)
    return ListedChart(name, fingerprint, tuple(_listed(ordered, problems)))


def _of_one_repository(name: str, seen: Sequence[Seen], problems: list[Problem]) -> list[Seen]:
    repositories = {one.repository for one in seen}
    counts = winner(repositories)
    for other in sorted(repositories - {counts}):
        problems.append(beaten_by(name, other, counts))
    if counts.rpartition("/")[2] != name:
        text = N_("Its repository is {repository}, and Helm asks for a chart by its repository's name.")
        problems.append(Problem(name, "", None, "flagged", text, {"repository": counts}))
    return [one for one in seen if one.repository == counts]


def _by_version(seen: Sequence[Seen], problems: list[Problem]) -> list[Seen]:
    """One tag a version: the one that Helm would push, else the newest; another one is told of if it differs."""
    found: dict[str, list[Seen]] = {}
    for one in seen:
        found.setdefault(one.version, []).append(one)
    return [_counting(tags, problems) for tags in found.values()]


def _counting(tags: Sequence[Seen], problems: list[Problem]) -> Seen:
    counts = max(tags, key=lambda one: (one.tag == tag_of(one.version), versions.sort_key(version_of(one.tag))))
    for other in tags:
        if other.manifest != counts.manifest:
            text = N_("The tag {other} holds other bytes of the same version; the tag {tag} counts.")
            facts = {"other": other.tag, "tag": counts.tag}
            problems.append(Problem(counts.chart, counts.version, None, "flagged", text, facts))
    if not _means(counts.tag, counts.version):
        text = N_("Its tag is {tag}, and Helm asks for a version by its tag.")
        problems.append(Problem(counts.chart, counts.version, None, "flagged", text, {"tag": counts.tag}))
    return counts


def _means(tag: str, version: str) -> bool:
    """Whether Helm finds ``version`` by ``tag``: alike but for a leading ``v`` or absent parts."""
    return versions.sort_key(version_of(tag))._replace(text="") == versions.sort_key(version)._replace(text="")


def _listed(seen: Iterable[Seen], problems: list[Problem]) -> Iterable[ListedVersion]:
    for one in seen:
        if isinstance(one.entry, ListedVersion):
            yield one.entry
            continue
        try:
            yield listed_again(one.entry.raw, one.entry.digest, one.manifest)
        except EntryError as error:
            problems.append(Problem(one.chart, one.version, None, "skipped", error.cause_text, error.params))
