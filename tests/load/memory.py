"""What processes hold, over time."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from tests.bench.figures import mib_resident

EVERY = 2.0
"""Seconds between two looks."""
_QUARTER = 4


@dataclass(frozen=True, slots=True)
class Held:
    """MiB of one process."""

    first: float
    most: float
    last: float
    growth: float
    """Of the last quarter over the third one, as a share: what the second half added."""

    @classmethod
    def of(cls, mib: Sequence[float]) -> "Held":
        """From looks at equal distances, at least four."""
        length = len(mib) // _QUARTER
        third, last = mean(mib[2 * length : 3 * length]), mean(mib[3 * length :])
        return cls(mib[0], max(mib), mib[-1], last / third - 1)


class Watch:
    """Looks at processes until it is told to stop."""

    def __init__(self, processes: Mapping[str, int]) -> None:
        self._processes = processes
        self._mib: dict[str, list[float]] = {name: [] for name in processes}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> dict[str, Held]:
        """What each held."""
        self._over.set()
        self._thread.join()
        return {name: Held.of(mib) for name, mib in self._mib.items()}

    def _run(self) -> None:
        while not self._over.wait(EVERY):
            for name, process in self._processes.items():
                self._mib[name].append(mib_resident(process))
