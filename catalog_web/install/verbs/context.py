"""What every verb works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog_web.install.clusters import Clusters
from catalog_web.install.revision_store import RevisionStore
from catalog_web.install.verbs.following import Following

Hide = Callable[[Mapping[str, Any]], tuple[Mapping[str, Any], tuple[str, ...]]]
"""Values without what looks like a secret, and the dotted paths of that."""


@dataclass(frozen=True, slots=True)
class Context:
    """The clusters, what was sent to them, what was last seen there, what may not be kept, and the clock."""

    clusters: Clusters
    revisions: RevisionStore
    following: Following
    hide: Hide
    now: Callable[[], datetime]
