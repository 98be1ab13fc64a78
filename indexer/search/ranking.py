"""Which charts answer a query, and how well. Pure: the terms and columns of one commit in, scores out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from indexer.errors import N_
from indexer.search.columns import Columns, Mask
from indexer.search.conditions import Conditions
from indexer.search.document import DESCRIPTION, KEYWORD, NAME_PART, OTHER_NAME, Mark, marked
from indexer.search.phrases import Phrases
from indexer.search.postings import Numbers, Table, Weights
from indexer.search.query import NOTE_ANY, Query, Word
from indexer.search.request import Note
from indexer.search.texts import Texts
from indexer.search.words import all_terms, stem

# Each constant stands beside the example that it protects. The weights of places are in document.py.
IN_SOURCE = 30_000.0  # “bitnami/redis”: that one before every other redis
VERBATIM = 20_000.0  # “argo-cd”: argo-cd before a chart argocd
WHOLE_NAME = 10_000.0  # “argocd”: argo-cd before argocd-image-updater, although the latter has the word itself
NAME_PREFIX = 14.0  # “graf”: grafana before everything whose keyword grafana begins so
KEYWORD_PREFIX = 6.0  # “observ”: charts with the keyword observability, below names
TEXT_PREFIX = 0.5  # “telem”: charts that speak of telemetry, below those with a keyword that begins so
TEXT_PREFIX_LEAST = 3  # “re” begins a word of nearly every text, and tells nothing
NAME_START = 10.0  # “prom”: prometheus before prometheus-adapter before kube-prometheus-stack
ALL_WORDS = 1_000.0  # “workflow engine”: charts with both words before all that have one
PARTLY_MOST = OTHER_NAME  # “a web interface for mysql”: phpmyadmin, with both words, before what is called mysql
PARTLY_LEAST = 0.6  # of what the best has: beyond are charts that share a single frequent word with a long text
OTHER_FORM = 0.7  # “监控”: a chart that says so before one that says monitoring; “argocd”: one called so before argo cd
ELSEWHERE: dict[Mark, float] = {
    "crd": 5.0,  # “servicemonitor”: the operator that brings the kind, not every chart that can make one
    "dep": 2.5,  # “memcached”: memcached, then what says so, then charts that depend on it
    "maintainer": 3.0,  # “unguiculus”: who keeps a chart is below what it is about
    "image": 2.0,  # “kube-state-metrics”: charts that run that image below those that say so
    "values": 0.5,  # “persistence”: only where nothing better is left
}
ABOUT = 0.25  # “image:redis”: redis itself before what merely runs that image beside others

OFFICIAL = 1.3  # “argo-cd”: that of the Argo project before copies elsewhere with more words
DEPRECATED = 0.4  # “redis”: a redis that is kept up before a deprecated one, whatever their READMEs say
ABANDONED = 0.8  # “minio”: of two alike the one with a release this year before one without for five years
FRESH, STALE = 1.0, 5.0
"""Years without a new version after which a chart begins to count as abandoned, and is."""
INSTALLED = 1.1  # “redis”: the one that runs here before its twin
LITTLE = 3
"""Charts below which a search looks further: for charts with some of the words, for another spelling."""
NOTE_FEW = N_("Few charts have all of these words; those further down have some of them.")
_YEAR = 365.25 * 86_400
_LEAST_RARITY = 0.1


@dataclass(frozen=True, slots=True)
class Ranked:
    """The charts that answer a query."""

    scores: Weights
    """Of every chart; higher is better, above 0 where it was found."""
    found: Mask
    notes: tuple[Note, ...]
    unknown: tuple[Word, ...] = ()
    """Words that no chart has, or only a README here and there, where misspelt ones stand too."""

    @property
    def count(self) -> int:
        """How many were found."""
        return int(np.count_nonzero(self.found))


class Ranking:
    """Answers queries on one opened commit. ``texts`` reads a chart's texts from disk."""

    def __init__(self, table: Table, columns: Columns, texts: Callable[[int], Texts]) -> None:
        self._table, self._columns = table, columns
        self._conditions = Conditions(table, columns)
        self._phrases = Phrases(columns, texts)
        self._standing = _standing(columns)

    def rank(self, query: Query) -> Ranked:
        """Scores of all charts that answer ``query``."""
        allowed = self._allowed(query)
        if query.everything:
            return self._without_words(query, allowed)
        words = [self._word(query, word) for word in query.words]
        unknown = tuple(word for word, weights in zip(query.words, words, strict=True) if _is_doubtful(weights))
        named = self._named(query) & allowed
        scores, found, notes = self._joined(query, words, named, allowed)
        self._add_extras(scores, query)
        self._add_name_starts(scores, query)
        if query.words:
            scores += self._name_bonus(query, named)
            scores *= self._standing
            scores[named & self._in_source(query)] += IN_SOURCE
        if query.phrases:
            found = self._phrases.saying(query.phrases, found, scores)
        return Ranked(scores, found, notes, unknown)

    def finds(self, word: Word) -> int:
        """How many charts have a word, not counting beginnings."""
        return int(np.count_nonzero(self._plain(word)))

    def _without_words(self, query: Query, allowed: Mask) -> Ranked:
        scores = np.zeros(self._columns.size, np.float32)
        for condition in query.conditions:
            if not condition.negated:
                scores += self._conditions.weights(condition) + self._about(condition.value)
        return Ranked(scores * self._standing, allowed, query.notes)

    def _about(self, value: str) -> Weights:
        """How much each chart is about what a condition asks for."""
        best = np.zeros(self._columns.size, np.float32)
        for word in all_terms(value):
            self._raise(best, stem(word), ABOUT)
        return best

    def _joined(
        self, query: Query, words: Sequence[Weights], named: Mask, allowed: Mask
    ) -> tuple[Weights, Mask, tuple[Note, ...]]:
        """Charts with every word; where those are few, then charts with most of them, and a note that says so."""
        rarities = [self._rarity(weights) for weights in words]
        scores = np.zeros(self._columns.size, np.float32)
        found = allowed.copy() if words else np.zeros(self._columns.size, bool)
        for weights, rarity in zip(words, rarities, strict=True):
            scores += weights * np.float32(rarity)
            found &= weights > 0
        found |= named
        few = np.count_nonzero(found)
        if few >= LITTLE or len(words) < 2:  # noqa: PLR2004
            return scores, found, query.notes
        partly = self._partly(words, rarities, allowed)
        scores = np.where(found, scores + ALL_WORDS, partly)
        if not np.count_nonzero((partly > 0) & ~found):
            return scores, found, query.notes
        return scores, found | (partly > 0), (*query.notes, Note(NOTE_FEW if few else NOTE_ANY))

    def _partly(self, words: Sequence[Weights], rarities: Sequence[float], allowed: Mask) -> Weights:
        """Scores of charts with some of the words, of which it counts most how many they have."""
        covered, scores = np.zeros((2, self._columns.size), np.float32)
        for weights, rarity in zip(words, rarities, strict=True):
            covered += np.minimum(weights / PARTLY_MOST, 1) * np.float32(rarity / sum(rarities))
            scores += np.minimum(weights, PARTLY_MOST) * np.float32(rarity)
        covered *= allowed
        enough = covered >= covered.max(initial=0.0) * np.float32(PARTLY_LEAST)
        partly: Weights = np.where(enough, scores * covered, np.float32(0))
        return partly

    def _rarity(self, weights: Weights) -> float:
        """The rarer a word, the more it says."""
        has = np.count_nonzero(weights)
        return max(log(max(self._columns.total, 1) / (has + 1)) + 1, _LEAST_RARITY)

    def _word(self, query: Query, word: Word) -> Weights:
        weights = self._plain(word)
        if word.text == query.prefix:
            self._add_beginnings(weights, word)
        return weights

    def _plain(self, word: Word) -> Weights:
        """The weight of each chart's best place for the word."""
        best = np.zeros(self._columns.size, np.float32)
        for at, form in enumerate(word.forms):
            self._raise(best, form, OTHER_FORM if at else 1.0)
        for mark, weight in ELSEWHERE.items():
            for form in dict.fromkeys((word.exact, *word.forms)):
                if " " not in form:
                    self._raise(best, marked(mark, form), weight)
        return best

    def _raise(self, best: Weights, term: str, factor: float) -> None:
        numbers, weights = self._having(term)
        best[numbers] = np.maximum(best[numbers], weights * np.float32(factor))

    def _having(self, form: str) -> tuple[Numbers, Weights]:
        """The charts with a form of a word; of several terms it counts as the weakest of them."""
        first, *others = form.split(" ")
        numbers, weights = self._table.exactly(first)
        for term in others:
            more, weighing = self._table.exactly(term)
            numbers, ours, theirs = np.intersect1d(numbers, more, assume_unique=True, return_indices=True)
            weights = np.minimum(weights[ours], weighing[theirs])
        return numbers, weights

    def _add_beginnings(self, weights: Weights, word: Word) -> None:
        """Charts with words that begin so. In texts only where nobody has the word itself: then it is unfinished."""
        unfinished = not weights.any()
        for mark, weight in (("keyword", KEYWORD_PREFIX), ("name", NAME_PREFIX)):
            numbers, _ = self._table.beginning(marked(mark, word.exact))  # type: ignore[arg-type]
            weights[numbers] = np.maximum(weights[numbers], np.float32(weight))
        if unfinished and len(word.exact) >= TEXT_PREFIX_LEAST:
            numbers, found = self._table.beginning(word.exact)
            np.maximum.at(weights, numbers, np.minimum(found, KEYWORD) * np.float32(TEXT_PREFIX))

    def _named(self, query: Query) -> Mask:
        """The charts whose whole name, joined, is the text: ``argocd`` and ``argo cd`` name argo-cd."""
        named = np.zeros(self._columns.size, bool)
        numbers, _ = self._table.exactly(marked("whole", query.squashed))
        if not query.squashed:
            numbers = np.array([n for n in numbers.tolist() if self._columns.row(n).name == query.name], np.int32)
        named[numbers] = True
        return named

    def _name_bonus(self, query: Query, named: Mask) -> Weights:
        bonus = np.where(named, np.float32(WHOLE_NAME), np.float32(0))
        for number in np.flatnonzero(named).tolist():
            if self._columns.row(number).name == query.name:
                bonus[number] = VERBATIM
        return bonus

    def _in_source(self, query: Query) -> Mask:
        if not query.source:
            return np.zeros(self._columns.size, bool)
        return self._columns.codes["source"].having([query.source])

    def _add_extras(self, scores: Weights, query: Query) -> None:
        """Words true of every chart count in a name: “helm operator” is helm-operator before any operator."""
        for word in query.extras:
            best = np.zeros(self._columns.size, np.float32)
            for form in word.forms:
                self._raise(best, form, 1.0)
            scores += np.where((best >= NAME_PART) & (scores > 0), best, np.float32(0))

    def _add_name_starts(self, scores: Weights, query: Query) -> None:
        """A name that begins with the text, the more of it the text covers."""
        if not query.squashed:
            return
        numbers, _ = self._table.beginning(marked("whole", query.squashed))
        numbers = numbers[scores[numbers] > 0]
        covered = len(query.squashed) / self._columns.name_lengths[numbers]
        scores[numbers] += NAME_START * np.minimum(covered, 1.0).astype(np.float32)

    def _allowed(self, query: Query) -> Mask:
        """The charts that hold the conditions and have nothing excluded."""
        allowed = self._columns.alive
        for condition in query.conditions:
            allowed = allowed & ((self._conditions.weights(condition) > 0) != condition.negated)
        for word in query.excluded:
            allowed = allowed & ~self._says(word)
        return allowed

    def _says(self, word: Word) -> Mask:
        """The charts that are about a word. One that only its README names is not: “redis -cluster” is redis still."""
        about = np.zeros(self._columns.size, bool)
        for form in word.forms:
            numbers, weights = self._having(form)
            about[numbers] |= weights >= DESCRIPTION
        return about


def _is_doubtful(weights: Weights) -> bool:
    """“postgress”, which one README says, is a word that nobody has."""
    return bool(np.count_nonzero(weights) < LITTLE and weights.max(initial=0.0) < DESCRIPTION)


def _standing(columns: Columns) -> Weights:
    """What each chart's score is multiplied with, whatever is searched for."""
    newest = columns.updated.max(initial=0.0)
    years = np.minimum((newest - columns.updated) / _YEAR, STALE)
    age = np.maximum(years - FRESH, 0.0) / (STALE - FRESH)
    standing = 1.0 - (1.0 - ABANDONED) * age
    standing *= np.where(columns.official, OFFICIAL, 1.0)
    standing *= np.where(columns.deprecated, DEPRECATED, 1.0)
    multipliers: Weights = standing.astype(np.float32)
    return multipliers
