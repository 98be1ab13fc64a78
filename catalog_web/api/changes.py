"""The change log."""

from catalog_web.api import shapes
from catalog_web.api.operations import Caller, Limit, Position, Question, operation


class ChangesQuery(Question):
    """What is new since a row: the ``next`` of the last answer, or 0 for all that is kept."""

    since: Position = 0
    limit: Limit = 24


@operation(
    "GET",
    "/api/v1/changes",
    action="catalog.read",
    summary="What was added, updated, removed or re-pushed since a row of the change log, oldest first",
    query=ChangesQuery,
    answer=shapes.ChangesPage,
)
def changes(caller: Caller, *, query: ChangesQuery) -> shapes.ChangesPage:
    """Rows of the change log."""
    return shapes.changes_page(query.since, caller.services.catalog.changes(query.since, query.limit))
