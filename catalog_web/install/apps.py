"""What is told of apps: one with its past, or a list over several clusters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog_web.install.cluster import Object
from catalog_web.install.recorded import token, values_of, with_values
from catalog_web.install.status import App
from catalog_web.values.secrets import split
from indexer.errors import ChartroomError
from indexer.model import Revision, RevisionMark


class Place(NamedTuple):
    """Where an app is."""

    cluster: str
    namespace: str
    name: str

    @property
    def target(self) -> str:
        """What a right to it is asked of. A name that cannot be one stays one part of it."""
        return "/".join(("app", *(one.replace("/", "%2F") for one in self)))


@dataclass(frozen=True, slots=True)
class AppDetail:
    """One HelmRequest with what is known of its past."""

    app: App
    helmrequest: Object | None = field(repr=False)
    """As the cluster has it, without managedFields; None once it is gone. It may hold secrets: show `shown`."""
    history: tuple[Revision, ...]
    """Newest first; empty for one that Chartroom did not make."""
    hidden: tuple[str, ...] = ()
    """Dotted paths of inline values that look like secrets."""

    @property
    def shown(self) -> Object | None:
        """The HelmRequest without what looks like a secret in it."""
        if self.helmrequest is None or not self.hidden:
            return self.helmrequest
        public, _ = split(values_of(self.helmrequest), self.hidden)
        return with_values(self.helmrequest, public)

    @property
    def revision(self) -> int:
        """Number of the newest revision; 0 where Chartroom sent none."""
        return self.history[0].number if self.history else 0

    @property
    def resource_version(self) -> str:
        """Names the state that was looked at, for a change that is to be made of it; empty once it is gone."""
        return token(self.helmrequest) if self.helmrequest else ""

    @property
    def offers_resync(self) -> bool:
        """A failed change was taken back: captain then says Synced without running Helm, whose newest release stays
        the failed one until it syncs again."""
        sent = [one for one in self.history if one.uid]
        return len(sent) > 1 and sent[0].outcome == "synced" and sent[1].outcome == "failed" and sent[0].based_on > 0


@dataclass(frozen=True, slots=True)
class AppList:
    """HelmRequests of one or several clusters. A cluster that fails is told, and the others are complete."""

    apps: tuple[App, ...]
    errors: Mapping[str, ChartroomError]
    """By cluster."""
    partial: tuple[str, ...]
    """Clusters whose HelmRequests may only be listed in the namespaces that Chartroom has installed to."""
    marks: Mapping[Place, RevisionMark] = field(default_factory=dict)
    """The newest revision of those apps that Chartroom knows."""
