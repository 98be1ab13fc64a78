"""One source: how it fares, its projects, what captain makes of it, its webhook; and what can be done with it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from catalog_web import publishing, registration
from catalog_web.auth import current_person, rule
from catalog_web.captain.status import WARNING
from catalog_web.connections import test_connection
from catalog_web.pages.plot import bars
from catalog_web.pages.sources.blueprint import pages
from catalog_web.pages.sources.facts import facts
from catalog_web.pages.sources.listing import rows, version
from catalog_web.pages.sources.rights import why_fixed, why_read_only
from catalog_web.pages.view import number_argument, seen_catalog, services
from indexer.errors import ChartroomError
from indexer.filters import leaves_nothing
from indexer.model import SourceState

ATTEMPTS_A_PAGE = 30
SHOWN_PROBLEMS = 200


@pages.get("/sources/<name>")
@rule("source.read", "source/{name}")
def page(name: str) -> str:
    """One source: progress, ledger, problems, facts."""
    return shown(seen_catalog().source(name))


def shown(state: SourceState, **more: Any) -> str:
    """Return the page of a source, with ``more`` of what was just done."""
    name = state.source.name
    total = services().store.ledger.count(name)
    last = max(1, -(-total // ATTEMPTS_A_PAGE))
    at = min(number_argument("page"), last)
    problems = seen_catalog().problems(name)
    lost = services().store.contents.problems(name)
    projects = _projects(state)
    return render_template(
        "sources/page.html",
        **common(state),
        version="-".join(version(one) for one in (state, *projects)),
        lost=frozenset(lost),
        soon=_is_due(state),
        attempts=seen_catalog().attempts(name, ATTEMPTS_A_PAGE, (at - 1) * ATTEMPTS_A_PAGE),
        bars=bars(seen_catalog().attempts(name, 60)),
        at=at,
        last=last,
        problems=problems[:SHOWN_PROBLEMS],
        problem_count=len(problems),
        projects=projects,
        facts=facts(state.source),
        filtered_out=leaves_nothing(state),
        **more,
    )


def common(state: SourceState) -> dict[str, Any]:
    """What the head of every page of a source needs."""
    source = state.source
    trusting = "" if source.configured or why_fixed() else source.parent or source.name
    return {
        "state": state,
        "source": source,
        "read_only": why_read_only(state),
        "trusting": trusting,
        "with_clusters": bool(services().config.clusters) and source.kind != "directory",
    }


def _projects(state: SourceState) -> tuple[SourceState, ...]:
    """The sources that are the projects of a Harbor, those that fail first."""
    if not state.source.holds_projects:
        return ()
    parent = state.source.name
    return tuple(row.state for row in rows([one for one in seen_catalog().sources() if one.source.parent == parent]))


@pages.post("/sources/<name>/test")
@rule("source.write", "source/{name}", notes_itself=True)
def test(name: str) -> tuple[str, int]:
    """Go the way to the charts of a source step by step, and show where it ends."""
    state = seen_catalog().source(name)
    try:
        found = test_connection(
            services(), {"name": name}, person=current_person().name, operator=False, base=Path("/")
        )
    except ChartroomError as error:
        return shown(state, ladder_error=error), 200
    return shown(state, ladder=found), 200


@pages.post("/sources/<name>/trust")
@rule("source.write", "source/{name}")
def trust(name: str) -> Response:
    """Trust a certificate that a test has shown, beside those that are trusted already."""
    source = seen_catalog().source(name).source
    shown_one = request.form.get("trust", "").replace("\r\n", "\n").strip()
    values = {"name": name, "ca": f"{source.ca}\n{shown_one}".strip()}
    registration.change_source(services(), values, operator=False, base=Path("/"))
    return redirect(url_for(".page", name=name, notice="source-changed"), 303)


@pages.post("/sources/<name>/sync")
@rule("source.sync", "source/{name}")
def sync(name: str) -> Response:
    """Make a source due now."""
    registration.request_sync(services(), name)
    return redirect(url_for(".page", name=name, notice="sync-asked"), 303)


@pages.route("/sources/<name>/remove", methods=["GET", "POST"])
@rule("source.write", "source/{name}")
def remove(name: str) -> tuple[str, int] | Response:
    """Take a source and its charts away, once its name was typed."""
    state = seen_catalog().source(name)
    typed, mistake = confirmation(name)
    if request.method == "POST" and not mistake:
        registration.remove_source(services(), name)
        return redirect(url_for(".index", notice="source-removed"), 303)
    page = render_template(
        "sources/remove.html",
        **common(state),
        projects=_projects(state),
        clusters=publishing.known_to(services(), name),
        apps=registration.installed_from(services(), name),
        warning=WARNING,
        mistake=mistake,
        typed=typed,
    )
    return page, 400 if mistake else 200


@pages.route("/sources/<name>/accept", methods=["GET", "POST"])
@rule("source.write", "source/{name}")
def accept(name: str) -> tuple[str, int] | Response:
    """Let removals that are held be carried out, once the name of the source was typed."""
    state = seen_catalog().source(name)
    typed, mistake = confirmation(name)
    if request.method == "POST" and (not mistake or state.held is None):
        registration.accept_removals(services(), name)
        return redirect(url_for(".page", name=name, notice="removals-accepted"), 303)
    return render_template("sources/accept.html", state=state, mistake=mistake, typed=typed), 400 if mistake else 200


@pages.get("/sources/<name>/webhook")
@rule("source.read", "source/{name}")
def webhook(name: str) -> str:
    """How a registry tells at once what changed."""
    return _webhook(seen_catalog().source(name), None)


@pages.post("/sources/<name>/webhook")
@rule("source.write", "source/{name}")
def new_webhook_secret(name: str) -> str:
    """Make the secret of the webhook, which is shown on this one page and never again."""
    made = registration.new_hook_secret(services(), name)
    return _webhook(seen_catalog().source(name), made)


def _webhook(state: SourceState, made: registration.HookSettings | None) -> str:
    addresses = registration.hook_addresses(services(), request.url_root)
    return render_template("sources/webhook.html", **common(state), addresses=addresses, made=made)


def confirmation(name: str) -> tuple[str, str]:
    """What was typed to confirm, and what is wrong with it; nothing is wrong before anything was sent."""
    typed = request.form.get("typed", "")
    wrong = request.method == "POST" and typed.strip() != name
    return typed, gettext("Type “%(name)s” to confirm.", name=name) if wrong else ""


def _is_due(state: SourceState) -> bool:
    """Whether its next sync begins in a moment."""
    return state.source.enabled and (state.next_due is None or state.next_due <= datetime.now(UTC))
