"""Sources: what is registered, how each fares, and what can be done about it."""

import re
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from catalog_web import registration
from catalog_web.auth import current_person, may, rule
from catalog_web.pages.plot import bars
from catalog_web.pages.view import number_argument, services
from indexer.errors import N_, ChartroomError, Conflict, SourceError, UsageError
from indexer.filters import leaves_nothing
from indexer.model import Source, SourceState
from indexer.options import NAME, seconds
from indexer.settings import MIN_INTERVAL

ATTEMPTS_A_PAGE = 30
SHOWN_PROBLEMS = 200
_RESERVED = frozenset({"new"})
"""Would hide behind an address of ours."""
_INTERVALS = ("5m", "15m", "30m", "1h", "6h", "1d")

pages = Blueprint("sources", __name__)
Fields = Mapping[str, str]


@pages.get("/sources")
@rule("source.read", "source")
def index() -> str:
    """All sources with how they fare."""
    states = services().catalog.sources()
    version = "-".join(_version(state) for state in states)
    return render_template("sources/index.html", states=states, version=version, fixed=why_fixed())


@pages.get("/sources/<name>")
@rule("source.read", "source/{name}")
def page(name: str) -> str:
    """One source: progress, ledger, problems."""
    state = services().catalog.source(name)
    total = services().store.ledger.count(name)
    last = max(1, -(-total // ATTEMPTS_A_PAGE))
    at = min(number_argument("page"), last)
    problems = services().catalog.problems(name)
    lost = services().store.contents.problems(name)
    return render_template(
        "sources/page.html",
        state=state,
        version=_version(state),
        lost=frozenset(lost),
        soon=_is_due(state),
        attempts=services().catalog.attempts(name, ATTEMPTS_A_PAGE, (at - 1) * ATTEMPTS_A_PAGE),
        bars=bars(services().catalog.attempts(name, 60)),
        at=at,
        last=last,
        problems=problems[:SHOWN_PROBLEMS],
        problem_count=len(problems),
        read_only=why_read_only(state),
        filtered_out=leaves_nothing(state),
    )


@pages.route("/sources/new", methods=["GET", "POST"])
@rule("source.write", "source")
def new() -> tuple[str, int] | Response:
    """Register a source."""
    fields = _typed() if request.method == "POST" else {"interval": "30m"}
    if request.method == "GET":
        return _form(None, fields, {}, why_fixed()), 200
    mistakes = check(fields, new=True)
    if mistakes:
        return _form(None, fields, mistakes), 400
    try:
        state = registration.add_source(services(), fields, operator=False, base=Path("/"))
    except (UsageError, Conflict, SourceError) as error:
        return _form(None, fields, {}, error), error.status
    return redirect(url_for(".page", name=state.source.name, notice="source-added"), 303)


@pages.route("/sources/<name>/edit", methods=["GET", "POST"])
@rule("source.write", "source/{name}")
def edit(name: str) -> tuple[str, int] | Response:
    """Change the settings of a source."""
    state = services().catalog.source(name)
    if request.method == "GET":
        return _form(state, _fields_of(state.source), {}, why_read_only(state)), 200
    fields = {**_typed(), "name": name}
    mistakes = check(fields, new=False)
    if mistakes:
        return _form(state, fields, mistakes), 400
    try:
        registration.change_source(services(), fields, operator=False, base=Path("/"))
    except (UsageError, Conflict, SourceError) as error:
        return _form(state, fields, {}, error), error.status
    return redirect(url_for(".page", name=name, notice="source-changed"), 303)


@pages.route("/sources/<name>/remove", methods=["GET", "POST"])
@rule("source.write", "source/{name}")
def remove(name: str) -> tuple[str, int] | Response:
    """Take a source and its charts away, once its name was typed."""
    state = services().catalog.source(name)
    typed = request.form.get("typed", "")
    if request.method == "POST" and typed.strip() == name:
        registration.remove_source(services(), name)
        return redirect(url_for(".index", notice="source-removed"), 303)
    mistake = gettext("Type “%(name)s” to confirm.", name=name) if request.method == "POST" else ""
    read_only = why_read_only(state)
    page = render_template("sources/remove.html", state=state, mistake=mistake, typed=typed, read_only=read_only)
    return page, 400 if mistake else 200


@pages.post("/sources/<name>/sync")
@rule("source.sync", "source/{name}")
def sync(name: str) -> Response:
    """Make a source due now."""
    registration.request_sync(services(), name)
    return redirect(url_for(".page", name=name, notice="sync-asked"), 303)


@pages.route("/sources/<name>/accept", methods=["GET", "POST"])
@rule("source.write", "source/{name}")
def accept(name: str) -> tuple[str, int] | Response:
    """Let removals that are held be carried out, once the name of the source was typed."""
    state = services().catalog.source(name)
    typed = request.form.get("typed", "")
    if request.method == "POST" and (typed.strip() == name or state.held is None):
        registration.accept_removals(services(), name)
        return redirect(url_for(".page", name=name, notice="removals-accepted"), 303)
    mistake = gettext("Type “%(name)s” to confirm.", name=name) if request.method == "POST" else ""
    return render_template("sources/accept.html", state=state, mistake=mistake, typed=typed), 400 if mistake else 200


# -- what may be changed


def why_fixed() -> ChartroomError | None:
    """Why no source can be added here; None where one can."""
    if services().config.sources_only_configured:
        return registration.SourcesFixed()
    decision = may(current_person(), "source.write", "source")
    return None if decision.allowed else Conflict(what=N_("You may not change sources."), hint=decision.hint)


def why_read_only(state: SourceState) -> ChartroomError | None:
    """Why this source cannot be changed here; None where it can."""
    return registration.why_read_only(state.source) or why_fixed()


# -- the form


def check(fields: Fields, *, new: bool) -> dict[str, str]:
    """What is wrong with each field, in the reader's words; empty where nothing is."""
    mistakes: dict[str, str] = {}
    if new and (not re.fullmatch(NAME, fields["name"]) or fields["name"] in _RESERVED):
        mistakes["name"] = gettext("Use 1 to 63 lower-case letters, digits and inner hyphens; “new” is taken.")
    if not re.match(r"https?://[^/\s]", fields["url"], re.IGNORECASE):
        mistakes["url"] = gettext("Give the address of the repository, beginning with https:// or http://.")
    if not _is_interval(fields["interval"]):
        mistakes["interval"] = gettext("Write a number with s, m, h or d, such as 30m; at least 10s.")
    return mistakes


def _is_interval(text: str) -> bool:
    try:
        return int(seconds(text)) >= MIN_INTERVAL
    except ValueError:
        return False


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in ("name", "title", "url", "interval")}


def _fields_of(source: Source) -> dict[str, str]:
    return {"name": source.name, "title": source.title, "url": source.url, "interval": _interval_text(source.interval)}


def _interval_text(value: int) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if value % size == 0:
            return f"{value // size}{unit}"
    return f"{value}s"


def _form(
    state: SourceState | None, fields: Fields, mistakes: Mapping[str, str], error: ChartroomError | None = None
) -> str:
    return render_template(
        "sources/form.html", state=state, fields=fields, mistakes=mistakes, error=error, intervals=_INTERVALS
    )


def _is_due(state: SourceState) -> bool:
    """Whether its next sync begins in a moment."""
    return state.source.enabled and (state.next_due is None or state.next_due <= datetime.now(UTC))


def _version(state: SourceState) -> str:
    """Changes whenever the page would look different, so that a look without news changes nothing under the reader."""
    attempt = state.last_attempt and state.last_attempt.id
    shown = (state.running, attempt, state.held, state.charts, state.problems, state.next_due)
    return f"{zlib.crc32(repr(shown).encode()):x}"
