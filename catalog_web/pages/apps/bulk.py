"""Several apps upgraded with one report: those that ask for no decision go at once, the others on their own pages."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import render_template, request
from flask_babel import gettext

from catalog_web.auth import current_person, rule, why_not
from catalog_web.install.apps import Place
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.apps.rollback import why_of_form
from catalog_web.pages.apps.upgrade_typed import sender
from catalog_web.pages.view import seen_upgrades, services
from catalog_web.upgrades import Proposal, Result, Wanted
from indexer.compare.result import Severity
from indexer.errors import ApprovalWanted, BadQuery, ChartroomError

MOST = 50
"""Apps at a time."""
_PATIENCE = 2.0
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class Line:
    """One app of several."""

    place: Place
    proposal: Proposal | None
    error: ChartroomError | None
    """Why it cannot be upgraded, or why it was not."""
    sent: bool = False

    @property
    def request(self) -> str:
        """The id of the request that somebody decides about first; empty where nobody does."""
        return str(self.error.params["request"]) if isinstance(self.error, ApprovalWanted) else ""

    @property
    def conflicts(self) -> int:
        """How many of its values ask for a decision."""
        return self.proposal.merged.undecided if self.proposal else 0

    @property
    def is_same(self) -> bool:
        """It is at that version already."""
        return self.proposal is not None and self.proposal.from_version == self.proposal.to_version

    @property
    def ready(self) -> bool:
        """It can go at once."""
        return self.proposal is not None and not (self.error or self.conflicts or self.is_same or self.sent)

    @property
    def verdict(self) -> Severity | None:
        """The gravest thing that the new version of the chart does."""
        found = self.proposal.comparison if self.proposal else None
        return found.verdict if found else None

    @property
    def key(self) -> str:
        """The place in one text."""
        return "/".join(self.place)


@pages.get("/apps/upgrade")
@rule("app.upgrade", "app")
def bulk() -> str:
    """The apps of the address, each with the version that it would go to. Raises BadQuery."""
    places = _places(request.args.getlist("app"))
    return _page(_looked(places, request.args.get("version", "")[:_LONGEST]), request_id=uuid.uuid4().hex)


@pages.post("/apps/upgrade")
@rule("app.upgrade", "app", notes_itself=True)
def send_bulk() -> str:
    """Upgrade those that were chosen, once however often the button is pressed, and report on each. Raises BadQuery."""
    chosen = _places(request.form.getlist("app"))
    wanted = [_wanted(one) for one in chosen]
    request_id = request.form.get("request_id", "")[:63] or uuid.uuid4().hex
    refused = _refused(one.place for one in wanted)
    allowed = [one for one in wanted if one.place not in refused]
    results = seen_upgrades().apply_all(allowed, sender(), why_of_form(), request_id)
    return _page([*map(_line, results), *refused.values()], request_id=request_id, report=True)


def _looked(places: Sequence[Place], version: str) -> list[Line]:
    """What each would become. A cluster that does not answer is not asked again for each of its apps; of one that
    the person may not upgrade nothing is told."""
    refused = _refused(places)
    allowed = [one for one in places if one not in refused]
    found = services().inventory.listings(dict.fromkeys(one.cluster for one in allowed), _PATIENCE)
    failed = {one.cluster: one.error for one in found if one.error}
    asked = [Wanted(one, version) for one in allowed if one.cluster not in failed]
    proposed = {one.place: _line(one) for one in seen_upgrades().propose_all(asked, sender())}
    lines = refused | proposed
    return [lines.get(one) or Line(one, None, failed[one.cluster]) for one in places]


def _line(result: Result) -> Line:
    return Line(result.place, result.proposal, result.error, sent=result.detail is not None)


def _wanted(place: Place) -> Wanted:
    """To the version, and over the state, that the page showed."""
    key = "/".join(place)
    return Wanted(
        place,
        request.form.get(f"to:{key}", "")[:_LONGEST],
        resource_version=request.form.get(f"looked:{key}", "")[:_LONGEST],
    )


def _places(texts: Iterable[str]) -> list[Place]:
    places = [Place(*parts) for text in dict.fromkeys(texts) if len(parts := text.split("/")) == len(Place._fields)]
    if len(places) > MOST:
        what = gettext("These are more than %(most)s apps.", most=MOST)
        raise BadQuery(what=what, hint=gettext("Choose fewer at a time."))
    return places


def _refused(places: Iterable[Place]) -> dict[Place, Line]:
    """A line for each that the person may not upgrade."""
    ask = services().config.ask_for_access
    told = ((one, why_not(current_person(), "app.upgrade", one.target, ask)) for one in places)
    return {one: Line(one, None, why) for one, why in told if why is not None}


def _page(lines: Sequence[Line], *, request_id: str, report: bool = False) -> str:
    return render_template(
        "apps/bulk.html",
        lines=lines,
        ready=[one for one in lines if one.ready],
        sent=[one for one in lines if one.sent],
        report=report,
        request_id=request_id,
        why=why_of_form(),
    )
