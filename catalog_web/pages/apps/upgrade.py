"""Another version or other values for an app: what changes, what to decide, what would be sent, and sending it.

Nothing is sent that was not shown, and every mistake leaves all that was typed. The person's own text stays as it is in
the editor; what was decided about conflicts is done to it on the way.
"""

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog_web.auth import MIB, rule
from catalog_web.checking import facts_of
from catalog_web.install.apps import Place
from catalog_web.install.checks.upgrade import as_install
from catalog_web.install.helmrequest_diff import HelmRequestDiff, helmrequest_diff
from catalog_web.install.recorded import spec_of
from catalog_web.install.service import is_uncertain
from catalog_web.install.upgrade_form import UpgradeForm
from catalog_web.pages import preview, values_reading
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.apps.brings import brought
from catalog_web.pages.apps.conflicts import conflict_rows
from catalog_web.pages.apps.history import present
from catalog_web.pages.apps.shown import Shown, head, look
from catalog_web.pages.apps.upgrade_typed import DECISION, Typed, from_address, from_form, upgrade_form
from catalog_web.pages.install import doors
from catalog_web.pages.install import typed as install_typed
from catalog_web.pages.install.review import Review
from catalog_web.pages.values_editor import Editor
from catalog_web.pages.view import seen_catalog, seen_upgrades, services
from catalog_web.previews import Subject
from catalog_web.upgrades import Proposal
from catalog_web.values.reading import parse_values
from indexer.errors import AppChanged, ApprovalWanted, ChartroomError, SourceUnknown
from indexer.model import ArchiveContent

BODY_LIMIT = 5 * MIB + MIB // 4
_OFFERED = 200
"""Versions in the list."""
_CHECKING = frozenset({"check", "render", "send", "door"})
Answer = tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class Opened:
    """The form as it stands."""

    shown: Shown
    typed: Typed
    proposal: Proposal
    editor: Editor

    @property
    def form(self) -> UpgradeForm:
        """What it means. Raises why there is no proposal."""
        return upgrade_form(self.typed, self.proposal, self.editor.wanted)

    @property
    def is_ready(self) -> bool:
        """Nothing is left to decide, and every value can be used."""
        return not (self.proposal.merged.undecided or self.editor.mistakes)


@dataclass(frozen=True, slots=True)
class Told:
    """What a page tells beside the form."""

    review: Review | None = None
    diff: HelmRequestDiff | None = None
    error: ChartroomError | None = None
    changed: bool = False
    """Something else was shown before."""
    seen: str = ""
    notes: tuple[str, ...] = field(default=())


@pages.get("/apps/<cluster>/<namespace>/<name>/upgrade")
@rule("app.upgrade", "app/{cluster}/{namespace}/{name}")
def upgrade(cluster: str, namespace: str, name: str) -> Answer:
    """Show what going to the version of the address means; without one, the values of the present one."""
    shown = look(cluster, namespace, name)
    typed = from_address(shown.row.app.version if shown.row else "")
    try:
        proposal = _proposal(shown, typed)
    except ChartroomError as error:
        return _none(shown, error)
    stored = proposal.kept_secret_paths
    editor = values_reading.opened(_content(proposal), proposal.values_yaml, stored)
    return _page(Opened(shown, typed, proposal, editor), Told())


@pages.post("/apps/<cluster>/<namespace>/<name>/upgrade")
@rule("app.upgrade", "app/{cluster}/{namespace}/{name}", body_limit=BODY_LIMIT, notes_itself=True)
def submit_upgrade(cluster: str, namespace: str, name: str) -> Answer:
    """Do what the pressed button says, and show the form again; or lead to the app once it was sent."""
    shown, typed = look(cluster, namespace, name), from_form()
    step, _, about = request.form.get("step", "check").partition(":")
    try:
        opened = _posted(shown, typed)
        if step == "keep-mine":
            opened = _posted(shown, typed.keeping(opened.proposal))
    except ChartroomError as error:
        return _none(shown, error)
    if step not in _CHECKING or not opened.is_ready:
        return _page(opened, Told())
    return _checked(opened, step, about)


def _posted(shown: Shown, typed: Typed) -> Opened:
    """The editor is read against the version that was chosen, then the values in it against its defaults."""
    proposal = _proposal(shown, typed)
    editor = values_reading.posted(_content(proposal), proposal.kept_secret_paths, filled=_filled(proposal))
    if editor.is_readable:
        proposal = _proposal(shown, typed, editor.text)
    return Opened(shown, typed, proposal, editor)


def _proposal(shown: Shown, typed: Typed, text: str | None = None) -> Proposal:
    """Raises why there is none."""
    if shown.error is not None:
        raise shown.error
    place = Place(shown.cluster, shown.namespace, shown.name)
    found = seen_upgrades().propose(place, typed.version, typed.decisions, text)
    if found.page is None:
        raise found.why_not or SourceUnknown(name=shown.name)
    return found


def _content(proposal: Proposal) -> ArchiveContent | None:
    return proposal.page.content if proposal.page else None


def _filled(proposal: Proposal) -> ArchiveContent | None:
    """The chart of the version that the page was about when it was filled in."""
    version = request.form.get("fields_of", "")
    if not version or version == proposal.to_version or not _knows(proposal, version):
        return None
    return seen_catalog().version(proposal.source, proposal.app.chart, version).content


def _knows(proposal: Proposal, version: str) -> bool:
    return seen_catalog().knows(proposal.source, proposal.app.chart, version)


# -- checking and sending


def _checked(opened: Opened, step: str, about: str) -> Answer:
    try:
        notes = _door(opened, about) if step == "door" else ()
        if step == "send" and services().store.revisions.find_request(opened.typed.request_id):
            return _sent(opened, Told())  # a second click, or a second try after a lost answer
        told = replace(_reviewed(opened, rendered=step == "render"), notes=notes)
    except ChartroomError as error:
        return _page(_after(opened, error), Told(error=error))
    if step != "send" or not (told.review and told.review.found.sendable):
        return _page(opened, told)
    if opened.typed.seen != told.seen:
        return _page(opened, replace(told, changed=True))
    return _sent(opened, told)


def _reviewed(opened: Opened, *, rendered: bool) -> Told:
    """Ask the cluster what it would make of it. Raises as `Installs.preview_upgrade`."""
    page, form = opened.proposal.page, opened.form
    assert page is not None  # noqa: S101 -- there is no form without it
    found = services().installs.preview_upgrade(form, facts_of(services(), page, form.cluster, opened.proposal.old))
    hidden = (*form.secret_paths, *form.kept_secrets)
    diff = helmrequest_diff(present(opened.shown), found.helmrequest, hidden)
    pane = preview.rendered(_subject(opened, form)) if rendered else None
    review = Review(form.cluster, as_install(form), found, rendered=pane)
    return Told(review, diff, seen=_fingerprint(form, spec_of(found.helmrequest or {})))


def _subject(opened: Opened, form: UpgradeForm) -> Subject:
    app = opened.proposal.app
    return Subject(
        source=form.source,
        chart=form.chart,
        version=form.version,
        namespace=app.release_namespace or app.namespace,
        name=app.release_name or app.name,
        values=parse_values(form.values_yaml),
        cluster=form.cluster,
        secret_paths=(*form.secret_paths, *form.kept_secrets),
        upgrade=True,
        current=opened.shown.detail.helmrequest if opened.shown.detail else None,
    )


def _fingerprint(form: UpgradeForm, spec: Any) -> str:
    """What was shown. A spec holds no secret."""
    told = json.dumps([form.version, form.chart_digest, spec], sort_keys=True, default=str)
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def _door(opened: Opened, about: str) -> tuple[str, ...]:
    """Go through a door of a check, as on the page of an install."""
    shown, page = opened.shown, opened.proposal.page
    assert page is not None  # noqa: S101 -- there is no form without it
    place = install_typed.Typed(opened.typed.version, (shown.cluster,), shown.namespace, shown.name, "")
    told = doors.opened(page, place, about)
    return (told,) if told else ()


def _sent(opened: Opened, told: Told) -> Answer:
    form = opened.form
    try:
        services().installs.upgrade(form)
    except ApprovalWanted as wanted:
        return redirect(url_for(".request_page", request_id=wanted.params["request"], notice="requested"), 303)
    except ChartroomError as error:
        return _page(_after(opened, error), replace(told, error=error))
    place = {"cluster": form.cluster, "namespace": form.namespace, "name": form.name}
    return redirect(url_for(".page", notice="upgraded", _anchor="main", **place), 303)  # type: ignore[arg-type]


def _after(opened: Opened, error: ChartroomError) -> Opened:
    """The form for the next try: the same request where this one may have arrived, and what is there now where somebody
    else changed it, which the page tells."""
    if is_uncertain(error):
        return opened
    typed = opened.typed.renewed()
    if isinstance(error, AppChanged):
        typed = replace(typed, resource_version=look(**opened.shown.place).detail_version)
    return replace(opened, typed=typed)


# -- showing


def _page(opened: Opened, told: Told) -> tuple[str, int]:
    shown, typed, proposal, editor = opened.shown, opened.typed, opened.proposal, opened.editor
    page, found = proposal.page, proposal.comparison
    g.holds_secrets = bool(editor.wanted.secrets)
    text = render_template(
        "apps/upgrade.html",
        typed=typed,
        proposal=proposal,
        editor=editor,
        told=told,
        error=told.error,
        uncertain=told.error is not None and is_uncertain(told.error),
        sendable=opened.is_ready and told.review is not None and told.review.found.sendable,
        resource_version=typed.resource_version or proposal.resource_version,
        found=found,
        lines=tuple(brought(shown, found, page)) if found and page else (),
        offered=page.versions[:_OFFERED] if page else (),
        decision=DECISION,
        conflicts=conflict_rows(proposal.merged.conflicts),
        addresses=_addresses(proposal),
        doors=doors,
        **head(shown),
    )
    return text, told.error.status if told.error else 200


def _addresses(proposal: Proposal) -> dict[str, str]:
    """What the editor of YAML asks."""
    about = {"source": proposal.source, "name": proposal.app.chart, "version": proposal.to_version}
    return {
        "completions": url_for("install.value_keys", **about),  # type: ignore[arg-type]
        "lint": url_for("install.value_problems", **about),  # type: ignore[arg-type]
    }


def _none(shown: Shown, error: ChartroomError) -> tuple[str, int]:
    """Why there is nothing to propose."""
    return render_template("apps/no_upgrade.html", error=error, **head(shown)), error.status
