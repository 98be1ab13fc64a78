"""What captain made of the newest revision, kept as soon as it is seen."""

from collections.abc import Sequence
from dataclasses import replace

from catalog_web.install.refusal import clean
from catalog_web.install.status import GIVE_UP, AppStatus, Marker
from catalog_web.install.verbs.context import Context
from catalog_web.install.verbs.noticing import taken
from indexer.model import Revision, RevisionMark, RevisionOutcome

_OUTCOMES: dict[str, RevisionOutcome] = {"running": "synced", "failed": "failed", "retrying": "failed"}


def is_news(mark: RevisionMark | Revision, status: AppStatus) -> bool:
    """Whether ``status`` tells an outcome of that revision that is not kept yet. captain tries again by itself, so
    what failed may still come right."""
    outcome = _outcome(mark, status)
    return bool(outcome) and outcome != mark.outcome and mark.outcome in ("", "failed")


def settle(context: Context, history: Sequence[Revision], status: AppStatus) -> tuple[Revision, ...]:
    """``history`` with the outcome that ``status`` tells of its newest revision."""
    newest = taken(history)
    if newest is None or not is_news(newest, status):
        return tuple(history)
    outcome, now = _outcome(newest, status), context.now()
    reason = clean(status.reason) if outcome == "failed" else ""
    context.revisions.settle(newest.request_id, outcome, reason, now)
    told = replace(newest, outcome=outcome, outcome_reason=reason, outcome_at=now)
    return tuple(told if one is newest else one for one in history)


def awaited(mark: RevisionMark | Revision | None, context: Context) -> Marker | None:
    """How the app looked before that revision, where captain may not have seen it yet: for a process that has not
    followed the app itself."""
    if (
        mark is None
        or mark.outcome
        or not mark.spec_hash
        or mark.action == "annotate"
        or context.now() - mark.at > GIVE_UP
    ):
        return None
    return Marker(mark.generation - 1, mark.spec_hash, failed=False, at=mark.at)


def _outcome(mark: RevisionMark | Revision, status: AppStatus) -> RevisionOutcome:
    if status.uid != mark.uid or status.generation != mark.generation or mark.action == "uninstall":
        return ""
    if mark.action == "annotate" and mark.spec_hash and status.spec_hash == mark.spec_hash:
        return ""
    if status.id == "frozen":  # captain is told not to look, whatever it said before
        return ""
    return _OUTCOMES.get(status.state, "")
