"""A whole answer: what is found, corrected where little is, filtered, counted, grouped and put in order."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.search.columns import Columns, within
from indexer.search.document import marked
from indexer.search.postings import Numbers, Table
from indexer.search.query import Query, Word, parse
from indexer.search.ranking import INSTALLED, LITTLE, Ranked, Ranking
from indexer.search.request import Facet, Marks, Note, SearchRequest, Suggestion
from indexer.search.spelling import Speller
from indexer.search.suggesting import suggest
from indexer.search.texts import Texts
from indexer.search.words import tokens

CORRECTIONS = 4
"""Spellings of a word that are tried."""
NAMED = 50
"""How much more a word counts for the speller when a name has it: “grafna” is grafana, not grafting."""


@dataclass(frozen=True, slots=True)
class Answer:
    """All that was found for a question."""

    query: Query
    """Which was searched in the end."""
    notes: tuple[Note, ...]
    ordered: Numbers
    """One chart of each group, best first."""
    facets: Mapping[Facet, tuple[tuple[str, int], ...]]
    corrected: str = ""
    did_you_mean: str = ""


class Engine:
    """Answers questions on one opened commit. Safe to use from several threads as far as ``texts`` is."""

    def __init__(self, table: Table, columns: Columns, texts: Callable[[int], Texts]) -> None:
        self.columns, self._table = columns, table
        self._ranking = Ranking(table, columns, texts)
        self._speller = Speller(_vocabulary(table, columns))

    def answer(self, query: Query, request: SearchRequest, marks: Marks) -> Answer:
        """The whole answer, whatever page of it is asked for. Of ``request`` only filters and order count."""
        ranked = self._ranking.rank(query)
        corrected, did_you_mean = "", ""
        if not request.exact and (ranked.unknown or ranked.count < LITTLE):
            better = self._better(query, ranked)
            if better and (ranked.unknown or not ranked.count):
                corrected, query = better, parse(better)
                ranked = self._ranking.rank(query)
            else:
                did_you_mean = better
        ordered, facets = self._chosen(ranked, request, marks)
        return Answer(query, ranked.notes, ordered, facets, corrected, did_you_mean)

    def suggest(self, query: Query, limit: int) -> list[Suggestion]:
        """Names of charts that the text may become, or would if its last word were spelt otherwise."""
        found = suggest(query, self._table, self.columns, limit)
        others = () if found else self._spellings(query, query.words[-1:])
        return next(
            (some for text in others if (some := suggest(parse(text), self._table, self.columns, limit))), found
        )

    def _chosen(
        self, ranked: Ranked, request: SearchRequest, marks: Marks
    ) -> tuple[Numbers, dict[Facet, tuple[tuple[str, int], ...]]]:
        allowed = self.columns.allowed(request, marks)
        facets = self.columns.count(ranked.found, allowed, request, marks)
        found = np.flatnonzero(within(ranked.found, allowed.values()))
        return self._in_order(found, ranked, request, marks), facets

    def _in_order(self, found: NDArray[np.int64], ranked: Ranked, request: SearchRequest, marks: Marks) -> Numbers:
        """The best chart of each group, best first. Charts of equal score stand as without a search."""
        keys = self._keys(found, ranked, request, marks)
        groups = self.columns.groups[found]
        best = np.full(self.columns.size, -1, np.int64)
        np.maximum.at(best, groups, keys)
        first = found[keys == best[groups]]
        order = np.argsort(-keys[keys == best[groups]])
        ordered: Numbers = first[order].astype(np.int32)
        return ordered

    def _keys(
        self, found: NDArray[np.int64], ranked: Ranked, request: SearchRequest, marks: Marks
    ) -> NDArray[np.int64]:
        """A number for each chart that no other has, higher is better: its score, then its place."""
        behind = self.columns.size - self.columns.places[request.sort][found].astype(np.int64)
        if request.sort != "relevance":
            return behind
        marked = self.columns.marked(marks)
        scores = ranked.scores[found] * np.where(marked.installed[found], np.float32(INSTALLED), np.float32(1))
        first = np.where(marked.recommended[found], self.columns.size, 0)
        return (scores.view(np.int32).astype(np.int64) << 32) | (behind + first)

    def _better(self, query: Query, ranked: Ranked) -> str:
        """Another spelling of the text, of which more is known or that finds more; nothing where there is none."""
        doubtful = ranked.unknown or tuple(sorted(query.words, key=self._ranking.finds)[:1])
        for text in self._spellings(query, doubtful):
            tried = self._ranking.rank(parse(text))
            if tried.count and (len(tried.unknown), -tried.count) < (len(ranked.unknown), -ranked.count):
                return text
        return ""

    def _spellings(self, query: Query, words: Sequence[Word]) -> Iterator[str]:
        """The text with all of ``words`` corrected, the likeliest way first."""
        corrections = [self._speller.correct(word.exact)[:CORRECTIONS] for word in words]
        for at in range(max(map(len, corrections), default=0)):
            text = query.text
            for word, better in zip(words, corrections, strict=True):
                text = _with(text, word, better[min(at, len(better) - 1)]) if better else text
            if text != query.text:
                yield text


def _with(text: str, word: Word, better: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(word.text)}(?!\w)", lambda _: better, text, count=1, flags=re.IGNORECASE)


def _vocabulary(table: Table, columns: Columns) -> dict[str, int]:
    """Words as they are written, with how much each counts."""
    counts: dict[str, int] = {}
    for letters, times in ((marked("name", ""), NAMED), (marked("keyword", ""), 1)):
        for term, count in table.counts(letters).items():
            word = term[len(letters) :]
            counts[word] = counts.get(word, 0) + times * count
    for number in columns.numbers.values():
        for word in set(tokens(columns.row(number).description)):
            counts[word] = counts.get(word, 0) + 1
    return counts
