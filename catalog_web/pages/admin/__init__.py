"""The administrators' pages: a module a section, each of which stands in ``sections``."""

from catalog_web.pages.admin import overview, people, requests, teams
from catalog_web.pages.admin.blueprint import pages

__all__ = ["overview", "pages", "people", "requests", "teams"]
