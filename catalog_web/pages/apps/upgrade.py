"""Another version or other values for an app: what changes, what to decide, what would be sent, and sending it.

Nothing is sent that was not shown, and every mistake leaves all that was typed. The person's own text stays as it is in
the field; what was decided about conflicts is done to it on the way.
"""

import hashlib
import uuid
from dataclasses import dataclass, field, replace
from typing import Any, cast

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog_web.auth import MIB, current_person, rule
from catalog_web.install.apps import Place
from catalog_web.install.helmrequest_diff import helmrequest_diff
from catalog_web.install.recorded import values_of, with_values
from catalog_web.install.upgrade_form import UpgradeForm
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.apps.brings import brought
from catalog_web.pages.apps.conflicts import conflict_rows
from catalog_web.pages.apps.history import present
from catalog_web.pages.apps.rollback import is_uncertain, why_of_form
from catalog_web.pages.apps.shown import Shown, head, look
from catalog_web.pages.view import services
from catalog_web.upgrades import Proposal
from catalog_web.values.three_way import Decision
from indexer.compare.lines import Hunk
from indexer.errors import AppChanged, ChartroomError, SourceUnknown, UsageError

BODY_LIMIT = 2 * MIB + MIB // 4
_OFFERED = 200
"""Versions in the list."""
_LONGEST = 256
_DECISION = "decision:"


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form carries."""

    version: str = ""
    values_yaml: str | None = None
    """None before anything was typed: the app's own."""
    decisions: dict[str, Decision] = field(default_factory=dict)
    resource_version: str = ""
    request_id: str = ""
    why: str = ""
    seen: str = ""
    """Names what was shown, so that nothing else is sent."""


@dataclass(frozen=True, slots=True)
class Review:
    """What would be sent, as the cluster would have it."""

    hunks: tuple[Hunk, ...]
    seen: str


@pages.get("/apps/<cluster>/<namespace>/<name>/upgrade")
@rule("app.upgrade", "app/{cluster}/{namespace}/{name}")
def upgrade(cluster: str, namespace: str, name: str) -> tuple[str, int]:
    """Show what going to the version of the address means; without one, the values of the present one."""
    shown = look(cluster, namespace, name)
    typed = Typed(version=request.args.get("version", "")[:_LONGEST] or _present_version(shown))
    return _page(shown, replace(typed, request_id=uuid.uuid4().hex))


@pages.post("/apps/<cluster>/<namespace>/<name>/upgrade")
@rule("app.upgrade", "app/{cluster}/{namespace}/{name}", body_limit=BODY_LIMIT)
def submit_upgrade(cluster: str, namespace: str, name: str) -> tuple[str, int] | Response:
    """Do what the pressed button says: look again, check, or send what was shown."""
    shown, typed = look(cluster, namespace, name), _from_form()
    step = request.form.get("step", "check")
    if step == "look" or shown.error is not None:
        return _page(shown, typed)
    try:
        proposal = _propose(shown, typed)
        if step == "keep-mine":
            kept: dict[str, Decision] = {one.path: "mine" for one in proposal.merged.conflicts if not one.decided}
            return _page(shown, replace(typed, decisions={**typed.decisions, **kept}))
        if step == "send" and services().store.revisions.find_request(typed.request_id):
            return _sent(shown, typed, proposal)  # a second click, or a second try after a lost answer
        review = _review(shown, typed, proposal)
    except ChartroomError as error:
        return _page(shown, _after(typed, shown, error), error=error)
    if step != "send" or proposal.merged.undecided or typed.seen != review.seen:
        return _page(shown, typed, review=review, changed=step == "send" and not proposal.merged.undecided)
    return _sent(shown, typed, proposal, review)


def _sent(shown: Shown, typed: Typed, proposal: Proposal, review: Review | None = None) -> tuple[str, int] | Response:
    form = _form(typed, proposal)
    try:
        services().installs.upgrade(form)
    except ChartroomError as error:
        return _page(look(**shown.place), _after(typed, shown, error), review=review, error=error)
    return redirect(
        url_for(".page", cluster=form.cluster, namespace=form.namespace, name=form.name, notice="upgraded"), 303
    )


def _after(typed: Typed, shown: Shown, error: ChartroomError) -> Typed:
    """``typed`` for the next try: the same request where this one may have arrived, and what is there now where
    somebody else changed it, which the page tells."""
    if is_uncertain(error):
        return typed
    fresh = replace(typed, request_id=uuid.uuid4().hex)
    if isinstance(error, AppChanged) and shown.detail is not None:
        return replace(fresh, resource_version=look(**shown.place).detail_version)
    return fresh


def _from_form() -> Typed:
    form = request.form
    decisions = {
        key.removeprefix(_DECISION): cast(Decision, value)
        for key, value in form.items()
        if key.startswith(_DECISION) and value in ("mine", "new")
    }
    return Typed(
        version=form.get("version", "")[:_LONGEST],
        values_yaml=form.get("values_yaml", "").replace("\r\n", "\n"),
        decisions=decisions,
        resource_version=form.get("resource_version", "")[:_LONGEST],
        request_id=form.get("request_id", "")[:63] or uuid.uuid4().hex,
        why=why_of_form(),
        seen=form.get("seen", ""),
    )


def _propose(shown: Shown, typed: Typed) -> Proposal:
    """Raises why there is none."""
    place = Place(shown.cluster, shown.namespace, shown.name)
    found = services().upgrades.propose(place, typed.version, typed.decisions, typed.values_yaml)
    if found.page is None:
        raise found.why_not or SourceUnknown(name=shown.name)
    return found


def _form(typed: Typed, proposal: Proposal) -> UpgradeForm:
    looked_at = typed.resource_version or proposal.resource_version
    return services().upgrades.form(
        replace(proposal, resource_version=looked_at), current_person().name, typed.why, typed.request_id
    )


def _review(shown: Shown, typed: Typed, proposal: Proposal) -> Review:
    """Ask the cluster what it would make of it. Raises as `Installs.upgrade`."""
    form = _form(typed, proposal)
    wanted = services().installs.try_upgrade(form)
    public, hidden = services().installs.public(values_of(wanted))
    told = helmrequest_diff(present(shown), with_values(wanted, public), hidden)
    return Review(told.hunks, _fingerprint(form))


def _fingerprint(form: UpgradeForm) -> str:
    told = (form.version, form.values_yaml, form.kept_secrets, form.chart_digest, form.resource_version)
    return hashlib.sha256(repr(told).encode("utf-8", "replace")).hexdigest()


def _present_version(shown: Shown) -> str:
    return shown.row.app.version if shown.row else ""


def _page(
    shown: Shown,
    typed: Typed,
    *,
    review: Review | None = None,
    error: ChartroomError | None = None,
    changed: bool = False,
) -> tuple[str, int]:
    proposal, problem = None, error or shown.error
    if shown.error is None:
        proposal, raised = _proposed(shown, typed)
        problem = problem or raised
    text = render_template(
        "apps/upgrade.html",
        typed=typed
        if typed.values_yaml is not None or not proposal
        else replace(typed, values_yaml=proposal.values_yaml),
        proposal=proposal,
        review=review,
        error=problem,
        uncertain=error is not None and is_uncertain(error),
        changed=changed,
        resource_version=typed.resource_version or (proposal.resource_version if proposal else ""),
        **_report(shown, proposal),
        **head(shown),
    )
    return text, problem.status if problem else 200


def _proposed(shown: Shown, typed: Typed) -> tuple[Proposal | None, ChartroomError | None]:
    """The proposal as far as there can be one: also for values that cannot be read, which stay as they were typed."""
    try:
        return _propose(shown, typed), None
    except UsageError as error:
        if typed.values_yaml is None:
            return None, error
        return _propose(shown, replace(typed, values_yaml="")), error
    except ChartroomError as error:
        return None, error


def _report(shown: Shown, proposal: Proposal | None) -> dict[str, Any]:
    page, found = (proposal.page, proposal.comparison) if proposal else (None, None)
    return {
        "found": found,
        "lines": tuple(brought(shown, found, page)) if found and page else (),
        "offered": page.versions[:_OFFERED] if page else (),
        "decision": _DECISION,
        "conflicts": conflict_rows(proposal.merged.conflicts) if proposal else (),
    }
