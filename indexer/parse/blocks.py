"""An index in the shape that helm, ChartMuseum and Harbor write, split into blocks by its lines.

Below ``entries:`` every chart begins with a line of exactly two blanks and every version with ``  - ``. A block that is
complete by itself (its lines match ``grammar``, or libyaml parses it alone) leaves the parser where the next block
begins, so reading block by block gives what reading the whole gives. Where a block is not complete by itself, or
something stands there that this shape does not have, ``NotSplittable`` is raised and the whole document is read by
events. A chart's block whose fingerprint is known is not read at all.
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from yaml.events import MappingStartEvent, SequenceEndEvent, SequenceStartEvent

from indexer.model import ListedVersion, Listing
from indexer.parse.catalog import Catalog, OpenChart, Spot, fingerprint
from indexer.parse.events import Events, Tree, read_tree
from indexer.parse.feed import YamlFault
from indexer.parse.grammar import FIELDS, entry_pattern, repeats_a_key
from indexer.parse.index import check_end, read_charts
from indexer.parse.limits import Limits
from indexer.parse.text import interned, moment
from indexer.versions import MAX_LENGTH

_OUTER_BYTES = 64 * 1024
"""Bytes before and after the entries; more is not this shape."""
_BY_LINES_BYTES = 256 * 1024
"""A longer entry is read by events, which count its values."""
_LEVELS_ABOVE_CHARTS = 1
_LEVELS_ABOVE_ENTRIES = 2
"""Mappings that enclose a chart's list: the root and ``entries``."""

_BEGIN = re.compile(rb"^entries:\n", re.MULTILINE)
_DIRECTIVE = re.compile(rb"^%", re.MULTILINE)
_CARRIAGE_RETURN = re.compile(rb"\r")
_OTHER_LINE = re.compile(rb"\n(?!    |  - )")
_CHART_START = re.compile(rb"  [A-Za-z0-9_\"']")
_CHART = re.compile(rb"  ([A-Za-z0-9_][A-Za-z0-9._-]*+):\n(?=  - )")
_NEXT_ENTRY = re.compile(rb"\n(?=  - )")


class NotSplittable(Exception):
    """The index is not in this shape: nothing is wrong, the other way is taken."""


def read_split(body: memoryview, known: Mapping[str, bytes], limits: Limits) -> Listing:
    """Read an index block by block. Raises NotSplittable, and YamlFault for too many charts or entries."""
    frame = _frame(body)
    proven = _outer_keys(body, frame, limits)
    catalog = Catalog(limits, known)
    reader = _Blocks(body, catalog, known, limits)
    for begin, end in pairwise((*frame.charts, frame.end)):
        reader.chart(begin, end)
    check_end(catalog, body, proven)
    return catalog.listing(body, end_proven=proven)


class _Frame(NamedTuple):
    """Byte offsets: where the entries begin, each chart, and what follows the entries."""

    begin: int
    charts: list[int]
    end: int


def _frame(body: memoryview) -> _Frame:
    found = _BEGIN.search(body, 0, _OUTER_BYTES)
    if found is None or _CARRIAGE_RETURN.search(body):
        raise NotSplittable
    begin = found.end()
    charts: list[int] = []
    for line in _OTHER_LINE.finditer(body, begin - 1):
        at = line.end()
        start = bytes(body[at : at + 3])
        if _CHART_START.match(start):
            charts.append(at)
        elif start[:1] not in (b"", b"\n"):
            return _checked(_Frame(begin, charts, at), body)
    return _checked(_Frame(begin, charts, len(body)), body)


def _checked(frame: _Frame, body: memoryview) -> _Frame:
    """Only blank lines may stand before the first chart, and only top-level keys after the last."""
    first = frame.charts[0] if frame.charts else frame.end
    if bytes(body[frame.begin : first]).strip(b"\n"):
        raise NotSplittable
    if frame.end < len(body) and not bytes(body[frame.end : frame.end + 1]).isalpha():
        raise NotSplittable
    return frame


def _outer_keys(body: memoryview, frame: _Frame, limits: Limits) -> bool:
    """Read what stands around the entries; whether a key follows them."""
    before, after = body[: frame.begin], body[frame.end :]
    if len(after) > _OUTER_BYTES or _DIRECTIVE.search(before):
        raise NotSplittable
    head, _ = _outer(before, limits)
    tail, bare = _outer(after, limits) if after else ({}, True)
    if list(head)[-1:] != ["entries"] or head["entries"] is not None or not bare or head.keys() & tail.keys():
        raise NotSplittable
    return bool(tail)


def _outer(text: memoryview, limits: Limits) -> tuple[dict[str, Tree], bool]:
    try:
        tree, events = read_tree(text, limits, alone=True)
    except YamlFault as fault:
        raise NotSplittable from fault
    if not isinstance(tree, dict) or events.faults:
        raise NotSplittable
    return tree, events.bare


class _Blocks:
    """Reads charts and versions, each by its lines where they match the grammar, else alone by events."""

    def __init__(self, body: memoryview, catalog: Catalog, known: Mapping[str, bytes], limits: Limits) -> None:
        self._body, self._catalog, self._known, self._limits = body, catalog, known, limits
        self._match = entry_pattern().match
        self._longest = min(_BY_LINES_BYTES, limits.scalar, limits.values)

    def chart(self, begin: int, end: int) -> None:
        """Read the chart's block, unless it is known."""
        found = _CHART.match(self._body, begin, end)
        if found is None:
            self._chart_by_events(begin, end)
            return
        key = found[1].decode()
        digest = fingerprint(self._body[begin:end])
        if self._known.get(key) == digest:
            self._catalog.keep(key, Spot(begin, 1), digest, len(_NEXT_ENTRY.findall(self._body, begin, end)))
            return
        chart = self._catalog.open(key, Spot(begin, 1))
        self._entries(chart, found.end(), end)
        self._catalog.close(chart, digest)

    def _chart_by_events(self, begin: int, end: int) -> None:
        events = Events(self._body[begin:end], self._limits, level=_LEVELS_ABOVE_CHARTS, alone=True)
        try:
            if not isinstance(events.document(), MappingStartEvent):
                raise NotSplittable
            read_charts(events, self._catalog, begin)
            events.end()
        except YamlFault as fault:
            raise NotSplittable from fault

    def _entries(self, chart: OpenChart, begin: int, end: int) -> None:
        at = begin
        while at < end:
            found = self._match(self._body, at, end)
            listed = self._by_lines(chart.name, found) if found else None
            if found is None or listed is None:
                following = _NEXT_ENTRY.search(self._body, at, end)
                stop = following.end() if following else end
                self._by_events(chart, at, stop)
                at = stop
            else:
                spot = Spot(at, 1)
                if self._catalog.count(chart, spot):
                    self._catalog.add(chart, spot, listed)
                at = found.end()

    def _by_lines(self, chart: str, found: re.Match[bytes]) -> ListedVersion | None:
        """The listing fields of a matched entry; None where a rule asks for a closer look."""
        annotations, app, created, deprecated, digest, name, urls, version = found.group(*FIELDS)
        begin, end = found.span()
        if not (name and version and urls) or end - begin > self._longest:
            return None
        if _unquoted(name) != chart or len(version) > MAX_LENGTH or (annotations and repeats_a_key(annotations)):
            return None
        raw = self._body[begin:end]
        return ListedVersion(
            name=chart,
            version=_unquoted(version),
            app_version=interned(_unquoted(app)) if app else "",
            created=moment(_unquoted(created)) if created else None,
            digest=_unquoted(digest) if digest else "",
            urls=tuple(_unquoted(line[6:]) for line in urls.splitlines()),
            deprecated=deprecated == b"true",
            raw=raw,
            fingerprint=fingerprint(raw),
        )

    def _by_events(self, chart: OpenChart, begin: int, end: int) -> None:
        raw = self._body[begin:end]
        events = Events(raw, self._limits, level=_LEVELS_ABOVE_ENTRIES, alone=True)
        try:
            if not isinstance(events.document(), SequenceStartEvent):
                raise NotSplittable
            item = events.next()
            spot = Spot(begin, events.line)
            tree = events.compose(item)
            if not isinstance(events.next(), SequenceEndEvent):
                raise NotSplittable
            events.end()
        except YamlFault as fault:
            raise NotSplittable from fault
        if self._catalog.count(chart, spot):
            self._catalog.add_tree(chart, spot, tree, events.faults, raw)


def _unquoted(scalar: bytes) -> str:
    """The text of a scalar on one line that holds no escapes."""
    text = scalar.decode("ascii")
    return text[1:-1] if text[0] in "\"'" else text
