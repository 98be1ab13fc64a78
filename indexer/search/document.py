"""What a chart is to a searcher: weighted words of its latest version, analysed once, when it is indexed."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import log2
from typing import Protocol

from indexer.search.words import (
    COMMON_WORDS,
    MAX_WORD,
    STOP_WORDS,
    all_terms,
    is_cjk,
    label,
    squash,
    stem,
    terms,
    tokens,
)

# Each weight stands beside the example that it protects. A word counts with its best place; what the other places add
# (ECHO) stays below the next better place: a README full of “redis” never makes a chart pass one that is named so.
NAME = 20.0  # “grafana”: the chart grafana before loki-stack with the keyword grafana
NAME_PART = 16.0  # “redis”: redis before redis-cluster-operator, whose name is only partly that
KEYWORD = 8.0  # “monitoring”: prometheus (keyword) before a chart that says monitoring in its description
DESCRIPTION = 6.0  # “cache”: memcached (“…memory object caching… cache”) before a README with a cache option
README_MOST = 4.0  # “velero”: a README about backups with velero before one that names it once
README_LEAST = 1.0
MAINTAINER = 3.0  # “unguiculus”: who keeps a chart is below what it is about
SOURCE = 2.0  # “argo/argo-cd”, “bitnami redis”: the repository's name narrows, it does not rank
ECHO = 0.1

README_WORDS = 120
"""Words kept of a README. Beyond about a hundred come option names that most READMEs share."""
README_PAIRS = 400
"""CJK pairs kept of a README, where a word is several pairs."""
README_READ = 12_000
"""Characters of a README that are read, as many as most have; later value tables repeat values.yaml."""
_INTRODUCTION = 1_500
"""Characters at its start, in which a README says what the chart is."""

_MAX_TEXT = 4_096
_MAX_LIST = 50

_BOILERPLATE_TEXT = """
add annotations api apps array available based be bool boolean cluster command config configurable configuration
configure configured container containers controller create created custom default defaults delete deploy deployed
deployment deployments description details documentation empty enable enabled example false file files following host
http https id if image images install installed installing int introduction io ip key kubectl labels latest limits
list map memory more must my name namespace new nil no node none note null number object optional options other
overrides parameter parameters path persistent pod pods policy port prerequisites provide pull release repo repository
requests required resource resources run second secret see service services set should specify storage string sure tag
template test tests tolerations true type uninstall uninstalling update upgrade upgrading url use used user using
value values version volume want when yaml yml
"""
_UNTELLING = frozenset(_BOILERPLATE_TEXT.split()) | STOP_WORDS | COMMON_WORDS
"""Words of nearly every chart's README; as postings they would cost most of the index and tell nothing."""

_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{1,500}>")
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)|https?://[^\s)>\]]{1,500}")
_RULE = re.compile(r"[-_=:]{3,}")
_MARKS = str.maketrans("#*|>`~[]", " " * 8)


@dataclass(frozen=True, slots=True)
class Document:
    """The latest version of a chart, as far as it is searched."""

    source: str
    name: str
    version: str
    """Whose texts these are."""
    description: str
    keywords: tuple[str, ...]
    maintainers: tuple[str, ...]
    """Their names."""
    readme: str
    """Markdown; empty while the archive has not been read."""
    deprecated: bool
    updated: datetime | None


class Feed(Protocol):
    """What the index follows: the store's change log and the charts behind it."""

    @property
    def store_id(self) -> str:
        """Names this store for good; an index built from another store is built anew."""

    def last_change(self) -> int:
        """The id of the log's newest row; 0 for an empty log."""

    def oldest_change(self) -> int:
        """The id of the oldest row that the log still has; 0 for an empty log. Who is further behind builds anew."""

    def changed_charts(self, since: int, limit: int) -> tuple[int, set[tuple[str, str]]]:
        """At most ``limit`` rows after ``since``: the last row read (``since`` if none), the (source, name) in them."""

    def documents(self, keys: Collection[tuple[str, str]]) -> Iterator[Document]:
        """The charts of these (source, name) as they are now; one that is missing was removed."""

    def all_documents(self) -> Iterator[Document]:
        """Every chart as it is now."""


def name_words(name: str) -> tuple[str, ...]:
    """What a name can be found by: its parts, neighbours as one word, all as one (``argo-cd``: argo, cd, argocd)."""
    parts = tokens(name)
    joined = [a + b for a, b in pairwise(parts)]
    return _unique([*all_terms(name), *(word[:MAX_WORD] for word in (*joined, "".join(parts)) if word)])


def keyword_words(keywords: Iterable[str]) -> tuple[str, ...]:
    """The words of all keywords, and each keyword as one word (``load-balancer``: load, balancer, loadbalancer)."""
    found: list[str] = []
    for keyword in keywords:
        found += [*all_terms(keyword), squash(keyword)[:MAX_WORD]]
    return _unique(word for word in found if word)


def keyword_labels(keywords: Iterable[str]) -> tuple[str, ...]:
    """The keywords as facets show them, each once."""
    return _unique(shown for keyword in list(keywords)[:_MAX_LIST] if (shown := label(keyword)[:MAX_WORD]))


def plain(readme: str) -> str:
    """The prose of a Markdown README: no code blocks, markup, addresses; one line."""
    text = _CODE.sub(" ", readme[:README_READ])
    text = _TAG.sub(" ", text)
    text = _LINK.sub(lambda match: match[1] or " ", text)
    return " ".join(_RULE.sub(" ", text.translate(_MARKS)).split())


def weights(document: Document, prose: str) -> dict[str, float]:
    """Every term a chart can be found by, with its weight. ``prose`` is its README, made ``plain``."""
    found: dict[str, list[float]] = {}
    for place in _places(document, prose):
        for term, weight in place.items():
            found.setdefault(stem(term), []).append(weight)
    return {term: max(ws) + ECHO * (sum(ws) - max(ws)) for term, ws in found.items()}


def _places(document: Document, prose: str) -> Iterator[Mapping[str, float]]:
    yield _name_place(document.name)
    yield dict.fromkeys(keyword_words(document.keywords[:_MAX_LIST]), KEYWORD)
    yield dict.fromkeys(_spoken(all_terms(document.description[:_MAX_TEXT])), DESCRIPTION)
    yield dict.fromkeys(all_terms(" ".join(document.maintainers[:_MAX_LIST])[:_MAX_TEXT]), MAINTAINER)
    yield dict.fromkeys(name_words(document.source), SOURCE)
    yield readme_weights(prose)


def _name_place(name: str) -> dict[str, float]:
    parts = tokens(name)
    share = NAME_PART + (NAME - NAME_PART) / max(len(parts), 1)
    return {**dict.fromkeys(name_words(name), share), "".join(parts)[:MAX_WORD] or name: NAME}


def readme_weights(prose: str) -> dict[str, float]:
    """The most telling terms of a README: the introduction's first, then by how often they stand there."""
    counts = Counter(tokens(prose))
    pairs: Counter[str] = Counter()
    words: dict[str, int] = {}
    for token in counts.keys() - _UNTELLING:
        if is_cjk(token):
            for term in terms(token):
                pairs[term] += counts[token]
        elif 1 < len(token) <= MAX_WORD // 2 and not token[0].isdigit():
            words[token] = counts[token]
    introduced = set(tokens(prose[:_INTRODUCTION]))
    first = sorted(words, key=lambda word: (-words[word] - 3 * (word in introduced), word))[:README_WORDS]
    return {
        **{word: _readme_weight(words[word]) for word in first},
        **{pair: _readme_weight(pairs[pair]) for pair in sorted(pairs, key=lambda p: (-pairs[p], p))[:README_PAIRS]},
    }


def _readme_weight(count: int) -> float:
    return min(README_MOST, README_LEAST + 0.75 * log2(count))


def _spoken(found: Iterable[str]) -> Iterator[str]:
    return (term for term in found if term not in STOP_WORDS)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
