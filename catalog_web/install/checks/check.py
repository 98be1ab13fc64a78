"""One thing that was looked at before sending, and the doors out of what it found. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from catalog_web.values.validation.check import Problem
from indexer.errors import ChartroomError, fill

CheckState = Literal["ok", "warn", "fail", "unknown"]
"""``fail``: sending would certainly fail or do harm. ``unknown``: it could not be found out."""

DoorId = Literal["role", "create-namespace", "publish", "sync", "upgrade", "source"]
"""``role``: YAML for the one who runs the cluster. ``create-namespace``: make it now. ``publish``: let captain know the
source. ``sync``: let captain read the repository now. ``upgrade``: of the app that has the name. ``source``: look at
the source's page."""


@dataclass(frozen=True, slots=True)
class Door:
    """A way out: something to press, to open or to copy. The label is a template over ``params``, which also say what
    it is about (``cluster``, ``namespace``, ``name``, ``repo``, ``source``)."""

    id: DoorId
    label_text: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    text: str = ""
    """What to copy; empty where it is to be pressed or opened."""

    @property
    def label(self) -> str:
        """In English."""
        return fill(self.label_text, self.params)


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
