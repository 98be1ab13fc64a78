"""What this process is and does just now."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["serve", "web", "index", "command"]


@dataclass(slots=True)
class Process:
    """One for each process; whoever changes something writes it here, and probes and metrics read it."""

    role: Role = "command"
    leading: Callable[[], bool] = field(default=lambda: False)
    draining: bool = False
    """Whether it is about to end: nobody should send it anything new."""
    heard: float = 0.0
    """When the store last answered its pulse, on the monotonic clock; 0: it has none."""

    @property
    def leads(self) -> bool:
        """Whether it runs the scheduler now."""
        return self.leading()

    @property
    def unheard(self) -> float:
        """Seconds since the store last answered its pulse; 0 where it has none."""
        return time.monotonic() - self.heard if self.heard else 0.0

    @property
    def follows(self) -> bool:
        """Whether it has a search index of its own to keep."""
        return self.role != "index"
