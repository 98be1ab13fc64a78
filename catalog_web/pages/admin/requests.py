"""Requests for approvals: those that the present person decides about, one with its report, and the decision."""

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog_web.approval_reports import Report, report_of
from catalog_web.approvals.service import LONGEST_REASON, OPEN, SETTLED, Look
from catalog_web.auth import current_person, decides, rule
from catalog_web.install.checks import Check
from catalog_web.install.helmrequest_diff import HelmRequestDiff, helmrequest_diff
from catalog_web.pages.admin.blueprint import pages
from catalog_web.pages.view import services
from catalog_web.signin.asking import expect_still_allowed
from indexer.errors import ChartroomError
from indexer.model import Approval

Answer = tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class Shown:
    """What is decided about."""

    report: Report
    diff: HelmRequestDiff

    @property
    def loud(self) -> list[Check]:
        """What asks for a look, what stops it first."""
        return sorted((one for one in self.report.checks if one.state != "ok"), key=lambda one: one.state != "fail")

    @property
    def quiet(self) -> list[Check]:
        """What found nothing wrong."""
        return [one for one in self.report.checks if one.state == "ok"]


@pages.get("/requests")
@rule("approval.read", "approval")
def requests() -> str:
    """What waits for a decision, or what was decided."""
    settled = request.args.get("show") == "settled"
    found = services().approvals.decidable(decides(current_person()), SETTLED if settled else OPEN)
    return render_template("admin/requests.html", requests=found, settled=settled)


@pages.get("/requests/<request_id>")
@rule("approval.read", "approval/{request_id}")
def request_page(request_id: str) -> str:
    """One request, with what sending it would mean now. Raises RequestNotFound."""
    return _page(_decidable(request_id))


@pages.post("/requests/<request_id>/approve")
@rule("approval.decide", "approval/{request_id}")
def approve_request(request_id: str) -> Answer:
    """Send what was asked for; where that fails, say why and show it again. Raises RequestNotFound."""
    one, form = _decidable(request_id), request.form
    look = Look(form.get("resource_version", "")[:256], form.get("chart_digest", "")[:256])
    try:
        expect_still_allowed(services(), one)
        services().approvals.approve(one, current_person().name, _reason(), look)
    except ChartroomError as error:
        return _page(_decidable(request_id), error), error.status
    return redirect(url_for(".request_page", request_id=request_id, notice="approved"), 303)


@pages.post("/requests/<request_id>/refuse")
@rule("approval.decide", "approval/{request_id}")
def refuse_request(request_id: str) -> Answer:
    """Send nothing, with a reason. Raises RequestNotFound."""
    one = _decidable(request_id)
    try:
        services().approvals.refuse(one, current_person().name, _reason())
    except ChartroomError as error:
        return _page(_decidable(request_id), error), error.status
    return redirect(url_for(".request_page", request_id=request_id, notice="refused"), 303)


def _reason() -> str:
    return request.form.get("reason", "").strip()[:LONGEST_REASON]


def _decidable(request_id: str) -> Approval:
    return services().approvals.get(request_id, "", decides(current_person()))


def _page(one: Approval, error: ChartroomError | None = None) -> str:
    shown = _shown(one) if one.state in OPEN else None
    return render_template("admin/request.html", one=one, shown=shown, error=error, reason=_reason(), doors=None)


def _shown(one: Approval) -> Shown:
    report = report_of(services(), one)
    return Shown(report, helmrequest_diff(report.present, report.helmrequest, report.hidden))
