"""The one question that every route asks: may this person do that?"""

from collections.abc import Callable
from dataclasses import dataclass

from catalog_web.auth.actions import UNASKED, Action
from catalog_web.auth.person import Person
from indexer.errors import N_


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of ``may``; ``hint`` says what to do about a no."""

    allowed: bool
    hint: str = ""


def may(person: Person, action: Action, target: str) -> Decision:  # noqa: ARG001  rights are not yet per object
    """Whether ``person`` may take ``action`` on ``target`` (``source/NAME``, ``app/CLUSTER/NAMESPACE/NAME``, …)."""
    if action in UNASKED or action in person.rights:
        return Decision(True)
    return Decision(False, N_("Ask an administrator for the right to do this."))


def decides(person: Person) -> Callable[[str], bool]:
    """Whether ``person`` decides what is installed from a source, by the source's name."""
    return lambda source: may(person, "approval.decide", f"source/{source}").allowed
