"""What in the catalog should worry an administrator."""

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from flask_babel import gettext

from catalog_web.auth import rule
from catalog_web.pages.view import number_argument, services
from catalog_web.worries import KINDS, REMEDIES, TITLES, AllWorries, WorryKind
from indexer.errors import BadQuery

PAGE = 50

pages = Blueprint("worries", __name__)


@pages.get("/admin/catalog")
@rule("admin.read", "catalog")
def index() -> str:
    """One kind of worry, by default the first that there is."""
    asked, found = _kind(), AllWorries(services())
    kind = asked or _first(found.counts)
    last = max(1, -(-found.counts[kind] // PAGE))
    at = min(number_argument("page"), last)
    return render_template(
        "worries/index.html",
        kind=kind,
        counts=found.counts,
        titles=TITLES,
        remedy=REMEDIES[kind],
        worries=found.of((kind,), PAGE, (at - 1) * PAGE),
        at=at,
        last=last,
    )


def _first(counts: Mapping[WorryKind, int]) -> WorryKind:
    return next((kind for kind in KINDS if counts[kind]), KINDS[0])


def _kind() -> WorryKind | None:
    text = request.args.get("tab", "")
    kind = next((one for one in KINDS if one == text), None)
    if text and kind is None:
        known = ", ".join(KINDS)
        raise BadQuery(what=gettext("There is no worry “%(kind)s”.", kind=text[:40]), hint=f"Use one of {known}.")
    return kind
