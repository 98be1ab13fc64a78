"""How a publication fares: what Chartroom last did, and captain's own phase and reason beside it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from catalog_web.captain.chartrepo import SeenRepo
from catalog_web.captain.limits import Limit, remedy
from indexer.errors import N_, ChartroomError, ClusterError, ClusterTimedOut, ClusterUnreachable, describe, fill
from indexer.model import Publication, PublicationMode

State = Literal["waiting", "published", "failing", "refused", "unknown", "leaving"]
"""``waiting``: captain has not looked yet. ``failing``: captain cannot read it. ``refused``: Chartroom could not make
the ChartRepo. ``unknown``: the cluster does not answer. ``leaving``: captain is still to be told to forget it."""
_BY_GRAVITY: tuple[State, ...] = ("published", "leaving", "waiting", "unknown", "refused", "failing")

WARNING = N_(
    "captain then deletes its Charts of this repository, and every chart of these names in its own ChartMuseum, where "
    "it has one. What is installed keeps running, but captain can neither upgrade nor repair it from there."
)
"""What unpublishing does, to be shown before."""


_NO_ANSWER = (ClusterError, ClusterUnreachable, ClusterTimedOut)
"""After these nobody knows what the API server would say; what is derived from them is its word."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a publication, kept in the store as plain JSON."""

    fingerprint: str = ""
    """Of the settings that were last told; others are told at once."""
    change: int = 0
    """The row of the change log up to which captain was asked to look."""
    checked: datetime | None = None
    repo: str = ""
    url: str = ""
    phase: str = ""
    reason: str = ""
    last_sync: datetime | None = None
    error: ChartroomError | None = None
    """Why the last try came to nothing."""


@dataclass(frozen=True, slots=True)
class Published:
    """A publication as a person sees it. The texts are templates over ``params``."""

    cluster: str
    source: str
    mode: PublicationMode
    state: State
    repo: str
    url: str
    """Which captain reads; without credentials."""
    phase: str
    """captain's own word; empty where it said none."""
    reason: str
    """captain's own words; empty where it does not fail."""
    last_sync: datetime | None
    """When captain last read it, as captain says."""
    checked: datetime | None
    """When Chartroom last looked."""
    cause_text: str
    remedy_text: str
    params: Mapping[str, Any] = field(hash=False)
    limits: tuple[Limit, ...]
    error: ChartroomError | None = None

    @property
    def cause(self) -> str:
        """How it fares, in English."""
        return fill(self.cause_text, dict(self.params))

    @property
    def remedy(self) -> str:
        """What to do, in English; empty where nothing need be done."""
        return fill(self.remedy_text, dict(self.params))


def published(row: Publication, told: Told, limits: tuple[Limit, ...]) -> Published:
    """``row`` with what is known of it."""
    state, cause, remedy_text, params = _judged(row, told)
    return Published(
        cluster=row.cluster,
        source=row.source,
        mode=row.mode,
        state=state,
        repo=told.repo,
        url=told.url,
        phase=told.phase,
        reason=told.reason,
        last_sync=told.last_sync,
        checked=told.checked,
        cause_text=cause,
        remedy_text=remedy_text,
        params=params,
        limits=limits,
        error=told.error,
    )


def of_projects(row: Publication, told: Told, projects: Iterable[Published]) -> Published:
    """``row`` of a Harbor, which has no ChartRepo: it fares as the worst of its ``projects`` does."""
    states: list[State] = [one.state for one in projects] or ["waiting"]
    text = N_("Each project is a ChartRepo of its own; the page of the project says how captain fares with it.")
    return replace(published(row, told, ()), state=max(states, key=_BY_GRAVITY.index), cause_text=text, remedy_text="")


def _judged(row: Publication, told: Told) -> tuple[State, str, str, Mapping[str, Any]]:
    error, params = told.error, {"repo": told.repo, "cluster": row.cluster, "reason": told.reason}
    if not row.wanted:
        leaving = N_("captain of {cluster} is still to be told to forget it.")
        return "leaving", leaving, error.remedy_text if error else "", {**(error.params if error else {}), **params}
    if error is not None:
        state: State = "unknown" if type(error) in _NO_ANSWER else "refused"
        return state, error.cause_text, error.remedy_text, error.params
    if told.phase == "Failed":
        return (
            "failing",
            N_("captain cannot read its ChartRepo {repo}: {reason}"),
            remedy(told.reason, row.mode),
            params,
        )
    if told.phase != "Synced":
        waiting = N_("captain has not read its ChartRepo {repo} yet; it does so within about two minutes.")
        return "waiting", waiting, N_("If it stays so, see whether captain runs in that cluster."), params
    if told.last_sync is None:
        behind = N_("captain has read its ChartRepo {repo}, and is to read what changed since; that takes up to two "
                    "minutes.")  # fmt: skip
        return "published", behind, "", params
    return "published", N_("captain has read it; its charts are {repo}/…"), "", params


# -- in the store


def told_of(state: Mapping[str, Any]) -> Told:
    """Read back what `kept` wrote."""
    error = state.get("error")
    return Told(
        fingerprint=str(state.get("fingerprint", "")),
        change=int(state.get("change", 0)),
        checked=_moment(state.get("checked")),
        repo=str(state.get("repo", "")),
        url=str(state.get("url", "")),
        phase=str(state.get("phase", "")),
        reason=str(state.get("reason", "")),
        last_sync=_moment(state.get("last_sync")),
        error=describe(error["id"], error["params"]) if error else None,
    )


def kept(told: Told) -> dict[str, Any]:
    """``told`` as plain JSON."""
    error = {"id": told.error.id, "params": told.error.params} if told.error else None
    plain = {"fingerprint": told.fingerprint, "change": told.change, "repo": told.repo, "url": told.url, "error": error}
    moments = {"checked": _text(told.checked), "last_sync": _text(told.last_sync)}
    return {**plain, **moments, "phase": told.phase, "reason": told.reason}


def captains(repo: SeenRepo) -> dict[str, Any]:
    """What captain says of a ChartRepo, as fields of `Told`."""
    return {"phase": repo.phase, "reason": repo.reason, "last_sync": repo.last_sync}


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def _text(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""
