"""Signing in and out: the page with its ways, by password, with a key that works once, and at a provider."""

from catalog_web.pages.sign_in import local, oidc, one_time, out, page
from catalog_web.pages.sign_in.blueprint import pages

__all__ = ["local", "oidc", "one_time", "out", "page", "pages"]
