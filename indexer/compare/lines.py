"""What differs between two texts, line by line, in bounded time.

``difflib`` alone takes minutes on twenty thousand lines of which every second one changed, or on few lines that repeat
often. So the texts are first taken apart at the lines that stand once in both (the "patience diff" of Bram Cohen), and
difflib looks into the small gaps between them, as long as the ``Effort`` lasts; a gap beyond it counts as replaced.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

CONTEXT = 3
"""Equal lines that are shown around a difference."""
LONGEST_LINE = 1_000
"""Characters of a line that are shown."""
_SMALL = 200
"""Lines of either side of a gap that difflib may look into."""
_STEPS_A_LINE = 10
"""What taking a text apart costs, beside a comparison of two lines by difflib."""

Sign = Literal[" ", "+", "-"]


class Effort:
    """How much work is left. Counted in steps, not in seconds, so that equal texts always look alike."""

    def __init__(self, steps: int = 20_000_000) -> None:
        """Twenty million steps are a second or two."""
        self._left = steps

    def allows(self, steps: int) -> bool:
        """Take that many steps; False where fewer are left."""
        if steps > self._left:
            return False
        self._left -= steps
        return True


class DiffLine(NamedTuple):
    """A line of a diff."""

    sign: Sign
    text: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """Neighbouring differences with the equal lines around them. Lines count from 1, as in a unified diff."""

    old_line: int
    new_line: int
    lines: tuple[DiffLine, ...]


class _Equal(NamedTuple):
    old: int
    new: int
    size: int


def differences(old: Sequence[str], new: Sequence[str], effort: Effort) -> tuple[Hunk, ...]:
    """All hunks between two texts; none where they are equal."""
    hunks: list[Hunk] = []
    builder = _Builder(old, new)
    done = _Equal(0, 0, 0)
    for equal in [*_equal_parts(old, new, effort), _Equal(len(old), len(new), 0)]:
        from_old, from_new = done.old + done.size, done.new + done.size
        if equal.old > from_old or equal.new > from_new:
            if not builder.joins(from_old):
                hunks += builder.finish()
            builder.add(from_old, equal.old, from_new, equal.new)
        done = equal
    return (*hunks, *builder.finish())


class _Builder:
    """Puts one hunk together."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self._old, self._new = old, new
        self._lines: list[DiffLine] = []
        self._from = (0, 0)
        self._to_old = 0

    def joins(self, at_old: int) -> bool:
        """Whether a difference there is near enough to the last one."""
        return bool(self._lines) and at_old - self._to_old <= 2 * CONTEXT

    def add(self, old_from: int, old_to: int, new_from: int, new_to: int) -> None:
        if not self._lines:
            lead = min(CONTEXT, old_from, new_from)
            self._from = (old_from - lead, new_from - lead)
            self._to_old = old_from - lead
        self._lines += (DiffLine(" ", _shown(one)) for one in self._old[self._to_old : old_from])
        self._lines += (DiffLine("-", _shown(one)) for one in self._old[old_from:old_to])
        self._lines += (DiffLine("+", _shown(one)) for one in self._new[new_from:new_to])
        self._to_old = old_to

    def finish(self) -> list[Hunk]:
        if not self._lines:
            return []
        self._lines += (DiffLine(" ", _shown(one)) for one in self._old[self._to_old : self._to_old + CONTEXT])
        hunk = Hunk(self._from[0] + 1, self._from[1] + 1, tuple(self._lines))
        self._lines = []
        return [hunk]


def _shown(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"


def _equal_parts(old: Sequence[str], new: Sequence[str], effort: Effort) -> list[_Equal]:
    """Runs of equal lines in order, without overlap."""
    found: list[_Equal] = []
    todo = [(0, len(old), 0, len(new))]
    while todo:
        old_from, old_to, new_from, new_to = todo.pop()
        if not effort.allows(_STEPS_A_LINE * (old_to - old_from + new_to - new_from)):
            break
        head, tail = _common_ends(old[old_from:old_to], new[new_from:new_to])
        found += [_Equal(old_from, new_from, head), _Equal(old_to - tail, new_to - tail, tail)]
        inner = (old_from + head, old_to - tail, new_from + head, new_to - tail)
        if inner[0] < inner[1] and inner[2] < inner[3]:
            todo += _parted(old, new, inner, effort, found)
    return _joined(sorted(one for one in found if one.size))


def _parted(
    old: Sequence[str], new: Sequence[str], part: tuple[int, int, int, int], effort: Effort, found: list[_Equal]
) -> list[tuple[int, int, int, int]]:
    """The smaller parts that are still to be looked into; what is equal for certain goes into ``found``."""
    old_from, old_to, new_from, new_to = part
    anchors = _anchors(old[old_from:old_to], new[new_from:new_to])
    if anchors:
        edges = [(old_from + one, new_from + other) for one, other in anchors]
        found += [_Equal(one, other, 1) for one, other in edges]
        starts = [(old_from, new_from), *((one + 1, other + 1) for one, other in edges)]
        ends = [*edges, (old_to, new_to)]
        return [(start[0], end[0], start[1], end[1]) for start, end in zip(starts, ends, strict=True)]
    rows, columns = old_to - old_from, new_to - new_from
    if max(rows, columns) <= _SMALL and effort.allows(rows * columns * min(rows, columns)):
        matcher = SequenceMatcher(None, old[old_from:old_to], new[new_from:new_to], autojunk=False)
        found += [_Equal(old_from + one.a, new_from + one.b, one.size) for one in matcher.get_matching_blocks()]
    return []


def _common_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many lines are equal at the beginning and at the end, without overlap."""
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    rest = shorter - head
    tail = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    return head, tail


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of lines that stand once on both sides, in the longest order that is rising on both."""
    once_old, once_new = _once(old), _once(new)
    pairs = [(at, once_new[line]) for line, at in once_old.items() if line in once_new]
    return _longest_rising(sorted(pairs))


def _once(lines: Sequence[str]) -> dict[str, int]:
    counts = Counter(lines)
    return {line: at for at, line in enumerate(lines) if counts[line] == 1}


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of ``pairs``, sorted by the first number, in which the second rises as well."""
    ends: list[int] = []
    chosen: list[int] = []
    before: list[int] = []
    for number, (_, second) in enumerate(pairs):
        place = bisect_left(ends, second)
        before.append(chosen[place - 1] if place else -1)
        if place == len(ends):
            ends.append(second)
            chosen.append(number)
        else:
            ends[place], chosen[place] = second, number
    found: list[tuple[int, int]] = []
    number = chosen[-1] if chosen else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _joined(parts: list[_Equal]) -> list[_Equal]:
    """Neighbours made one."""
    joined: list[_Equal] = []
    for one in parts:
        last = joined[-1] if joined else None
        if last and last.old + last.size == one.old and last.new + last.size == one.new:
            joined[-1] = _Equal(last.old, last.new, last.size + one.size)
        else:
            joined.append(one)
    return joined
