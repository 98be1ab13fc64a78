"""What a values.yaml says about its keys: the comments as help, and the sections that they make. Pure."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from catalog_web.values.paths import Path
from catalog_web.values_outline import Outline, outline
from indexer.parse.text import shown
from indexer.yaml_lines import dotted

_SECTION = re.compile(r"\s*#+\s*@section\s+(?:--\s*)?(.+)")
_LONGEST = 120


@dataclass(frozen=True)
class Comments:
    """The comments of one values.yaml."""

    outline: Outline

    def help(self, path: Path) -> str:
        """What is written about the key at ``path``; empty where nothing is."""
        key = self.outline.by_path.get(_plain(path))
        return self.outline.help(key) if key else ""

    def group(self, path: Path) -> str:
        """The section that the key stands in, as charts with ``@section`` comments have it."""
        key = self.outline.by_path.get(_plain(path)) if self._sections else None
        place = bisect_right(self._lines, key.line) if key else 0
        return self._sections[place - 1][1] if place else ""

    @cached_property
    def _sections(self) -> list[tuple[int, str]]:
        found = ((line.number, _SECTION.match(line.text)) for line in self.outline.lines if line.is_comment)
        return [(number, shown(match[1], _LONGEST)) for number, match in found if match]

    @cached_property
    def _lines(self) -> list[int]:
        return [number for number, _ in self._sections]


def comments_of(text: str) -> Comments:
    """The comments of the values.yaml ``text``."""
    return Comments(outline(text))


def _plain(path: Path) -> str:
    return dotted(f"[{step}]" if isinstance(step, int) else step for step in path)
