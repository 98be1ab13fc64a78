"""The same chart in several sources: equal bytes of the newest version, or else one name and one home."""

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from indexer.search.postings import Numbers

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://(?:www\.)?")


class Grouped(Protocol):
    """What of a chart decides."""

    @property
    def name(self) -> str:
        """The chart's."""

    @property
    def digest(self) -> str:
        """Of the newest version's archive; empty where it is not known."""

    @property
    def home(self) -> str:
        """As the chart says."""


def group(charts: Sequence[Grouped | None]) -> Numbers:
    """A number for each chart, the same for all that are one chart: that of the first of them."""
    leaders = list(range(len(charts)))
    first: dict[tuple[str, str], int] = {}
    for number, chart in enumerate(charts):
        for sign in _signs(chart) if chart is not None else ():
            known = first.setdefault(sign, number)
            leaders[_leader(leaders, number)] = _leader(leaders, known)
    return np.array([_leader(leaders, number) for number in range(len(charts))], np.int32)


def _signs(chart: Grouped) -> Iterator[tuple[str, str]]:
    """Charts of one name that share a sign are the same."""
    if chart.digest:
        yield chart.name, chart.digest
    home = plain_home(chart.home)
    if home:
        yield chart.name, home


def plain_home(home: str) -> str:
    """A home however it is written: ``http://www.Example.org/chart/`` and ``https://example.org/chart``."""
    return _SCHEME.sub("", home.strip().casefold()).rstrip("/").removesuffix(".git")


def _leader(leaders: list[int], number: int) -> int:
    while leaders[number] != number:
        leaders[number] = number = leaders[leaders[number]]
    return number
