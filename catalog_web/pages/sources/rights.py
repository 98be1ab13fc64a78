"""What may be changed here, and why not."""

from catalog_web import registration
from catalog_web.auth import current_person, may
from catalog_web.pages.view import services
from indexer.errors import N_, ChartroomError, Conflict
from indexer.model import SourceState


def why_fixed() -> ChartroomError | None:
    """Why no source can be added here; None where one can."""
    return _why_not("source", N_("You may not add sources."))


def why_read_only(state: SourceState) -> ChartroomError | None:
    """Why this source cannot be changed here; None where it can."""
    mine = f"source/{state.source.name}"
    return registration.why_read_only(state.source) or _why_not(mine, N_("You may not change this source."))


def _why_not(target: str, what: str) -> ChartroomError | None:
    if services().config.sources_only_configured:
        return registration.SourcesFixed()
    decision = may(current_person(), "source.write", target)
    return None if decision.allowed else Conflict(what=what, hint=decision.hint)
