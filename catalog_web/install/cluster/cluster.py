"""All verbs of one cluster under one name."""

from typing import Self

from catalog_web.install.cluster.connection import Connection
from catalog_web.install.cluster.discovery import Discovery
from catalog_web.install.cluster.health import Health
from catalog_web.install.cluster.helmrequests import HelmRequests
from catalog_web.install.cluster.limits import TOTAL_SECONDS
from catalog_web.install.cluster.memory import Memory
from catalog_web.install.cluster.namespaces import Namespaces
from catalog_web.install.cluster.releases import Releases
from catalog_web.install.cluster.rights import Rights
from catalog_web.install.cluster.secrets import Secrets
from catalog_web.install.cluster.watch import Watching
from indexer.errors import ImpersonationRefused
from indexer.model import ClusterConfig

_RESERVED = "system:"
"""Kubernetes keeps such names for itself and for service accounts: no person has one."""


class Cluster(HelmRequests, Releases, Secrets, Rights, Namespaces, Discovery, Health, Watching):
    """One configured cluster. Safe to use from several threads; keeps one connection pool until `close`."""

    def __init__(self, config: ClusterConfig, total_seconds: float = TOTAL_SECONDS) -> None:
        super().__init__(Connection(config, total_seconds), Memory())

    @property
    def config(self) -> ClusterConfig:
        """As configured."""
        return self._connection.config

    @property
    def name(self) -> str:
        """As configured."""
        return self._connection.name

    @property
    def person(self) -> str:
        """Whom it is asked as; empty for Chartroom itself."""
        return self._person

    def acting_as(self, person: str) -> Self:
        """This cluster asked as ``person`` where it is configured so, else as it is; limits and connections are shared.

        The cluster's own RBAC then decides what the person may do. Raises `ImpersonationRefused` for a name that no
        person of a cluster can have.
        """
        if not self.config.impersonate:
            return self
        if not person or person.startswith(_RESERVED) or not person.isprintable():
            raise ImpersonationRefused(cluster=self.name, person=person)
        acting = type(self).__new__(type(self))
        super(Cluster, acting).__init__(self._connection, self._memory, person)
        return acting

    def close(self) -> None:
        """Let the connections go; a later call opens new ones."""
        self._connection.close()
