"""How often somebody may ask for what costs much: counted a minute at a time, in this process.

Each web process counts for itself, so that a search costs no write to the store: with three of them somebody may ask
three times as often.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable

from indexer.errors import N_, ChartroomError

WINDOW = 60
"""Seconds."""
MOST_COUNTED = 10_000
"""Who is counted alone. All who come later in the same minute are counted as one, so that made-up addresses fill no
memory."""
_LATECOMERS = "latecomers"


class AskedTooOften(ChartroomError):
    """``limit`` requests of one kind a minute are used up; ``retry_after`` is in seconds."""

    id = "asked-too-often"
    cause_text = N_("At most {limit} requests of this kind are answered a minute for one person.")
    remedy_text = N_("Wait {retry_after} seconds.")
    status = 429


class Throttle:
    """Counts by key. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._window = 0
        self._counts: Counter[tuple[str, str]] = Counter()

    def check(self, kind: str, who: str, limit: int) -> None:
        """Count one request of ``kind`` for ``who``. Raises AskedTooOften beyond ``limit`` in the present minute."""
        window, into = divmod(self._clock(), WINDOW)
        with self._lock:
            if window != self._window:
                self._window = int(window)
                self._counts.clear()
            key = (kind, who if (kind, who) in self._counts or len(self._counts) < MOST_COUNTED else _LATECOMERS)
            self._counts[key] += 1
            taken = self._counts[key]
        if taken > limit:
            raise AskedTooOften(limit=limit, retry_after=int(WINDOW - into) + 1)
