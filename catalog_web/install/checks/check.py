"""One thing that was looked at before sending, and the doors out of what it found. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from catalog_web.install.doors import Door
from catalog_web.values.validation.check import Problem
from indexer.errors import ChartroomError, fill

CheckState = Literal["ok", "warn", "fail", "unknown"]
"""``fail``: sending would certainly fail or do harm. ``unknown``: it could not be found out."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. The texts are templates over ``params``, as in `indexer.errors`."""

    id: str
    state: CheckState
    cause_text: str
    remedy_text: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    error: ChartroomError | None = None
    """What ended the check, where an error did."""
    doors: tuple[Door, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Of the values, one by one."""

    @property
    def cause(self) -> str:
        """What was found, in English."""
        return fill(self.cause_text, dict(self.params))

    @property
    def remedy(self) -> str:
        """What to do about it, in English; empty where nothing need be done."""
        return fill(self.remedy_text, dict(self.params))


def failed(check_id: str, error: ChartroomError, state: CheckState = "fail") -> Check:
    """The check that ``error`` ended."""
    return Check(check_id, state, error.cause_text, error.remedy_text, error.params, error)
