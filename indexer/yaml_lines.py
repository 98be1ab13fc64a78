"""A YAML file as the lines that people write, each with the keys that lead to it.

Works on lines, not on a parsed document: comments stay, nothing is executed, and what is no YAML is read as far as it
goes.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_LINES = 6_000
"""Lines that are read unless more are asked for; real values.yaml have up to some 5,000."""
LONGEST_LINE = 2_000
"""Characters of a line that are looked into."""

KEY = re.compile(
    r"""(?P<lead>\s*(?:-\s+)*)"""
    r"""(?P<key>"[^"]*"|'[^']*'|[^\s#'"\[\]{},&*!|>%@`-][^#:]*(?::[^\s#:][^#:]*)*)"""
    r"""(?P<colon>\s*:)(?=\s|$)"""
)
_PLACE = re.compile(r"\[\d+\]")
_LEAD = re.compile(r"\s*(?:-(?:\s+|$))*")
_BLOCK = re.compile(r"(?:[&!]\S*\s+)*[|>][-+0-9]*\s*(?:#.*)?")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text with the path of keys that leads to it."""

    number: int
    """From 1."""
    text: str
    path: tuple[str, ...]
    """Keys, and the places in lists as ``[0]``."""
    in_block: bool
    """Part of a block scalar: text, whatever it looks like."""
    value: str | None = None
    """What stands behind the line's own key; None where the line writes no key."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The path without places in lists."""
        return tuple(step for step in self.path if not _PLACE.fullmatch(step))

    @property
    def is_key(self) -> bool:
        """Whether the last key of ``path`` stands on this line."""
        return self.value is not None

    @property
    def indent(self) -> int:
        """Blanks before the first character."""
        return len(self.text) - len(self.text.lstrip())

    @property
    def is_comment(self) -> bool:
        """Whether it holds a comment alone."""
        return not self.in_block and self.text.lstrip().startswith("#")


def lines_of(text: str, most: int = sys.maxsize) -> list[str]:
    """Split where YAML ends a line, and nowhere else, into the first ``most`` lines; a last empty line is none."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n", most)
    return lines[:-1] if len(lines) > most or not lines[-1] else lines


def read_lines(text: str, most: int = MAX_LINES) -> Iterator[Line]:
    """Walk the first ``most`` lines with the keys and places in lists above each."""
    above = _Above()
    block_above: int | None = None
    for number, raw in enumerate(lines_of(text, most), 1):
        indent = len(raw) - len(raw.lstrip())
        if block_above is not None and (not raw.strip() or indent > block_above):
            yield Line(number, raw, above.path, in_block=True)
            continue
        block_above = None
        if len(raw) > LONGEST_LINE or not raw.strip() or raw.lstrip().startswith("#"):
            yield Line(number, raw, above.path, in_block=False)
            continue
        match = KEY.match(raw)
        above.enter(match["lead"] if match else lead_of(raw), match["key"].strip("\"' ") if match else None)
        rest = raw[match.end() :].strip() if match else raw.strip().lstrip("- ")
        if _BLOCK.fullmatch(rest):
            block_above = len(match["lead"]) if match else indent
        yield Line(number, raw, above.path, in_block=False, value=rest if match else None)


def dotted(path: Iterable[str]) -> str:
    """``path`` as Helm writes it behind ``--set``: ``a.b[0].c``, a dot or a backslash inside a key with a backslash."""
    return "".join(step if _PLACE.fullmatch(step) else f".{_escaped(step)}" for step in path).removeprefix(".")


def _escaped(key: str) -> str:
    return key.replace("\\", "\\\\").replace(".", "\\.")


class _Above:
    """The keys and places in lists above a line, each with the column that it stands in."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, str | int]] = []
        self.path: tuple[str, ...] = ()

    def enter(self, lead: str, key: str | None) -> None:
        """Go to a line with that ``lead``, blanks and dashes, and that ``key``."""
        dashes = [column for column, one in enumerate(lead) if one == "-"]
        for column in dashes:
            self._enter_item(column)
        if key is not None:
            self._leave(len(lead))
            self._steps.append((len(lead), key))
        elif not dashes:
            return  # a line that goes on with what the one before it began
        self.path = tuple(f"[{step}]" if isinstance(step, int) else step for _, step in self._steps)

    def _enter_item(self, column: int) -> None:
        """The next item of the list whose dashes stand in ``column``; it may be the column of the list's own key."""
        while self._steps and self._steps[-1][0] > column:
            self._steps.pop()
        before = self._steps[-1] if self._steps else (-1, "")
        if before[0] == column and isinstance(before[1], int):
            self._steps[-1] = (column, before[1] + 1)
        else:
            self._steps.append((column, 0))

    def _leave(self, column: int) -> None:
        while self._steps and self._steps[-1][0] >= column:
            self._steps.pop()


def lead_of(raw: str) -> str:
    """The blanks and dashes that a line begins with."""
    found = _LEAD.match(raw)
    return found[0] if found else ""
