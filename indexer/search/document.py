"""What a chart is to a searcher: weighted terms of its latest version, analysed once, when it is indexed.

A plain term is the stem of a word, wherever it stands. A marked term (``marked``) is a word of one field, as it is
written; field queries and beginnings of words look for those, and a plain word looks into some of them with little
weight (ranking.ELSEWHERE), so that nothing is put in twice.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal, Protocol

from indexer.search.prose import UNTELLING, readme_weights
from indexer.search.words import (
    MAX_WORD,
    STOP_WORDS,
    all_terms,
    camel_words,
    english,
    label,
    squash,
    stem,
    tokens,
    version_terms,
)

# Each weight stands beside the example that it protects. A word counts with its best place; what the other places add
# (ECHO) stays below the next better place: a README full of “redis” never makes a chart pass one that is named so.
NAME = 20.0  # “grafana”: the chart grafana before loki-stack with the keyword grafana
NAME_PART = 16.0  # “redis”: redis before redis-cluster-operator, whose name is only partly that
OTHER_NAME = 12.0  # “postgres”: a chart that says it is also called postgres before one with that keyword
KEYWORD = 8.0  # “monitoring”: prometheus (keyword) before a chart that says monitoring in its description
DESCRIPTION = 6.0  # “cache”: memcached (“…memory object caching… cache”) before a README with a cache option
CATEGORY = 4.5  # “database”: charts of that category below those that say so themselves
APP_VERSION = 3.0  # “redis 7.2”: the redis that runs 7.2, below one that says so
SOURCE = 2.0  # “argo/argo-cd”, “bitnami redis”: the repository's name narrows, it does not rank
TRANSLATED = 0.8  # “dashboard”: charts that say so before one that says 面板
ECHO = 0.1

VALUE_WORDS = 120
"""Words of values' keys that are kept; deeper keys repeat those above (``resources.limits.cpu``)."""
COMMENT_WORDS = 40
"""Words of the values' comments that are kept, beside those of the keys."""

_MAX_TEXT = 4_096
_MAX_LIST = 50

Mark = Literal["name", "whole", "keyword", "image", "crd", "dep", "values", "maintainer", "app", "version"]


def marked(mark: Mark, word: str) -> str:
    """The term for a word of one field: it can be no word that anybody types."""
    return f"\x1f{mark}\x1f{word}"


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
    app_version: str = ""
    kube_version: str = ""
    digest: str = ""
    """Of the archive; empty where it is not known."""
    home: str = ""
    official: bool = False
    """Its home is kept by the owner of the repository that it is listed in."""
    other_names: tuple[str, ...] = ()
    category: str = ""
    license: str = ""
    dependencies: tuple[str, ...] = ()
    """Names of charts."""
    images: tuple[str, ...] = ()
    """Registry and repository of each."""
    kinds: tuple[str, ...] = ()
    """Kinds that its CRDs define."""
    values: tuple[tuple[str, str], ...] = ()
    """Dotted keys and their comments."""


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
    return _unique(shown for keyword in list(keywords)[:_MAX_LIST] if (shown := label(keyword)[:MAX_WORD].rstrip()))


def weights(document: Document, prose: str) -> dict[str, float]:
    """Every term a chart can be found by, with its weight. ``prose`` is its README, made ``plain``."""
    found: dict[str, list[float]] = {}
    for place in _places(document, prose):
        for term, weight in place.items():
            found.setdefault(term, []).append(weight)
    plain = {term: max(ws) + ECHO * (sum(ws) - max(ws)) for term, ws in found.items()}
    return plain | dict(_marks(document))


def _places(document: Document, prose: str) -> Iterator[Mapping[str, float]]:
    yield _name_place(document.name)
    yield _stems(chain_words(document.other_names), OTHER_NAME)
    yield _stems(keyword_words(document.keywords[:_MAX_LIST]), KEYWORD)
    yield _stems(_spoken(all_terms(document.description[:_MAX_TEXT])), DESCRIPTION)
    yield _stems(english(" ".join(document.keywords[:_MAX_LIST])), KEYWORD * TRANSLATED)
    yield _stems(english(document.description[:_MAX_TEXT]), DESCRIPTION * TRANSLATED)
    yield _stems(tokens(document.category[:_MAX_TEXT]), CATEGORY)
    yield _stems(version_terms(document.app_version), APP_VERSION)
    yield _stems(name_words(document.source), SOURCE)
    yield readme_weights(prose)


def _name_place(name: str) -> dict[str, float]:
    parts = tokens(name)
    share = NAME_PART + (NAME - NAME_PART) / max(len(parts), 1)
    return {**_stems(name_words(name), share), stem("".join(parts)[:MAX_WORD]) or name: NAME}


def _marks(document: Document) -> Iterator[tuple[str, float]]:
    """The marked terms. Their weights order what a field query alone finds: 1 where the value is all of the field."""
    yield marked("whole", squash(document.name)), 1.0
    yield from _each("name", chain_words(document.other_names), 0.5)
    yield from _each("name", name_words(document.name), 1.0)
    yield from _each("keyword", keyword_words(document.keywords[:_MAX_LIST]), 1.0)
    yield from _each("maintainer", all_terms(" ".join(document.maintainers[:_MAX_LIST])[:_MAX_TEXT]), 1.0)
    for field, values in (("image", document.images), ("dep", document.dependencies)):
        yield from _paths(field, values[:_MAX_LIST])  # type: ignore[arg-type]
    yield from _each("crd", map(squash, document.kinds[: 2 * _MAX_LIST]), 1.0)
    yield from _each("values", value_words(document.values), 1.0)
    for version_field, version in (("app", document.app_version), ("version", document.version)):
        yield from _each(version_field, [version_label(version)], 1.0)  # type: ignore[arg-type]


def _each(mark: Mark, words: Iterable[str], weight: float) -> Iterator[tuple[str, float]]:
    return ((marked(mark, word[:MAX_WORD]), weight) for word in words if word)


def _paths(mark: Mark, paths: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Words of images or charts: “image:redis” finds bitnami/redis before bitnami/redis-exporter."""
    named = [path.rpartition("/")[2] for path in paths]
    yield from _each(mark, _unique(word for path in paths for word in tokens(path)), 0.5)
    yield from _each(mark, _unique(map(squash, named)), 1.0)


def version_label(version: str) -> str:
    """A version as field queries name it: without ``v`` and in one case."""
    folded = version.strip().casefold()
    return folded[1:] if folded[:1] == "v" and folded[1:2].isdigit() else folded


def chain_words(names: Iterable[str]) -> tuple[str, ...]:
    """The words of several names."""
    return _unique(word for name in list(names)[:_MAX_LIST] for word in name_words(name))


def value_words(values: Collection[tuple[str, str]]) -> tuple[str, ...]:
    """Stems of the keys of values.yaml, those above first, and of the telling words of its comments, as far as kept.

    Of a key its parts, and those of camel case (``persistence.storageClass``: persistence, storageclass, storage,
    class).
    """
    keys = " ".join(sorted((key for key, _ in values), key=lambda key: key.count(".")))
    comments = " ".join(comment for _, comment in values)
    camel = camel_words(keys)
    words = (word for token in dict.fromkeys(tokens(keys)) for word in (token, *camel.get(token, ())))
    kept = _unique(stem(word) for word in words if len(word) > 1)[:VALUE_WORDS]
    told = dict.fromkeys(stem(word) for word in dict.fromkeys(tokens(comments)) if word not in UNTELLING)
    return (*kept, *[word for word in told if word not in kept][:COMMENT_WORDS])


def _stems(words: Iterable[str], weight: float) -> dict[str, float]:
    return {stem(word): weight for word in words if word}


def _spoken(found: Iterable[str]) -> Iterator[str]:
    return (term for term in found if term not in STOP_WORDS)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
