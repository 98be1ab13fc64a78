"""Saved searches: the list, keeping and deleting, and the feed of each."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog_web import feeds, saved
from catalog_web.auth import current_person, rule
from catalog_web.pages.atom import absolute, answer
from catalog_web.pages.view import seen_catalog, services
from indexer.errors import SearchNotFound
from indexer.model import ChartSummary, SavedSearch

pages = Blueprint("searches", __name__)


@pages.get("/searches")
@rule("catalog.read", "search")
def index() -> str:
    """All searches that the person keeps."""
    kept = services().store.searches.of(current_person().name)
    return render_template("searches/index.html", searches=kept)


@pages.post("/searches")
@rule("search.save", "search")
def save() -> Response:
    """Keep a search."""
    form = request.form
    kept = saved.new_search(current_person().name, form.get("name", ""), form.get("query", ""))
    services().store.searches.save(kept)
    return redirect(url_for("searches.index", notice="search-saved"), 303)


@pages.post("/searches/<search>/delete")
@rule("search.save", "search")
def delete(search: str) -> Response:
    """Forget a search, and with it its feed."""
    services().store.searches.forget(current_person().name, search)
    return redirect(url_for("searches.index", notice="search-deleted"), 303)


@pages.get("/feeds/searches/<search>.atom")
@rule("catalog.read", "search")
def feed(search: str) -> Response:
    """The charts of a search of one's own that changed last. Raises SearchNotFound."""
    kept = services().store.searches.get(search)
    if kept.person != current_person().name:
        raise SearchNotFound(search=search)
    return answer(_feed(kept, saved.latest_of(seen_catalog(), kept)))


def _feed(kept: SavedSearch, charts: tuple[ChartSummary, ...]) -> feeds.Feed:
    store = services().store.id
    entries = [_entry(store, chart, chart.updated) for chart in charts if chart.updated]
    return feeds.Feed(
        id=feeds.stable_id(store, "search", kept.id),
        title=f"{kept.name} · Chartroom",
        link=absolute(url_for("searches.feed", search=kept.id)),
        page=absolute(f"{url_for('catalog.index')}?{kept.query}"),
        updated=max([kept.created, *(entry.updated for entry in entries)]),
        entries=entries,
    )


def _entry(store: str, chart: ChartSummary, updated: datetime) -> feeds.Entry:
    return feeds.Entry(
        id=feeds.stable_id(store, chart.source, chart.name, chart.version),
        title=f"{chart.name} {chart.version} ({chart.source})",
        link=absolute(url_for("chart.page", source=chart.source, name=chart.name, version=chart.version)),
        updated=updated,
        summary=chart.description,
    )
