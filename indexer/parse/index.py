"""An index read in full, by the events of the whole document: for every shape, one entry at a time."""

import codecs
import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b

from yaml.events import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from indexer.errors import N_, IndexCutOff, IndexInvalid, IndexRefused, NotAnIndex, phrase
from indexer.model import Listing
from indexer.parse.catalog import Catalog, OpenChart, Spot, as_bytes, packed
from indexer.parse.events import Events, Tree
from indexer.parse.feed import YamlFault, count_lines
from indexer.parse.limits import Limits
from indexer.parse.text import shown

_SNIFFED = 64 * 1024
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_GZIP = b"\x1f\x8b"
_SURROGATE = re.compile(
    rb"(?<!\\)((?:\\\\)*+)\\u[dD](?:[89abAB]([0-9a-fA-F]{2})\\u[dD]([c-fC-F][0-9a-fA-F]{2})|([89a-fA-F][0-9a-fA-F]{2}))"
)
_NAMED_KEYS = 5


def utf8(body: memoryview) -> memoryview:
    """``body`` itself, or, where it begins with UTF-16's byte order mark (Helm takes that), the same text in UTF-8."""
    if bytes(body[:2]) not in _UTF16:
        return body
    try:
        return memoryview(codecs.decode(bytes(body), "utf-16").encode())
    except UnicodeDecodeError as error:
        raise YamlFault("cut" if error.end >= len(body) else "broken", 1, N_("its UTF-16 is broken")) from None


def sniff(body: memoryview) -> None:
    """Recognise what is often answered in place of an index. Raises YamlFault."""
    head = bytes(body[:_SNIFFED])
    text = head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if not text and len(head) == len(body):
        raise YamlFault("broken", 1, N_("it is empty"))
    if head.startswith(_GZIP):
        raise YamlFault("broken", 1, N_("it is packed with gzip"))
    if text.startswith("<"):
        raise _not_yaml(text)


def _not_yaml(text: str) -> YamlFault:
    if text.startswith("<?xml") and "<html" not in text.lower():
        return YamlFault("broken", 1, N_("it is an XML document"))
    title = _TITLE.search(text)
    if title and title[1].strip():
        return YamlFault("broken", 1, N_("it is an HTML page with the title “{title}”"), title=shown(title[1]))
    return YamlFault("broken", 1, N_("it is an HTML page"))


def to_error(fault: YamlFault, url: str) -> IndexInvalid:
    """The project's error for a document that cannot be read."""
    where = phrase(N_("line {line}: {detail}"), line=fault.line, detail=fault.detail)
    if fault.kind == "refused":
        return IndexRefused(url=url, detail=where, line=fault.line)
    if fault.kind == "cut":
        return IndexCutOff(url=url, detail=where, line=fault.line)
    return NotAnIndex(url=url, detail=fault.detail if fault.line == 1 else where, line=fault.line)


def mended(body: memoryview) -> memoryview | None:
    """``body`` with JSON's surrogate escapes as YAML writes such characters, lone ones as U+FFFD; None without any.

    JSON writes characters beyond U+FFFF as pairs of escapes, which libyaml refuses.
    """
    text, found = _SURROGATE.subn(_mend, bytes(body))
    return memoryview(text) if found else None


def _mend(match: re.Match[bytes]) -> bytes:
    before, high, low, _ = match.groups()
    if high is None:
        return bytes(before + rb"\uFFFD")
    first = int(match[0][len(before) + 2 : len(before) + 6], 16)
    second = 0xD000 + int(low, 16)
    return before + b"\\U%08X" % (0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))


def read_whole(body: memoryview, known: Mapping[str, bytes], limits: Limits) -> Listing:
    """Read the whole document by events. Raises YamlFault."""
    try:
        return _Whole(body, known, limits).read()
    except YamlFault as fault:
        other = mended(body) if "escape code" in str(fault) else None
        if other is None:
            raise
        return _Whole(other, known, limits).read()


class _Whole:
    def __init__(self, body: memoryview, known: Mapping[str, bytes], limits: Limits) -> None:
        self._body = body
        self._events = Events(body, limits)
        self._catalog = Catalog(limits, known)
        self._keys: list[str] = []
        self._proven = False

    def read(self) -> Listing:
        root = self._events.document()
        if root is None:
            raise YamlFault("broken", 1, N_("it is empty"))
        if not isinstance(root, MappingStartEvent):
            raise YamlFault("broken", self._events.line, N_("it holds no mapping with “entries”"))
        while not isinstance(event := self._events.next(), MappingEndEvent):
            self._top(self._events.compose(event))
        ended = self._events.end()
        check_keys(self._keys)
        proven = self._proven or ended or bool(root.flow_style)
        check_end(self._catalog, self._body, proven)
        return self._catalog.listing(self._body, end_proven=proven)

    def _top(self, key: Tree) -> None:
        line = self._events.line
        name = key if isinstance(key, str) else ""
        if name in self._keys:
            raise YamlFault("broken", line, N_("the key “{key}” stands twice"), key=shown(name))
        self._proven = "entries" in self._keys
        if len(self._keys) < _SNIFFED:
            self._keys.append(name)
        if name == "entries":
            self._entries()
        else:
            self._events.compose(self._events.next())

    def _entries(self) -> None:
        event = self._events.next()
        if not isinstance(event, MappingStartEvent):
            if self._events.compose(event) is not None:
                raise YamlFault("broken", self._events.line, N_("“entries” is no mapping of charts"))
            return
        read_charts(self._events, self._catalog, 0)
        self._proven = bool(event.flow_style)


def read_charts(events: Events, catalog: Catalog, offset: int) -> int:
    """Read charts up to the end of their mapping; how many there were."""
    charts = 0
    while not isinstance(event := events.next(), MappingEndEvent):
        spot = Spot(offset, events.line)
        key = events.text(event) if isinstance(event, ScalarEvent) else events.compose(event)
        _read_chart(events, catalog, key if isinstance(key, str) else "", spot)
        charts += 1
    return charts


def _read_chart(events: Events, catalog: Catalog, key: str, spot: Spot) -> None:
    chart = catalog.open(key, spot)
    digest = blake2b(as_bytes(key), digest_size=16)
    event = events.next()
    for at, tree in _chart_entries(events, event, catalog, chart, spot):
        raw = packed(tree)
        digest.update(b"%d:" % len(raw) + raw)
        faults, events.faults = events.faults, []
        if catalog.count(chart, at):
            catalog.add_tree(chart, at, tree, faults, raw)
    catalog.close(chart, digest.digest())


def _chart_entries(
    events: Events, event: object, catalog: Catalog, chart: OpenChart, spot: Spot
) -> Iterator[tuple[Spot, Tree]]:
    """The entries of one chart, one at a time, with their lines."""
    if isinstance(event, SequenceStartEvent) and event.anchor is None:
        while not isinstance(item := events.next(), SequenceEndEvent):
            at = Spot(spot.offset, events.line)
            events.faults = []
            yield at, events.compose(item)
        return
    tree = events.compose(event)  # type: ignore[arg-type]
    if isinstance(tree, list):
        yield from ((spot, one) for one in tree)
    elif tree is not None:
        catalog.refuse(chart, spot, phrase(N_("The chart is no list of versions.")))


def check_keys(keys: list[str]) -> None:
    """Refuse a document that has nothing of an index. Raises YamlFault."""
    if "entries" not in keys and "apiVersion" not in keys:
        named = ", ".join(f"“{shown(key, 40)}”" for key in keys[:_NAMED_KEYS]) or "{}"
        raise YamlFault("broken", 1, N_("it has neither “entries” nor “apiVersion”, but {keys}"), keys=named)


def check_end(catalog: Catalog, body: memoryview, proven: bool) -> None:
    """Refuse an index that stops without a line end inside of an entry that lacks its version. Raises YamlFault.

    Every tool writes the version last, and ends the file with a line end.
    """
    if not proven and catalog.unfinished and bytes(body[-1:]) != b"\n":
        raise YamlFault("cut", 1 + count_lines(body, 0, len(body)), N_("the last entry stops before its version"))
