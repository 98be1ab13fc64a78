"""A person's values beside the chart's defaults, key by key: what holds, and what differs. Pure.

A list is one value, as Helm takes it: whoever sets it sets all of it. A null takes a default away.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from catalog_web.values.paths import dotted

MAX_ROWS = 3_000
"""Rows that a page shows; the largest real values.yaml has about as many keys."""
_LONGEST = 2_000
"""Characters of a value that are shown."""

RowKind = Literal["same", "changed", "added", "removed"]
_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Row:
    """One key with its two values, each as JSON; empty where there is none."""

    path: tuple[str, ...]
    kind: RowKind
    """``removed``: the person's null takes the default away."""
    default: str
    mine: str
    """Empty where nothing is said, so that the default holds; a secret is never told."""
    is_secret: bool = False

    @property
    def dotted(self) -> str:
        """The path as Helm writes it behind ``--set``."""
        return dotted(self.path)

    @property
    def differs(self) -> bool:
        """Whether the value that holds is not the default."""
        return self.kind != "same"


def rows(
    defaults: Mapping[str, Any],
    mine: Mapping[str, Any],
    secret_paths: Collection[str] = (),
    *,
    only_differences: bool = True,
) -> tuple[Row, ...]:
    """At most MAX_ROWS rows, in the order of the defaults and then of what was added."""
    found: list[Row] = []
    for row in _walk((), defaults, mine):
        shown = _masked(row, secret_paths)
        if shown.differs or not only_differences:
            found.append(shown)
        if len(found) == MAX_ROWS:
            break
    return tuple(found)


def _walk(path: tuple[str, ...], default: Any, mine: Any) -> Iterator[Row]:
    if isinstance(default, Mapping) and (mine is _ABSENT or isinstance(mine, Mapping)) and (default or mine):
        own = {} if mine is _ABSENT else mine
        for key in (*default, *(one for one in own if one not in default)):
            yield from _walk((*path, str(key)), default.get(key, _ABSENT), own.get(key, _ABSENT))
    elif default is _ABSENT and isinstance(mine, Mapping) and mine:
        for key, value in mine.items():
            yield from _walk((*path, str(key)), _ABSENT, value)
    elif path:
        yield Row(path, _kind(default, mine), _text(default), _text(mine))


def _kind(default: Any, mine: Any) -> RowKind:
    if mine is _ABSENT or (default is not _ABSENT and _equal(default, mine)):
        return "same"
    if mine is None and default is not _ABSENT:
        return "removed"
    return "added" if default is _ABSENT else "changed"


def _equal(one: Any, other: Any) -> bool:
    """As JSON has them: true is not 1."""
    return _text(one) == _text(other) if isinstance(one, bool) or isinstance(other, bool) else bool(one == other)


def _masked(row: Row, secret_paths: Collection[str]) -> Row:
    name = row.dotted
    if not any(name == one or name.startswith((f"{one}.", f"{one}[")) for one in secret_paths):
        return row
    return Row(row.path, row.kind, row.default, "", is_secret=True)


def _text(value: Any) -> str:
    if value is _ABSENT:
        return ""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
