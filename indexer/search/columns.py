"""What filters, facets, orders and groups need of every chart, as arrays beside one opened index.

Charts are numbered as the index numbers them; numbers of removed charts are missing from ``alive``.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, cast, get_args

import numpy as np
from numpy.typing import NDArray

from indexer.search.groups import group
from indexer.search.postings import Numbers
from indexer.search.request import ChartKey, Facet, Marks, SearchRequest, Sort
from indexer.search.rows import Row
from indexer.search.words import label
from indexer.version_range import VersionRange

TOP_KEYWORDS = 20
TOP_VALUES = 50
"""Of categories and licences. One source may name thousands, and each would be a link of the catalog's page; real
catalogs of all public charts have some 10 categories and 30 licences. Sources are all told: they were chosen here."""
_KEPT_FITS = 32
"""Versions of Kubernetes whose charts are remembered."""
_PATCHES = (".0", ".999")
"""“1.30” is any 1.30.x: a range that admits the first or a late one of them fits."""

Mask = NDArray[np.bool_]


class Codes:
    """One column of values: each chart has none, one or several of them."""

    def __init__(self, values: Sequence[Collection[str]]) -> None:
        self.values = sorted(set(chain.from_iterable(values)))
        self._numbers = {value: number for number, value in enumerate(self.values)}
        self._codes = np.fromiter(map(self._numbers.__getitem__, chain.from_iterable(values)), np.int32)
        self._charts = np.repeat(np.arange(len(values), dtype=np.int32), [len(one) for one in values])
        self._size = len(values)

    def having(self, wanted: Iterable[str]) -> Mask:
        """The charts that have any of the values."""
        chosen = np.zeros(len(self.values), bool)
        chosen[[self._numbers[value] for value in wanted if value in self._numbers]] = True
        found = np.zeros(self._size, bool)
        found[self._charts[chosen[self._codes]]] = True
        return found

    def count(self, found: Mask, chosen: Collection[str], most: int | None = None) -> tuple[tuple[str, int], ...]:
        """(value, count) of the charts in ``found``, most first, of ``most`` values and all that are chosen."""
        counts = np.bincount(self._codes[found[self._charts]], minlength=len(self.values))
        shown = [(self.values[at], int(counts[at])) for at in _highest(counts, most)]
        named = {value for value, _ in shown}
        return (*shown, *((value, self._counted(counts, value)) for value in chosen if value not in named))

    def _counted(self, counts: NDArray[np.int64], value: str) -> int:
        return int(counts[self._numbers[value]]) if value in self._numbers else 0


def _highest(counts: NDArray[np.int64], most: int | None) -> list[int]:
    """Where the highest counts above 0 are, highest first, equal ones in order."""
    some = np.flatnonzero(counts)
    order = some[np.argsort(-counts[some], kind="stable")]
    found: list[int] = order[:most].tolist()
    return found


class Columns:
    """All charts of one commit, by number."""

    def __init__(self, rows: Sequence[Row | None]) -> None:
        self._rows = rows
        self.size = len(rows)
        self.alive = np.array([row is not None for row in rows], bool)
        self.numbers = {row.key: number for number, row in enumerate(rows) if row is not None}
        self.deprecated = self._flags(lambda row: row.deprecated)
        self.official = self._flags(lambda row: row.official)
        self.name_lengths = np.array([len(row.name) if row else 1 for row in rows], np.int32)
        self.updated = np.array([row.updated if row else -np.inf for row in rows], np.float64)
        self.codes: Mapping[Facet, Codes] = {
            "source": self._coded(lambda row: (row.source,)),
            "keyword": self._coded(lambda row: row.keywords),
            "category": self._coded(lambda row: (row.category,) if row.category else ()),
            "license": self._coded(lambda row: (row.license,) if row.license else ()),
        }
        self.kube = self._coded(lambda row: (row.kube_version,) if row.kube_version else ())
        self.places: Mapping[Sort, Numbers] = {
            "relevance": self._places(lambda row: (row.deprecated, -row.updated, row.name, row.source)),
            "updated": self._places(lambda row: (-row.updated, row.name, row.source)),
            "name": self._places(lambda row: (row.name.casefold(), row.name, row.source)),
        }
        """Where each chart stands in each order when nothing is searched for: deprecated last, newest first."""
        self.groups = group(rows)
        """The same chart in several sources has one number here, below ``size``."""
        self._members = self._in_groups()
        self._fits: dict[str, Mask] = {}
        nothing = np.zeros(self.size, bool)
        self._marks: tuple[Marks, Marked] = (Marks(), Marked(nothing, nothing, nothing))

    @property
    def total(self) -> int:
        """How many charts there are."""
        return len(self.numbers)

    def row(self, number: int) -> Row:
        """A chart that is there."""
        return cast("Row", self._rows[number])

    def also_in(self, number: int) -> tuple[ChartKey, ...]:
        """The same chart in other sources."""
        members = self._members.get(int(self.groups[number]), ())
        return tuple(self.row(other).key for other in members if other != number)

    def allowed(self, request: SearchRequest, marks: Marks) -> dict[Facet | str, Mask]:
        """The charts that each filter of the request lets through."""
        found: dict[Facet | str, Mask] = {
            facet: self.codes[facet].having(values) for facet, values in chosen(request).items() if values
        }
        if request.deprecated is not None:
            found["deprecated"] = self.deprecated == request.deprecated
        for facet, wanted, has in zip(
            _MARKED, (request.installed, request.upgradeable, request.recommended), self.marked(marks), strict=True
        ):
            if wanted is not None:
                found[facet] = has == wanted
        if request.kube:
            found["kube"] = self.fitting(request.kube)
        return found

    def count(
        self, found: Mask, allowed: Mapping[Facet | str, Mask], request: SearchRequest, marks: Marks
    ) -> dict[Facet, tuple[tuple[str, int], ...]]:
        """Each facet counted under all filters but its own."""
        under_all = within(found, allowed.values())
        wanted = chosen(request)
        flags = dict(zip(_MARKED, self.marked(marks), strict=True)) | {"deprecated": self.deprecated}
        counts: dict[Facet, tuple[tuple[str, int], ...]] = {}
        for facet in get_args(Facet):
            others = [mask for name, mask in allowed.items() if name != facet]
            under = within(found, others) if facet in allowed else under_all
            if facet in flags:
                counts[facet] = _count_flag(flags[facet][under])
            else:
                counts[facet] = self.codes[facet].count(under, wanted[facet], _MOST.get(facet))
        return counts

    def marked(self, marks: Marks) -> "Marked":
        """Which charts have which mark. Those of the last question are kept."""
        known, found = self._marks
        if known != marks:
            found = Marked(*map(self._of, (marks.installed, marks.upgradeable, marks.recommended)))
            self._marks = marks, found
        return found

    def fitting(self, kube: str) -> Mask:
        """The charts that allow this version of Kubernetes; one that says nothing allows all."""
        fits = self._fits.get(kube)
        if fits is None:
            fits = self.kube.having(value for value in self.kube.values if allows(value, kube))
            fits |= ~self.kube.having(self.kube.values)
            self._fits = {**(self._fits if len(self._fits) < _KEPT_FITS else {}), kube: fits}
        return fits

    def _of(self, keys: Iterable[ChartKey]) -> Mask:
        found = np.zeros(self.size, bool)
        found[[self.numbers[key] for key in keys if key in self.numbers]] = True
        return found

    def _in_groups(self) -> Mapping[int, tuple[int, ...]]:
        """The charts of each group that has several, by source."""
        several = np.bincount(self.groups[self.alive], minlength=self.size) > 1
        found: dict[int, list[int]] = {}
        for number in np.flatnonzero(self.alive & several[self.groups]).tolist():
            found.setdefault(int(self.groups[number]), []).append(number)
        return {of: tuple(sorted(numbers, key=lambda one: self.row(one).key)) for of, numbers in found.items()}

    def _flags(self, of: Callable[[Row], bool]) -> Mask:
        return np.array([row is not None and of(row) for row in self._rows], bool)

    def _coded(self, of: Callable[[Row], Collection[str]]) -> Codes:
        return Codes([of(row) if row is not None else () for row in self._rows])

    def _places(self, key: Callable[[Row], tuple[object, ...]]) -> Numbers:
        ordered = sorted(self.numbers.values(), key=lambda number: key(self.row(number)))
        places = np.full(self.size, len(ordered), np.int32)
        places[ordered] = np.arange(len(ordered), dtype=np.int32)
        return places


_MOST: Mapping[Facet, int] = {"keyword": TOP_KEYWORDS, "category": TOP_VALUES, "license": TOP_VALUES}
_MARKED: tuple[Facet, Facet, Facet] = ("installed", "upgradeable", "recommended")


class Marked(NamedTuple):
    """The charts with each mark, in the order of ``_MARKED``."""

    installed: Mask
    upgradeable: Mask
    recommended: Mask


def chosen(request: SearchRequest) -> dict[Facet, tuple[str, ...]]:
    """The values of each facet that are filtered by."""
    return {
        "source": tuple(dict.fromkeys(request.sources)),
        "keyword": tuple(dict.fromkeys(map(label, request.keywords))),
        "category": tuple(dict.fromkeys(map(label, request.categories))),
        "license": tuple(dict.fromkeys(request.licenses)),
    }


def within(found: Mask, allowed: Iterable[Mask]) -> Mask:
    """Those of ``found`` that all the others have too."""
    for mask in allowed:
        found = found & mask
    return found


@lru_cache(4_096)
def allows(kube_version: str, kube: str) -> bool:
    """Whether a chart's ``kubeVersion`` admits that Kubernetes (``1.30`` is any 1.30.x). One that Helm cannot read
    admits none."""
    try:
        admitted = VersionRange.parse(kube_version)
    except ValueError:
        return False
    return kube in admitted or any(kube + patch in admitted for patch in _PATCHES)


def _count_flag(flags: Mask) -> tuple[tuple[str, int], ...]:
    """How many are so and how many are not, most first, without zeros."""
    yes = int(np.count_nonzero(flags))
    counts = [("false", len(flags) - yes), ("true", yes)]
    return tuple(sorted((pair for pair in counts if pair[1]), key=lambda pair: -pair[1]))
