"""The YAML documents of a release's manifest, taken apart so that one that cannot be read costs only itself. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from catalog_web.install.reading import mappings, text
from indexer.errors import EntryError
from indexer.parse import load_values

MAX_DOCUMENTS = 500
MAX_BYTES = 4 * 1024 * 1024
"""Characters of a manifest that are read; what follows is not known."""

_BREAK = re.compile(r"^---(?:[ \t].*)?$", re.MULTILINE)
_CONTENT = re.compile(r"^[ \t]*[^#\s]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """One document."""

    text: str
    thing: Mapping[str, Any] | None
    """None where it cannot be read."""

    @property
    def things(self) -> tuple[Mapping[str, Any], ...]:
        """The objects in it: itself, or those of a ``List``."""
        if self.thing is None:
            return ()
        return mappings(self.thing.get("items"), MAX_DOCUMENTS) if self.is_list else (self.thing,)

    @property
    def is_list(self) -> bool:
        """Whether it holds several objects."""
        return self.thing is not None and text(self.thing.get("kind")).endswith("List") and "items" in self.thing


def documents(manifest: str, most: int = MAX_DOCUMENTS, characters: int = MAX_BYTES) -> tuple[Document, ...]:
    """The documents of ``manifest`` that say something, in order; at most so many, of so many characters."""
    return tuple(Document(one, _thing(one)) for one in islice(_parts(manifest[:characters]), most))


def is_cut(manifest: str) -> bool:
    """Whether `documents` leaves something of ``manifest`` out."""
    return len(manifest) > MAX_BYTES or sum(1 for _ in _parts(manifest)) > MAX_DOCUMENTS


def _parts(manifest: str) -> Iterator[str]:
    return (one.strip("\n") for one in _BREAK.split(manifest) if _CONTENT.search(one))


def _thing(document: str) -> Mapping[str, Any] | None:
    try:
        return load_values(document)
    except EntryError:
        return None
