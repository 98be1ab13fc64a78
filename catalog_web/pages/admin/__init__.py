"""The administrators' pages: a module a section, each of which stands in ``sections``."""

from catalog_web.pages.admin import audit, overview, people, requests, teams
from catalog_web.pages.admin.blueprint import pages

__all__ = ["audit", "overview", "pages", "people", "requests", "teams"]
