"""One module a kind of source, each with the same two verbs: list charts, fetch one archive."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from indexer.model import Listing


@dataclass(frozen=True, slots=True)
class Known:
    """What the store already has, so that a source can ask for less and a parser read less."""

    etag: str = ""
    last_modified: str = ""
    body_digest: str = ""
    """SHA-256 of the last body taken; an equal body is not parsed again."""
    charts: Mapping[str, bytes] | None = None
    """Fingerprint of every stored chart block that may be kept as it is."""


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


class ChartSource(Protocol):
    """What ``sync`` needs of a source, whatever its kind."""

    def list_charts(self, known: Known) -> AbstractContextManager[Answer]:
        """Read the list of charts; the listing's raw entries are valid until the context ends.

        Raises SourceError.
        """
        ...

    def fetch_archive(self, urls: Sequence[str], target: Path, limit: int) -> None:
        """Write the archive that ``urls`` name (as listed; tried in order) to ``target``, at most ``limit`` bytes.

        Raises SourceError.
        """
        ...
