"""Which searches are popular. Counted in memory and written now and then, so that a search writes nothing."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from indexer.errors import StoreUnavailable
from indexer.search.words import fold
from indexer.store.searches import Searches

LEAST = 3
"""Times that a text was searched for before others see it: what one person types is nobody else's matter."""
SHOWN = 6
LONGEST = 64
"""Characters; nobody else would type more."""
_WAITING = 500
"""Texts between two writes; more come from a script."""
_KEPT_SECONDS = 60.0


class PopularSearches:
    """Counts what people send. Safe to use from several threads."""

    def __init__(self, searches: Searches) -> None:
        self._searches = searches
        self._lock = threading.Lock()
        self._waiting: Counter[str] = Counter()
        self._kept: tuple[float, tuple[str, ...]] = (0.0, ())

    def sent(self, text: str) -> None:
        """Count a search that a person sent and that found something."""
        folded = " ".join(fold(text).split())
        with self._lock:
            if 0 < len(folded) <= LONGEST and (folded in self._waiting or len(self._waiting) < _WAITING):
                self._waiting[folded] += 1

    def write(self) -> None:
        """Write what was counted. Raises StoreUnavailable; it is kept for the next time then.

        The store may let a writer wait for seconds, so nobody who counts waits for it.
        """
        with self._lock:
            counted, self._waiting = self._waiting, Counter()
        try:
            if counted:
                self._searches.count(datetime.now(UTC), counted)
                self._kept = (0.0, ())
        except StoreUnavailable:
            with self._lock:
                self._waiting += counted
            raise

    def top(self) -> Sequence[str]:
        """The most popular ones, as they were within the last minute. Raises StoreUnavailable."""
        until, found = self._kept
        if time.monotonic() > until:
            found = self._searches.popular(datetime.now(UTC), LEAST, SHOWN)
            self._kept = (time.monotonic() + _KEPT_SECONDS, found)
        return found
