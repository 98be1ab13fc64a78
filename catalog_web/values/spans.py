"""A YAML text with the place of each of its values: what an edit may touch, and what it leaves as it is. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from catalog_web.values.paths import Path
from indexer.parse.commented import Commented, Entry, Mark, Node

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""Where YAML 1.1, and so libyaml, ends a line."""
_QUOTED_KEY = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*:""")
_PLAIN_KEY = re.compile(r"[^\n\r]*?:(?=[\s,\[\]{}]|$)")
_COMMENT_BEHIND = re.compile(r"[ \t]*(?:#[^\n\r]*)?")


@dataclass(frozen=True)
class Spans:
    """Offsets into ``text`` for the marks of its document."""

    text: str
    document: Commented

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _BREAK.finditer(self.text))]

    @cached_property
    def line_break(self) -> str:
        """How this text ends its lines: as the first of them does."""
        found = _BREAK.search(self.text)
        return found[0] if found else "\n"

    def offset(self, mark: Mark) -> int:
        """Where ``mark`` is in the text."""
        return min(self.line_start(mark.line) + mark.column, len(self.text))

    def line_start(self, line: int) -> int:
        """Where the line of that number, from 0, begins; the end of the text behind the last one."""
        return self._starts[line] if line < len(self._starts) else len(self.text)

    def after_colon(self, entry: Entry) -> int:
        """Just behind the colon that follows the key of ``entry``; at the key where it is written oddly."""
        at = self.offset(entry.key)
        found = (_QUOTED_KEY if self.text[at : at + 1] in ("'", '"') else _PLAIN_KEY).match(self.text, at)
        return found.end() if found else at

    def is_alias(self, entry_start: int, node: Node) -> bool:
        """Whether ``node`` stands elsewhere, before the place ``entry_start`` that names it: an alias or a merge."""
        return self.offset(node.start) < entry_start

    def is_flow(self, node: Node) -> bool:
        """Whether a mapping or list is written in brackets."""
        return self.text[self.offset(node.start) : self.offset(node.start) + 1] in ("{", "[")

    def last_line(self, node: Node) -> int:
        """The last line, from 0, with something of ``node``; blank lines that end a text in lines are not."""
        line = node.end.line
        while line > node.start.line and not self._line(line).strip():
            line -= 1
        return line

    def own_entries(self, node: Node) -> Iterator[tuple[str, Entry]]:
        """The entries that are written in the mapping itself, as they stand; a merge key's stand before it."""
        found = ((key, one) for key, one in node.entries.items() if node.start <= one.key)
        yield from sorted(found, key=lambda one: one[1].key)

    def is_alone(self, offset: int) -> bool:
        """Whether nothing but blanks stands before ``offset`` on its line."""
        start = self.text.rfind("\n", 0, offset) + 1
        return not self.text[start:offset].strip()

    def _line(self, line: int) -> str:
        return self.text[self.line_start(line) : self.line_start(line + 1)]

    def comment_end(self, offset: int) -> int:
        """Behind the blanks and the comment that follow ``offset`` on its line."""
        found = _COMMENT_BEHIND.match(self.text, offset)
        return found.end() if found else offset


def find(root: Node | None, path: Path) -> Node | None:
    """The node at ``path``; None where there is none."""
    node = root
    for step in path:
        if node is None:
            return None
        if isinstance(step, int):
            node = node.items[step] if step < len(node.items) else None
        else:
            entry = node.entries.get(step)
            node = entry.node if entry else None
    return node


def line_of(root: Node | None, path: Path) -> int | None:
    """The line, from 1, of the key or list item at ``path``, else of what is nearest above it; None at the root."""
    node, line = root, None
    for step in path:
        if node is None:
            break
        if isinstance(step, int):
            node = node.items[step] if step < len(node.items) else None
            line = node.start.line + 1 if node else line
        else:
            entry = node.entries.get(step)
            node, line = (entry.node, entry.key.line + 1) if entry else (None, line)
    return line
