"""What was learned of a cluster and does not change often; shared by all who ask it, whoever they act as."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resource:
    """How a kind is asked for."""

    plural: str
    namespaced: bool


@dataclass(frozen=True, slots=True)
class Served:
    """All kinds of a cluster."""

    resources: Mapping[tuple[str, str], Resource]
    """By ``apiVersion`` and kind."""
    versions: frozenset[str]
    """Group versions; those without a kind too."""
    until: float
    """`time.monotonic` up to which it is taken as known."""


@dataclass(slots=True)
class Memory:
    """Each value is written whole, so no lock is needed."""

    captain_namespace: str = ""
    """Where captain was found to keep its ChartRepos."""
    version: str = ""
    """Of Kubernetes, such as ``1.36.3``."""
    served: Served | None = None
