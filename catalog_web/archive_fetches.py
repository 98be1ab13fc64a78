"""Archives of versions that somebody looks at: each is fetched once, however many look, and only a few at a time."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime

from indexer.errors import ArchiveNotYet
from indexer.model import ArchiveContent

AT_ONCE = 4
OF_A_SOURCE = 2
"""Half of them: a source that hangs leaves room for the others."""
MAX_WAITING = 32
_CLOSING = 2.0
"""Seconds that the end of the program waits for those under way."""

Key = tuple[str, str, str]
"""Source, chart, version."""
Look = Callable[[str, str, str], ArchiveContent]
"""Fetches one archive and keeps what it holds, or why it could not be had."""


@dataclass(frozen=True, slots=True)
class Fetching:
    """How far a fetch is."""

    since: datetime
    """When somebody asked for it first."""
    before: int
    """How many are begun first; 0: it is under way."""


@dataclass(slots=True)
class _Fetch:
    since: datetime
    future: Future[ArchiveContent] = field(default_factory=Future)


class ArchiveFetches:
    """Fetches in the background, in the order in which they were asked for. Safe to use from several threads."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._waiting: dict[Key, _Fetch] = {}
        self._running: dict[Key, _Fetch] = {}
        self._closed = False

    def get(self, key: Key, patience: float) -> ArchiveContent:
        """What the archive of the version ``key`` holds, once it is fetched.

        Raises what the look at it raises; ArchiveNotYet when it is still being fetched after ``patience`` seconds, or
        when too many others wait already.
        """
        with self._lock:
            fetch = self._fetch(key)
        if fetch is None or not wait([fetch.future], patience).done:
            raise ArchiveNotYet(chart=key[1], version=key[2])
        return fetch.future.result()

    def fetching(self, key: Key) -> Fetching | None:
        """How far the fetch of ``key`` is; None where there is none."""
        with self._lock:
            if key in self._running:
                return Fetching(self._running[key].since, 0)
            if key in self._waiting:
                return Fetching(self._waiting[key].since, list(self._waiting).index(key) + 1)
        return None

    def close(self) -> None:
        """Begin no more, and wait a moment for those under way."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            under_way = [one.future for one in self._running.values()]
        wait(under_way, _CLOSING)

    def _fetch(self, key: Key) -> _Fetch | None:
        """The fetch that there is, else a new one; None where too many wait."""
        found = self._running.get(key) or self._waiting.get(key)
        if found or self._closed or len(self._waiting) >= MAX_WAITING:
            return found
        made = self._waiting[key] = _Fetch(datetime.now(UTC))
        self._begin()
        return made

    def _begin(self) -> None:
        """Begin as many of those that wait as there is room for."""
        for key in list(self._waiting):
            of_source = sum(other[0] == key[0] for other in self._running)
            if len(self._running) < AT_ONCE and of_source < OF_A_SOURCE:
                fetch = self._running[key] = self._waiting.pop(key)
                # a daemon, so that one that hangs never delays the end of the program
                threading.Thread(target=self._run, args=(key, fetch), name="archive", daemon=True).start()

    def _run(self, key: Key, fetch: _Fetch) -> None:
        try:
            result, error = self._look(*key), None
        except Exception as failure:  # whoever waits for it gets it
            result, error = None, failure
        with self._lock:
            del self._running[key]
            self._begin()
        if result is not None:
            fetch.future.set_result(result)
        else:
            fetch.future.set_exception(error)
