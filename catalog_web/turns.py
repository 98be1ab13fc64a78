"""How often a person may do what costs other servers something, and how many may at once."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from indexer.errors import N_, ChartroomError

A_MINUTE = 10
AT_ONCE = 3
"""Tests of all persons; each may take half a minute of a thread that also serves pages."""
_MINUTE = 60.0
_BUSY_FOR = 5


class TooOften(ChartroomError):
    """``limit`` a minute are used up; ``retry_after`` is in seconds."""

    id = "too-often"
    cause_text = N_("At most {limit} connections are tested a minute for one person.")
    remedy_text = N_("Wait {retry_after} seconds.")
    status = 429


class TooManyAtOnce(TooOften):
    """Others are testing just now."""

    id = "too-many-at-once"
    cause_text = N_("{limit} connections are being tested already.")


class Turns:
    """Counts by person, in this process. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._taken: dict[str, deque[float]] = {}
        self._places = threading.BoundedSemaphore(AT_ONCE)

    @contextmanager
    def taken(self, person: str) -> Iterator[None]:
        """Count one for ``person``, and hold a place meanwhile. Raises TooOften, TooManyAtOnce."""
        self._count(person)
        if not self._places.acquire(blocking=False):
            raise TooManyAtOnce(limit=AT_ONCE, retry_after=_BUSY_FOR)
        try:
            yield
        finally:
            self._places.release()

    def _count(self, person: str) -> None:
        with self._lock:
            now = self._clock()
            self._forget(now)
            taken = self._taken.setdefault(person, deque())
            if len(taken) >= A_MINUTE:
                raise TooOften(limit=A_MINUTE, retry_after=int(taken[0] + _MINUTE - now) + 1)
            taken.append(now)

    def _forget(self, now: float) -> None:
        for person, taken in list(self._taken.items()):
            while taken and taken[0] <= now - _MINUTE:
                taken.popleft()
            if not taken:
                del self._taken[person]
