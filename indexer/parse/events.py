"""YAML as libyaml's events, under limits, and small trees built of them.

PyYAML's composers and constructors recurse (in C: SIGSEGV from some 40,000 levels, hostile case D5), so they are not
used at all. The event parser keeps its levels on the heap, and the depth is counted on its events: the document is
refused at the first level too many, before libyaml has looked at the ones below.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from indexer.errors import N_
from indexer.parse.feed import Feed, YamlFault
from indexer.parse.limits import Limits
from indexer.parse.text import resolve, shown

log = logging.getLogger(__name__)

Tree = Any
"""None, str, Plain, a list of trees, or a dict from str to tree."""

_STRING_TAGS = ("!", "tag:yaml.org,2002:str")


class Plain(str):
    """A plain scalar that YAML takes for a number or a boolean, kept as it was written."""

    __slots__ = ()


class Lined(dict[str, Tree]):
    """A mapping that knows where it and its keys stand."""

    __slots__ = ("_keys", "_start")

    def __init__(self, found: dict[str, Tree], start: Event | None, keys: dict[str, Event]) -> None:
        super().__init__(found)
        self._start, self._keys = start, keys

    def line(self, key: str = "") -> int:
        """The line, from 1, of that key; where there is none, of the mapping itself."""
        return _line(self._keys.get(key, self._start))


@dataclass(frozen=True, slots=True)
class _Anchored:
    """What an anchor names: its tree, how many values it stands for, and how deep it is."""

    tree: Tree
    weight: int
    height: int


def _line(event: Event | None) -> int:
    mark = event.start_mark if event is not None else None
    return 1 if mark is None else int(mark.line) + 1


@cache
def _loader() -> Any:
    try:
        return yaml.CLoader
    except AttributeError:
        log.warning("PyYAML is installed without libyaml: reading an index takes many times as long")
        return yaml.Loader


class Events:
    """The events of one stream, and trees composed of them.

    ``level`` is how deep ``data`` stands in its document. ``alone`` refuses anchors and aliases: such text means
    something only together with what is around it. ``bare``: the document begins without ``---`` or a directive.
    ``faults`` collects what is well-formed but cannot be meant, such as a key that stands twice; the caller empties
    it.
    """

    def __init__(self, data: bytes | memoryview, limits: Limits, *, level: int = 0, alone: bool = False) -> None:
        self._limits, self._alone = limits, alone
        self.level = level
        self.bare = True
        self.faults: list[YamlFault] = []
        self._peak = level
        self._values = self._total = self._expanded = 0
        self._anchors: dict[str, _Anchored | None] = {}
        self._feed = Feed(memoryview(data), limits.scalar)
        self._take: Callable[[], Event] = _loader()(self._feed).get_event

    # -- events

    @property
    def line(self) -> int:
        """The line, from 1, on which the event taken last begins."""
        return _line(self._feed.event)

    def next(self) -> Event:
        """The next event. Raises YamlFault."""
        try:
            event = self._take()
        except yaml.YAMLError as error:
            raise self._fault(error) from None
        self._feed.event = event
        kind = type(event)
        if kind is ScalarEvent:
            return event
        if kind is MappingStartEvent or kind is SequenceStartEvent:
            self._deeper(1)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            self.level -= 1
        return event

    def document(self) -> Event | None:
        """The first event of the only document; None where the stream is empty."""
        self._expect(StreamStartEvent)
        event = self.next()
        if type(event) is StreamEndEvent:
            return None
        self.bare = not (getattr(event, "explicit", False) or getattr(event, "version", None))
        self._feed.inside = True
        return self.next()

    def end(self) -> bool:
        """Read to the end of the stream; True where the document shows its end by ``...``. Raises YamlFault."""
        event = self._expect(DocumentEndEvent)
        self._feed.inside = False
        after = self.next()
        if type(after) is not StreamEndEvent:
            raise YamlFault("broken", self.line, N_("a second document begins here"))
        return bool(getattr(event, "explicit", False))

    def _expect(self, kind: type[Event]) -> Event:
        event = self.next()
        if type(event) is not kind:
            raise YamlFault("broken", self.line, N_("something follows where the document should end"))
        return event

    def _deeper(self, levels: int) -> None:
        if self.level + levels > self._limits.depth:
            raise YamlFault(
                "refused", self.line, N_("it is nested deeper than {limit} levels"), limit=self._limits.depth
            )
        self.level += levels
        self._peak = max(self._peak, self.level)

    # -- trees

    def compose(self, event: Event) -> Tree:
        """The tree that begins with ``event``; its outermost mapping is ``Lined``."""
        self._values = 0
        tree = self._compose(event, lined=True)
        self._total += self._values
        if self._total > self._limits.total_values:
            limit = f"{self._limits.total_values:,}"
            raise YamlFault("refused", self.line, N_("it has more than {limit} values"), limit=limit)
        return tree

    def _compose(self, event: Event, lined: bool = False) -> Tree:
        if type(event) is AliasEvent:
            return self._alias(event)
        self._values += 1
        if self._values > self._limits.values:
            limit = f"{self._limits.values:,}"
            raise YamlFault("refused", self.line, N_("one entry has more than {limit} values"), limit=limit)
        anchor = getattr(event, "anchor", None)
        return self._plainly(event, lined) if anchor is None else self._anchored(event, anchor)

    def _plainly(self, event: Event, lined: bool = False) -> Tree:
        if isinstance(event, ScalarEvent):
            return self.scalar(event)
        if isinstance(event, SequenceStartEvent):
            return self._sequence()
        if isinstance(event, MappingStartEvent):
            return self._mapping(lined)
        raise YamlFault("broken", self.line, N_("a value was expected here"))

    def scalar(self, event: ScalarEvent) -> Tree:
        """Text as it is written; ``Plain`` where YAML takes it for a number or boolean, None for null."""
        text = self.text(event)
        if event.style or event.tag in _STRING_TAGS:
            return text
        found = resolve(text)
        if found is None:
            return None
        return text if isinstance(found, str) else Plain(text)

    def text(self, event: ScalarEvent) -> str:
        """The scalar's text within its limit."""
        value: str = event.value
        if len(value) > self._limits.scalar:
            limit = f"{self._limits.scalar:,}"
            raise YamlFault("refused", self.line, N_("a text is longer than {limit} characters"), limit=limit)
        return value

    def key(self, event: ScalarEvent) -> str:
        """The text of a mapping's key."""
        return self.text(event)

    def _sequence(self) -> list[Tree]:
        items: list[Tree] = []
        while type(event := self.next()) is not SequenceEndEvent:
            items.append(self._compose(event))
        return items

    def _mapping(self, lined: bool) -> dict[str, Tree]:
        start = self._feed.event
        found: dict[str, Tree] = {}
        keys: dict[str, Event] = {}
        merged: list[tuple[int, Tree]] = []
        while type(event := self.next()) is not MappingEndEvent:
            key = self._key(event)
            if lined:
                keys.setdefault(key, event)
            if key == "<<" and not getattr(event, "style", ""):
                merged.append((self.line, self._compose(self.next())))
            elif key in found:
                self.faults.append(YamlFault("broken", self.line, N_("the key “{key}” stands twice"), key=shown(key)))
                self._compose(self.next())
            else:
                found[key] = self._compose(self.next())
        for at, value in merged:
            self._merge(found, value, at)
        return Lined(found, start, keys) if lined else found

    def _key(self, event: Event) -> str:
        if isinstance(event, ScalarEvent) and event.anchor is None:
            return self.key(event)
        line = self.line
        tree = self._compose(event)
        if isinstance(tree, str):
            return tree
        self.faults.append(YamlFault("broken", line, N_("a key is not text")))
        return ""

    def _merge(self, found: dict[str, Tree], value: Tree, line: int) -> None:
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, dict):
                self.faults.append(YamlFault("broken", line, N_("a merge key “<<” without a mapping")))
                return
            for key, one in part.items():
                found.setdefault(key, one)

    # -- anchors and aliases

    def _anchored(self, event: Event, anchor: str) -> Tree:
        if self._alone:
            raise YamlFault("refused", self.line, N_("an anchor may be meant for another place"))
        self._anchors[anchor] = None
        outer_peak, self._peak = self._peak, self.level
        base, before, expanded = self.level, self._values, self._expanded
        tree = self._plainly(event)
        weight = self._values - before + self._expanded - expanded + 1
        if isinstance(event, ScalarEvent):
            weight += len(event.value) // 64
        self._anchors[anchor] = _Anchored(tree, weight, self._peak - base + 1)
        self._peak = max(outer_peak, self._peak)
        return tree

    def _alias(self, event: Event) -> Tree:
        name = shown(str(getattr(event, "anchor", "")))
        if self._alone:
            raise YamlFault("refused", self.line, N_("an alias may mean another place"))
        if event.anchor not in self._anchors:  # type: ignore[attr-defined]
            raise YamlFault("broken", self.line, N_("the alias “{name}” stands for nothing"), name=name)
        meant = self._anchors[event.anchor]  # type: ignore[attr-defined]
        if meant is None:
            raise YamlFault("refused", self.line, N_("the alias “{name}” stands for what it is a part of"), name=name)
        self._expanded += meant.weight
        if self._expanded > self._limits.aliases:
            limit = f"{self._limits.aliases:,}"
            raise YamlFault("refused", self.line, N_("its aliases stand for more than {limit} values"), limit=limit)
        self._deeper(meant.height)
        self.level -= meant.height
        return meant.tree

    # -- faults

    def _fault(self, error: yaml.YAMLError) -> YamlFault:
        if isinstance(error, yaml.reader.ReaderError):
            kind: Literal["broken", "cut"] = "cut" if "incomplete" in error.reason else "broken"
            line, at = 1 + self._feed.lines(error.position), error.position
            return YamlFault(kind, line, N_("{said} (byte {position})"), said=error.reason, position=at)
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", None) or error)
        if mark is None:
            return YamlFault("broken", self.line, "{said}", said=problem)
        if self._feed.ends_at(mark.index):
            begun = (getattr(error, "context_mark", None) or mark).line + 1
            unfinished = N_("what begins at line {begun} is not finished ({said})")
            return YamlFault("cut", mark.line + 1, unfinished, begun=begun, said=problem)
        doing = getattr(error, "context", None)
        said = f"{doing}: {problem}" if doing else problem
        return YamlFault("broken", mark.line + 1, N_("it is no YAML: {said}"), said=said)


def read_tree(data: bytes | memoryview, limits: Limits, *, level: int = 0, alone: bool = False) -> tuple[Tree, Events]:
    """The only document of ``data`` as a tree (None where there is none), and the reader with its faults.

    Raises YamlFault.
    """
    events = Events(data, limits, level=level, alone=alone)
    first = events.document()
    if first is None:
        return None, events
    tree = events.compose(first)
    events.end()
    return tree, events
