"""Read a source's charts as a sync does, from the beginning and without keeping anything, within the time of a test."""

import time
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class Read:
    """What was read so far, also where an error ended it."""

    started: float = field(default_factory=time.monotonic)
    first: float = 0.0
    """When the first bytes of a body came, on the monotonic clock; 0: none did."""
    has_begun: bool = False
    """Something came already."""
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
    """List the charts of ``source`` into ``read``, as far as ``clock`` lets, with which ``access`` ends.

    Raises SourceError; TimedOut only where nothing came, or the source's own time-out is what ended it.
    """
    try:
        if source.holds_projects:
            _read_projects(source, access, spool, clock, read)
        else:
            _read_one(source, access, spool, clock, read)
    except _TimeUp:
        return
    except TimedOut:
        if not (read.has_begun and clock.is_over):
            raise
        read.partial = read.partial or phrase(N_("It is being read, and the time of a test is up."))


def _read_projects(source: Source, access: Access, spool: Path, clock: Clock, read: Read) -> None:
    projects = sorted(HarborHost(source, access).projects(frozenset()))
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
        read.has_begun, read.bytes = True, count

    def step(done: int, total: int) -> None:
        read.has_begun = True
        if clock.is_over:
            text = N_("{done} of {total} were looked at; the time of a test is up.")
            read.partial = phrase(text, done=done, total=total)
            raise _TimeUp

    with open_source(source, access, spool).list_charts(Known(received=received, step=step)) as answer:
        answer.check_end(source.shown_url)
        if answer.listing is not None:
            _count(answer.listing, filtered(answer.listing, filter_of(source)), read)


def _count(whole: Listing, listing: Listing, read: Read) -> None:
    read.left_out += len(whole.charts) - len(listing.charts)
    read.charts += len(listing.charts)
    read.versions += sum(len(one.versions) for one in listing.charts.values())
    read.skipped += sum(one.kind == "skipped" for one in listing.problems)
