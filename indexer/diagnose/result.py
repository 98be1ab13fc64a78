"""What a test of a connection found: frozen data, whose texts are templates to be filled where they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from indexer.diagnose.certificates import Certificate, Trust
from indexer.errors import Phrase, fill
from indexer.model import Source

RungId = Literal["dns", "tcp", "proxy", "tls", "http", "kind", "auth", "read", "charts"]
RungState = Literal["ok", "warn", "fail", "skipped"]
RUNGS: tuple[RungId, ...] = ("dns", "tcp", "proxy", "tls", "http", "kind", "auth", "read", "charts")
RUNGS_BY_PROXY: tuple[RungId, ...] = ("proxy", "dns", "tcp", "tls", "http", "kind", "auth", "read", "charts")


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the way to the charts."""

    id: RungId
    state: RungState
    ms: int
    """Milliseconds that it took."""
    cause: Phrase
    """What was found, as a sentence."""
    remedy: Phrase | None = None
    """What can be done about it; None: nothing need be."""
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What the sentence was made of, for programs: plain JSON."""

    @property
    def cause_words(self) -> str:
        """The cause, in English."""
        return fill(**self.cause)

    @property
    def remedy_words(self) -> str:
        """The remedy, in English; empty where there is none."""
        return fill(**self.remedy) if self.remedy else ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The whole ladder, from the first rung to the last."""

    rungs: tuple[Rung, ...]
    source: Source
    """The source as a sync would read it, its kind found out where nobody gave it."""
    certificates: tuple[Certificate, ...] = ()
    """As the server shows them, its own first."""
    trust: Trust | None = None
    """What would have to be trusted, where that is all that is missing."""

    @property
    def is_good(self) -> bool:
        """Whether a sync would come to its end."""
        return all(one.state != "fail" for one in self.rungs)

    def rung(self, wanted: RungId) -> Rung:
        """One of the rungs."""
        return next(one for one in self.rungs if one.id == wanted)
