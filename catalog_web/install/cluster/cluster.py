"""All verbs of one cluster under one name."""

from typing import Self

from catalog_web.install.cluster.asker import (
    ITSELF,
    Asker,
    GroupsOf,
    TokenOf,
    asker,
    is_possible,
    no_groups,
    no_token,
)
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
from indexer.errors import (
    N_,
    ImpersonationRefused,
    OwnTokenAbsent,
    OwnTokenUnavailable,
    ProviderDown,
    SignInError,
    phrase,
)
from indexer.model import ClusterConfig


class Cluster(HelmRequests, Releases, Secrets, Rights, Namespaces, Discovery, Health, Watching):
    """One configured cluster. Safe to use from several threads; keeps one connection pool until `close`."""

    def __init__(
        self,
        config: ClusterConfig,
        total_seconds: float = TOTAL_SECONDS,
        groups_of: GroupsOf = no_groups,
        token_of: TokenOf = no_token,
    ) -> None:
        super().__init__(Connection(config, total_seconds), Memory())
        self._groups_of, self._token_of = groups_of, token_of

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
        """As whom it would be asked for ``person``, without a token."""
        return asker(person, self._groups_of(person)) if self.config.impersonate else ITSELF

    def acting_as(self, person: str) -> Self:
        """This cluster asked as ``person`` where it is configured so, by impersonation with their groups or with a
        token of their own, else as it is; limits and connections are shared.

        The cluster's own RBAC then decides what the person may do. Raises `ImpersonationRefused` for a name that no
        person of a cluster can have, `OwnTokenAbsent` or `OwnTokenUnavailable` where the person has no token.
        """
        if self.config.own_token:
            return self._asked_by(self._with_token(person))
        if not self.config.impersonate:
            return self
        if not is_possible(person):
            raise ImpersonationRefused(cluster=self.name, person=person)
        return self._asked_by(self.asker_for(person))

    def _with_token(self, person: str) -> Asker:
        try:
            token = self._token_of(person)
        except SignInError as error:
            detail = phrase(error.cause_text, **error.params)
            failed = OwnTokenUnavailable if isinstance(error, ProviderDown) else OwnTokenAbsent
            raise failed(cluster=self.name, person=person, detail=detail) from error
        if not token:
            detail = phrase(N_("the provider has not signed them in here, or that sign-in is over."))
            raise OwnTokenAbsent(cluster=self.name, person=person, detail=detail)
        return Asker(person, token=token)

    def _asked_by(self, person: Asker) -> Self:
        acting = type(self).__new__(type(self))
        super(Cluster, acting).__init__(self._connection, self._memory, person)
        acting._groups_of, acting._token_of = self._groups_of, self._token_of
        return acting

    def close(self) -> None:
        """Let the connections go; a later call opens new ones."""
        self._connection.close()
