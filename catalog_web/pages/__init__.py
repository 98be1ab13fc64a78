"""What a person sees. A module an area; each answers with a template of the same name."""

from flask import Flask

from catalog_web.pages import (
    account,
    activity,
    admin,
    apps,
    catalog,
    change_feeds,
    chart,
    clusters,
    errors,
    icons,
    notices,
    preferences,
    search_help,
    searches,
    sign_in,
    sources,
    view,
    worries,
)
from catalog_web.pages import install as install_page


def install(app: Flask) -> None:
    """Register every page, what templates may call, and the page for each error."""
    view.install(app)
    shown = (catalog, chart, icons, install_page, apps, sources, search_help, searches, preferences)
    for area in (*shown, account, sign_in, activity, change_feeds, clusters, worries, notices, admin):
        app.register_blueprint(area.pages)
    errors.install(app)
