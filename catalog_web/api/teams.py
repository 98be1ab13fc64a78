"""Teams: who is in them, and what they show of the catalog."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from catalog_web.api import shapes
from catalog_web.api.operations import Caller, Question, operation
from catalog_web.teams import typed
from catalog_web.teams.service import Effect
from indexer.model import Team, TeamRule, TeamRuleKind

_TITLE = Annotated[str, Field(max_length=200)]
_NAMES = Annotated[list[str], Field(max_length=typed.MOST_NAMES)]


class NewTeam(Question):
    """A team. ``members``: names of people; ``groups``: as the sign-in tells them, ``*`` for all who are signed in."""

    name: str
    title: _TITLE = ""
    members: _NAMES = Field(default_factory=list)
    groups: _NAMES = Field(default_factory=list)


class ChangedTeam(Question):
    """A team as it is to be. ``revision``: as GET answered it; then nothing that changed since is written over."""

    title: _TITLE = ""
    members: _NAMES = Field(default_factory=list)
    groups: _NAMES = Field(default_factory=list)
    revision: int = Field(ge=1)


class NewRule(typed.RuleBody, Question):
    """A rule. ``versions``: a range in Helm's notation, empty: all; of a ceiling the newest version that may be
    used."""


class RuleShape(TypedDict):
    """What a team decided about charts. ``source`` and ``chart``: globs. ``versions``: a range in Helm's notation,
    empty: all; of a ceiling the newest version that may be used."""

    id: int
    kind: TeamRuleKind
    source: str
    chart: str
    versions: str
    note: str
    person: str
    at: str | None


class EffectShape(TypedDict):
    """What rules do to the catalog of members who are in no other team. ``examples``: a few charts, as SOURCE/NAME.
    Of one rule more: how many charts it hides and shows beside."""

    charts: int
    hidden: int
    examples: list[str]
    newly_hidden: int
    newly_shown: int


class TeamShape(TypedDict):
    """A team."""

    name: str
    title: str
    members: list[str]
    groups: list[str]
    rules: list[RuleShape]
    created: str | None
    revision: int


class TeamsList(TypedDict):
    """Teams by name."""

    total: int
    items: list[TeamShape]


@operation("GET", "/api/v1/teams", action="team.write", summary="All teams, by name", answer=TeamsList)
def listed(caller: Caller) -> TeamsList:
    """Every team with its rules."""
    found = caller.services.store.teams.all()
    return {"total": len(found), "items": [_team(one) for one in found]}


@operation(
    "POST",
    "/api/v1/teams",
    action="team.write",
    summary="Make a team",
    body=NewTeam,
    answer=TeamShape,
    status=201,
    errors=(409,),
)
def create(caller: Caller, *, body: NewTeam) -> TeamShape:
    """Make one without rules. Raises UsageError, Conflict."""
    named = Team(typed.expect_name(body.name), created=datetime.now(UTC))
    return _team(caller.services.store.teams.add(_with(named, body)))


@operation(
    "GET",
    "/api/v1/teams/{team}",
    action="team.read",
    target="team/{team}",
    summary="One team with its rules",
    answer=TeamShape,
    errors=(404,),
)
def one(caller: Caller, team: str) -> TeamShape:
    """Raises TeamNotFound."""
    return _team(caller.services.store.teams.get(team))


@operation(
    "PUT",
    "/api/v1/teams/{team}",
    action="team.write",
    target="team/{team}",
    summary="Change the title, the members and the groups of a team",
    body=ChangedTeam,
    answer=TeamShape,
    errors=(404, 409),
)
def change(caller: Caller, team: str, *, body: ChangedTeam) -> TeamShape:
    """Its rules stay. Raises TeamNotFound, TeamChanged, UsageError."""
    teams = caller.services.store.teams
    present = teams.get(team)
    changed = teams.change(_with(replace(present, revision=body.revision), body))
    return _team(replace(changed, rules=present.rules))


@operation(
    "DELETE",
    "/api/v1/teams/{team}",
    action="team.write",
    target="team/{team}",
    summary="Delete a team and its rules",
    answer=None,
    status=204,
    errors=(404,),
)
def delete(caller: Caller, team: str) -> None:
    """Raises TeamNotFound."""
    caller.services.store.teams.remove(team)


@operation(
    "POST",
    "/api/v1/teams/{team}/rules",
    action="team.write",
    target="team/{team}",
    summary="Add a rule to a team",
    body=NewRule,
    answer=RuleShape,
    status=201,
    errors=(404, 409),
)
def add_rule(caller: Caller, team: str, *, body: NewRule) -> RuleShape:
    """One that says the same is there once. Raises TeamNotFound, TooManyRules."""
    return _rule(caller.services.store.teams.add_rule(team, body.rule(caller.person, datetime.now(UTC))))


@operation(
    "DELETE",
    "/api/v1/teams/{team}/rules/{rule}",
    action="team.write",
    target="team/{team}",
    summary="Take a rule from a team",
    answer=None,
    status=204,
    errors=(404,),
)
def remove_rule(caller: Caller, team: str, rule: str) -> None:
    """One that is not there is no mistake. Raises TeamNotFound."""
    caller.services.store.teams.remove_rule(team, typed.rule_number(rule))


@operation(
    "GET",
    "/api/v1/teams/{team}/effect",
    action="team.write",
    target="team/{team}",
    summary="How many charts a team's rules hide",
    answer=EffectShape,
    errors=(404,),
)
def effect(caller: Caller, team: str) -> EffectShape:
    """Raises TeamNotFound."""
    return _effect(caller.services.teams.effect(caller.services.store.teams.get(team)))


@operation(
    "POST",
    "/api/v1/teams/{team}/effect",
    action="team.write",
    target="team/{team}",
    summary="What one rule more would hide or show; nothing is kept",
    body=NewRule,
    answer=EffectShape,
    errors=(404,),
)
def try_rule(caller: Caller, team: str, *, body: NewRule) -> EffectShape:
    """Raises TeamNotFound."""
    draft = body.rule(caller.person, datetime.now(UTC))
    return _effect(caller.services.teams.effect(caller.services.store.teams.get(team), draft))


def _with(team: Team, body: NewTeam | ChangedTeam) -> Team:
    return replace(
        team,
        title=body.title.strip(),
        members=typed.expect_names(body.members),
        groups=typed.expect_names(body.groups),
    )


def _team(one: Team) -> TeamShape:
    return {
        "name": one.name,
        "title": one.title,
        "members": list(one.members),
        "groups": list(one.groups),
        "rules": [_rule(rule) for rule in one.rules],
        "created": shapes.moment(one.created),
        "revision": one.revision,
    }


def _rule(one: TeamRule) -> RuleShape:
    return {
        "id": one.id,
        "kind": one.kind,
        "source": one.source,
        "chart": one.chart,
        "versions": one.versions,
        "note": one.note,
        "person": one.person,
        "at": shapes.moment(one.at),
    }


def _effect(one: Effect) -> EffectShape:
    return {
        "charts": one.charts,
        "hidden": one.hidden,
        "examples": ["/".join(key) for key in one.examples],
        "newly_hidden": one.newly_hidden,
        "newly_shown": one.newly_shown,
    }
