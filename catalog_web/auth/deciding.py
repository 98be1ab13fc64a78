"""The one question that every route asks: may this person do that?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog_web.auth.actions import DEEDS, UNASKED, Action
from catalog_web.auth.person import Person
from indexer.errors import N_, Forbidden, SourceNotYours, phrase

_NOT_AT_ALL = N_("Ask an administrator for the right to do this.")
_NOT_THERE = N_("Your roles allow it elsewhere. Ask an administrator for the right to do it here.")
_OTHER_SOURCES = N_(
    "Your roles allow it here with charts of other sources, not with those of “{source}”. Ask an administrator for one "
    "role that names both."
)
_SOURCE_UNKNOWN = N_(
    "Your roles allow it here with charts of certain sources, and which source this one is from is not known. Ask an "
    "administrator for a role that names no sources."
)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of ``may``; ``hint`` says what to do about a no."""

    allowed: bool
    hint: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    """What ``hint`` names."""


def may(person: Person, action: Action, target: str, source: str | None = None) -> Decision:
    """Whether ``person`` may take ``action`` on ``target``, with a chart of ``source`` (`auth.grants`).

    ``rights`` is the most that is allowed anywhere: a token may narrow it.
    """
    if action in UNASKED:
        return Decision(True)
    if action not in person.rights:
        return Decision(False, _NOT_AT_ALL)
    if person.grants.allow(action, target, source):
        return Decision(True)
    if source is None or not person.grants.allow(action, target):
        return Decision(False, _NOT_THERE)
    return Decision(False, _OTHER_SOURCES if source else _SOURCE_UNKNOWN, {"source": source})


def why_not(person: Person, action: Action, target: str, ask: str) -> Forbidden | None:
    """The error of whoever may not; None where ``person`` may. ``ask``: whom to ask for the right."""
    decision = may(person, action, target)
    if decision.allowed:
        return None
    return forbidden(person, action, target, decision.hint, ask)


def forbidden(person: Person, action: Action, target: str, hint: str, ask: str = "") -> Forbidden:
    """The error of whoever may not. ``hint``: what to do about it, marked for translation; ``ask``: whom to ask."""
    deed = phrase(DEEDS[action])
    return Forbidden(person=person.name, deed=deed, action=action, object=target, hint=hint, whom=whom(ask))


def source_refused(person: Person, action: Action, target: str, source: str, ask: str) -> SourceNotYours | None:
    """The error of whoever may take ``action`` on ``target``, but not with a chart of ``source`` (empty: of one that is
    not known): no single role names both. Asked beside ``why_not``, of the chart that is to be sent."""
    if not may(person, action, target).allowed:
        return None
    decision = may(person, action, target, source)
    if decision.allowed:
        return None
    hint = phrase(decision.hint, **decision.params)
    facts = {"person": person.name, "action": action, "object": target, "source": source or "?"}
    return SourceNotYours(**facts, hint=hint, whom=whom(ask))


def whom(ask: str) -> str:
    """Whom to ask, behind a sentence; empty where nobody is named."""
    return f" ({ask})" if ask else ""


def default_cluster(person: Person, seen: Sequence[str], source: str | None = None) -> str:
    """The cluster that is meant where none is named: the first of those that are ``seen`` to which the person may
    install, from ``source`` where one is meant, else the first one; empty where none is seen."""
    allowed = (one for one in seen if may(person, "app.install", f"cluster/{one}", source).allowed)
    return next(allowed, next(iter(seen), ""))


def decides(person: Person) -> Callable[[str], bool]:
    """Whether ``person`` decides what is installed from a source, by the source's name."""
    return lambda source: may(person, "approval.decide", f"source/{source}").allowed
