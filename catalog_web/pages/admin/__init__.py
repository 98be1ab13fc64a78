"""The administrators' pages: a module a section, each of which stands in ``sections``."""

from catalog_web.pages.admin import health, overview, settings
from catalog_web.pages.admin.blueprint import pages

__all__ = ["health", "overview", "pages", "settings"]
