"""What changes between two sets of objects: new ones, ones that go, and the lines of those that stay. Pure."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from catalog_web.install.manifests import HIDDEN, ManifestObject
from indexer.compare.lines import Effort, Hunk, differences

ChangeKind = Literal["added", "removed", "changed"]
OTHER = "(hidden, another one)"
_SLIGHT = re.compile(r"\s*[\"']?(helm\.sh/chart|chart|app\.kubernetes\.io/version|checksum/[\w.-]{1,100})[\"']?:")


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """One object that is not the same on both sides."""

    kind: ChangeKind
    thing: ManifestObject
    """As it will be; of one that goes, as it was."""
    hunks: tuple[Hunk, ...]

    @property
    def is_slight(self) -> bool:
        """Whether it only carries another version in its labels and checksums, as nearly every object then does."""
        return self.kind == "changed" and all(
            _SLIGHT.match(line.text) for hunk in self.hunks for line in hunk.lines if line.sign != " "
        )


@dataclass(frozen=True, slots=True)
class ManifestDiff:
    """All changes, and how many objects stay as they are."""

    changes: tuple[ObjectChange, ...]
    equal: int

    def count(self, kind: ChangeKind) -> int:
        """How many changes are of that kind."""
        return sum(one.kind == kind for one in self.changes)


def manifest_diff(old: Collection[ManifestObject], new: Collection[ManifestObject]) -> ManifestDiff:
    """What happens to ``old`` where ``new`` takes its place; in the order of ``new``, then what goes.

    An object is the same one by group, kind, namespace and name. The text of one that is there twice counts as a whole.
    """
    effort = Effort()
    before, after = _by_identity(old), _by_identity(new)
    changes = list(_changes(before, after, effort))
    return ManifestDiff(tuple(changes), len(before.keys() & after.keys()) - sum(c.kind == "changed" for c in changes))


_Objects = dict[tuple[str, str, str, str], ManifestObject]


def _by_identity(objects: Collection[ManifestObject]) -> _Objects:
    found: _Objects = {}
    for one in objects:
        above = found.get(one.identity)
        found[one.identity] = replace(one, text=f"{above.text}---\n{one.text}") if above else one
    return found


def _changes(before: _Objects, after: _Objects, effort: Effort) -> Iterator[ObjectChange]:
    for identity, now in after.items():
        was = before.get(identity)
        hunks = differences(_lines(was, now), _lines(now), effort)
        if was is None:
            yield ObjectChange("added", now, hunks)
        elif hunks:
            yield ObjectChange("changed", now, hunks)
    for identity, was in before.items():
        if identity not in after:
            yield ObjectChange("removed", was, differences(_lines(was), (), effort))


def _lines(thing: ManifestObject | None, beside: ManifestObject | None = None) -> Sequence[str]:
    """The lines of ``thing``; a hidden value that is another one ``beside`` it says so."""
    if thing is None:
        return ()
    lines = thing.text.splitlines()
    if beside is None:
        return lines
    others = {key.partition(".")[2] for key, value in thing.hidden.items() if beside.hidden.get(key, value) != value}
    return [_other(line) if _key(line) in others else line for line in lines]


def _key(line: str) -> str:
    """The key of a line that hides a value, as `manifest_yaml` writes it."""
    key, _, value = line.strip().rpartition(": ")
    return key.strip('"') if value.strip('"') == HIDDEN else ""


def _other(line: str) -> str:
    return line.replace(HIDDEN, OTHER)
