"""A search as it stands in the address of the catalog, and back. Pure: pages, feeds and saved searches read it so."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode

from indexer import versions
from indexer.errors import N_, BadQuery
from indexer.search.request import SearchRequest
from indexer.search.words import label

MANY: Mapping[str, str] = {
    "source": "sources",
    "category": "categories",
    "keyword": "keywords",
    "license": "licenses",
}
"""Filters that may stand there several times, and what SearchRequest calls them."""
FLAGS = ("deprecated", "installed", "upgradeable", "recommended")
MOST_CHOSEN = 100
"""Values of one filter, as in the API: each is a link that carries all others."""
LONGEST_CHOSEN = 253
"""Characters of a value: no name is longer."""
_WORDS = {"": None, "true": True, "false": False}
_FLAG_WORDS = {flag: word for word, flag in _WORDS.items()}


def read(arguments: Mapping[str, Sequence[str]], limit: int = 24, offset: int = 0) -> SearchRequest:
    """The search that ``arguments`` (every value of each parameter) mean; unknown ones are left alone. Raises BadQuery.

    Blanks alone are no search.
    """
    values: dict[str, Any] = {
        **{field: chosen(name, arguments.get(name, ())) for name, field in MANY.items()},
        **{name: _flag(name, _one(arguments, name)) for name in FLAGS},
        "text": _one(arguments, "q").strip(),
        "kube": kube_version(_one(arguments, "kube")),
        "exact": _exact(_one(arguments, "exact")),
        "sort": _one(arguments, "sort") or "relevance",
    }
    return SearchRequest(**values, limit=limit, offset=offset)


def read_text(query: str) -> SearchRequest:
    """The search of a query string. Raises BadQuery."""
    try:
        return read(parse_qs(query.removeprefix("?"), max_num_fields=10 * MOST_CHOSEN))
    except ValueError:
        raise BadQuery(what=_TOO_MANY, hint=_CHOOSE_FEWER) from None


def written(wanted: SearchRequest) -> str:
    """``wanted`` as a query string, always the same for the same search; which part of the hits is left out."""
    pairs = [("q", wanted.text), *conditions(wanted)]
    pairs += [("exact", "1" if wanted.exact else ""), ("sort", wanted.sort if wanted.sort != "relevance" else "")]
    return urlencode([(name, value) for name, value in pairs if value])


def conditions(wanted: SearchRequest) -> tuple[tuple[str, str], ...]:
    """The filters that are set, as (name, value)."""
    many = [(name, value) for name, field in MANY.items() for value in getattr(wanted, field)]
    flags = [(name, _FLAG_WORDS[getattr(wanted, name)]) for name in FLAGS]
    return tuple((name, value) for name, value in (*many, ("kube", wanted.kube), *flags) if value)


def loosened(wanted: SearchRequest, name: str, value: str) -> SearchRequest:
    """``wanted`` without one of its conditions."""
    changed: dict[str, Any] = {name: "" if name == "kube" else None}
    if name in MANY:
        changed = {MANY[name]: tuple(one for one in getattr(wanted, MANY[name]) if one != value)}
    return replace(wanted, **changed)


def newest(wanted: SearchRequest, limit: int) -> SearchRequest:
    """``wanted`` in the order of the last change. Its text is taken as typed: a feed must not begin to guess."""
    return replace(wanted, sort="updated", exact=True, limit=limit, offset=0)


def chosen(name: str, values: Sequence[str]) -> tuple[str, ...]:
    """Each of the values of a filter once; keywords in the one spelling that facets show. Raises BadQuery for more than
    are looked at."""
    shown = tuple(map(label, values)) if name == "keyword" else values
    if len(values) > MOST_CHOSEN or max(map(len, (*values, *shown)), default=0) > LONGEST_CHOSEN:
        raise BadQuery(what=_TOO_MANY, hint=_CHOOSE_FEWER)
    return tuple(dict.fromkeys(value for value in shown if value))


def kube_version(text: str) -> str:
    """``text`` as a version of Kubernetes, without the ``v`` before it; empty for nothing. Raises BadQuery."""
    version = text.strip().removeprefix("v")
    if version and not versions.is_valid(version):
        raise BadQuery(what=N_("“kube” must be a version of Kubernetes."), hint=N_("Write it as 1.30 or 1.30.4."))
    return version


_TOO_MANY = N_("These are more filters than are looked at.")
_CHOOSE_FEWER = N_("Choose at most 100 of a kind.")


def _one(arguments: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(arguments.get(name, ())), "")


def _flag(name: str, word: str) -> bool | None:
    if word not in _WORDS:
        raise BadQuery(what=_NO_FLAG[name], hint=N_("Leave it out to see both."))
    return _WORDS[word]


_NO_FLAG = {
    "deprecated": N_("“deprecated” is true or false."),
    "installed": N_("“installed” is true or false."),
    "upgradeable": N_("“upgradeable” is true or false."),
    "recommended": N_("“recommended” is true or false."),
}


def _exact(word: str) -> bool:
    if word not in ("", "0", "1"):
        raise BadQuery(what=N_("“exact” is 1 or left out."), hint=N_("Leave it out to have misspelt words corrected."))
    return word == "1"
