"""Sources: what is registered, how each fares, and what can be done about it.

``listing`` (all of them), ``page`` (one), ``form`` with ``fields`` (registering and editing), ``captain`` (publishing,
and what clusters offer), ``rights`` (what may be changed here).
"""

from catalog_web.pages.sources import captain, form, listing, page
from catalog_web.pages.sources.blueprint import pages

__all__ = ["captain", "form", "listing", "page", "pages"]
