"""What an upgrade means for a person's own values: the defaults they were written over are no longer the same. Pure.

Mappings are looked into key by key, as Helm merges them; all else (a list, too) is one value, and null takes a default
away. Whatever is not decided stays as the person wrote it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from catalog_web.values.paths import ABSENT, Path, dotted, value_at
from catalog_web.values.reading import same

Decision = Literal["mine", "new"]
ConflictKind = Literal["default-changed", "gone", "type-changed", "renamed"]


@dataclass(frozen=True, slots=True)
class ValueConflict:
    """A value that the person set and whose default is not what it was."""

    path: str
    """Dotted."""
    kind: ConflictKind
    """``gone``: the new version has no such default; ``renamed``: it likely stands at ``moved_to``."""
    old: Any
    """The old default, `ABSENT` where there was none."""
    mine: Any
    new: Any
    """The new default, `ABSENT` where there is none."""
    decided: Decision | Literal[""] = ""
    """Empty: not yet, so what the person wrote stays."""
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """The person's values for the new version, and what of them asks for a decision."""

    values: Mapping[str, Any]
    """Only what differs from the new defaults."""
    conflicts: tuple[ValueConflict, ...] = ()
    redundant: tuple[str, ...] = ()
    """Dotted paths of what now equals the new default and is left out of ``values``."""
    dropped: tuple[Path, ...] = ()
    """Paths that give way to the new default by decision."""
    moved: tuple[tuple[Path, Path], ...] = ()
    """Paths that go to another place by decision."""

    @property
    def undecided(self) -> int:
        """How many conflicts wait for a decision."""
        return sum(not one.decided for one in self.conflicts)


def three_way(
    old_defaults: Mapping[str, Any],
    mine: Mapping[str, Any],
    new_defaults: Mapping[str, Any],
    decisions: Mapping[str, Decision],
    renamed: Mapping[Path, Path] | None = None,
) -> ThreeWay:
    """``mine``, written over ``old_defaults``, for ``new_defaults``.

    ``decisions`` are by dotted path; one about what is no conflict is not looked at. ``renamed``: keys that likely
    stand elsewhere now, from old path to new; all below them went along.
    """
    work = _Work(decisions, renamed or {}, new_defaults)
    values = work.mapping((), old_defaults, mine, new_defaults)
    for _, new in work.moved:
        values = _put(values, new, work.carried[new])
    return ThreeWay(values, tuple(work.conflicts), tuple(work.redundant), tuple(work.dropped), tuple(work.moved))


@dataclass(slots=True)
class _Work:
    """What is found while the person's values are walked."""

    decisions: Mapping[str, Decision]
    renamed: Mapping[Path, Path]
    new_defaults: Mapping[str, Any]
    conflicts: list[ValueConflict] = field(default_factory=list)
    redundant: list[str] = field(default_factory=list)
    dropped: list[Path] = field(default_factory=list)
    moved: list[tuple[Path, Path]] = field(default_factory=list)
    carried: dict[Path, Any] = field(default_factory=dict)
    """What goes to each new path."""

    def mapping(self, path: Path, old: Any, mine: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, value in mine.items():
            found = self._key((*path, key), _below(old, key), value, _below(new, key))
            if found is not ABSENT:
                kept[key] = found
        return kept

    def _key(self, path: Path, old: Any, mine: Any, new: Any) -> Any:
        """What stays of one key; `ABSENT` where nothing does."""
        if isinstance(mine, Mapping) and isinstance(new, Mapping):
            below = self.mapping(path, old, mine, new)
            return below or ABSENT
        if _has_no_effect(mine, new):
            self.redundant.append(dotted(path))
            return ABSENT
        if same(old, new):
            return mine
        return self._decide(path, self._conflict(path, old, mine, new))

    def _conflict(self, path: Path, old: Any, mine: Any, new: Any) -> ValueConflict:
        name = dotted(path)
        decided: Decision | Literal[""] = self.decisions.get(name, "")
        target = self._target(path) if new is ABSENT else ()
        if target:
            there = value_at(self.new_defaults, target)
            return ValueConflict(name, "renamed", old, mine, there, decided, dotted(target))
        return ValueConflict(name, _kind(old, mine, new), old, mine, new, decided)

    def _decide(self, path: Path, conflict: ValueConflict) -> Any:
        self.conflicts.append(conflict)
        if conflict.decided != "new":
            return conflict.mine
        if conflict.kind == "renamed":
            target = self._target(path)
            self.moved.append((path, target))
            self.carried[target] = conflict.mine
        else:
            self.dropped.append(path)
        return ABSENT

    def _target(self, path: Path) -> Path:
        """Where ``path`` likely is now; empty where nobody knows."""
        for length in range(len(path), 0, -1):
            found = self.renamed.get(path[:length])
            if found is not None:
                return (*found, *path[length:])
        return ()


def _below(side: Any, key: str) -> Any:
    return side.get(key, ABSENT) if isinstance(side, Mapping) else ABSENT


def _has_no_effect(mine: Any, new: Any) -> bool:
    """Helm makes the same of the defaults with and without it. A null takes even a default of null away."""
    return new is ABSENT if mine is None else same(mine, new)


def _kind(old: Any, mine: Any, new: Any) -> ConflictKind:
    if new is ABSENT:
        return "gone"
    told = {_type(new), _type(old), _type(mine)} - {"null", "absent"}
    return "type-changed" if len(told) > 1 and _type(new) not in (_type(mine), "null") else "default-changed"


def _type(value: Any) -> str:
    if value is ABSENT:
        return "absent"
    if isinstance(value, Mapping):
        return "mapping"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return {type(None): "null", list: "list"}.get(type(value), "text")


def _put(values: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """``values`` with ``value`` at ``path``; what stands there already stays, for the person wrote it there."""
    key, rest = str(path[0]), path[1:]
    if not rest:
        return {key: value, **values}
    below = values.get(key, {})
    return {**values, key: _put(below, rest, value)} if isinstance(below, Mapping) else dict(values)
