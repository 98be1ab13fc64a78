"""One version of a chart: what it is, how it is set, what it is made of. A module a tab; the tab is in the address.

::

    page            the address, the head
      ├─▶ facts     what stands beside every tab
      └─▶ tabs      which tabs a version has, and who fills each
            └─▶ readme values schema templates crds dependencies images versions compare
"""

from catalog_web.pages.chart import page
from catalog_web.pages.chart.blueprint import pages

__all__ = ["page", "pages"]
