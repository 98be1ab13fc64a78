"""Requests for approvals: one's own, and those that one decides about."""

from typing import Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from catalog_web.api import shapes
from catalog_web.api.approval_shapes import ApprovalShape, approval_shape
from catalog_web.api.check_shapes import CheckShape, check
from catalog_web.api.operations import Caller, Question, operation
from catalog_web.approval_reports import report_of
from catalog_web.approvals.service import LONGEST_REASON, OPEN, SETTLED, Look
from catalog_web.auth import decides
from catalog_web.signin.asking import expect_still_allowed
from indexer.model import Approval

_ERRORS = (404, 409, 422, 502, 503, 504)


class ApprovalsQuestion(Question):
    """Which requests: ``open`` or ``settled`` ones; ``mine``, or those that one decides about."""

    show: Literal["open", "settled"] = "open"
    mine: bool = False


class ApproveBody(Question):
    """An approval. ``resource_version`` and ``chart_digest``: as the report tells them, where the app or the archive
    changed since it was asked."""

    reason: str = Field("", max_length=LONGEST_REASON)
    resource_version: str = Field("", max_length=256)
    chart_digest: str = Field("", max_length=256)


class RefuseBody(Question):
    """A refusal, which needs a reason."""

    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


class ApprovalsList(TypedDict):
    """Requests, the newest first."""

    total: int
    items: list[ApprovalShape]


class ReportShape(TypedDict):
    """What approving a request would mean now. ``changed``: the app is no longer as it was when it was asked.
    ``helmrequest``: as it would be written; ``error``: why that cannot be told."""

    helmrequest: dict[str, Any] | None
    checks: list[CheckShape]
    changed: bool
    resource_version: str
    chart_digest: str
    error: shapes.ErrorShape | None


@operation(
    "GET",
    "/api/v1/approvals",
    action="approval.own",
    summary="Requests for approvals: those that you decide about, or your own",
    query=ApprovalsQuestion,
    answer=ApprovalsList,
)
def listed(caller: Caller, *, query: ApprovalsQuestion) -> ApprovalsList:
    """The newest ones."""
    states, kept = (OPEN if query.show == "open" else SETTLED), caller.services.approvals
    if query.mine:
        found = tuple(one for one in kept.of(caller.person) if one.state in states)
    else:
        found = kept.decidable(decides(caller.who), states)
    return {"total": len(found), "items": [approval_shape(caller, one) for one in found]}


@operation(
    "GET",
    "/api/v1/approvals/{approval}",
    action="approval.own",
    target="approval/{approval}",
    summary="One request for an approval",
    answer=ApprovalShape,
    errors=(404,),
)
def one(caller: Caller, approval: str) -> ApprovalShape:
    """One's own, or one that the caller decides about. Raises RequestNotFound."""
    return approval_shape(caller, _found(caller, approval))


@operation(
    "GET",
    "/api/v1/approvals/{approval}/report",
    action="approval.own",
    target="approval/{approval}",
    summary="What approving a request would mean now: all checks, and the HelmRequest",
    answer=ReportShape,
    errors=_ERRORS,
)
def report(caller: Caller, approval: str) -> ReportShape:
    """Asked of the cluster now. Raises RequestNotFound."""
    found = report_of(caller.services, _found(caller, approval))
    return {
        "helmrequest": dict(found.helmrequest) if found.helmrequest else None,
        "checks": [check(each) for each in found.checks],
        "changed": found.changed,
        "resource_version": found.resource_version,
        "chart_digest": found.chart_digest,
        "error": shapes.error_shape(found.error) if found.error else None,
    }


@operation(
    "POST",
    "/api/v1/approvals/{approval}/approve",
    action="approval.decide",
    target="approval/{approval}",
    summary="Approve a request: it is sent as it was asked, as the person who asked",
    body=ApproveBody,
    answer=shapes.InstallShape,
    status=202,
    errors=_ERRORS,
)
def approve(caller: Caller, approval: str, *, body: ApproveBody) -> shapes.InstallShape:
    """Send it. Raises RequestNotFound, RequestDecided, Forbidden where who asked may not do it any more, and why it
    could not be sent."""
    look = Look(body.resource_version, body.chart_digest)
    found = _decidable(caller, approval)
    expect_still_allowed(caller.services, found)
    return shapes.install(caller.services.approvals.approve(found, caller.person, body.reason, look))


@operation(
    "POST",
    "/api/v1/approvals/{approval}/refuse",
    action="approval.decide",
    target="approval/{approval}",
    summary="Refuse a request, with a reason",
    body=RefuseBody,
    answer=ApprovalShape,
    errors=(404, 409),
)
def refuse(caller: Caller, approval: str, *, body: RefuseBody) -> ApprovalShape:
    """Send nothing. Raises RequestNotFound, RequestDecided."""
    found = _decidable(caller, approval)
    return approval_shape(caller, caller.services.approvals.refuse(found, caller.person, body.reason))


@operation(
    "POST",
    "/api/v1/approvals/{approval}/withdraw",
    action="account",
    target="approval/{approval}",
    summary="Withdraw a request of your own",
    answer=ApprovalShape,
    errors=(404, 409),
)
def withdraw(caller: Caller, approval: str) -> ApprovalShape:
    """Want it no longer. Raises RequestNotFound, RequestDecided."""
    return approval_shape(caller, caller.services.approvals.withdraw(_found(caller, approval), caller.person))


def _found(caller: Caller, approval: str) -> Approval:
    return caller.services.approvals.get(approval, caller.person, decides(caller.who))


def _decidable(caller: Caller, approval: str) -> Approval:
    """One that the caller decides about; one's own alone is not enough. Raises RequestNotFound."""
    return caller.services.approvals.get(approval, "", decides(caller.who))
