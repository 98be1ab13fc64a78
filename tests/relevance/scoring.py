"""Counting how often the right charts come, and how early."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tests.relevance.judged import Judgement

LOOKED_AT = 10
"""Results that a person looks at."""

Shown = Sequence[frozenset[str]]
"""Results, best first: each the ``source/name`` of the chart and of those it is "also in"."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one search came to."""

    judgement: Judgement
    shown: Shown
    """The first ten."""
    total: int

    @property
    def rank(self) -> int:
        """Where the first right chart stands, from 1; 0 where none is shown, or one that must not be."""
        if any(one & self.judgement.never for one in self.shown):
            return 0
        places = (place for place, one in enumerate(self.shown, 1) if one & self.judgement.wanted)
        return next(places, 0)

    @property
    def first_is_best(self) -> bool:
        """Success@1."""
        return self.rank == 1 and bool(self.shown[0] & self.judgement.best)

    @property
    def in_five(self) -> bool:
        """Success@5."""
        return 1 <= self.rank <= 5


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares between 0 and 1."""

    queries: int
    mrr: float
    """Mean of 1/rank of the first right chart among ten."""
    success_1: float
    success_5: float
    zero: float
    """Searches without a result; all of them have a right answer."""


def scores(outcomes: Collection[Outcome]) -> Scores:
    """Count ``outcomes``, of which there is at least one."""
    count = len(outcomes)
    return Scores(
        queries=count,
        mrr=sum(1 / one.rank for one in outcomes if one.rank) / count,
        success_1=sum(one.first_is_best for one in outcomes) / count,
        success_5=sum(one.in_five for one in outcomes) / count,
        zero=sum(not one.total for one in outcomes) / count,
    )


@dataclass(frozen=True, slots=True)
class Floor:
    """What the search reached once and must not fall below."""

    success_1: float
    success_5: float
    zero: float

    def missed(self, found: Scores) -> Iterator[str]:
        """Where ``found`` is worse, a line each."""
        if found.success_1 < self.success_1:
            yield f"success@1 is {found.success_1:.3f}, was {self.success_1:.3f}"
        if found.success_5 < self.success_5:
            yield f"success@5 is {found.success_5:.3f}, was {self.success_5:.3f}"
        if found.zero > self.zero:
            yield f"{found.zero:.3f} of the searches find nothing, were {self.zero:.3f}"
