"""All configured clusters by name. One that does not answer costs only its own part of an answer."""

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from catalog_web.install.cluster import Cluster, ClusterHealth, GroupsOf, TokenOf, no_groups, no_token
from catalog_web.install.cluster.limits import TOTAL_SECONDS
from indexer.errors import N_, ClusterNotFound
from indexer.model import ClusterConfig

_T = TypeVar("_T")

LIST_PATIENCE = 5.0
"""Seconds that one of several clusters gets for its list; a hanging one costs only its own rows."""


class NoCluster(ClusterNotFound):
    """No cluster at all is configured."""

    id = "no-cluster"
    cause_text = N_("No cluster is configured.")
    remedy_text = N_(
        "Name one with its kubeconfig under “clusters” in the configuration file. "
        "Until then, send the HelmRequest of a dry run yourself with kubectl."
    )


class Clusters:
    """The configured clusters; each call of one ends after ``total_seconds``. Safe to use from several threads."""

    def __init__(
        self,
        configured: Iterable[ClusterConfig],
        total_seconds: float = TOTAL_SECONDS,
        groups_of: GroupsOf = no_groups,
        token_of: TokenOf = no_token,
    ) -> None:
        """``groups_of`` and ``token_of``: of the people as whom clusters are asked."""
        self._by_name = {one.name: Cluster(one, total_seconds, groups_of, token_of) for one in configured}

    def close(self) -> None:
        """Let all connections go."""
        for one in self._by_name.values():
            one.close()

    @property
    def configured(self) -> tuple[ClusterConfig, ...]:
        """As configured; the first one is the default."""
        return tuple(one.config for one in self._by_name.values())

    @property
    def all(self) -> tuple[Cluster, ...]:
        """Each of them."""
        return tuple(self._by_name.values())

    def get(self, name: str = "") -> Cluster:
        """The cluster ``name``, or the default. Raises `ClusterNotFound`, `NoCluster`."""
        if not name and not self._by_name:
            raise NoCluster
        found = self._by_name.get(name) if name else self.all[0]
        if found is None:
            raise ClusterNotFound(cluster=name)
        return found

    def health(self, patience: float = LIST_PATIENCE) -> tuple[ClusterHealth, ...]:
        """The health of every cluster, asked at the same time."""
        return tuple(at_once(lambda one: one.health(patience), self.all))

    def versions(self) -> Mapping[str, str]:
        """The version of Kubernetes of each cluster that was seen. Nothing is asked here."""
        return {one.name: one.version for one in self.all if one.version}


def at_once(ask: Callable[[Cluster], _T], clusters: Collection[Cluster]) -> list[_T]:
    """``ask`` every one of ``clusters`` at the same time; the answers in their order."""
    if not clusters:
        return []
    with ThreadPoolExecutor(max_workers=len(clusters)) as pool:
        return list(pool.map(ask, clusters))
