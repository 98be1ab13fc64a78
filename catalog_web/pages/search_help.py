"""What can be typed into the search box, with examples that find something in this catalog."""

from contextlib import suppress

from flask import Blueprint, render_template

from catalog_web.auth import rule
from catalog_web.examples import Example
from catalog_web.pages.view import seen_catalog, services
from indexer.errors import SearchUnavailable
from indexer.search.fields import FIELDS

pages = Blueprint("search_help", __name__)


@pages.get("/search-help")
@rule("catalog.read", "catalog")
def page() -> str:
    """All fields and ways to search. Without an index there are no examples."""
    examples: dict[str, Example] = {}
    with suppress(SearchUnavailable):
        examples.update(services().examples.now(seen_catalog()))
    return render_template("search_help/page.html", fields=FIELDS, examples=examples)
