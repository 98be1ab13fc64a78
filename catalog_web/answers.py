"""Answers kept as they were sent, until something that they are made of changes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

MOST_BYTES = 16 * 1024 * 1024
"""Of all answers that are kept. One page of a search has about 15 kB."""


class Answers:
    """Keeps the answers that were asked for last. Safe to use from several threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._stamp: object = None
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, stamp: object, question: Hashable, make: Callable[[], bytes]) -> bytes:
        """The answer to ``question``, made anew where it is not kept. Another ``stamp`` clears all. Raises as ``make``
        does, and keeps nothing then."""
        with self._lock:
            if stamp != self._stamp:
                self._clear(stamp)
            found = self._kept.get(question)
            if found is not None:
                self._kept.move_to_end(question)
                return found
        made = make()
        with self._lock:
            if stamp == self._stamp and question not in self._kept:
                self._keep(question, made)
        return made

    def _clear(self, stamp: object) -> None:
        self._stamp = stamp
        self._kept.clear()
        self._bytes = 0

    def _keep(self, question: Hashable, made: bytes) -> None:
        self._kept[question] = made
        self._bytes += len(made)
        while self._bytes > self._most:
            self._bytes -= len(self._kept.popitem(last=False)[1])
