"""Texts with numbered lines, of which a page shows a part."""

from dataclasses import dataclass

from catalog_web import yaml_text
from catalog_web.pages.view import number_argument

_LAST_LINE = 10_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """Which lines of a text are shown."""

    first: int
    next: int | None
    """Where the next part begins; None where nothing is left."""
    cut: bool
    """Lines are left out, or a very long one is cut."""


def first_line(text: str, wanted: int = 0) -> int:
    """The first line to show: that of the address (``line``), else one from which line ``wanted`` is in sight."""
    asked = number_argument("line", most=_LAST_LINE)
    if asked == 1 and wanted > yaml_text.MAX_LINES // 2:
        asked = wanted - yaml_text.MAX_LINES // 2
    return min(asked, _lines(text))


def part(text: str, first: int, count: int) -> Part:
    """The part of ``text`` that begins at line ``first`` and has ``count`` lines."""
    following = first + count
    left = following <= _lines(text)
    return Part(first, following if left else None, left or len(text) > yaml_text.MAX_CHARACTERS)


def _lines(text: str) -> int:
    return max(1, text.count("\n") + (not text.endswith("\n")))
