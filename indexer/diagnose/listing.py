"""Read a source's charts as a sync does, from the beginning and without keeping anything, within the time of a test."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer.diagnose.clock import Clock
from indexer.errors import N_, Phrase, ProjectRefused, SourceError, TimedOut, phrase
from indexer.filters import filter_of, filtered
from indexer.http import Access
from indexer.model import Listing, Source
from indexer.projects import child_of
from indexer.sources import Known
from indexer.sources.harbor import HarborHost
from indexer.sources.registry import open_source

_LEAST = 1
"""Second that one answer gets at least."""


@dataclass(slots=True)
class Read:
    """What was read so far, also where an error ended it."""

    started: float = field(default_factory=time.monotonic)
    first: float = 0.0
    """When the first bytes of a body came, on the monotonic clock; 0: none did."""
    bytes: int = 0
    charts: int = 0
    versions: int = 0
    left_out: int = 0
    """Charts that the source's filters leave out."""
    skipped: int = 0
    """Entries that cannot be read."""
    projects: int = 0
    refused: tuple[SourceError, ...] = ()
    """Of single projects."""
    partial: Phrase | None = None
    """Why it is not all."""


class _TimeUp(Exception):
    """Raised from within a listing of many requests, which tells at each how far it is."""


def read_charts(source: Source, access: Access, spool: Path, clock: Clock, read: Read) -> None:
    """List the charts of ``source`` into ``read``. Raises SourceError."""
    if source.holds_projects:
        _read_projects(source, access, spool, clock, read)
    else:
        _read_one(source, access, spool, clock, read)


def _read_projects(source: Source, access: Access, spool: Path, clock: Clock, read: Read) -> None:
    try:
        found = HarborHost(_in_time(source, clock), access).projects(frozenset(), _until(clock, read))
    except _TimeUp:
        return
    projects = sorted(found)
    read.projects = len(projects)
    for done, project in enumerate(projects):
        if clock.is_over:
            text = N_("{done} of {total} projects were looked at; the time of a test is up.")
            read.partial = phrase(text, done=done, total=len(projects))
            return
        try:
            _read_one(child_of(source, project), access, spool, clock, read)
        except ProjectRefused as error:
            read.refused = (*read.refused, error)
    if read.refused and len(read.refused) == len(projects):
        raise read.refused[0]


def _read_one(source: Source, access: Access, spool: Path, clock: Clock, read: Read) -> None:
    def received(count: int, _of: int) -> None:
        read.first = read.first or time.monotonic()
        read.bytes = count

    try:
        opened = open_source(_in_time(source, clock), access, spool)
        with opened.list_charts(Known(received=received, step=_until(clock, read))) as answer:
            answer.check_end(source.shown_url)
            if answer.listing is not None:
                _count(answer.listing, filtered(answer.listing, filter_of(source)), read)
    except _TimeUp:
        return
    except TimedOut:
        if not (read.first and source.timeout > clock.seconds):
            raise
        text = N_("{bytes} bytes came, and the time of a test is up.")
        read.partial = phrase(text, bytes=f"{read.bytes:,}")


def _until(clock: Clock, read: Read) -> Callable[[int, int], None]:
    """What is told at each step of a listing how far it is, and ends it when the time is up."""

    def step(done: int, total: int) -> None:
        if clock.is_over:
            text = N_("{done} of {total} were looked at; the time of a test is up.")
            read.partial = phrase(text, done=done, total=total)
            raise _TimeUp

    return step


def _in_time(source: Source, clock: Clock) -> Source:
    return replace(source, timeout=max(_LEAST, min(source.timeout, int(clock.left()))))


def _count(whole: Listing, listing: Listing, read: Read) -> None:
    read.left_out += len(whole.charts) - len(listing.charts)
    read.charts += len(listing.charts)
    read.versions += sum(len(one.versions) for one in listing.charts.values())
    read.skipped += sum(one.kind == "skipped" for one in listing.problems)
