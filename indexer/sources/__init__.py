"""One module a kind of source, each with the same two verbs: list charts, fetch one archive."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from indexer.errors import N_, IndexCutOff, phrase
from indexer.model import Listing

PROVENANCE_BYTES = 64 * 1024
"""Largest provenance file: a Chart.yaml, a few digests and a signature."""


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A stored version, so that a registry need not be asked for it again."""

    version: str
    digest: str
    manifest: str
    raw: bytes
    """The entry as it was listed."""


def _none_known(_chart: str) -> Sequence[KnownVersion]:
    return ()


def _no_step(_done: int, _total: int) -> None:
    return


def _wanted(_name: str) -> bool:
    return True


def _no_bytes(_received: int, _of: int) -> None:
    return


@dataclass(frozen=True, slots=True)
class Known:
    """What the store already has, so that a source can ask for less and a parser read less."""

    etag: str = ""
    last_modified: str = ""
    body_digest: str = ""
    """SHA-256 of the last body taken; an equal body is not parsed again."""
    charts: Mapping[str, bytes] | None = None
    """Fingerprint of every stored chart block that may be kept as it is."""
    names: Collection[str] = ()
    """All stored charts, also those that may not be kept."""
    versions: Callable[[str], Sequence[KnownVersion]] = _none_known
    """The stored versions of a chart."""
    memory: Mapping[str, Any] = field(default_factory=dict)
    """What the last answer asked to be remembered."""
    only: frozenset[str] | None = None
    """Repositories (or charts) that are to be looked at, and no others; None: all."""
    takes_chart: Callable[[str], bool] = _wanted
    """Whether the filter of the source takes a chart of that name ..."""
    takes_version: Callable[[str], bool] = _wanted
    """... or that version. What it does not take need not be asked for; the listing may tell it nevertheless."""
    step: Callable[[int, int], None] = _no_step
    """Called with (done, total) as a listing of many requests goes on."""
    received: Callable[[int, int], None] = _no_bytes
    """Called with (bytes received, bytes of all or 0) as a large answer comes in."""
    room: Callable[[], AbstractContextManager[object]] = nullcontext
    """Entered for as long as a whole index is held in memory; few are at once, so it may wait."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source said. ``listing`` is None when nothing changed (304, or a body equal to the last one)."""

    listing: Listing | None
    etag: str
    last_modified: str
    body_digest: str
    bytes: int
    """Bytes received."""
    framed: bool
    """The transport proved that the body is whole (Content-Length or chunks met, a local file)."""
    memory: Mapping[str, Any] = field(default_factory=dict)
    """Plain JSON that the next ``list_charts`` is told as ``Known.memory``; where only a part was read, an empty one
    leaves what was remembered before."""

    def check_end(self, url: str) -> None:
        """Raise IndexCutOff unless the transport or the listing itself proves that nothing is missing at its end."""
        if not self.framed and self.listing is not None and not self.listing.end_proven:
            raise IndexCutOff(url=url, detail=phrase(N_("neither the server nor the index says where it ends")))


class ChartSource(Protocol):
    """What ``sync`` needs of a source, whatever its kind."""

    def list_charts(self, known: Known) -> AbstractContextManager[Answer]:
        """Read the list of charts; the listing's raw entries are valid until the context ends.

        Raises SourceError.
        """
        ...

    def fetch_archive(self, urls: Sequence[str], target: Path, limit: int, manifest: str = "") -> None:
        """Write the archive that ``urls`` name (as listed; tried in order) to ``target``, at most ``limit`` bytes.

        ``manifest``: the digest of its OCI manifest, where the source is a registry.

        Raises SourceError.
        """
        ...

    def fetch_provenance(self, urls: Sequence[str], manifest: str = "") -> bytes:
        """What lies beside the archive where its provenance file would be; empty where nothing does.

        ``urls`` and ``manifest`` as for ``fetch_archive``; at most PROVENANCE_BYTES. Raises SourceError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Preview:
    """What may be known of an archive without fetching it; absent files are empty."""

    readme: str
    values: str


@runtime_checkable
class PreviewSource(ChartSource, Protocol):
    """A source that may tell README and values of a version without its archive."""

    def preview(self, urls: Sequence[str], manifest: str) -> Preview | None:
        """What ``urls`` and ``manifest`` name as for ``fetch_archive``; None where only the archive tells.

        Raises SourceError.
        """
        ...


class ProjectHost(Protocol):
    """A source that has no charts itself, but projects that have."""

    def projects(self, present: frozenset[str]) -> frozenset[str]:
        """The projects that the source means. ``present``: those that are known already; before one of them is taken
        for gone, it is made sure who asks.

        Raises SourceError.
        """
        ...
