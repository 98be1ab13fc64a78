"""Which charts answer a query, and how well. Pure: postings and columns in, scores out."""

from collections.abc import Callable, Iterable, Mapping
from math import log

from indexer.search.columns import Columns
from indexer.search.document import NAME_PART
from indexer.search.query import NOTE_ANY, Query, Word
from indexer.search.request import Note, Suggestion

Postings = Callable[[str], Mapping[int, float]]
"""A term's charts with its weight there (document.weights)."""

# Each constant stands beside the example that it protects. The weights of places are in document.py.
IN_SOURCE = 30_000.0  # “bitnami/redis”: that one before every other redis
VERBATIM = 20_000.0  # “argo-cd”: argo-cd before a chart argocd
WHOLE_NAME = 10_000.0  # “argocd”: argo-cd before argocd-image-updater, although the latter has the word itself
NAME_PREFIX = 14.0  # “graf”: grafana before everything whose keyword grafana begins so
KEYWORD_PREFIX = 6.0  # “observ”: charts with the keyword observability, below names
NAME_START = 10.0  # “prom”: prometheus before prometheus-adapter before kube-prometheus-stack
DEPRECATED = 0.4  # “redis”: a redis that is kept up before a deprecated one, whatever their READMEs say
_TIE = 1e-6  # equal scores stand as in the order without a search


def rank(query: Query, columns: Columns, postings: Postings) -> tuple[Mapping[int, float], tuple[Note, ...]]:
    """Scores of all charts that answer ``query``, and notes for the reader. Higher is better."""
    places = columns.places["relevance"]
    if not query.text:
        return {number: -float(place) for number, place in places.items()}, ()
    named = columns.named(query)
    found = [_scored(query, word, columns, postings) for word in query.words]
    scores, notes = _all(found), query.notes
    if not scores and not named and len(found) > 1:
        scores = _any(found)
        notes = (*notes, Note(NOTE_ANY)) if scores else notes
    _add_extras(scores, query, postings)
    _add_name_starts(scores, query, columns)
    rows = columns.rows
    ranked = {n: (s * DEPRECATED if rows[n].deprecated else s) - places[n] * _TIE for n, s in scores.items()}
    for number in named:
        ranked[number] = ranked.get(number, 0.0) + _name_bonus(query, columns, number)
    return ranked, notes


def _scored(query: Query, word: Word, columns: Columns, postings: Postings) -> Mapping[int, float]:
    """The charts of one word; the rarer the word, the more it says."""
    weights = _best(postings(form) for form in word.forms)
    if word.text == query.prefix:
        begun = dict.fromkeys(columns.keywords.charts(word.text), KEYWORD_PREFIX)
        begun |= dict.fromkeys(columns.names.charts(word.text), NAME_PREFIX)
        weights = begun | {n: max(weight, begun.get(n, 0.0)) for n, weight in weights.items()}
    rarity = max(log(max(len(columns.rows), 1) / (len(weights) + 1)) + 1, 0.1)
    return {n: weight * rarity for n, weight in weights.items()}


def _best(forms: Iterable[Mapping[int, float]]) -> Mapping[int, float]:
    """The charts with any form, each with the weight of its best."""
    best: dict[int, float] = {}
    for weights in forms:
        for number, weight in weights.items():
            best[number] = max(weight, best.get(number, 0.0))
    return best


def _all(found: list[Mapping[int, float]]) -> dict[int, float]:
    """Charts with every word."""
    if not found:
        return {}
    first, *others = sorted(found, key=len)
    common = set(first).intersection(*others)
    return {n: sum([scores[n] for scores in found]) for n in common}


def _any(found: Iterable[Mapping[int, float]]) -> dict[int, float]:
    total: dict[int, float] = {}
    for scores in found:
        for number, score in scores.items():
            total[number] = total.get(number, 0.0) + score
    return total


def _add_extras(scores: dict[int, float], query: Query, postings: Postings) -> None:
    """Words true of every chart count where a name has them: “helm operator” is helm-operator before any operator."""
    for word in query.extras:
        for number, weight in _best(postings(form) for form in word.forms).items():
            if weight >= NAME_PART and number in scores:
                scores[number] += weight


def _add_name_starts(scores: dict[int, float], query: Query, columns: Columns) -> None:
    """A name that begins with the text, the more of it the text covers."""
    if not query.squashed:
        return
    for number in columns.squashed.charts(query.squashed) & scores.keys():
        scores[number] += NAME_START * min(len(query.squashed) / len(columns.rows[number].name), 1.0)


def _name_bonus(query: Query, columns: Columns, number: int) -> float:
    row = columns.rows[number]
    verbatim = VERBATIM if row.name == query.name else WHOLE_NAME
    return verbatim + (IN_SOURCE if query.source and row.source == query.source else 0.0)


def suggest(query: Query, columns: Columns, limit: int) -> list[Suggestion]:
    """Charts whose names have words that begin like those of the text: names that begin so first, then the shorter."""
    if not query.squashed:
        return []
    starts = columns.squashed.charts(query.squashed)
    parts = [columns.names.charts(word.exact) for word in (*query.words, *query.extras)]
    found = starts | set.intersection(*parts)
    rows, places = columns.rows, columns.places["relevance"]
    ordered = sorted(found, key=lambda n: (rows[n].deprecated, n not in starts, len(rows[n].name), places[n]))
    first: dict[str, int] = {}
    for number in ordered:
        first.setdefault(rows[number].name, number)
    return [Suggestion(name, rows[number].source, name) for name, number in list(first.items())[: max(limit, 0)]]
