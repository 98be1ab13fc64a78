"""Harbor, natively through its API: projects that hold charts among images, and a ChartMuseum in old ones.

``address`` reads what people enter, ``release`` knows what can be asked of which Harbor, ``api`` asks, ``artifacts``
tells charts from the rest, ``reading`` reads the lists of a project and ``memory`` what the next reading is spared,
``additions`` has README and values without an archive, ``museum`` the index.yaml of old. ``project`` is the kind of
source, ``host`` the one that holds its projects. Charts are put together and fetched as from any OCI registry
(``sources.oci``).
"""

from indexer.sources.harbor.address import is_meant
from indexer.sources.harbor.host import HarborHost
from indexer.sources.harbor.project import HarborProject

__all__ = ["HarborHost", "HarborProject", "is_meant"]
