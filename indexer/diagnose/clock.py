"""Time of a test: how much is left of it, and how long each step took."""

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Clock:
    """Counts down ``seconds`` from its making."""

    seconds: float
    started: float = field(default_factory=time.monotonic)

    def left(self, most: float = float("inf")) -> float:
        """Seconds that are left, at most ``most``; never below a tenth, which soon fails and says why."""
        return max(0.1, min(most, self.ends - time.monotonic()))

    @property
    def ends(self) -> float:
        """The end, on the monotonic clock."""
        return self.started + self.seconds

    @property
    def is_over(self) -> bool:
        """Whether the time is used up."""
        return time.monotonic() >= self.ends


class Watch:
    """Milliseconds from lap to lap."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def lap(self) -> int:
        """Milliseconds since the last lap."""
        before, self._at = self._at, time.monotonic()
        return round((self._at - before) * 1000)
