"""One's own account: who one is here, sessions, password."""

from catalog_web.pages.account import page, sessions
from catalog_web.pages.account.blueprint import pages

__all__ = ["page", "pages", "sessions"]
