"""What every rule is asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from indexer.compare.result import Comparison, Reason
from indexer.model import ArchiveContent, ChartMetadata


@dataclass(frozen=True, slots=True)
class Sides:
    """The two versions as they came, and what differs between them."""

    old: ChartMetadata
    new: ChartMetadata
    old_content: ArchiveContent | None
    new_content: ArchiveContent | None
    found: Comparison

    @property
    def both(self) -> tuple[ArchiveContent, ArchiveContent] | None:
        """Both archives where both were had in whole."""
        old, new = self.old_content, self.new_content
        return (old, new) if old and new and not (old.partial or new.partial) else None


Rule = Callable[[Sides], Iterator[Reason]]
"""Its docstring gives an example of what it finds."""
