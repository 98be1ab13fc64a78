"""What is known of a chart and its source without asking a cluster: gathered above install, handed in frozen."""

from dataclasses import dataclass

from indexer.errors import Phrase
from indexer.mirrors import Placed
from indexer.model import ArchiveContent


@dataclass(frozen=True, slots=True)
class Publishing:
    """Whether captain may be told of the source."""

    published: bool = False
    """Chartroom was asked to let captain of this cluster know it."""
    why_not: Phrase | None = None
    """Why that cannot be had in one click."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one version of a chart. What is not known stays at its default, and its checks are left out."""

    content: ArchiveContent | None = None
    kube_version: str = ""
    """The range of Chart.yaml; empty: any."""
    deprecated: bool = False
    repushed: bool = False
    """The same version came with another digest at some time."""
    images: tuple[tuple[str, Placed], ...] = ()
    """Each reference, and what the table of mirrors says of it."""
    publishing: Publishing | None = None
    approval: bool = False
    """Who does not decide about the source makes a request, which somebody else decides about."""
    changed_crds: tuple[str, ...] = ()
    """Of an upgrade: files below ``crds/`` that are not in the version before, or are other ones there."""


NO_FACTS = Facts()
