"""Registering a source and changing one: a form, tested as often as wanted before it is saved.

No secret that was typed is ever sent back. Where the browser runs scripts only the result of a test is exchanged, so
that what was typed stays in the browser; elsewhere the page says that it has to be typed again.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from catalog_web import registration
from catalog_web.auth import current_person, rule
from catalog_web.connections import test_connection
from catalog_web.i18n import told
from catalog_web.pages.sources import fields as form_fields
from catalog_web.pages.sources.blueprint import pages
from catalog_web.pages.sources.fields import Fields, Typed
from catalog_web.pages.sources.rights import why_fixed, why_read_only
from catalog_web.pages.view import kind_name, seen_catalog, services
from catalog_web.source_values import SourceMistakes
from indexer.diagnose import Diagnosis
from indexer.errors import BadUrl, ChartroomError, UsageError
from indexer.model import SourceState

_INTERVALS = ("5m", "15m", "30m", "1h", "6h", "1d")
Answer = tuple[str, int] | Response


@pages.get("/sources/new")
@rule("source.write", "source")
def new() -> str:
    """Return the empty form, or one whose address the link gave."""
    url = request.args.get("url", "")
    return _page(None, {**form_fields.NEW, "url": url}, error=why_fixed())


@pages.post("/sources/new")
@rule("source.write", "source", notes_itself=True)
def add() -> Answer:
    """Register a source, or test what was typed."""
    one = _typed()
    name = one.fields["name"] or form_fields.suggested_name(one.fields["url"])
    return _answered(None, replace(one, fields={**one.fields, "name": name}))


@pages.get("/sources/<name>/edit")
@rule("source.write", "source/{name}")
def edit(name: str) -> str:
    """Return the form as the settings of a source fill it."""
    state = seen_catalog().source(name)
    return _page(state, form_fields.fields_of(state.source), error=why_read_only(state))


@pages.post("/sources/<name>/edit")
@rule("source.write", "source/{name}", notes_itself=True)
def change(name: str) -> Answer:
    """Change the settings of a source, or test what was typed."""
    one = _typed()
    return _answered(seen_catalog().source(name), replace(one, fields={**one.fields, "name": name}))


def _typed() -> Typed:
    """What was sent. The button “Trust this certificate” sends that certificate along."""
    one = form_fields.typed(request.form)
    trusted = request.form.get("trust", "")[: form_fields.MOST_TYPED].replace("\r\n", "\n").strip()
    if not trusted or trusted in one.fields["ca"]:
        return one
    return replace(one, fields={**one.fields, "ca": f"{one.fields['ca']}\n{trusted}".strip()})


def _answered(state: SourceState | None, one: Typed) -> Answer:
    present = state.source if state else None
    mistakes = form_fields.lacking(one, present)
    if mistakes and "trust" in request.form:  # without scripts the secret was not sent along: there it is taken first
        return _page(state, one.fields, told_again=True), 200
    if mistakes:
        return _refused(state, one, mistakes, None, UsageError.status)
    values = form_fields.values(one, present)
    try:
        return _tested(state, one, values) if _is_test() else _saved(state, values)
    except SourceMistakes as error:
        return _refused(state, one, form_fields.by_field(error.mistakes), None, error.status)
    except (BadUrl, registration.AddressClosed) as error:
        words = told(error)
        return _refused(state, one, {"url": f"{words.cause} {words.remedy}"}, None, error.status)
    except ChartroomError as error:
        return _refused(state, one, {}, error, error.status)


def _is_test() -> bool:
    return request.form.get("step") == "test" or "trust" in request.form


def _saved(state: SourceState | None, values: Mapping[str, Any]) -> Response:
    save = registration.change_source if state else registration.add_source
    saved = save(services(), values, operator=False, base=Path("/"), names_secrets=current_person().grants.is_admin)
    notice = "source-changed" if state else "source-added"
    return redirect(url_for(".page", name=saved.source.name, notice=notice), 303)


def _tested(state: SourceState | None, one: Typed, values: Mapping[str, Any]) -> Answer:
    # a new one has no name before it is saved: that of another source would stand for that source
    meant = values if state else {name: value for name, value in values.items() if name != "name"}
    found = test_connection(
        services(),
        meant,
        person=current_person().name,
        operator=False,
        base=Path("/"),
        names_secrets=current_person().grants.is_admin,
    )
    return _page(state, one.fields, ladder=found, told_again=bool(one.secrets)), 200


def _refused(
    state: SourceState | None, one: Typed, mistakes: Mapping[str, str], error: ChartroomError | None, status: int
) -> Answer:
    page = _page(state, one.fields, mistakes=mistakes, error=error, told_again=bool(one.secrets))
    # htmx exchanges a part of the page only for an answer that says all is well
    return page, 200 if _is_partial() else status


def _is_partial() -> bool:
    """Whether only the result of a test will be shown of the page."""
    return "HX-Request" in request.headers


def _page(
    state: SourceState | None,
    fields: Fields,
    *,
    mistakes: Mapping[str, str] | None = None,
    error: ChartroomError | None = None,
    ladder: Diagnosis | None = None,
    told_again: bool = False,
) -> str:
    mistakes = mistakes or {}
    return render_template(
        "sources/form.html",
        state=state,
        fields=fields,
        mistakes=mistakes,
        opened=form_fields.opened(fields, mistakes),
        error=error,
        fixed=why_read_only(state) if state else why_fixed(),
        ladder=ladder,
        partial=_is_partial(),
        told_again=told_again,
        intervals=_INTERVALS,
        kinds=_kinds(state),
    )


def _kinds(state: SourceState | None) -> tuple[tuple[str, str], ...]:
    """Which kinds may be chosen. A folder stays one; nobody may name one over the network."""
    folder = (("directory", gettext("folder on the server")),) if state and state.source.kind == "directory" else ()
    found = kind_name(state.source, short=True) if state and not state.source.kind_given else ""
    return (
        ("", gettext("Found out by itself: %(kind)s", kind=found) if found else gettext("Found out by itself")),
        ("index", gettext("repository with an index.yaml")),
        ("harbor", "Harbor"),
        ("oci", gettext("OCI registry")),
        *folder,
    )
