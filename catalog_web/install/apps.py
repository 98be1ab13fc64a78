"""What is told of apps: one with its past, or a list over several clusters."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog_web.install.cluster import Object
from catalog_web.install.status import App
from indexer.errors import ChartroomError
from indexer.model import Revision


@dataclass(frozen=True, slots=True)
class AppDetail:
    """One HelmRequest with what is known of its past."""

    app: App
    helmrequest: Object | None
    """As the cluster has it, without managedFields; None once it is gone."""
    history: tuple[Revision, ...]
    """Newest first; empty for one that Chartroom did not make."""

    @property
    def revision(self) -> int:
        """Number of the newest revision; 0 where Chartroom sent none."""
        return self.history[0].number if self.history else 0


@dataclass(frozen=True, slots=True)
class AppList:
    """HelmRequests of one or several clusters. A cluster that fails is told, and the others are complete."""

    apps: tuple[App, ...]
    errors: Mapping[str, ChartroomError]
    """By cluster."""
    partial: tuple[str, ...]
    """Clusters whose HelmRequests may only be listed in the namespaces that Chartroom has installed to."""
