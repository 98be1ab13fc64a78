"""Probes: alive, and able to serve."""

from datetime import UTC, datetime, timedelta

from catalog_web.api import shapes
from catalog_web.api.operations import Caller, operation
from indexer.errors import SearchUnavailable
from indexer.search.request import SearchRequest

LAG_SECONDS = 300
"""A search index that has not seen a change for so long is stuck: following takes seconds."""


@operation(
    "GET", "/healthz", action="open", summary="Whether the process is alive", answer=shapes.Health, any_host=True
)
def alive(_caller: Caller) -> shapes.Health:
    """It answers, so it is."""
    return {"status": "ok"}


@operation(
    "GET",
    "/readyz",
    action="open",
    summary="Whether store and search index answer, and the index follows the store",
    answer=shapes.Health,
    errors=(503,),
    any_host=True,
)
def ready(caller: Caller) -> shapes.Health:
    """Ask store and search index. Raises StoreUnavailable, SearchUnavailable."""
    services = caller.services
    newest = services.store.changes.last()
    services.search.search(SearchRequest(limit=0))
    lag = services.catalog.lag()
    if lag > 0 and _waits_since(caller, newest - lag) < datetime.now(UTC) - timedelta(seconds=LAG_SECONDS):
        raise SearchUnavailable(detail=f"it is {lag} changes behind and does not follow")
    return {"status": "ready"}


def _waits_since(caller: Caller, seen: int) -> datetime:
    """When the oldest change was made that the search index has not seen."""
    unseen = caller.services.store.changes.since(max(seen, 0), 1, content=True)
    return unseen[0].at if unseen else datetime.now(UTC)
