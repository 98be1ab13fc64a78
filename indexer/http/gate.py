"""Manners towards one server, whichever sources ask it: a few requests at once, a bounded rate, and its Retry-After.

Gates are per origin and for the whole process: twenty sources of one Harbor are one guest, not twenty.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from indexer.errors import RateLimited, TimedOut
from indexer.http.urls import origin, shown_url

AT_ONCE = 4
RATE = 50.0
"""Requests a second in the long run, and twice as many in a burst: a sweep of a large registry in its first seconds."""
BURST = 100.0
PATIENCE = 2.0
"""Seconds for which a server's wish to wait is simply met; beyond, the request fails and its source comes later."""
_KEPT = 4096


class Gate:
    """The way to one origin."""

    def __init__(self) -> None:
        self._slots = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._tokens, self._filled = BURST, time.monotonic()
        self._closed_until, self._status = 0.0, 0

    @contextmanager
    def passing(self, url: str, seconds: float) -> Iterator[None]:
        """Hold a place for one request to ``url``, waiting at most ``seconds`` for it.

        Raises RateLimited while the server wants to be left alone, TimedOut where no place came free.
        """
        ends = time.monotonic() + seconds
        self._wait_until_open(url, seconds)
        if not self._slots.acquire(timeout=max(0.0, ends - time.monotonic())):
            raise TimedOut(url=shown_url(url), seconds=round(seconds, 1))
        try:
            self._wait_until_open(url, ends - time.monotonic())  # it may have been closed while this one waited
            time.sleep(min(self._take_token(), max(0.0, ends - time.monotonic())))
            yield
        finally:
            self._slots.release()

    def close_for(self, seconds: float, status: int) -> None:
        """Let nobody through for ``seconds``: the server answered ``status`` with Retry-After."""
        with self._lock:
            self._closed_until = max(self._closed_until, time.monotonic() + seconds)
            self._status = status

    def _wait_until_open(self, url: str, seconds: float) -> None:
        wait = self._closed_until - time.monotonic()
        if wait > min(PATIENCE, seconds):
            raise RateLimited(url=shown_url(url), status=self._status, retry_after=round(wait, 1))
        time.sleep(max(0.0, wait))

    def _take_token(self) -> float:
        """Seconds to wait for the next token."""
        with self._lock:
            now = time.monotonic()
            self._tokens = min(BURST, self._tokens + (now - self._filled) * RATE) - 1
            self._filled = now
            return max(0.0, -self._tokens / RATE)


class Gates:
    """A gate for every origin that was asked of late."""

    def __init__(self) -> None:
        self._gates: OrderedDict[tuple[str, str, int], Gate] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, url: str) -> Gate:
        """The gate to the origin of ``url`` (checked)."""
        with self._lock:
            gate = self._gates.setdefault(origin(url), Gate())
            self._gates.move_to_end(origin(url))
            while len(self._gates) > _KEPT:
                self._gates.popitem(last=False)
            return gate


GATES = Gates()
"""Of this process."""
