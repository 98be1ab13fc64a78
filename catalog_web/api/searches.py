"""Searches that a person keeps."""

from pydantic import Field
from typing_extensions import TypedDict

from catalog_web import saved
from catalog_web.api import shapes
from catalog_web.api.operations import Caller, Question, operation
from indexer.model import SavedSearch


class NewSearch(Question):
    """A search to keep. ``query`` is the query string of the catalog's address, such as ``q=redis&source=stable``."""

    name: str = Field(min_length=1, max_length=saved.LONGEST_NAME)
    query: str = Field(min_length=1, max_length=saved.LONGEST_QUERY)


class SavedSearchShape(TypedDict):
    """A search that is kept. ``page`` and ``feed`` are addresses on this server."""

    id: str
    name: str
    query: str
    page: str
    feed: str
    created: str | None


class SavedSearches(TypedDict):
    """Searches that are kept, the newest first."""

    total: int
    items: list[SavedSearchShape]


@operation(
    "GET", "/api/v1/searches", action="catalog.read", summary="Your saved searches, newest first", answer=SavedSearches
)
def searches(caller: Caller) -> SavedSearches:
    """All of the caller's."""
    kept = caller.services.store.searches.of(caller.person)
    return {"total": len(kept), "items": [_shape(one) for one in kept]}


@operation(
    "POST",
    "/api/v1/searches",
    action="search.save",
    target="search",
    summary="Save a search; it gets a feed of its own",
    body=NewSearch,
    answer=SavedSearchShape,
    status=201,
    errors=(409,),
)
def save(caller: Caller, *, body: NewSearch) -> SavedSearchShape:
    """Keep one. Raises UsageError, BadQuery, TooManySearches."""
    kept = saved.new_search(caller.person, body.name, body.query)
    caller.services.store.searches.save(kept)
    return _shape(kept)


@operation(
    "DELETE",
    "/api/v1/searches/{search}",
    action="search.save",
    target="search",
    summary="Delete a saved search, and with it its feed",
    answer=None,
    status=204,
    errors=(404,),
)
def delete(caller: Caller, search: str) -> None:
    """Forget one. Raises SearchNotFound."""
    caller.services.store.searches.forget(caller.person, search)


def _shape(one: SavedSearch) -> SavedSearchShape:
    return {
        "id": one.id,
        "name": one.name,
        "query": one.query,
        "page": f"/?{one.query}",
        "feed": f"/feeds/searches/{one.id}.atom",
        "created": shapes.moment(one.created),
    }
