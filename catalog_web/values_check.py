"""What is wrong with a person's values: no YAML, too large, or refused by the chart's schema."""

from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import gettext

from catalog_web.i18n import said
from catalog_web.values.reading import MAX_TEXT_BYTES
from catalog_web.values_wanted import Wanted
from indexer.errors import EntryError
from indexer.model import ArchiveContent
from indexer.parse import load_values


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong at one place."""

    path: str
    """Dotted; empty for the values as a whole."""
    message: str
    line: int | None = None
    """Of the person's text."""

    @property
    def text(self) -> str:
        """With its place, for where that does not show."""
        return f"{self.path}: {self.message}" if self.path else self.message

    def nearest(self, names: Collection[str]) -> str:
        """The one of ``names`` (dotted paths) that it is at or below; empty where there is none."""
        path = self.path
        while path and path not in names:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return path


def check(content: ArchiveContent | None, wanted: Wanted, *, schema: bool = True) -> tuple[Mistake, ...]:
    """What is wrong with ``wanted``; nothing where all of it can be used. ``schema``: hold it against that, too."""
    size = len(wanted.text.encode("utf-8", "surrogatepass"))
    if size > MAX_TEXT_BYTES:
        told = gettext("The values have more than %(limit)s bytes.", limit=f"{MAX_TEXT_BYTES:,}")
        return (Mistake("", told),)
    try:
        load_values(wanted.text) if wanted.text.strip() else {}
    except EntryError as error:
        return (Mistake("", said(error.cause_text, error.params), error.params.get("line")),)
    return ()
