"""Whether this process is able to serve, part by part."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from catalog_web.process import Pulse
from catalog_web.pulse import UNHEARD_SECONDS
from catalog_web.services import Services
from indexer.errors import N_, ChartroomError, DatabaseUnreachable, SearchUnavailable
from indexer.search.request import SearchRequest

PartId = Literal["process", "store", "search", "lag"]
LAG_SECONDS = 300
"""A search index that has not seen a change for so long is stuck: following takes seconds."""


class Draining(ChartroomError):
    """The process ends in a moment."""

    id = "draining"
    cause_text = N_("This process is about to end.")
    remedy_text = N_("Ask another one; nothing is lost.")
    status = 503


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that serving needs."""

    id: PartId
    ms: float
    """How long it took to learn."""
    error: ChartroomError | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    """All parts, in the order in which they need each other."""

    parts: tuple[Part, ...]

    @property
    def error(self) -> ChartroomError | None:
        """What stands in the way first; None: it is ready."""
        return next((one.error for one in self.parts if one.error), None)


def look(services: Services) -> Readiness:
    """Ask every part. Of a database on another machine the pulse tells: a question to one that is cut off would wait
    for ever, and a probe with it."""
    pulse = services.process.pulse if services.store.database.is_shared else None
    return Readiness(tuple(_asked(services, pulse)))


def _asked(services: Services, pulse: Pulse | None) -> Iterator[Part]:
    yield _part("process", lambda: _process(services))
    yield _part("store", services.store.changes.last if pulse is None else lambda: _heard(pulse))
    if services.process.follows:
        yield _part("search", lambda: services.search.search(SearchRequest(limit=0)))
        yield _part("lag", lambda: _lag(services) if pulse is None else _moved(pulse))


def _part(part: PartId, ask: Callable[[], object]) -> Part:
    began, error = time.perf_counter(), None
    try:
        ask()
    except ChartroomError as met:
        error = met
    return Part(part, round((time.perf_counter() - began) * 1000, 1), error)


def _process(services: Services) -> None:
    if services.process.draining:
        raise Draining


def _heard(pulse: Pulse) -> None:
    if pulse.error:
        raise pulse.error
    silent = time.monotonic() - pulse.heard
    if silent > UNHEARD_SECONDS:
        raise DatabaseUnreachable(detail=f"it has not answered for {round(silent)} seconds")


def _moved(pulse: Pulse) -> None:
    if pulse.lag and time.monotonic() - pulse.moved > LAG_SECONDS:
        raise SearchUnavailable(detail=f"it is {pulse.lag} changes behind and does not follow")


def _lag(services: Services) -> None:
    lag = services.catalog.lag()
    newest = services.store.changes.last()
    if lag > 0 and _waits_since(services, newest - lag) < datetime.now(UTC) - timedelta(seconds=LAG_SECONDS):
        raise SearchUnavailable(detail=f"it is {lag} changes behind and does not follow")


def _waits_since(services: Services, seen: int) -> datetime:
    """When the oldest change was made that the search index has not seen."""
    unseen = services.store.changes.since(max(seen, 0), 1, content=True)
    return unseen[0].at if unseen else datetime.now(UTC)
