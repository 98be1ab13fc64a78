"""What is held in memory of each chart beside its terms, and how a file holds it."""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter

from indexer.search.document import Document, keyword_labels
from indexer.search.request import ChartKey
from indexer.search.words import label

_CHECK = 4
"""Bytes of the check sum before the rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is held in memory of a chart beside its terms."""

    source: str
    name: str
    description: str
    keywords: tuple[str, ...]
    """As facets show them."""
    deprecated: bool
    updated: float
    """Seconds since 1970; -inf where unknown, which sorts last."""
    version: str = ""
    app_version: str = ""
    kube_version: str = ""
    digest: str = ""
    home: str = ""
    official: bool = False
    other_names: tuple[str, ...] = ()
    maintainers: tuple[str, ...] = ()
    category: str = ""
    license: str = ""
    dependencies: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def key(self) -> ChartKey:
        """What names the chart everywhere else."""
        return self.source, self.name


def row_of(document: Document) -> Row:
    """What is held in memory of a chart."""
    return Row(
        source=document.source,
        name=document.name,
        description=document.description,
        keywords=keyword_labels(document.keywords),
        deprecated=document.deprecated,
        updated=document.updated.timestamp() if document.updated else float("-inf"),
        version=document.version,
        app_version=document.app_version,
        kube_version=document.kube_version,
        digest=document.digest,
        home=document.home,
        official=document.official,
        other_names=document.other_names,
        maintainers=document.maintainers,
        category=label(document.category),
        license=document.license.strip(),
        dependencies=document.dependencies,
        images=document.images,
        kinds=document.kinds,
    )


def to_bytes(rows: Sequence[Row | None]) -> bytes:
    """What ``from_bytes`` reads."""
    data = json.dumps([row and _values_of(row) for row in rows]).encode()
    return zlib.crc32(data).to_bytes(_CHECK, "big") + data


def from_bytes(data: bytes) -> list[Row | None]:
    """Rows as they were written. Raises ValueError where they are damaged."""
    if zlib.crc32(data[_CHECK:]) != int.from_bytes(data[:_CHECK], "big"):
        raise ValueError("the rows are damaged")
    shared: dict[str, str] = {}
    return [None if values is None else _row(values, shared) for values in json.loads(data[_CHECK:])]


_values_of = attrgetter(*(field.name for field in fields(Row)))


def _row(values: Iterable[object], shared: dict[str, str]) -> Row:
    """A row as it was written. Texts that many charts have, such as keywords, are held once."""
    kept = (_shared(value, shared) if isinstance(value, list) else value for value in values)
    return Row(*kept)  # type: ignore[arg-type]


def _shared(texts: Iterable[str], shared: dict[str, str]) -> tuple[str, ...]:
    return tuple([shared.setdefault(text, text) for text in texts])
