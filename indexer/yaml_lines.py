"""A YAML file as the lines that people write, each with the keys that lead to it.

Works on lines, not on a parsed document: comments stay, nothing is executed, and what is no YAML is read as far as it
goes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LINES = 6_000
"""Lines that are read; real values.yaml have up to some 5,000."""
LONGEST_LINE = 2_000
"""Characters of a line that are looked into."""

KEY = re.compile(
    r"""(?P<lead>\s*(?:-\s+)*)"""
    r"""(?P<key>"[^"]*"|'[^']*'|[^\s#'"\[\]{},&*!|>%@`-][^#:]*(?::[^\s:#][^#:]*)*)"""
    r"""(?P<colon>\s*:)(?=\s|$)"""
)
_BLOCK = re.compile(r"(?:[|>][-+0-9]*)\s*(?:#.*)?$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text with the path of keys that leads to it."""

    number: int
    """From 1."""
    text: str
    path: tuple[str, ...]
    in_block: bool
    """Part of a block scalar: text, whatever it looks like."""
    is_key: bool = False
    """The last key of ``path`` stands on this line."""


def lines_of(text: str) -> list[str]:
    """Split where YAML ends a line, and nowhere else; a last empty line is none."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines and not lines[-1] else lines


def read_lines(text: str) -> Iterator[Line]:
    """Walk the first 6,000 lines with the keys above each."""
    above: list[tuple[int, str]] = []
    block_above: int | None = None
    for number, raw in enumerate(lines_of(text)[:MAX_LINES], 1):
        indent = len(raw) - len(raw.lstrip())
        if block_above is not None and (not raw.strip() or indent > block_above):
            yield Line(number, raw, tuple(key for _, key in above), in_block=True)
            continue
        block_above = None
        match = None if len(raw) > LONGEST_LINE or raw.lstrip().startswith("#") else KEY.match(raw)
        if match:
            column = len(match["lead"])
            above = [one for one in above if one[0] < column] + [(column, match["key"].strip("\"' "))]
            if _BLOCK.search(raw[match.end() :].strip()):
                block_above = indent
        yield Line(number, raw, tuple(key for _, key in above), in_block=False, is_key=match is not None)
