"""What is installed: a list over all clusters with its filters, and one app with all that can be done to it.

A module a page; ``blueprint`` is what they share.
"""

from catalog_web.pages.apps import (
    brings,
    bulk,
    history,
    index,
    live,
    page,
    release,
    requests,
    rollback,
    uninstall,
    upgrade,
)
from catalog_web.pages.apps.blueprint import pages

__all__ = [
    "brings",
    "bulk",
    "history",
    "index",
    "live",
    "page",
    "pages",
    "release",
    "requests",
    "rollback",
    "uninstall",
    "upgrade",
]
