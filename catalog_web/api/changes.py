"""The change log."""

from typing import Annotated, Literal

from pydantic import Field

from catalog_web.api import shapes
from catalog_web.api.operations import Caller, Limit, Position, Question, operation
from indexer.model import ChangeFilter

Kind = Literal["added", "updated", "removed", "repushed"]
Name = Annotated[str, Field(max_length=320)]


class ChangesQuery(Question):
    """What is new since a row: the ``next`` of the last answer, or 0 for all that is kept.

    Several values of one filter are alternatives; different filters must all hold.
    """

    since: Position = 0
    limit: Limit = 24
    kind: Annotated[tuple[Kind, ...], Field(max_length=4)] = ()
    source: Annotated[tuple[Name, ...], Field(max_length=100)] = ()


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
    wanted = ChangeFilter(sources=query.source, kinds=query.kind)
    return shapes.changes_page(*caller.catalog.changes(query.since, query.limit, wanted))
