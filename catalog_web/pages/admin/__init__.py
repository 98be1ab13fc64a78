"""The administrators' pages: a module a section, each of which stands in ``sections``."""

from catalog_web.pages.admin import access, audit, health, overview, people, requests, settings, teams
from catalog_web.pages.admin.blueprint import pages

__all__ = ["access", "audit", "health", "overview", "pages", "people", "requests", "settings", "teams"]
