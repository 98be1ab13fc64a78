"""Which apps a list is about, and in which order. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

from catalog_web.inventory.rows import AppRow
from indexer import versions
from indexer.errors import N_, BadQuery
from indexer.version_range import VersionRange

Sort = Literal["place", "name", "state", "chart", "version", "behind", "owner", "changed"]
Facet = Literal["cluster", "namespace", "state", "source", "chart", "owner"]
Flag = Literal["upgradeable", "drift", "deprecated", "repushed"]
FACETS: tuple[Facet, ...] = get_args(Facet)
FLAGS: tuple[Flag, ...] = get_args(Flag)
SORTS: tuple[Sort, ...] = get_args(Sort)
_TROUBLE = ("failed", "retrying", "waiting", "deleting", "unknown", "installing", "upgrading", "running", "gone")
"""States in the order in which somebody who sorts by them wants to see them."""

_VALUES: Mapping[Facet, Callable[[AppRow], str]] = {
    "cluster": lambda row: row.app.cluster,
    "namespace": lambda row: row.app.namespace,
    "state": lambda row: row.app.state,
    "source": lambda row: row.source,
    "chart": lambda row: row.app.chart,
    "owner": lambda row: row.owner,
}
_FLAGS: Mapping[Flag, Callable[[AppRow], bool]] = {
    "upgradeable": lambda row: row.behind > 0,
    "drift": lambda row: row.drifted,
    "deprecated": lambda row: row.deprecated,
    "repushed": lambda row: row.repushed,
}
_KEYS: Mapping[Sort, Callable[[AppRow], Any]] = {
    "place": lambda row: row.place,
    "name": lambda row: row.app.name,
    "state": lambda row: _TROUBLE.index(row.app.state),
    "chart": lambda row: (row.app.chart, row.source),
    "version": lambda row: (row.app.chart, versions.sort_key(row.version)),
    "behind": lambda row: -row.behind,
    "owner": lambda row: (row.owner == "", row.owner),
    "changed": lambda row: -row.changed.timestamp() if row.changed else 0,
}


@dataclass(frozen=True)
class AppFilter:
    """Apps that are wanted. Within one filter any value will do; between filters all must hold.

    Raises BadQuery for an order, a state or a range of versions that there is not.
    """

    text: str = ""
    """Words, each of which a name, namespace, chart, version, owner or reason has in it."""
    chosen: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    flags: Mapping[Flag, bool] = field(default_factory=dict)
    behind: int = 0
    """At least so many releases."""
    versions: str = ""
    """A range in Helm's notation, such as ``<1.2``."""
    image: str = ""
    """A part of an image's name, with a tag or without."""
    sort: str = "place"
    reverse: bool = False

    def __post_init__(self) -> None:
        if self.sort not in SORTS:
            raise BadQuery(what=f"There is no order “{self.sort}”.", hint=f"Use one of {', '.join(SORTS)}.")
        try:
            _ = self.range
        except ValueError as error:
            hint = N_("Write it as Helm does: <1.2, >=1 <3, ~1.4, 1.x.")
            raise BadQuery(what=f"“{self.versions[:80]}” is no range of versions: {error}", hint=hint) from None

    @cached_property
    def range(self) -> VersionRange | None:
        """The range of versions, or None for all."""
        return VersionRange.parse(self.versions) if self.versions else None

    @property
    def clusters(self) -> tuple[str, ...]:
        """Those that need be asked; empty: all."""
        return self.chosen.get("cluster", ())

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Those that are wanted; empty: all."""
        return self.chosen.get("namespace", ())

    def chosen_without(self, row: AppRow) -> list[Facet]:
        """The facets under which ``row`` is not wanted."""
        return [one for one, values in self.chosen.items() if values and _VALUES[one](row) not in values]

    def admits_otherwise(self, row: AppRow) -> bool:
        """Whether all but the facets want ``row``; images are looked at elsewhere."""
        return (
            row.behind >= self.behind
            and all(_FLAGS[one](row) == wanted for one, wanted in self.flags.items())
            and (self.range is None or row.version in self.range)
            and _has_words(row, self.text)
        )

    def ordered(self, rows: Iterable[AppRow]) -> tuple[AppRow, ...]:
        """``rows`` in the wanted order; equal ones by cluster, namespace and name."""
        key = _KEYS[self.sort]  # type: ignore[index]  # __post_init__ has looked
        by_place = sorted(rows, key=lambda row: row.place)
        return tuple(sorted(by_place, key=key, reverse=self.reverse))


def _has_words(row: AppRow, text: str) -> bool:
    if not text:
        return True
    app = row.app
    parts = (
        app.name,
        app.namespace,
        app.cluster,
        app.chart,
        row.source,
        row.version,
        row.owner,
        row.person,
        app.reason,
    )
    there = "\n".join(parts).casefold()
    return all(word in there for word in text.casefold().split())


def narrowed(
    rows: Sequence[AppRow], wanted: AppFilter
) -> tuple[list[AppRow], dict[Facet, tuple[tuple[str, int], ...]]]:
    """The rows that are ``wanted``, and how many there are for each value of each facet under all other filters; the
    most frequent first."""
    kept: list[AppRow] = []
    counts: dict[Facet, Counter[str]] = {one: Counter() for one in FACETS}
    for row in filter(wanted.admits_otherwise, rows):
        against = wanted.chosen_without(row)
        if not against:
            kept.append(row)
        for facet in FACETS if not against else against if len(against) == 1 else ():
            counts[facet][_VALUES[facet](row)] += 1
    return kept, {
        facet: tuple(sorted(some.items(), key=lambda one: (-one[1], one[0]))) for facet, some in counts.items()
    }


def flagged(rows: Iterable[AppRow]) -> dict[Flag, int]:
    """How many of ``rows`` each flag is true of."""
    counts = Counter(one for row in rows for one in FLAGS if _FLAGS[one](row))
    return {one: counts[one] for one in FLAGS}
