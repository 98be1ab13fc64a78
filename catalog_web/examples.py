"""Examples of searches that find something in the catalog at hand, for the help about searching."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from catalog_web.catalog import Catalog
from catalog_web.sight import Sight
from indexer.errors import BadQuery, ChartNotFound, EntryError, VersionNotFound
from indexer.model import ChartSummary, Searchable
from indexer.search.fields import FIELDS
from indexer.search.request import SearchRequest
from indexer.search.words import COMMON_WORDS
from indexer.store import Store

_SAMPLE = 100
"""Charts that are looked at for values that really are there: the best of the catalog without a search."""
_TRIES = 6
"""Values of one field that are tried; a search takes a few milliseconds."""
_LOOKED_INTO = 12
"""Charts whose index entries are opened for their dependencies."""
_README = 0
_SIGHTS = 64
_WORD = re.compile(r"[^\W_][\w.-]{2,40}")
_NUMBERS = re.compile(r"v?(\d{1,4}\.\d{1,4})")
_PHRASE = re.compile(r"\b([A-Za-z]{4,20} [A-Za-z]{4,20})\b")


@dataclass(frozen=True, slots=True)
class Example:
    """A search and how many charts it finds."""

    text: str
    total: int


class SearchExamples:
    """Keeps the examples until the catalog changes, for all who see the same of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: tuple[object, dict[Sight, Mapping[str, Example]]] = (None, {})

    def now(self, catalog: Catalog) -> Mapping[str, Example]:
        """Of what ``catalog`` shows, an example by field, and by ``words``, ``phrase``, ``without`` and ``whole``;
        where nothing of the kind is found it is absent. Raises SearchUnavailable, StoreUnavailable."""
        stamp = catalog.stamp()
        if self._kept[0] != stamp or len(self._kept[1]) > _SIGHTS:
            self._kept = (stamp, {})
        kept = self._kept[1]
        if catalog.sight not in kept:
            kept[catalog.sight] = dict(self._found(catalog))
        return kept[catalog.sight]

    def _found(self, catalog: Catalog) -> Iterator[tuple[str, Example]]:
        page = catalog.search(SearchRequest(limit=_SAMPLE))
        charts = [item.chart for item in page.items]
        archives = self._store.contents.searchable([(one.source, one.name) for one in charts], _README)
        values = _values(charts, tuple(archives.values()))
        values |= {
            name: [value for value, _ in page.facets.get(name, ())] for name in ("keyword", "category", "license")
        }
        values["dep"] = list(self._dependencies(charts[:_LOOKED_INTO]))
        for one in FIELDS:
            tried = _unlike([one.example, *values.get(one.field, ())])[:_TRIES]
            yield from self._first(catalog, one.field, [f"{one.field}:{_quoted(value)}" for value in tried])
        for name, texts in _ways(charts, values["keyword"]).items():
            yield from self._first(catalog, name, texts[:_TRIES])

    def _first(self, catalog: Catalog, name: str, texts: Iterable[str]) -> Iterator[tuple[str, Example]]:
        """The first of ``texts`` that finds charts, all of it understood."""
        for text in texts:
            try:
                page = catalog.search(SearchRequest(text=text, exact=True, limit=0))
            except BadQuery:
                continue
            if page.total and not page.notes:
                yield name, Example(text, page.total)
                return

    def _dependencies(self, charts: Iterable[ChartSummary]) -> Iterator[str]:
        for one in charts:
            try:
                _, metadata = self._store.catalog.version(one.source, one.name, one.version)
            except (ChartNotFound, VersionNotFound, EntryError):
                continue
            yield from (dependency.name for dependency in metadata.dependencies)


def _values(charts: Sequence[ChartSummary], archives: Sequence[Searchable]) -> dict[str, list[str]]:
    """What the charts have, by field."""
    return {
        "name": [chart.name for chart in charts],
        "source": [chart.source for chart in charts],
        "maintainer": [word for chart in charts for one in chart.maintainers[:1] for word in _WORD.findall(one)[:1]],
        "app": [found[1] for chart in charts if (found := _NUMBERS.match(chart.app_version))],
        "version": [found[1] for chart in charts if (found := _NUMBERS.match(chart.version))],
        "image": [image.rpartition("/")[2] for one in archives for image in one.images[:2]],
        "crd": [kind for one in archives for kind in one.kinds[:2]],
        "values": [key.partition(".")[0] for one in archives for key, _ in one.values[:2]],
        "deprecated": ["no"],
    }


def _ways(charts: Sequence[ChartSummary], keywords: Sequence[str]) -> dict[str, list[str]]:
    """Searches that are no field: words, a phrase, a word to leave out, a chart of one source."""
    words = [one for one in keywords if _WORD.fullmatch(one)]
    phrases = [found[1] for chart in charts if (found := _PHRASE.search(chart.description)) and _is_telling(found[1])]
    return {
        "words": [*words, *(chart.name for chart in charts)],
        "phrase": [f'"{one}"' for one in phrases],
        "without": [f"{one} -{other}" for one, other in pairwise(words)],
        "whole": [f"{chart.source}/{chart.name}" for chart in charts],
    }


def _is_telling(phrase: str) -> bool:
    return not COMMON_WORDS & set(phrase.lower().split())


def _unlike(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
