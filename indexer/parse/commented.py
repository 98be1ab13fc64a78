"""YAML with its comments: every value as Helm reads it, with where it stands and what is written about it.

libyaml drops comments, so they are found by lines beside the events: a line is a comment where it begins with ``#`` and
no scalar reaches over it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal, NamedTuple

from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from indexer.errors import N_
from indexer.parse.events import Tree
from indexer.parse.feed import YamlFault
from indexer.parse.limits import Limits
from indexer.parse.text import shown
from indexer.parse.values import JsonEvents, check_surrogates

NodeKind = Literal["mapping", "list", "text", "number", "boolean", "null"]
Scalar = str | int | float | bool | None

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""Where YAML 1.1, and so libyaml, ends a line."""
_BEHIND = re.compile(r"(?:\s*[:,\]}]|\s+[|>&!]\S*)*\s+#(.*)")
"""What may stand between the last value of a line and the comment at its end."""


class Mark(NamedTuple):
    """A place: line and column, both from 0."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Node:
    """A value. Of a mapping ``entries`` are told, of a list ``items``, of all else ``value``."""

    kind: NodeKind
    start: Mark
    end: Mark
    """Just behind it; what an alias stands for is where its anchor is."""
    value: Scalar = None
    entries: Mapping[str, "Entry"] = field(default_factory=dict)
    items: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping with its value."""

    key: Mark
    node: Node


@dataclass(frozen=True, slots=True)
class Commented:
    """A document. ``root`` is None where it is empty; ``faults``: what cannot be meant, such as a key that stands
    twice (the last one counts, as for Helm)."""

    lines: tuple[str, ...]
    root: Node | None
    comments: Mapping[Mark, str]
    """By the place of the key that they are about, one blank after ``#`` taken off."""
    faults: tuple[YamlFault, ...] = ()


def read_commented(text: str, limits: Limits | None = None) -> Commented:
    """Read ``text`` as Helm reads values, with its comments. Raises YamlFault for what is no such YAML.

    A comment is about the key below it, or the key that it stands behind. Between two keys, what follows the upper one
    without an empty line and is parted from the lower one (by an empty line, or by being indented deeper) is about the
    upper one: that is how examples are written.
    """
    check_surrogates(text, 1)
    events = _NodeEvents(text.encode(), limits or Limits())
    first = events.document()
    root = None if first is None else events.compose(first)
    if first is not None:
        events.end()
    lines = tuple(_BREAK.split(text))
    return Commented(lines, root, _Comments(lines, events).all(), tuple(events.faults))


def walk(node: Node) -> Iterator[Entry]:
    """Every entry below ``node``, at any depth, in no particular order."""
    todo = [node]
    while todo:
        one = todo.pop()
        todo += one.items
        for entry in one.entries.values():
            yield entry
            todo.append(entry.node)


class _NodeEvents(JsonEvents):
    """Trees of Nodes, and what the search for comments wants to know."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        super().__init__(data, limits)
        self.keys: list[Mark] = []
        """Where keys stand."""
        self.covered: set[int] = set()
        """Lines that a scalar of an earlier line reaches over: what looks like a comment there is text."""
        self.ends: dict[int, int] = {}
        """By line, the column behind the last value or key that ends there."""
        self._last = Mark(0, 0)

    def _plainly(self, event: Event, lined: bool = False) -> Tree:
        start = _start(event)
        if isinstance(event, ScalarEvent):
            self._cover(event)
            value = self.scalar(event)
            return Node(_kind(value), start, self._last, value)
        if isinstance(event, SequenceStartEvent):
            items = tuple(self._sequence())
            return Node("list", start, self._last, items=items)
        if isinstance(event, MappingStartEvent):
            entries = self._mapping(lined)
            return Node("mapping", start, self._last, entries=entries)
        raise YamlFault("broken", self.line, N_("a value was expected here"))

    def _sequence(self) -> list[Tree]:
        items: list[Tree] = []
        while type(event := self.next()) is not SequenceEndEvent:
            items.append(self._node(event))
        self._close(event)
        return items

    def _mapping(self, lined: bool) -> dict[str, Tree]:
        found: dict[str, Entry] = {}
        merged: list[Node] = []
        while type(event := self.next()) is not MappingEndEvent:
            if not isinstance(event, ScalarEvent):
                raise YamlFault("broken", self.line, N_("a key is not text"))
            if event.value == "<<" and not event.style:
                merged += self._sources(self._node(self.next()))
            else:
                self._enter(found, event)
        self._close(event)
        for node in merged:
            for key, one in node.entries.items():
                found.setdefault(key, one)
        return found

    def _enter(self, found: dict[str, Entry], event: ScalarEvent) -> None:
        key, start = self.key(event), _start(event)
        if key in found:
            self.faults.append(YamlFault("broken", self.line, N_("the key “{key}” stands twice"), key=shown(key)))
        self._cover(event)
        self.keys.append(start)
        found[key] = Entry(start, self._node(self.next()))

    def _node(self, event: Event) -> Node:
        """The node of ``event``; of an alias the one it stands for."""
        node: Node = self._compose(event)
        if isinstance(event, AliasEvent):
            self._cover(event)
        return node

    def _sources(self, node: Node) -> list[Node]:
        """The mappings that a merge key names; the first one counts most."""
        nodes = node.items if node.kind == "list" else (node,)
        if any(one.kind != "mapping" for one in nodes):
            raise YamlFault("broken", self.line, N_("a merge key “<<” without a mapping"))
        return list(nodes)

    def _cover(self, event: Event) -> None:
        """Note where a scalar, key or alias ends; a block scalar ends at the beginning of what follows it."""
        start, end = _start(event), _end(event)
        is_block = end.column == 0 and end.line > start.line
        last = end.line - 1 if is_block else end.line
        if last > start.line:
            self.covered.update(range(start.line + 1, last + 1))
        if not is_block:
            self.ends[end.line] = max(end.column, self.ends.get(end.line, 0))
        self._last = Mark(last, 0) if is_block else end

    def _close(self, event: Event) -> None:
        """A bracket ends where it stands; a block ends with the last of its values."""
        if _start(event) != _end(event):
            self._cover(event)


class _Comments:
    """Finds what is written about each key."""

    def __init__(self, lines: tuple[str, ...], events: _NodeEvents) -> None:
        self._lines, self._covered, self._ends = lines, events.covered, events.ends
        self._keys = sorted(events.keys)
        self._found: dict[Mark, list[str]] = {}

    def all(self) -> dict[Mark, str]:
        """The comments by the place of their key."""
        for content, numbers in groupby(range(len(self._lines)), self._is_content):
            if not content:
                self._between(list(numbers))
        for number, column in sorted(self._ends.items()):
            found = _BEHIND.match(self._lines[number], column) if number < len(self._lines) else None
            if found:
                self._tell(self._key_on(number) or self._key_before(number), [found[1]])
        return {mark: "\n".join(parts).strip("\n") for mark, parts in self._found.items()}

    def _is_content(self, number: int) -> bool:
        stripped = self._lines[number].strip()
        return number in self._covered or (bool(stripped) and not stripped.startswith("#"))

    def _between(self, numbers: list[int]) -> None:
        """Give the comments between two lines of content to the key above or below."""
        blocks = [list(some) for full, some in groupby(numbers, lambda one: bool(self._lines[one].strip())) if full]
        above, below = self._key_before(numbers[0]), self._key_on(numbers[-1] + 1)
        for block in blocks:
            words = [self._lines[one].strip()[1:] for one in block]
            is_parted = below is None or block[-1] != numbers[-1] or self._indent(block[0]) > below.column
            self._tell(above if above and block[0] == numbers[0] and is_parted else below or above, words)

    def _tell(self, key: Mark | None, comments: list[str]) -> None:
        if key is not None:
            self._found.setdefault(key, []).extend(one.removeprefix(" ").rstrip() for one in comments)

    def _key_before(self, number: int) -> Mark | None:
        place = bisect_left(self._keys, (number, 0))
        return self._keys[place - 1] if place else None

    def _key_on(self, number: int) -> Mark | None:
        place = bisect_left(self._keys, (number, 0))
        return self._keys[place] if place < len(self._keys) and self._keys[place].line == number else None

    def _indent(self, number: int) -> int:
        return len(self._lines[number]) - len(self._lines[number].lstrip())


def _kind(value: Scalar) -> NodeKind:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"


def _start(event: Event) -> Mark:
    return _at(event.start_mark)


def _end(event: Event) -> Mark:
    return _at(event.end_mark)


def _at(mark: Any) -> Mark:
    return Mark(mark.line, mark.column) if mark else Mark(0, 0)
