"""``sync`` of a server: it is asked to, and looked at until it has."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from catalog_web.commands.remote import Desk, desk, whole
from indexer.errors import SourceNotFound, UsageError

if TYPE_CHECKING:
    from catalog_web.api.shapes import SourceShape, SyncShape

_POLL_SECONDS = 1.0
_LONGEST = 3600.0
"""Seconds that a sync is waited for."""


def synced_there(wanted: Sequence[str], *, full: bool, archives: bool, accept: bool) -> "list[SyncShape]":
    """Have the server sync these sources, by default all that are enabled, and wait for each.

    Raises UsageError for one that is not there, and for what cannot be asked of a server; ServerSaid.
    """
    if full or not archives:
        raise UsageError(
            what="A server cannot be asked for --full or --no-archives.", hint="Leave them out, or run it there."
        )
    with desk() as at:
        return list(_synced(at, wanted, accept=accept))


def _synced(at: Desk, wanted: Sequence[str], *, accept: bool) -> "Iterator[SyncShape]":
    from catalog_web.api import operations, sources

    known = {one["name"]: one for one in whole(at, sources.listed, operations.Page)["items"]}
    for name in wanted:
        if name not in known:
            missing = SourceNotFound(source=name)
            raise UsageError(what=missing.cause, hint=missing.remedy)
    chosen = list(dict.fromkeys(wanted)) or [
        name for name, one in known.items() if one["enabled"] and not one["parent"]
    ]
    for name in chosen:
        if accept and known[name]["held"]:
            at.ask(sources.accept, name)
        at.ask(sources.sync, name)
    for name in chosen:
        yield _shape(_awaited(at, name, _newest(known[name])))


def _newest(state: "SourceShape") -> int:
    return state["last_attempt"]["id"] if state["last_attempt"] else 0


def _awaited(at: Desk, name: str, before: int) -> "SourceShape":
    """The source once an attempt after ``before`` has ended. Raises UsageError when it takes too long."""
    from catalog_web.api import sources

    ends = time.monotonic() + _LONGEST
    while time.monotonic() < ends:
        state = cast("SourceShape", at.ask(sources.source, name))
        if _newest(state) > before and not state["running"]:
            return state
        time.sleep(_POLL_SECONDS)
    raise UsageError(what=f"The sync of {name} has not ended within an hour.", hint="Look at its page on the server.")


def _shape(state: "SourceShape") -> "SyncShape":
    """What ``sync`` tells; entries with something wrong are on the page of the source."""
    one: Any = state["last_attempt"]
    counted = ("source", "outcome", "added", "updated", "removed", "repushed", "error", "seconds", "bytes")
    return cast("SyncShape", {**{name: one[name] for name in counted}, "problems": []})
