"""The catalog: search, facets, cards, suggestions. The whole state is in the address."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flask import Blueprint, render_template, request

from catalog_web.auth import rule
from catalog_web.catalog import CatalogPage
from catalog_web.pages.view import address, known_sources, number_argument, services, source_title
from indexer.errors import N_, BadQuery, SearchUnavailable
from indexer.search.request import SearchRequest
from indexer.search.words import label

PAGE = 24
SHOWN_FACETS = 10
"""Values of a facet before "more"."""
_LONGEST_SUGGESTED = 128
_MOST_CHOSEN = 100
"""Values of one filter, as in the API: each is a link that carries all others."""
_FLAGS = {"": None, "true": True, "false": False}

pages = Blueprint("catalog", __name__)


@dataclass(frozen=True, slots=True)
class Way:
    """A way out of an empty result: the address without one of the conditions, and how many charts are there."""

    name: str
    value: str
    href: str
    total: int


@pages.get("/")
@rule("catalog.read", "catalog")
def index() -> tuple[str, int]:
    """Charts under the search and the filters of the address."""
    wanted = SearchRequest()
    try:
        wanted = request_of_address()
        return _shown(wanted, services().catalog.search(wanted)), 200
    except (BadQuery, SearchUnavailable) as error:
        return render_template("catalog/index.html", wanted=wanted, found=None, error=error), error.status


@pages.get("/suggest")
@rule("catalog.read", "catalog")
def suggest() -> str:
    """Return charts that the text may become, as options of the search box."""
    text = request.args.get("q", "")[:_LONGEST_SUGGESTED].replace("\0", "")
    found = services().catalog.suggest(text, 8)
    charts = services().store.catalog.charts([(one.source, one.name) for one in found])
    return render_template("catalog/suggestions.html", suggestions=found, charts=charts)


def request_of_address() -> SearchRequest:
    """Read the search from the address; blanks alone are no search. Raises BadQuery."""
    flag = request.args.get("deprecated", "")
    if flag not in _FLAGS:
        raise BadQuery(what=N_("“deprecated” is true or false."), hint=N_("Leave it out to see both."))
    if max(len(request.args.getlist(name)) for name in ("source", "keyword")) > _MOST_CHOSEN:
        raise BadQuery(what=N_("These are more filters than are looked at."), hint=N_("Choose at most 100 of a kind."))
    return SearchRequest(
        text=request.args.get("q", "").strip(),
        sources=tuple(request.args.getlist("source")),
        keywords=tuple(label(one) for one in request.args.getlist("keyword")),
        deprecated=_FLAGS[flag],
        sort=request.args.get("sort", "relevance"),  # type: ignore[arg-type]  # SearchRequest refuses what it is not
        limit=PAGE,
        offset=(number_argument("page") - 1) * PAGE,
    )


def _shown(wanted: SearchRequest, found: CatalogPage) -> str:
    last = max(1, -(-found.total // PAGE))
    if wanted.offset >= max(found.total, 1):
        wanted = replace(wanted, offset=(last - 1) * PAGE)
        found = services().catalog.search(wanted)
    return render_template(
        "catalog/index.html",
        wanted=wanted,
        found=found,
        error=None,
        page=wanted.offset // PAGE + 1,
        last=last,
        states=tuple(known_sources().values()),
        ways=tuple(_ways_out(wanted)) if not found.total else (),
        shown_facets=SHOWN_FACETS,
    )


def _ways_out(wanted: SearchRequest) -> Iterator[Way]:
    """The same search without one of its filters or without its text, where that finds something."""
    for name, value, other in _looser(wanted):
        total = services().catalog.search(replace(other, limit=0, offset=0)).total
        if total:
            left = [one for one in request.args.getlist(name) if label(one) != label(value)]
            shown = source_title(value) if name == "source" else value
            yield Way(name, shown, address(**{name: left, "page": None}), total)


def _looser(wanted: SearchRequest) -> Iterator[tuple[str, str, SearchRequest]]:
    for name in wanted.sources[:5]:
        yield "source", name, replace(wanted, sources=tuple(one for one in wanted.sources if one != name))
    for word in wanted.keywords[:5]:
        yield "keyword", word, replace(wanted, keywords=tuple(one for one in wanted.keywords if one != word))
    if wanted.deprecated is not None:
        yield "deprecated", "true" if wanted.deprecated else "false", replace(wanted, deprecated=None)
    if wanted.text and (wanted.sources or wanted.keywords or wanted.deprecated is not None):
        yield "q", wanted.text, replace(wanted, text="")
