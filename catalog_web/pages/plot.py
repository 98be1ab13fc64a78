"""The ledger as a small picture: one bar an attempt, its height the time it took. Pure; the template draws it."""

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.model import Attempt

WIDTH, HEIGHT = 600, 96
_SLOTS = 60
_TOP = 16
"""Room above the bars for crosses (failed) and dots (changes)."""
_LEAST = 3
_CLASSES = {"changed": "ok", "unchanged": "same", "held": "held", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One attempt in the units of the picture."""

    attempt: Attempt
    kind: str
    """Class of the style sheet."""
    x: float
    y: float
    width: float
    height: float
    changes: int

    @property
    def middle(self) -> float:
        """Where a mark above the bar stands."""
        return self.x + self.width / 2


def bars(attempts: Sequence[Attempt]) -> tuple[Bar, ...]:
    """Lay out the newest 60 of ``attempts`` (newest first), the newest at the right."""
    shown = list(attempts[:_SLOTS])
    slot = WIDTH / _SLOTS
    slowest = max((one.seconds for one in shown), default=0) or 1
    return tuple(_bar(one, WIDTH - (at + 1) * slot, slot - 3, slowest) for at, one in enumerate(shown))


def _bar(attempt: Attempt, x: float, width: float, slowest: float) -> Bar:
    height = max(_LEAST, (HEIGHT - _TOP) * attempt.seconds / slowest)
    changes = attempt.added + attempt.updated + attempt.removed + attempt.repushed
    kind = _CLASSES[attempt.outcome]
    return Bar(attempt, kind, round(x, 1), round(HEIGHT - height, 1), round(width, 1), round(height, 1), changes)
