"""The catalog as it grows while an index is read: the rules for charts and versions, however they were read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from indexer import versions
from indexer.errors import N_, Phrase, phrase
from indexer.model import ChartMetadata, ListedChart, ListedVersion, Listing, Problem, ProblemKind
from indexer.parse.events import Tree
from indexer.parse.feed import YamlFault, count_lines
from indexer.parse.fields import EntryFault, Note, name_fault, read_metadata, version_fault
from indexer.parse.limits import Limits
from indexer.parse.text import interned, shown

_SHOWN_NAME = 120


def fingerprint(raw: bytes | memoryview) -> bytes:
    """16 bytes BLAKE2b."""
    return blake2b(raw, digest_size=16).digest()


def packed(tree: Tree) -> bytes:
    """A tree as compact JSON with sorted keys; numbers and booleans as the text that was written."""
    return as_bytes(json.dumps(tree, ensure_ascii=False, separators=(",", ":"), sort_keys=True))


def as_bytes(text: str) -> bytes:
    """UTF-8, lone surrogates included (only PyYAML's own parser lets them through)."""
    return text.encode("utf-8", "surrogatepass")


class Spot(NamedTuple):
    """A line of the index: ``line`` lines (from 1) into what begins at byte ``offset``."""

    offset: int
    line: int


class _Finding(NamedTuple):
    spot: Spot
    chart: str
    version: str
    kind: ProblemKind
    cause: Phrase


@dataclass(slots=True)
class OpenChart:
    """A chart whose entries are being read."""

    name: str
    spot: Spot
    refused: bool = False
    versions: dict[str, ListedVersion] = field(default_factory=dict)
    entries: int = 0


class Catalog:
    """Collects charts, versions and problems of one index."""

    def __init__(self, limits: Limits, known: Mapping[str, bytes]) -> None:
        self._limits, self._known = limits, known
        self._charts: dict[str, ListedChart] = {}
        self._seen: set[str] = set()
        self._findings: list[_Finding] = []
        self._untold = 0
        self._whole = blake2b(digest_size=16)
        self._entries = 0
        self.unfinished = False
        """The entry read last lacks what every entry ends with."""

    # -- charts

    def open(self, key: str, spot: Spot) -> OpenChart:
        """Begin the chart of that key. A name that is none, or stands twice (hostile case D8), is refused."""
        chart = OpenChart(interned(key), spot)
        cause = name_fault(key)
        if cause is None and key in self._seen:
            self._charts.pop(key, None)
            cause = phrase(N_("The chart is listed twice; neither can be trusted to be the whole."))
        if cause:
            chart.refused = True
            self._tell(chart, spot, "", "skipped", cause)
        self._seen.add(key)
        if len(self._seen) > self._limits.charts:
            limit = f"{self._limits.charts:,}"
            raise YamlFault("refused", spot.line, N_("it has more than {limit} charts"), limit=limit)
        return chart

    def keep(self, key: str, spot: Spot, digest: bytes, entries: int) -> None:
        """Take a chart whose block is the one already stored."""
        chart = self.open(key, spot)
        chart.entries = entries
        self._entries += entries
        self._close(chart, digest, kept=True)

    def close(self, chart: OpenChart, digest: bytes) -> None:
        """End a chart whose entries have all been read; ``digest`` is the fingerprint of its block."""
        if not chart.entries and not chart.refused:
            self._tell(chart, chart.spot, "", "skipped", phrase(N_("The chart has no versions.")))
        self._close(chart, digest, kept=self._known.get(chart.name) == digest)

    def _close(self, chart: OpenChart, digest: bytes, *, kept: bool) -> None:
        self._whole.update(fingerprint(as_bytes(chart.name)) + digest)
        if chart.entries > self._limits.versions and not chart.refused:
            chart.refused = True
            cause = phrase(
                N_("The chart lists {count} versions; more than {limit} are refused."),
                count=f"{chart.entries:,}",
                limit=f"{self._limits.versions:,}",
            )
            self._tell(chart, chart.spot, "", "skipped", cause)
        if not chart.refused and (kept or chart.versions):
            found = () if kept else tuple(chart.versions.values())
            self._charts[chart.name] = ListedChart(chart.name, digest, found, kept)

    def count(self, chart: OpenChart, spot: Spot) -> bool:
        """Count an entry; False where it need not be read."""
        chart.entries += 1
        self._entries += 1
        self.unfinished = False
        if self._entries > self._limits.entries:
            limit = f"{self._limits.entries:,}"
            raise YamlFault("refused", spot.line, N_("it lists more than {limit} versions"), limit=limit)
        return not chart.refused and chart.entries <= self._limits.versions

    # -- entries

    def add_tree(
        self, chart: OpenChart, spot: Spot, tree: Tree, faults: list[YamlFault], raw: bytes | memoryview
    ) -> None:
        """Read an entry from its tree; it is set aside where its fields or ``faults`` make it unusable.

        D10: an entry whose inner name is another than its key is set aside, for its archive is not the chart
        under whose name it would be shown; so is one without a name, which Helm drops as well.
        """
        try:
            metadata, notes = read_metadata(tree, spot.line)
            self._accept(chart, metadata, faults)
        except EntryFault as fault:
            at = Spot(spot.offset, fault.line or spot.line)
            self.unfinished = fault.unfinished
            self._tell(chart, at, fault.version, "skipped", fault.cause)
            return
        added = self.add(chart, spot, _listed(chart.name, metadata, raw))
        if added:
            self._tell_notes(chart, spot, metadata.version, notes)

    def _accept(self, chart: OpenChart, metadata: ChartMetadata, faults: list[YamlFault]) -> None:
        version = shown(metadata.version, versions.MAX_LENGTH)
        for one in faults:
            raise EntryFault(one.line, phrase(N_("It cannot be read: {detail}."), detail=one.detail), version)
        cause = version_fault(metadata.version)
        if cause:
            raise EntryFault(0, cause, version, unfinished=not version)
        if not metadata.name:
            raise EntryFault(0, phrase(N_("The entry has no name.")), version)
        if metadata.name != chart.name:
            other = phrase(N_("The entry says that its name is “{name}”."), name=shown(metadata.name))
            raise EntryFault(0, other, version)
        if not metadata.urls:
            raise EntryFault(0, phrase(N_("The entry has no URL, so its archive cannot be had.")), version)

    def add(self, chart: OpenChart, spot: Spot, listed: ListedVersion) -> bool:
        """Take a version, unless the chart has it already (hostile case D9)."""
        first = chart.versions.setdefault(listed.version, listed)
        if first is not listed:
            same = N_("The version is listed twice, here with the same digest; the first is kept.")
            other = N_("The version is listed twice, here with another digest; the first is kept.")
            cause = phrase(same if first.digest == listed.digest else other)
            self._tell(chart, spot, listed.version, "skipped", cause)
            return False
        if not versions.is_valid(listed.version):
            cause = phrase(N_("This is no semantic version; it sorts last and is never the latest."))
            self._tell(chart, spot, listed.version, "flagged", cause)
        return True

    def refuse(self, chart: OpenChart, spot: Spot, cause: Phrase) -> None:
        """Set a whole chart aside, once."""
        if not chart.refused:
            chart.refused = True
            self._tell(chart, spot, "", "skipped", cause)

    # -- problems

    def _tell_notes(self, chart: OpenChart, spot: Spot, version: str, notes: list[Note]) -> None:
        for note in notes:
            at = Spot(spot.offset, note.line or spot.line)
            self._tell(chart, at, version, "flagged" if note.flagged else "repaired", note.cause)

    def _tell(self, chart: OpenChart, spot: Spot, version: str, kind: ProblemKind, cause: Phrase) -> None:
        if len(self._findings) >= self._limits.problems:
            self._untold += 1
        else:
            self._findings.append(_Finding(spot, shown(chart.name, _SHOWN_NAME), version, kind, cause))

    def _problems(self, body: memoryview) -> tuple[Problem, ...]:
        told: list[Problem] = []
        offset = lines = 0
        for one in sorted(self._findings, key=lambda finding: finding.spot):
            lines += count_lines(body, offset, one.spot.offset)
            offset = one.spot.offset
            told.append(Problem(one.chart, one.version, lines + one.spot.line, one.kind, **one.cause))
        if self._untold:
            more = phrase(N_("{count} more problems are not told one by one."), count=f"{self._untold:,}")
            told.append(Problem("", "", None, "skipped", **more))
        return tuple(told)

    def listing(self, body: memoryview, *, end_proven: bool) -> Listing:
        """All that was read. ``body`` is what the spots' offsets count in."""
        return Listing(self._charts, self._problems(body), self._whole.digest(), end_proven, self._entries)


def _listed(name: str, metadata: ChartMetadata, raw: bytes | memoryview) -> ListedVersion:
    return ListedVersion(
        name=name,
        version=metadata.version,
        app_version=interned(metadata.app_version),
        created=metadata.created,
        digest=metadata.digest,
        urls=metadata.urls,
        deprecated=metadata.deprecated,
        raw=raw,
        fingerprint=fingerprint(raw),
    )
