"""How a request for an approval is told."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from typing_extensions import TypedDict

from catalog_web.api import shapes
from catalog_web.api.operations import Caller, Reply
from catalog_web.auth import decides
from indexer.errors import ApprovalWanted, describe
from indexer.model import Approval, ApprovalState

ACCEPTED = 202


class ApprovalShape(TypedDict):
    """Something that waits, or waited, until an administrator of its source decides. ``approved``: and the answer of
    the cluster was lost; approve it again to send it once more. ``problem``: why it could not be sent. ``may_decide``
    and ``may_withdraw``: what whoever asks may do about it now. Secrets are in none of it."""

    id: str
    state: ApprovalState
    action: Literal["install", "upgrade", "rollback"]
    source: str
    chart: str
    version: str
    cluster: str
    namespace: str
    name: str
    person: str
    why: str
    at: str | None
    decided_by: str
    decided_at: str | None
    reason: str
    problem: shapes.ErrorShape | None
    helmrequest: dict[str, Any]
    may_decide: bool
    may_withdraw: bool


def approval_shape(caller: Caller, one: Approval) -> ApprovalShape:
    """One request, as ``caller`` sees it."""
    return {
        "id": one.id,
        "state": one.state,
        "action": one.action,
        "source": one.source,
        "chart": one.chart,
        "version": one.version,
        "cluster": one.cluster,
        "namespace": one.namespace,
        "name": one.name,
        "person": one.person,
        "why": one.why,
        "at": shapes.moment(one.at),
        "decided_by": one.decided_by,
        "decided_at": shapes.moment(one.decided_at),
        "reason": one.reason,
        "problem": _problem(one.problem),
        "helmrequest": dict(one.form["helmrequest"]),
        "may_decide": one.state in ("waiting", "approved") and decides(caller.who)(one.source),
        "may_withdraw": one.state == "waiting" and one.person == caller.person,
    }


def or_asked(caller: Caller, send: Callable[[], shapes.InstallShape]) -> shapes.InstallShape | Reply:
    """What ``send`` gives; or, where somebody decides about it first, the request with 202."""
    try:
        return send()
    except ApprovalWanted as wanted:
        asked = caller.services.store.approvals.get(wanted.params["request"])
        return Reply(approval_shape(caller, asked), ACCEPTED)


def _problem(kept: Mapping[str, Any] | None) -> shapes.ErrorShape | None:
    return shapes.error_shape(describe(kept["id"], kept["params"])) if kept else None
