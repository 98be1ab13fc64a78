"""The one question that every route asks: may this person do that?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from catalog_web.auth.actions import DEEDS, UNASKED, Action
from catalog_web.auth.person import Person
from indexer.errors import N_, Forbidden, phrase

_NOT_AT_ALL = N_("Ask an administrator for the right to do this.")
_NOT_THERE = N_("Your roles allow it elsewhere. Ask an administrator for the right to do it here.")


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of ``may``; ``hint`` says what to do about a no."""

    allowed: bool
    hint: str = ""


def may(person: Person, action: Action, target: str) -> Decision:
    """Whether ``person`` may take ``action`` on ``target`` (`auth.grants`).

    ``rights`` is the most that is allowed anywhere: a token may narrow it.
    """
    if action in UNASKED:
        return Decision(True)
    if action not in person.rights:
        return Decision(False, _NOT_AT_ALL)
    return Decision(True) if person.grants.allow(action, target) else Decision(False, _NOT_THERE)


def why_not(person: Person, action: Action, target: str, ask: str) -> Forbidden | None:
    """The error of whoever may not; None where ``person`` may. ``ask``: whom to ask for the right."""
    decision = may(person, action, target)
    if decision.allowed:
        return None
    return forbidden(person, action, target, decision.hint, ask)


def forbidden(person: Person, action: Action, target: str, hint: str, ask: str = "") -> Forbidden:
    """The error of whoever may not. ``hint``: what to do about it, marked for translation; ``ask``: whom to ask."""
    whom, deed = f" ({ask})" if ask else "", phrase(DEEDS[action])
    return Forbidden(person=person.name, deed=deed, action=action, object=target, hint=hint, whom=whom)


def default_cluster(person: Person, seen: Sequence[str]) -> str:
    """The cluster that is meant where none is named: the first of those that are ``seen`` to which the person may
    install, else the first one; empty where none is seen."""
    allowed = (one for one in seen if may(person, "app.install", f"cluster/{one}").allowed)
    return next(allowed, next(iter(seen), ""))


def decides(person: Person) -> Callable[[str], bool]:
    """Whether ``person`` decides what is installed from a source, by the source's name."""
    return lambda source: may(person, "approval.decide", f"source/{source}").allowed
