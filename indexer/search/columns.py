"""What filters, facets, orders and prefixes need of every chart, held in memory beside one opened index.

Charts are numbered as the index numbers them; numbers of removed charts are missing. 15,000 charts take about 40 MB.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import get_args

from indexer.search.query import Query
from indexer.search.request import Facet, SearchRequest, Sort
from indexer.search.words import label, squash

TOP_KEYWORDS = 20
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Row:
    """What the index keeps of a chart beside its terms."""

    source: str
    name: str
    description: str
    keywords: tuple[str, ...]
    """As facets show them."""
    deprecated: bool
    updated: float
    """Seconds since 1970; -inf where unknown, which sorts last."""
    name_words: tuple[str, ...]
    keyword_words: tuple[str, ...]
    app_version: str = ""
    maintainers: tuple[str, ...] = ()
    category: str = ""
    license: str = ""
    dependencies: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


class Prefixes:
    """Words and the charts that have them, found by how they begin."""

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for word, chart in pairs:
            found[word].append(chart)
        self._words = sorted(found)
        self._charts = [found[word] for word in self._words]

    def charts(self, prefix: str) -> set[int]:
        """The charts with a word that begins with ``prefix``."""
        low, high = bisect_left(self._words, prefix), bisect_left(self._words, prefix + _LAST)
        return set(chain.from_iterable(self._charts[low:high]))

    def exactly(self, word: str) -> Sequence[int]:
        """The charts with just this word."""
        at = bisect_left(self._words, word)
        return self._charts[at] if at < len(self._words) and self._words[at] == word else ()


class Columns:
    """All charts of one commit, by number."""

    def __init__(self, rows: Mapping[int, Row]) -> None:
        self.rows = rows
        size = max(rows, default=-1) + 1
        self.names = Prefixes((word, n) for n, row in rows.items() for word in row.name_words)
        self.keywords = Prefixes((word, n) for n, row in rows.items() for word in row.keyword_words)
        self.squashed = Prefixes((squash(row.name), n) for n, row in rows.items())
        self._values: dict[Facet, list[tuple[str, ...]]] = {facet: [()] * size for facet in get_args(Facet)}
        self._charts: dict[Facet, defaultdict[str, set[int]]] = {facet: defaultdict(set) for facet in get_args(Facet)}
        for number, row in rows.items():
            self._take("source", number, (row.source,))
            self._take("keyword", number, row.keywords)
            self._take("deprecated", number, (_word(row.deprecated),))

    def _take(self, facet: Facet, number: int, values: tuple[str, ...]) -> None:
        self._values[facet][number] = values
        for value in values:
            self._charts[facet][value].add(number)

    @cached_property
    def places(self) -> Mapping[Sort, Mapping[int, int]]:
        """Where each chart stands in each order when nothing is searched for: deprecated last, newest first."""
        return {
            "relevance": self._order(lambda row: (row.deprecated, -row.updated, row.name, row.source)),
            "updated": self._order(lambda row: (-row.updated, row.name, row.source)),
            "name": self._order(lambda row: (row.name.casefold(), row.name, row.source)),
        }

    def _order(self, key: Callable[[Row], tuple[object, ...]]) -> dict[int, int]:
        ordered = sorted(self.rows, key=lambda number: key(self.rows[number]))
        return {number: place for place, number in enumerate(ordered)}

    def named(self, query: Query) -> list[int]:
        """The charts whose whole name, joined, is the text: ``argocd`` and ``argo cd`` name argo-cd."""
        if query.squashed:
            return list(self.squashed.exactly(query.squashed))
        return [n for n in self.squashed.exactly("") if self.rows[n].name == query.name]

    def filtered(
        self, found: Collection[int], request: SearchRequest
    ) -> tuple[Collection[int], dict[Facet, tuple[tuple[str, int], ...]]]:
        """Of ``found`` those under all filters, and each facet counted under all filters but its own."""
        chosen = _chosen(request)
        allowed = {facet: self._with_any(facet, values) for facet, values in chosen.items() if values}
        counts: dict[Facet, tuple[tuple[str, int], ...]] = {
            facet: self._count(facet, _within(found, (c for f, c in allowed.items() if f != facet)), values)
            for facet, values in chosen.items()
        }
        return _within(found, allowed.values()), counts

    def _with_any(self, facet: Facet, values: Iterable[str]) -> set[int]:
        charts = self._charts[facet]
        return set().union(*(charts[value] for value in values if value in charts))

    def _count(self, facet: Facet, found: Iterable[int], chosen: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
        counted = Counter(chain.from_iterable(map(self._values[facet].__getitem__, found)))
        ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
        if facet == "keyword":
            ordered = ordered[:TOP_KEYWORDS]
        shown = {value for value, _ in ordered}
        return (*ordered, *((value, counted[value]) for value in chosen if value not in shown))


def _chosen(request: SearchRequest) -> dict[Facet, tuple[str, ...]]:
    return {
        "source": tuple(dict.fromkeys(request.sources)),
        "keyword": tuple(dict.fromkeys(map(label, request.keywords))),
        "deprecated": () if request.deprecated is None else (_word(request.deprecated),),
    }


def _within(found: Collection[int], allowed: Iterable[set[int]]) -> Collection[int]:
    for charts in allowed:
        found = charts.intersection(found)
    return found


def _word(deprecated: bool) -> str:
    return "true" if deprecated else "false"
