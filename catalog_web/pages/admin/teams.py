"""Teams: the list, and one with its people, its rules, and what these do."""

from dataclasses import replace
from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from catalog_web.auth import current_person, rule
from catalog_web.pages.admin.blueprint import pages
from catalog_web.pages.view import services
from catalog_web.teams import typed
from catalog_web.teams.service import Effect
from indexer.errors import ChartroomError
from indexer.model import Team

Answer = tuple[str, int] | Response
_LONGEST_TITLE = 200


@pages.get("/teams")
@rule("team.write", "team")
def teams() -> tuple[str, int]:
    """Every team, and the form for one more."""
    return _list()


@pages.post("/teams")
@rule("team.write", "team")
def make_team() -> Answer:
    """Make one without rules."""
    try:
        name = typed.expect_name(request.form.get("name", "").strip())
        services().store.teams.add(Team(name, _title(), created=datetime.now(UTC)))
    except ChartroomError as error:
        return _list(error)
    return redirect(url_for(".team_page", team=name, notice="team-made"), 303)


@pages.get("/teams/<team>")
@rule("team.write", "team/{team}")
def team_page(team: str) -> tuple[str, int]:
    """One team; with a rule in the address, what that rule would do. Raises TeamNotFound."""
    return _page(services().store.teams.get(team))


@pages.post("/teams/<team>")
@rule("team.write", "team/{team}")
def change_team(team: str) -> Answer:
    """Change who is in it. Raises TeamNotFound."""
    kept, present = services().store.teams, services().store.teams.get(team)
    try:
        members, groups = (typed.names_of(request.form.get(name, "")) for name in ("members", "groups"))
        seen = typed.rule_number(request.form.get("revision", ""))
        kept.change(replace(present, title=_title(), members=members, groups=groups, revision=seen))
    except ChartroomError as error:
        return _page(present, error)
    return redirect(url_for(".team_page", team=team, notice="team-changed"), 303)


@pages.post("/teams/<team>/delete")
@rule("team.write", "team/{team}")
def remove_team(team: str) -> Response:
    """Forget it and its rules. Raises TeamNotFound."""
    services().store.teams.remove(team)
    return redirect(url_for(".teams", notice="team-removed"), 303)


@pages.post("/teams/<team>/rules")
@rule("team.write", "team/{team}")
def add_rule(team: str) -> Answer:
    """Add the rule that was typed; or show first what it would do. Raises TeamNotFound."""
    present = services().store.teams.get(team)
    if request.form.get("step") == "try":
        return _page(present)
    try:
        services().store.teams.add_rule(team, _rule(request.form).rule(current_person().name, datetime.now(UTC)))
    except ChartroomError as error:
        return _page(present, error)
    return redirect(url_for(".team_page", team=team, notice="rule-added", _anchor="rules"), 303)


@pages.post("/teams/<team>/rules/<int:number>/delete")
@rule("team.write", "team/{team}")
def remove_rule(team: str, number: int) -> Response:
    """Take a rule away. Raises TeamNotFound."""
    services().store.teams.remove_rule(team, number)
    return redirect(url_for(".team_page", team=team, notice="rule-removed", _anchor="rules"), 303)


def _title() -> str:
    return " ".join(request.form.get("title", "").split())[:_LONGEST_TITLE]


def _rule(fields: MultiDict[str, str]) -> typed.RuleBody:
    kind, where, versions, note = (fields.get(name, "") for name in ("kind", "charts", "versions", "note"))
    return typed.rule_of(kind, where, versions, note)


def _list(error: ChartroomError | None = None) -> tuple[str, int]:
    found = services().store.teams.all()
    effects = {team.name: services().teams.effect(team) for team in found}
    shown = render_template("admin/teams.html", teams=found, effects=effects, error=error, typed=request.form)
    return shown, error.status if error else 200


def _page(team: Team, error: ChartroomError | None = None) -> tuple[str, int]:
    fields = request.form or request.args
    draft, error = _draft(team, fields) if error is None else (None, error)
    shown = render_template(
        "admin/team.html",
        team=team,
        effect=services().teams.effect(team),
        draft=draft,
        error=error,
        typed=fields,
    )
    return shown, error.status if error else 200


def _draft(team: Team, fields: MultiDict[str, str]) -> tuple[Effect | None, ChartroomError | None]:
    """What the rule that is typed would do; nothing where none is."""
    if not fields.get("charts"):
        return None, None
    try:
        return services().teams.effect(team, _rule(fields).rule("", datetime.now(UTC))), None
    except ChartroomError as error:
        return None, error
