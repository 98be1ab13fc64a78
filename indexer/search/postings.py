"""Terms and the charts that have them, as sorted arrays: finding a term is a bisection, what begins with some letters
is one slice. 15,000 charts with 200 terms each take about 25 MB."""

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import Struct
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
Weights = NDArray[np.float32]

_HEADER = Struct("<4sIQQQ")
_MAGIC = b"CRP1"
_LAST = "\U0010ffff"
_NOTHING = (np.empty(0, np.int32), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True)
class Postings:
    """The terms of one segment of the index; its charts are numbered from 0."""

    terms: Sequence[str]
    """Sorted by code points."""
    starts: NDArray[np.int64]
    """Where each term's charts begin in the two arrays below, and one more: where the last ones end."""
    charts: Numbers
    """Ascending within a term."""
    weights: Weights

    def exactly(self, term: str) -> slice:
        """Where the charts of ``term`` are."""
        at = bisect_left(self.terms, term)
        return self._between(at, at + (at < len(self.terms) and self.terms[at] == term))

    def beginning(self, letters: str) -> slice:
        """Where the charts of all terms that begin with ``letters`` are."""
        return self._between(*self.range(letters))

    def range(self, letters: str) -> tuple[int, int]:
        """The terms that begin with ``letters``: the first one and the one behind the last."""
        return bisect_left(self.terms, letters), bisect_left(self.terms, letters + _LAST)

    def _between(self, first: int, last: int) -> slice:
        return slice(int(self.starts[first]), int(self.starts[last]))

    def to_bytes(self) -> bytes:
        """What ``from_bytes`` reads."""
        words = "\n".join(self.terms).encode(errors="surrogatepass")
        arrays = (self.starts.astype("<i8"), self.charts.astype("<i4"), self.weights.astype("<f4"))
        body = b"".join((words, *(one.tobytes() for one in arrays)))
        return _HEADER.pack(_MAGIC, crc32(body), len(words), len(self.terms), len(self.charts)) + body

    @classmethod
    def from_bytes(cls, data: bytes) -> "Postings":
        """Read what ``to_bytes`` wrote. Raises ValueError where it is damaged."""
        magic, check, letters, terms, size = _HEADER.unpack(data[: _HEADER.size].ljust(_HEADER.size))
        body = memoryview(data)[_HEADER.size :]
        if magic != _MAGIC or len(body) != letters + 8 * (terms + 1) + 8 * size or crc32(body) != check:
            raise ValueError("the postings are damaged")
        words = str(body[:letters], errors="surrogatepass")
        starts = np.frombuffer(body, "<i8", terms + 1, letters)
        charts = np.frombuffer(body, "<i4", size, letters + starts.nbytes)
        weights = np.frombuffer(body, "<f4", size, letters + starts.nbytes + charts.nbytes)
        return cls(words.split("\n") if terms else (), starts, charts, weights)


class Gatherer:
    """Takes the terms of charts while a segment is written."""

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._terms, self._charts, self._weights = array("i"), array("i"), array("f")

    def add(self, chart: int, weights: Mapping[str, float]) -> None:
        """The terms of one chart; charts come in ascending order."""
        self._terms.extend(map(self._numbers.__getitem__, weights))
        self._charts.extend([chart] * len(weights))
        self._weights.extend(weights.values())

    def add_all(self, postings: Postings, renumbered: Numbers) -> None:
        """All of another segment. ``renumbered``: the new number of each of its charts, -1 for one that is gone."""
        numbers = np.fromiter(map(self._numbers.__getitem__, postings.terms), np.int32, len(postings.terms))
        terms = np.repeat(numbers, np.diff(postings.starts))
        charts = renumbered[postings.charts]
        stays = charts >= 0
        self._terms.frombytes(terms[stays].tobytes())
        self._charts.frombytes(charts[stays].tobytes())
        self._weights.frombytes(postings.weights[stays].tobytes())

    def gathered(self) -> Postings:
        """All that was added, sorted."""
        ordered = sorted(self._numbers)
        places = np.empty(len(ordered), np.int32)
        places[[self._numbers[word] for word in ordered]] = np.arange(len(ordered), dtype=np.int32)
        terms = places[np.frombuffer(self._terms, np.int32)]
        order = np.argsort(terms, kind="stable")
        starts = np.zeros(len(ordered) + 1, np.int64)
        np.cumsum(np.bincount(terms, minlength=len(ordered)), out=starts[1:])
        charts, weights = np.frombuffer(self._charts, np.int32), np.frombuffer(self._weights, np.float32)
        return Postings(ordered, starts, charts[order], weights[order])


class _Numbers(dict[str, int]):
    """Numbers words in the order in which they come."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of a commit."""

    first: int
    """What its charts' numbers begin with in the whole."""
    postings: Postings
    stays: NDArray[np.bool_] | None
    """Which of its charts are not removed; None: all."""


class Table:
    """The terms of all segments of one commit."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts

    def exactly(self, term: str) -> tuple[Numbers, Weights]:
        """The charts that have ``term``, each once, with its weight there."""
        return self._joined([(part, part.postings.exactly(term)) for part in self._parts])

    def beginning(self, letters: str) -> tuple[Numbers, Weights]:
        """The charts that have terms which begin with ``letters``, once for each such term."""
        return self._joined([(part, part.postings.beginning(letters)) for part in self._parts])

    def counts(self, letters: str) -> dict[str, int]:
        """Each term that begins with ``letters`` and that some charts have, and how many have it."""
        found: dict[str, int] = {}
        for part in self._parts:
            first, last = part.postings.range(letters)
            for term, size in zip(part.postings.terms[first:last], _sizes(part, first, last), strict=True):
                if size:
                    found[term] = found.get(term, 0) + size
        return found

    def _joined(self, places: Sequence[tuple[Part, slice]]) -> tuple[Numbers, Weights]:
        found = [_taken(part, place) for part, place in places if place.start < place.stop]
        if not found:
            return _NOTHING
        if len(found) == 1:
            return found[0]
        return np.concatenate([charts for charts, _ in found]), np.concatenate([weights for _, weights in found])


def _sizes(part: Part, first: int, last: int) -> list[int]:
    """How many charts have each of these terms, without those that were removed."""
    starts = part.postings.starts[first : last + 1]
    if part.stays is not None:
        stays = part.stays[part.postings.charts[starts[0] : starts[-1]]]
        starts = np.concatenate(([0], np.cumsum(stays)))[starts - starts[0]]
    sizes: list[int] = np.diff(starts).tolist()
    return sizes


def _taken(part: Part, place: slice) -> tuple[Numbers, Weights]:
    charts, weights = part.postings.charts[place], part.postings.weights[place]
    if part.stays is not None:
        stays = part.stays[charts]
        charts, weights = charts[stays], weights[stays]
    return (charts + np.int32(part.first) if part.first else charts), weights
