"""One's own account: who one is here, sessions, tokens, password."""

from catalog_web.pages.account import page, sessions, tokens
from catalog_web.pages.account.blueprint import pages

__all__ = ["page", "pages", "sessions", "tokens"]
