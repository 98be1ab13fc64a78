"""Whether a cluster answers, and whether HelmRequests can be made there."""

from dataclasses import dataclass
from typing import Literal

from catalog_web.install.cluster.answers import objects_at, text_at
from catalog_web.install.cluster.helmrequests import API_VERSIONS
from catalog_web.install.cluster.reach import Reach
from catalog_web.install.cluster.request import Request, Server
from catalog_web.install.helmrequest import GROUP, PLURAL
from indexer.errors import CaptainAbsent, ChartroomError, ClusterError, ClusterUnreachable


@dataclass(frozen=True, slots=True)
class ClusterHealth:
    """Whether a cluster answers, and whether HelmRequests can be made there."""

    cluster: str
    reachable: bool
    version: str = ""
    """Of Kubernetes, such as ``v1.36.3``."""
    serves: tuple[str, ...] = ()
    """The versions of ``app.alauda.io`` that know HelmRequests there."""
    error: ChartroomError | None = None

    @property
    def state(self) -> Literal["ok", "problem"]:
        """``ok``: HelmRequests can be sent there in the configured version."""
        return "ok" if self.error is None else "problem"


class Health(Reach):
    """Verbs about the cluster itself."""

    @property
    def version(self) -> str:
        """Its Kubernetes as it was last seen, such as ``1.36.3``; empty where it was not. Nothing is asked here."""
        return self._memory.version

    def server(self) -> Server | None:
        """Where its API server is; None where the kubeconfig cannot be read. Nothing is asked of the cluster."""
        try:
            return self._within(self._connection.server)
        except ClusterError:
            return None

    def health(self, patience: float | None = None) -> ClusterHealth:
        """Ask for the version and for captain's group. Never raises a `ClusterError`: it is part of the answer."""
        try:
            return self._within(self._health, patience)
        except ClusterError as error:
            name = self._connection.name
            return ClusterHealth(name, reachable=not isinstance(error, ClusterUnreachable), error=error)

    def _health(self) -> ClusterHealth:
        version = text_at(self._ask(Request(("version",))), "gitVersion")
        self._memory.version = version.removeprefix("v").partition("+")[0]
        serves = tuple(one for one in API_VERSIONS if self._serves(one))
        absent = CaptainAbsent(cluster=self._connection.name, api_version=f"{GROUP}/{self.api_version}")
        error = None if self.api_version in serves else absent
        return ClusterHealth(self._connection.name, True, version, serves, error)

    def _serves(self, version: str) -> bool:
        try:
            answer = self._ask(Request(("apis", GROUP, version)))
        except CaptainAbsent:
            return False
        return any(one.get("name") == PLURAL for one in objects_at(answer, "resources"))
