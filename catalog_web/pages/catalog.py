"""The catalog: search, facets, cards, suggestions. The whole state is in the address."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from flask import Blueprint, render_template, request

from catalog_web import search_address
from catalog_web.auth import rule
from catalog_web.catalog import CatalogPage
from catalog_web.pages.sending import was_sent
from catalog_web.pages.view import address, known_sources, number_argument, seen_catalog, services, value_title, without
from catalog_web.sight import EVERYTHING
from indexer.errors import BadQuery, SearchUnavailable
from indexer.search.fields import FIELDS, FieldHelp
from indexer.search.request import SearchRequest
from indexer.search.words import fold

PAGE = 24
SHOWN_FACETS = 8
"""Values of a facet before "more"."""
_FEW = 3
"""Charts; where no more are found a reader may want to look wider."""
_WAYS = 6
_WAYS_TRIED = 12
"""Each is a search of its own."""
_LONGEST_SUGGESTED = 128
_FIELDS_SUGGESTED = 3

pages = Blueprint("catalog", __name__)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter that is set: what it narrows to, and the address without it."""

    name: str
    value: str
    shown: str
    href: str


@dataclass(frozen=True, slots=True)
class Way:
    """A way to more: the address without one of the conditions, and how many charts are there."""

    name: str
    value: str
    href: str
    total: int


@pages.get("/")
@rule("catalog.read", "catalog", cost="search")
def index() -> tuple[str, int]:
    """Charts under the search and the filters of the address."""
    wanted = SearchRequest(text=request.args.get("q", "").strip())
    try:
        wanted = request_of_address()
        return _shown(wanted, seen_catalog().search(wanted)), 200
    except (BadQuery, SearchUnavailable) as error:
        return render_template("catalog/index.html", wanted=wanted, found=None, error=error), error.status


def _popular() -> tuple[str, ...]:
    """Searches that others sent often, as far as they find something for whoever asks."""
    catalog, found = seen_catalog(), services().popular.top()
    if catalog.sight == EVERYTHING:
        return tuple(found)
    return tuple(one for one in found if catalog.search(SearchRequest(text=one, exact=True, limit=0)).total)


@pages.get("/suggest")
@rule("catalog.read", "catalog", cost="search")
def suggest() -> str | tuple[str, int]:
    """Return what the text may become, as options of the search box: charts and fields; for no text popular searches.

    An empty catalog has nothing to suggest: 204.
    """
    text = request.args.get("q", "")[:_LONGEST_SUGGESTED].replace("\0", "")
    if not text.strip():
        if not any(state.charts for state in known_sources().values()):
            return "", 204
        return render_template("catalog/popular.html", popular=_popular())
    found = seen_catalog().suggest(text, 8)
    charts = seen_catalog().charts([(one.source, one.name) for one in found])
    return render_template("catalog/suggestions.html", suggestions=found, charts=charts, fields=_fields_begun(text))


def _fields_begun(text: str) -> tuple[tuple[str, FieldHelp], ...]:
    """The fields whose names the last word of ``text`` begins, each with the text completed."""
    before, blank, last = text.rpartition(" ")
    word = fold(last.removeprefix("-"))
    begun = [one for one in FIELDS if word and any(name.startswith(word) for name in (one.field, *one.aliases))]
    sign = "-" if last.startswith("-") else ""
    return tuple((f"{before}{blank}{sign}{one.field}:", one) for one in begun[:_FIELDS_SUGGESTED])


def request_of_address() -> SearchRequest:
    """Read the search from the address. Raises BadQuery."""
    return search_address.read(dict(request.args.lists()), PAGE, (number_argument("page") - 1) * PAGE)


def _shown(wanted: SearchRequest, found: CatalogPage) -> str:
    last = max(1, -(-found.total // PAGE))
    if wanted.offset >= max(found.total, 1):
        wanted = replace(wanted, offset=(last - 1) * PAGE)
        found = seen_catalog().search(wanted)
    if found.total and was_sent(wanted.text):
        services().popular.sent(found.corrected or wanted.text)
    few = not found.total or (found.total <= _FEW and bool(wanted.text) + len(search_address.conditions(wanted)) > 1)
    return render_template(
        "catalog/index.html",
        wanted=wanted,
        found=found,
        error=None,
        page=wanted.offset // PAGE + 1,
        last=last,
        chosen=_chosen(wanted),
        saved=search_address.written(replace(wanted, text=found.corrected or wanted.text)),
        ways=tuple(islice(_ways_out(wanted, found.total), _WAYS)) if few else (),
        kube_versions=services().installs.versions(),
        shown_facets=SHOWN_FACETS,
    )


def _chosen(wanted: SearchRequest) -> tuple[Chosen, ...]:
    return tuple(
        Chosen(name, value, value_title(name, value), without(name, value))
        for name, value in search_address.conditions(wanted)
    )


def _ways_out(wanted: SearchRequest, total: int) -> Iterator[Way]:
    """The same search without one of its filters or without its text, where that finds more."""
    for name, value, other in _looser(wanted):
        more = seen_catalog().search(replace(other, limit=0, offset=0)).total
        if more > total:
            href = without(name, value) if name != "q" else address(q=None, page=None)
            yield Way(name, value_title(name, value), href, more)


def _looser(wanted: SearchRequest) -> Iterator[tuple[str, str, SearchRequest]]:
    conditions = search_address.conditions(wanted)
    for name, value in conditions[:_WAYS_TRIED]:
        yield name, value, search_address.loosened(wanted, name, value)
    if wanted.text and conditions:
        yield "q", wanted.text, replace(wanted, text="")
