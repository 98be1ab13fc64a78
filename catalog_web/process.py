"""What this process is and does just now."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["serve", "web", "index", "command"]


@dataclass(slots=True)
class Process:
    """One for each process; whoever changes something writes it here, and probes and metrics read it."""

    role: Role = "command"
    leads: bool = False
    """Whether it runs the scheduler now."""
    draining: bool = False
    """Whether it is about to end: nobody should send it anything new."""

    @property
    def follows(self) -> bool:
        """Whether it has a search index of its own to keep."""
        return self.role != "index"
