"""Charts: search, suggestions, one chart, one version, the archive itself."""

import json
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import Field

from catalog_web import search_address
from catalog_web.api import shapes
from catalog_web.api.operations import Caller, Encoded, FileAnswer, Limit, Page, Question, operation
from catalog_web.catalog import VersionPage
from catalog_web.kept_archives import kept_archive
from indexer import versions
from indexer.errors import ChartNotFound
from indexer.search.request import SearchRequest
from indexer.search.words import label

_LONGEST_FILE = 512
PROVENANCE = "application/pgp-signature"
Word = Annotated[str, Field(max_length=253)]


class ChartsQuery(Page):
    """A search. Several values of one filter are alternatives; different filters must all hold."""

    q: str = ""
    source: Annotated[tuple[Word, ...], Field(max_length=100)] = ()
    keyword: Annotated[tuple[Word, ...], Field(max_length=100)] = ()
    category: Annotated[tuple[Word, ...], Field(max_length=100)] = ()
    license: Annotated[tuple[Word, ...], Field(max_length=100)] = ()
    kube: Word = ""
    """A version of Kubernetes that the charts must allow."""
    deprecated: bool | None = None
    installed: bool | None = None
    upgradeable: bool | None = None
    recommended: bool | None = None
    exact: bool = False
    """Search for the text as typed: correct nothing."""
    sort: Literal["relevance", "updated", "name"] = "relevance"


class SuggestQuery(Question):
    """The beginning of a name."""

    q: str = ""
    limit: Limit = 8


@operation(
    "GET",
    "/api/v1/charts",
    action="catalog.read",
    summary="Search the catalog; without a text, all of it",
    query=ChartsQuery,
    answer=shapes.ChartsPage,
    errors=(503,),
    cost="search",
)
def search(caller: Caller, *, query: ChartsQuery) -> Encoded:
    """One page of charts, kept until a chart or an install changes. Raises BadQuery, SearchUnavailable."""
    started = time.perf_counter()
    services = caller.services
    rest = services.answers.get(services.catalog.stamp(), (caller.sight, query), lambda: _without_time(caller, query))
    return Encoded(b'{"took_ms": %.2f, %s' % ((time.perf_counter() - started) * 1000, rest))


def _without_time(caller: Caller, query: ChartsQuery) -> bytes:
    """The answer but for its beginning, which tells how long it took this time."""
    page = {name: value for name, value in found(caller, query).items() if name != "took_ms"}
    return json.dumps(page, ensure_ascii=False).encode(errors="replace")[1:]


def found(caller: Caller, query: ChartsQuery) -> shapes.ChartsPage:
    """One page of charts. Raises BadQuery, SearchUnavailable."""
    request = SearchRequest(
        text=query.q,
        sources=query.source,
        keywords=tuple(map(label, query.keyword)),
        categories=query.category,
        licenses=query.license,
        kube=search_address.kube_version(query.kube),
        deprecated=query.deprecated,
        installed=query.installed,
        upgradeable=query.upgradeable,
        recommended=query.recommended,
        exact=query.exact,
        sort=query.sort,
        limit=query.limit,
        offset=query.offset,
    )
    return shapes.charts_page(caller.catalog.search(request))


@operation(
    "GET",
    "/api/v1/charts/suggest",
    action="catalog.read",
    summary="Names that a text may become",
    query=SuggestQuery,
    answer=shapes.Suggestions,
    errors=(503,),
    cost="search",
)
def suggest(caller: Caller, *, query: SuggestQuery) -> shapes.Suggestions:
    """Suggestions for a search box. Raises BadQuery, SearchUnavailable."""
    return shapes.suggestions(caller.catalog.suggest(query.q, query.limit))


@operation(
    "GET",
    "/api/v1/charts/{source}/{name}",
    action="catalog.read",
    target="chart/{source}/{name}",
    summary="A chart with its versions, newest first",
    answer=shapes.ChartShape,
    errors=(404,),
)
def chart(caller: Caller, source: str, name: str) -> shapes.ChartShape:
    """One chart. Raises ChartNotFound."""
    return shapes.chart(*caller.catalog.chart(source, name))


@operation(
    "GET",
    "/api/v1/charts/{source}/{name}/versions/{version}",
    action="catalog.read",
    target="chart/{source}/{name}",
    summary="One version with what its archive holds; the archive is fetched when it is first asked for",
    answer=shapes.VersionShape,
    errors=(404,),
)
def version(caller: Caller, source: str, name: str, version: str) -> shapes.VersionShape:
    """One version. Raises ChartNotFound, VersionNotFound."""
    page = caller.catalog.version(source, name, version)
    services = caller.services
    return shapes.version(page, services.comparisons, services.mirrors, services.signatures.of(page))


@operation(
    "GET",
    "/charts/{source}/{file}.tgz",
    action="catalog.read",
    target="chart/{source}",
    summary="The archive of a version; ``file`` is its name, a hyphen and its version",
    answer=FileAnswer,
    errors=(404, 502, 503),
    cost="archive",
)
def archive(caller: Caller, source: str, file: str) -> FileAnswer:
    """The archive of a version, fetched when it is first asked for. Raises ChartNotFound, SourceError, ArchiveError."""
    wanted = _resolve(caller, source, file)
    page: VersionPage = caller.catalog.version(source, wanted.name, wanted.version)
    path, digest = kept_archive(caller.catalog, caller.services.cache, page)
    return FileAnswer(path, f"{file}.tgz", digest)


@operation(
    "GET",
    "/charts/{source}/{file}.tgz.prov",
    action="catalog.read",
    target="chart/{source}",
    summary="The provenance file beside the archive of a version, where it has one",
    answer=FileAnswer,
    media_type=PROVENANCE,
    errors=(404, 502, 503),
    cost="archive",
)
def provenance(caller: Caller, source: str, file: str) -> FileAnswer:
    """The provenance file of a version, looked for when it is first asked for.

    Raises ChartNotFound; ProvenanceAbsent; SourceError where it could not be looked for.
    """
    wanted = _resolve(caller, source, file)
    page = caller.catalog.version(source, wanted.name, wanted.version)
    text = caller.services.signatures.text(page).encode()
    return FileAnswer(text, f"{file}.tgz.prov", sha256(text).hexdigest(), PROVENANCE)


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    version: str


def _resolve(caller: Caller, source: str, file: str) -> _Named:
    """Find where the name ends and the version begins: both may hold hyphens, so the store is asked."""
    catalog = caller.catalog
    cuts = [place for place, one in enumerate(file) if one == "-"] if len(file) <= _LONGEST_FILE else []
    known = caller.services.store.catalog.charts([(source, file[:cut]) for cut in cuts])
    found = [
        _Named(file[:cut], file[cut + 1 :])
        for cut in cuts
        if (source, file[:cut]) in known and catalog.knows(source, file[:cut], file[cut + 1 :])
    ]
    if not found:
        raise ChartNotFound(source=source, chart=file[:_LONGEST_FILE])
    return max(found, key=lambda one: (versions.is_valid(one.version), len(one.name)))
