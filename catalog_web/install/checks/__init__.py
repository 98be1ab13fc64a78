"""What speaks for and against sending, each as one check with its cause, its remedy and the doors out of it.

::

    form, facts ──form, chart──▶ draft ──inquiry (rights, namespaces, taken, captain, resolvable, compatible)──▶ preview

No check is a wall: what only warns says so, and ``fail`` is kept for what would certainly fail or do harm.
"""

from catalog_web.install.checks.check import Check, CheckState, failed
from catalog_web.install.checks.facts import NO_FACTS, Facts, Publishing
from catalog_web.install.checks.preview import Preview, draft, preview
from catalog_web.install.checks.upgrade import preview_upgrade

__all__ = [
    "NO_FACTS",
    "Check",
    "CheckState",
    "Facts",
    "Preview",
    "Publishing",
    "draft",
    "failed",
    "preview",
    "preview_upgrade",
]
