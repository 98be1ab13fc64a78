"""How Chartroom fares."""

from flask import render_template

from catalog_web.auth import rule
from catalog_web.condition import condition
from catalog_web.pages.admin.blueprint import pages
from catalog_web.pages.view import services
from indexer.errors import N_

PARTS = {
    "search": N_("Search index"),
    "lag": N_("The index follows the changes"),
}
"""Those that have a line of their own."""
FAILING = 20
"""Sources that are listed; the page of sources has all."""


@pages.get("/health")
@rule("admin.read", "admin")
def health() -> str:
    """Processes, database, clusters, what waits and what failed last. It is there also without a database."""
    found = condition(services())
    return render_template("admin/health.html", found=found, store=found.store, parts=PARTS, failing=FAILING)
