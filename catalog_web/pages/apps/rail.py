"""The history of an app, newest first, as a rail of points."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from catalog_web.install.status import App
from catalog_web.pages.apps.changes import Changed, in_a_line
from indexer.model import Revision

Point = Literal["", "now", "failed"]


@dataclass(frozen=True, slots=True)
class Stop:
    """A revision on the rail."""

    revision: Revision
    changed: Changed
    point: Point
    """``now``: it runs; ``failed``: captain could not do it."""
    is_newest: bool
    """What the cluster has now came of it."""
    may_return: bool
    """It can be rolled back to."""
    has_before: bool
    """There is an earlier one that it changed something of."""


def rail(history: Sequence[Revision], app: App | None) -> tuple[Stop, ...]:
    """One stop a revision. ``app``: as the cluster has it; None where that is not known."""
    newest = next((one for one in history if one.uid), None)
    running = _running(history, app)
    before = {one.number: earlier for one, earlier in pairwise(taken(history))}
    return tuple(
        Stop(
            one,
            in_a_line(before.get(one.number), one),
            _point(one, one is newest, running, app),
            one is newest,
            may_return=may_return(one) and (one is not newest or (app is not None and app.state == "gone")),
            has_before=one.number in before and not before[one.number].is_removal,
        )
        for one in history
    )


def taken(history: Iterable[Revision]) -> list[Revision]:
    """Those that the cluster took."""
    return [one for one in history if one.uid]


def may_return(revision: Revision) -> bool:
    """Whether an app can be brought back to what ``revision`` asked for."""
    return bool(revision.uid) and not revision.is_removal


def last_good(stops: Sequence[Stop]) -> Stop | None:
    """The stop that most people want to go back to: the newest before the present one that captain could do, else the
    newest before it."""
    offered = [one for one in stops if one.may_return]
    return next((one for one in offered if one.revision.outcome == "synced"), next(iter(offered), None))


def _running(history: Sequence[Revision], app: App | None) -> Revision | None:
    """The revision that runs: the newest that captain could do."""
    if app is None or app.state in ("gone", "deleting"):
        return None
    newest = next(iter(taken(history)), None)
    if newest is not None and app.state == "running":
        return newest
    return next((one for one in taken(history) if one.outcome == "synced" and one.version == app.status.version), None)


def _point(one: Revision, is_newest: bool, running: Revision | None, app: App | None) -> Point:
    if one is running:
        return "now"
    failing = is_newest and app is not None and app.state in ("failed", "retrying")
    return "failed" if failing or (not is_newest and one.outcome == "failed") else ""
