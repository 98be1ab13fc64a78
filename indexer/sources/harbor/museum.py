"""The ChartMuseum behind Harbors before 2.8: an index.yaml for each project, beside the charts in its registry."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from indexer import parse
from indexer.errors import N_, AuthenticationFailed, EntryError, HttpStatus
from indexer.http import Access, Limits
from indexer.model import ChartMetadata, ListedChart, ListedVersion, Listing, Problem, Source
from indexer.sources import Answer, Known
from indexer.sources.entry import fingerprint_of, listing_of
from indexer.sources.index_yaml import IndexSource

_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Part:
    """What one of the two keeps of a project: an answer, or why there is none."""

    answer: Answer | None = None
    refused: AuthenticationFailed | None = None

    @property
    def listing(self) -> Listing | None:
        """Its charts, if it was read anew."""
        return self.answer.listing if self.answer else None

    @property
    def digest(self) -> str:
        """SHA-256 of its body, hexadecimal; empty where there is none."""
        return self.answer.body_digest if self.answer else ""


class Museum:
    """The chart repository ``/chartrepo/<project>`` of the Harbor at ``origin``."""

    def __init__(self, source: Source, origin: str, access: Access, spool: Path, limits: Limits | None) -> None:
        url = f"{origin}/chartrepo/{quote(source.project, safe='')}"
        self._source = IndexSource(replace(source, kind="index", url=url), access, spool, limits)

    @contextmanager
    def index(self, known: Known, *, must_be: bool, before: str = "") -> Iterator[Part]:
        """Its index, fetched whole: it has no validators. Not read where its digest is the one ``before``. No answer
        where there is none (Harbor may be installed without), unless it ``must_be``.

        Raises FetchError, IndexInvalid.
        """
        with ExitStack() as stack:
            asked = Known(body_digest=before, received=known.received, room=known.room)
            try:
                part = Part(stack.enter_context(self._source.list_charts(asked)))
            except AuthenticationFailed as refused:
                part = Part(refused=refused)
            except HttpStatus as error:
                if must_be or error.params["status"] != _NOT_FOUND:
                    raise
                part = Part()
            yield part

    def fetch_archive(self, urls: Sequence[str], target: Path, limit: int) -> None:
        """Download the archive that the index lists as ``urls``. Raises SourceError."""
        self._source.fetch_archive(urls, target, limit)

    def fetch_provenance(self, urls: Sequence[str]) -> bytes:
        """What lies beside that archive; empty where nothing does. Raises SourceError."""
        return self._source.fetch_provenance(urls)


def together(index: Part, registry: Part, known: Mapping[str, bytes]) -> Listing:
    """The charts of both; of a version that both have, the index's entry counts. What one of them does not show to this
    account stays as it is stored."""
    ours, theirs = _charts(index), _charts(registry)
    problems = [one for part in (index, registry) if part.listing for one in part.listing.problems]
    problems += [_refused(part.refused) for part in (index, registry) if part.refused]
    charts = {name: _merged(name, ours, theirs, problems) for name in {**ours, **theirs}}
    kept = {name: _kept(chart, known) for name, chart in charts.items()}
    entries = sum(part.listing.entries for part in (index, registry) if part.listing)
    proven = index.listing is None or index.listing.end_proven
    return replace(listing_of(kept, problems, entries), end_proven=proven)


def _charts(part: Part) -> Mapping[str, ListedChart]:
    return part.listing.charts if part.listing else {}


def _kept(chart: ListedChart, known: Mapping[str, bytes]) -> ListedChart:
    return replace(chart, versions=(), kept=True) if known.get(chart.name) == chart.fingerprint else chart


def _merged(
    name: str, ours: Mapping[str, ListedChart], theirs: Mapping[str, ListedChart], problems: list[Problem]
) -> ListedChart:
    if name not in theirs or name not in ours:
        return ours.get(name) or theirs[name]
    first = {one.version: one for one in ours[name].versions}
    second = {one.version: one for one in theirs[name].versions}
    problems += [_other(first[one]) for one in first if one in second and _differ(first[one], second[one])]
    fingerprint = fingerprint_of(ours[name].fingerprint + theirs[name].fingerprint)
    return ListedChart(name, fingerprint, tuple({**second, **first}.values()))


def _differ(one: ListedVersion, other: ListedVersion) -> bool:
    return _meant(one) != _meant(other)


def _meant(one: ListedVersion) -> ChartMetadata | None:
    """Its Chart.yaml, without what the two places add."""
    try:
        return replace(parse.open_entry(one.raw), urls=(), digest="", created=None)
    except EntryError:
        return None


def _other(one: ListedVersion) -> Problem:
    text = N_("The registry holds another chart of the same name and version; the one of the chart repository counts.")
    return Problem(one.name, one.version, None, "flagged", text)


def _refused(error: AuthenticationFailed) -> Problem:
    """Of no chart in particular, so that nothing that is stored goes."""
    return Problem("", "", None, "flagged", error.cause_text, error.params)
