"""What is installed over all clusters, as lists ask for it: whole, filtered, and from what is known at once.

``listings`` (what each cluster told last, asked anew behind the answer), ``charts`` (what the catalog says of their
charts), ``rows`` (both and the revisions, joined), ``images`` (what archives pull), ``filters`` (which rows are wanted,
in which order), ``address`` (the same as it stands in an address), ``table`` (rows as CSV).
"""

from catalog_web.inventory.filters import AppFilter
from catalog_web.inventory.inventory import Found, Inventory
from catalog_web.inventory.listings import Listing
from catalog_web.inventory.rows import AppRow

__all__ = ["AppFilter", "AppRow", "Found", "Inventory", "Listing"]
