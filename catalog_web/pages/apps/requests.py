"""The requests that a person made where a source demands an approval: all of them, one, and those about one app."""

from dataclasses import dataclass

from flask import redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from catalog_web import yaml_text
from catalog_web.approvals.service import nothing
from catalog_web.auth import current_person, decides, rule
from catalog_web.install.helmrequest import manifest_yaml
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.view import services
from indexer.errors import ChartroomError, describe
from indexer.model import Approval


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request about an app that is looked at."""

    one: Approval
    address: str
    """Of the page where the present person decides about it, or follows it."""


@pages.get("/apps/requests")
@rule("approval.own", "approval")
def requests() -> str:
    """All requests that the present person made."""
    return render_template("requests/mine.html", requests=services().approvals.of(current_person().name))


@pages.get("/apps/requests/<request_id>")
@rule("approval.own", "approval/{request_id}")
def request_page(request_id: str) -> str:
    """What was asked, what happens next, and what was decided. Raises RequestNotFound."""
    return render_template("requests/page.html", one=_own(request_id))


@pages.post("/apps/requests/<request_id>/withdraw")
@rule("account", "approval/{request_id}")
def withdraw_request(request_id: str) -> Response:
    """Want it no longer. Raises RequestNotFound, RequestDecided."""
    services().approvals.withdraw(_own(request_id), current_person().name)
    return redirect(url_for(".request_page", request_id=request_id, notice="withdrawn"), 303)


def waiting_for(place: tuple[str, str, str]) -> tuple[Waiting, ...]:
    """What waits for one app, newest first, as far as the present person may know of it: who asked, and who decides."""
    person = current_person()
    decide = decides(person)
    found = (one for one in services().approvals.about(place) if one.person == person.name or decide(one.source))
    return tuple(Waiting(one, _address(one, decide(one.source))) for one in found)


def _address(one: Approval, decided: bool) -> str:
    endpoint = "admin.request_page" if decided else "apps.request_page"
    return url_for(endpoint, request_id=one.id)


def _own(request_id: str) -> Approval:
    """A request of the present person; of all others it is not there. Raises RequestNotFound."""
    return services().approvals.get(request_id, current_person().name, nothing)


@pages.app_template_filter("why_not_sent")
def why_not_sent(one: Approval) -> ChartroomError:
    """Why a request could not be sent when it was approved last."""
    problem = one.problem or {}
    return describe(str(problem.get("id", "")), problem.get("params", {}))


@pages.app_template_filter("manifest_lines")
def manifest_lines(one: Approval) -> list[Markup]:
    """The HelmRequest of a request as it was asked, in colours."""
    return yaml_text.highlight(manifest_yaml(one.form["helmrequest"]))
