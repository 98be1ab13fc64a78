"""What this process is and does just now."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from indexer.errors import ChartroomError

Role = Literal["serve", "web", "index", "command"]


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a beat learned. Times are of the monotonic clock."""

    heard: float
    """When the store was asked that answered last."""
    row: int = 0
    """The newest change that the search index had seen."""
    lag: int = 0
    moved: float = 0.0
    """When the search index was last seen to follow, or to have nothing to follow."""
    error: ChartroomError | None = None
    """What the store said to the last beat."""


@dataclass(slots=True)
class Process:
    """One for each process; whoever changes something writes it here, and probes and metrics read it."""

    role: Role = "command"
    leading: Callable[[], bool] = field(default=lambda: False)
    draining: bool = False
    """Whether it is about to end: nobody should send it anything new."""
    pulse: Pulse | None = None
    """What it last learned of the store; None where it has no pulse."""

    @property
    def leads(self) -> bool:
        """Whether it runs the scheduler now."""
        return self.leading()

    @property
    def follows(self) -> bool:
        """Whether it has a search index of its own to keep."""
        return self.role != "index"
