"""Conflicts between a person's values and the defaults of another version, as a page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalog_web.install.helmrequest import manifest_yaml
from catalog_web.values.paths import ABSENT
from catalog_web.values.three_way import ConflictKind, ValueConflict


@dataclass(frozen=True, slots=True)
class Side:
    """A value as YAML. ``None`` in its place: there is none."""

    text: str
    is_long: bool


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One value that asks for a decision."""

    path: str
    kind: ConflictKind
    decided: str
    old: Side | None
    mine: Side | None
    new: Side | None
    moved_to: str


def conflict_rows(conflicts: Iterable[ValueConflict]) -> tuple[ConflictRow, ...]:
    """One row for each."""
    return tuple(
        ConflictRow(one.path, one.kind, one.decided, _side(one.old), _side(one.mine), _side(one.new), one.moved_to)
        for one in conflicts
    )


def _side(value: Any) -> Side | None:
    if value is ABSENT:
        return None
    text = manifest_yaml({"": value}).partition(":")[2]
    return Side(text.strip("\n").removeprefix(" "), "\n" in text.strip())
