"""From the kind of a source to the class that reads it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.archive import read_chart_metadata
from indexer.http import Access
from indexer.model import Source
from indexer.sources import ChartSource, ProjectHost
from indexer.sources.detect import Detected, detect
from indexer.sources.directory import DirectorySource
from indexer.sources.harbor import HarborHost, HarborProject
from indexer.sources.index_yaml import IndexSource
from indexer.sources.oci import OciSource

READING_SECONDS = 3600.0
"""For all requests to a registry together. Each is short, and there may be tens of thousands: without it a slow one
would never be told as failed, and never leave its place to others."""


def open_source(source: Source, access: Access, spool: Path) -> ChartSource:
    """The reader of ``source``, reached by ``access``; what it fetches lies in the folder ``spool`` meanwhile.

    Nothing is fetched yet.

    Raises BadUrl.
    """
    if source.kind == "directory":
        return DirectorySource(source, spool, read_chart_metadata)
    if source.kind == "oci":
        return OciSource(source, _bounded(access))
    if source.kind == "harbor":
        return HarborProject(source, _bounded(access), spool)
    return IndexSource(source, access, spool)


@dataclass(frozen=True, slots=True)
class Hosts:
    """Opens hosts that hold projects, and finds out what a host is. ``access`` says how a source is reached."""

    access: Callable[[Source], Access]

    def open(self, source: Source) -> ProjectHost:
        """The reader of a source that holds projects. Nothing is fetched yet. Raises BadUrl, CredentialsUnreadable."""
        return HarborHost(source, _bounded(self.access(source)))

    def detect(self, source: Source) -> Detected | None:
        """What stands at the address of ``source``, if that is no index. Raises BadUrl, CredentialsUnreadable."""
        return detect(source.url, self.access(source))


def _bounded(access: Access) -> Access:
    return replace(access, until=min(access.until, time.monotonic() + READING_SECONDS))
