"""Searches that people keep: what may be kept, and what the feed of one tells."""

from datetime import UTC, datetime
from secrets import token_hex

from catalog_web import search_address
from catalog_web.catalog import Catalog
from indexer.errors import N_, UsageError
from indexer.model import ChartSummary, SavedSearch

LONGEST_NAME = 100
LONGEST_QUERY = 4096
FEED_ENTRIES = 50
"""Charts of a search's feed: those that changed last."""


def new_search(person: str, name: str, query: str) -> SavedSearch:
    """A search to keep for ``person``; ``query`` is the query string of the catalog's address.

    Raises BadQuery for a search that cannot be meant, UsageError for one without a name or without a condition.
    """
    shown = " ".join(name.split())
    if not 0 < len(shown) <= LONGEST_NAME or not shown.isprintable():
        raise UsageError(what=N_("A saved search needs a name of at most 100 characters."), hint=N_("Give it one."))
    wanted = search_address.read_text(query)
    kept = search_address.written(wanted)
    if not (wanted.text or search_address.conditions(wanted)) or len(kept) > LONGEST_QUERY:
        raise UsageError(
            what=N_("There is nothing to keep: this search has no words and no filter, or far too many."),
            hint=N_("Search for something first."),
        )
    return SavedSearch(token_hex(16), person, shown, kept, datetime.now(UTC))


def latest_of(catalog: Catalog, search: SavedSearch) -> tuple[ChartSummary, ...]:
    """The charts of ``search``, the one whose newest version came last first. Raises as ``Catalog.search`` does."""
    wanted = search_address.newest(search_address.read_text(search.query), FEED_ENTRIES)
    return tuple(item.chart for item in catalog.search(wanted).items)
