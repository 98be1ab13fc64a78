"""values.yaml of two versions, key by key: added, removed, moved, of another type, with another default or comment.

A list is one value: whoever sets it sets all of it. So are an empty mapping and what it was filled with.
"""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from indexer.compare import files
from indexer.compare.lines import Effort
from indexer.compare.moves import Branch, branch, digest_of, left_over, moved
from indexer.compare.result import ValueChange, ValueKind, ValuesComparison, ValueSide
from indexer.errors import N_, Phrase, phrase
from indexer.parse.commented import Commented, Entry, Node, read_commented, walk
from indexer.parse.feed import YamlFault

MAX_CHANGES = 1_000
_SHOWN_LINES, _SHOWN_CHARACTERS = 40, 2_000
"""Of a value or a comment."""
_SHOWN_FAULTS = 3
_FILE = "values.yaml"

Path = tuple[str, ...]
_NONE: Mapping[str, Entry] = {}


def compare_values(old: str, new: str, effort: Effort) -> ValuesComparison:
    """What happened to values.yaml. Where either text is no YAML that Helm reads, only the texts are compared."""
    if old == new:
        return ValuesComparison()
    text = files.compare_file(_FILE, old or None, _FILE, new or None, effort)
    before, after = _read(old), _read(new)
    if isinstance(before, YamlFault) or isinstance(after, YamlFault):
        faults = [one for one in (before, after) if isinstance(one, YamlFault)]
        return ValuesComparison(notes=tuple(_unreadable(one) for one in faults), text=text)
    changes = tuple(_changes(before, after))
    notes = (*_notes(before), *_notes(after))
    return ValuesComparison(changes[:MAX_CHANGES], max(0, len(changes) - MAX_CHANGES), notes, text)


def _read(text: str) -> "_Document | YamlFault":
    try:
        found = read_commented(text)
    except YamlFault as fault:
        return fault
    if found.root is not None and found.root.kind not in ("mapping", "null"):
        return YamlFault("broken", 1, N_("it is not a mapping of keys to values"))
    return _Document(found)


def _unreadable(fault: YamlFault) -> Phrase:
    text = N_("Only the texts are compared, for line {line} of one of them cannot be read: {detail}.")
    return phrase(text, line=fault.line, detail=fault.detail)


def _notes(document: "_Document") -> Iterator[Phrase]:
    for fault in document.source.faults[:_SHOWN_FAULTS]:
        yield phrase(N_("Line {line}: {detail}; the last one counts."), line=fault.line, detail=fault.detail)


def _changes(old: "_Document", new: "_Document") -> list[ValueChange]:
    walked = _Walk(old, new)
    walked.compare((), (), old.source.root, new.source.root)
    pairs = moved(walked.gone, walked.come)
    for was, now in pairs:
        walked.move(was, now)
    found = [
        *walked.found,
        *_alone("removed", old, walked.gone, frozenset(was.path for was, _ in pairs)),
        *_alone("added", new, walked.come, frozenset(now.path for _, now in pairs)),
    ]
    return sorted(found, key=lambda one: (one.path, one.kind))


def _alone(
    kind: ValueKind, document: "_Document", branches: list[Branch], taken: frozenset[Path]
) -> Iterator[ValueChange]:
    """Keys that only one of the versions has, without those that moved."""
    for one in branches:
        keys = left_over(one, taken)
        if keys:
            side = document.side(one.path, one.entry)
            before, after = (side, None) if kind == "removed" else (None, side)
            yield ValueChange(kind, before, after, keys)


class _Walk:
    """Goes down both documents at once."""

    def __init__(self, old: "_Document", new: "_Document") -> None:
        self._old, self._new = old, new
        self.found: list[ValueChange] = []
        self.gone: list[Branch] = []
        self.come: list[Branch] = []

    def compare(self, was: Path, now: Path, old: Node | None, new: Node | None) -> None:
        """Compare two mappings, which stand at ``was`` and ``now``."""
        olds, news = _entries(old), _entries(new)
        self.gone += (self._old.branch((*was, key), one) for key, one in olds.items() if key not in news)
        self.come += (self._new.branch((*now, key), one) for key, one in news.items() if key not in olds)
        for key, one in olds.items():
            if key in news:
                self._pair((*was, key), (*now, key), one, news[key])

    def move(self, was: Branch, now: Branch) -> None:
        """Tell that a branch moved, and what changed inside it."""
        sides = self._old.side(was.path, was.entry), self._new.side(now.path, now.entry)
        self.found.append(ValueChange("moved", *sides, keys=now.leaves))
        if was.children and now.children:
            self.compare(was.path, now.path, was.entry.node, now.entry.node)

    def _pair(self, was: Path, now: Path, old: Entry, new: Entry) -> None:
        if old.node.entries and new.node.entries:
            self.compare(was, now, old.node, new.node)
        elif digest_of(old.node) != digest_of(new.node):
            is_type = old.node.kind != new.node.kind and "null" not in (old.node.kind, new.node.kind)
            self._tell("type" if is_type else "default", was, now, old, new)
            return
        if self._old.comment(old) != self._new.comment(new):
            self._tell("comment", was, now, old, new)

    def _tell(self, kind: ValueKind, was: Path, now: Path, old: Entry, new: Entry) -> None:
        self.found.append(ValueChange(kind, self._old.side(was, old), self._new.side(now, new)))


@dataclass(frozen=True, slots=True)
class _Document:
    """One values.yaml."""

    source: Commented

    def branch(self, path: Path, entry: Entry) -> Branch:
        """A key with all below it."""
        children = [self.branch((*path, key), one) for key, one in entry.node.entries.items()]
        return branch(path, entry, self.comment(entry), children)

    def side(self, path: Path, entry: Entry) -> ValueSide:
        """A key as it is told."""
        comment = cut(self.comment(entry))
        return ValueSide(path, entry.key.line + 1, entry.node.kind, cut(self._text(entry)), comment)

    def comment(self, entry: Entry) -> str:
        """What is written about a key; of a list also what is written inside it."""
        if entry.node.kind != "list":
            return self.source.comments.get(entry.key, "")
        marks = sorted(one.key for one in (entry, *walk(entry.node)))
        return "\n".join(text for mark in marks if (text := self.source.comments.get(mark, "")))

    def _text(self, entry: Entry) -> str:
        """A value as it is written, its lines moved to the left."""
        node = entry.node
        rows = list(self.source.lines[node.start.line : node.end.line + 1])
        if rows and node.end.column:
            rows[-1] = rows[-1][: node.end.column]
        head, *rest = rows or [""]
        if node.kind not in ("mapping", "list"):
            return "\n".join([head[node.start.column :], textwrap.dedent("\n".join(rest))]).rstrip()
        above = self.source.lines[entry.key.line + 1 : node.start.line]
        return textwrap.dedent("\n".join([*above, " " * node.start.column + head[node.start.column :], *rest])).rstrip()


def cut(text: str) -> str:
    """``text`` as far as it is told: 40 lines and 2,000 characters."""
    rows = text[:_SHOWN_CHARACTERS].split("\n")
    kept = "\n".join(rows[:_SHOWN_LINES])
    return kept if len(kept) == len(text) else kept + "…"


def _entries(node: Node | None) -> Mapping[str, Entry]:
    return node.entries if node else _NONE
