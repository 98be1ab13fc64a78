"""All verbs of one cluster under one name."""

from collections.abc import Callable, Iterable
from typing import Self

from catalog_web.install.cluster.asker import Asker, asker, is_possible
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

GroupsOf = Callable[[str], Iterable[str]]
"""The groups of a person."""


def no_groups(_person: str) -> tuple[str, ...]:
    """Where nobody is in any group."""
    return ()


class Cluster(HelmRequests, Releases, Secrets, Rights, Namespaces, Discovery, Health, Watching):
    """One configured cluster. Safe to use from several threads; keeps one connection pool until `close`."""

    def __init__(
        self, config: ClusterConfig, total_seconds: float = TOTAL_SECONDS, groups_of: GroupsOf = no_groups
    ) -> None:
        super().__init__(Connection(config, total_seconds), Memory())
        self._groups_of = groups_of

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
        return self._asker.person

    @property
    def asker(self) -> Asker:
        """The same with their groups."""
        return self._asker

    def asker_for(self, person: str) -> Asker:
        """As whom it would be asked for ``person``."""
        return asker(person, self._groups_of(person)) if self.config.impersonate else Asker()

    def acting_as(self, person: str) -> Self:
        """This cluster asked as ``person`` and their groups where it is configured so, else as it is; limits and
        connections are shared.

        The cluster's own RBAC then decides what the person may do. Raises `ImpersonationRefused` for a name that no
        person of a cluster can have.
        """
        if not self.config.impersonate:
            return self
        if not is_possible(person):
            raise ImpersonationRefused(cluster=self.name, person=person)
        acting = type(self).__new__(type(self))
        super(Cluster, acting).__init__(self._connection, self._memory, self.asker_for(person))
        acting._groups_of = self._groups_of
        return acting

    def close(self) -> None:
        """Let the connections go; a later call opens new ones."""
        self._connection.close()
