"""What a person sees. A module an area; each answers with a template of the same name."""

from flask import Flask

from catalog_web.pages import apps, catalog, chart, errors, icons, preferences, search_help, searches, sources, view
from catalog_web.pages import install as install_page


def install(app: Flask) -> None:
    """Register every page, what templates may call, and the page for each error."""
    view.install(app)
    for area in (catalog, chart, icons, install_page, apps, sources, search_help, searches, preferences):
        app.register_blueprint(area.pages)
    errors.install(app)
