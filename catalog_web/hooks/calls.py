"""What a call makes due: of which source, and which of its repositories or charts."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

from catalog_web.hooks.keys import HookKeys, HookRefused
from indexer.errors import SourceNotFound
from indexer.model import Source
from indexer.sources.harbor import is_meant

log = logging.getLogger(__name__)

LET_GO_SECONDS = 1.0
"""A call that repeats one of less than a second ago is let go: what it names waits for two seconds anyway."""
REPLAY_SECONDS = 15 * 60.0
"""How long the id of a call is remembered: longer than clocks differ that are off by ten minutes."""
_REMEMBERED = 10_000


class Requests(Protocol):
    """What is needed of the store's sources."""

    def request(self, name: str, now: datetime, only: Collection[str] | None = None) -> bool:
        """Make a source due; whether anything had to be written. Raises SourceNotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A source that is read within seconds."""

    source: str
    names: tuple[str, ...]
    """Repositories or charts; none: all of it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call."""

    asked: tuple[Asked, ...] = ()
    note: str = ""
    """Why nothing is read, where that is so."""


class Calls:
    """Takes the calls that were let in. Safe to use from several threads."""

    def __init__(self, keys: HookKeys, sources: Requests) -> None:
        self.keys = keys
        self._sources = sources
        self._lately = _Memory(LET_GO_SECONDS)
        self._ids = _Memory(REPLAY_SECONDS)

    def changed(self, owners: Iterable[Source], project: str, repository: str) -> Outcome:
        """A registry says that ``repository`` of ``project`` changed; ``owners`` are those who let it call."""
        return self._outcome(one for owner in owners for one in self._within(owner, project, repository))

    def named(self, owners: Iterable[Source], name: str, chart: str, call: str) -> Outcome:
        """A program says that ``chart``, or all where it is empty, of the source ``name`` changed.

        ``call``: its own id of this call, so that one that comes again does nothing. Raises HookRefused where the
        source is not one of ``owners`` or of their projects.
        """
        source = self.keys.source(name)
        if source is None or not {source.name, source.parent} & {one.name for one in owners}:
            raise HookRefused
        if call and self._ids.has((name, call)):
            return Outcome(note="This call was taken already.")
        outcome = self._outcome([Asked(source.name, (chart,) if chart else ())])
        self._ids.keep((name, call))  # not before: one that failed comes again
        return outcome

    def _within(self, owner: Source, project: str, repository: str) -> Iterator[Asked]:
        if owner.kind == "oci":
            below, whole = urlsplit(owner.url).path.strip("/"), f"{project}/{repository}"
            if not below or whole == below or whole.startswith(f"{below}/"):
                yield Asked(owner.name, (whole.removeprefix(f"{below}/"),))
        elif not owner.holds_projects:
            yield Asked(owner.name, (repository,))
        elif is_meant(owner, project):
            child = self.keys.source(f"{owner.name}.{project}")
            yield Asked(child.name, (repository,)) if child else Asked(owner.name, ())

    def _outcome(self, wanted: Iterable[Asked]) -> Outcome:
        asked = tuple(wanted)
        if not asked:
            return Outcome(note="No source of this call takes what it names.")
        enabled = tuple(one for one in asked if self._is_enabled(one.source))
        for one in enabled:
            self._ask(one)
        return Outcome(enabled, "" if enabled else "The source is disabled.")

    def _is_enabled(self, name: str) -> bool:
        source = self.keys.source(name)
        return source is not None and source.enabled

    def _ask(self, one: Asked) -> None:
        if self._lately.has(one):
            return
        try:
            written = self._sources.request(one.source, datetime.now(UTC), one.names)
            self._lately.keep(one)
            if written:
                log.info("a webhook asked for %s: %s", one.source, ", ".join(one.names) or "all of it")
        except SourceNotFound:
            log.info("a webhook asked for %s, which is not there any more", one.source)


class _Memory:
    """What came within the last seconds, of which a bounded number is remembered."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: OrderedDict[Hashable, float] = OrderedDict()
        self._lock = threading.Lock()

    def has(self, what: Hashable) -> bool:
        """Whether ``what`` was kept lately."""
        with self._lock:
            return self._until.get(what, 0.0) > time.monotonic()

    def keep(self, what: Hashable) -> None:
        """Remember ``what`` from now on."""
        with self._lock:
            self._until[what] = time.monotonic() + self._seconds
            self._until.move_to_end(what)
            while len(self._until) > _REMEMBERED:
                self._until.popitem(last=False)
