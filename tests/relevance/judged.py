"""The judgements of ``judged.yaml``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("judged.yaml")
HOLD_OUT_EVERY = 3
"""Of each group the third, the sixth and so on is held out."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One search and what a person wants from it. Charts are ``source/name``."""

    group: str
    query: str
    best: frozenset[str]
    """Right as the first result."""
    also: frozenset[str]
    """Right among the first."""
    never: frozenset[str]
    """Wrong anywhere among the first."""
    held: bool
    """Held out: nobody tunes by it."""

    @property
    def wanted(self) -> frozenset[str]:
        """All that are right."""
        return self.best | self.also


def judgements() -> tuple[Judgement, ...]:
    """All of them, in the file's order."""
    groups: Mapping[str, Any] = yaml.safe_load(FILE.read_text())
    return tuple(one for name, group in groups.items() for one in _of_group(name, group["queries"]))


def _of_group(group: str, queries: list[Mapping[str, Any]]) -> Iterator[Judgement]:
    for one in queries:
        best, also, never = (frozenset(one.get(key, ())) for key in ("best", "also", "never"))
        yield Judgement(group, one["query"], best, also, never, one.get("held", False))
