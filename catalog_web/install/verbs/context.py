"""What every verb works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from catalog_web.install.clusters import Clusters
from catalog_web.install.revision_store import RevisionStore
from catalog_web.install.verbs.following import Following


@dataclass(frozen=True, slots=True)
class Context:
    """The clusters, what was sent to them, what was last seen there, and the clock."""

    clusters: Clusters
    revisions: RevisionStore
    following: Following
    now: Callable[[], datetime]
