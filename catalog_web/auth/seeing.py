"""What the person who asks sees; found out once a request."""

from collections.abc import Iterator
from dataclasses import replace

from catalog_web.auth.person import Person
from catalog_web.services import Services
from catalog_web.sight import EVERYTHING, Sight
from catalog_web.teams.deciding import EVERYTHING as NO_TEAM
from catalog_web.teams.deciding import TeamSight
from indexer.model import Team, TeamRule
from indexer.search.request import Unseen

_NOBODY_IN_PARTICULAR = frozenset({"none", "operator", "helm"})
"""Ways by which nobody is known who could be in a team."""


def sight_of(services: Services, person: Person) -> Sight:
    """What is there for ``person``. Raises StoreUnavailable."""
    if person.way in _NOBODY_IN_PARTICULAR:
        return EVERYTHING if person.grants.is_admin else _granted(services, person, NO_TEAM)
    team = services.teams.sight(person.name, person.groups)
    if person.grants.is_admin:
        return _recommended(services, team)
    return _granted(services, person, team)


def _granted(services: Services, person: Person, team: TeamSight) -> Sight:
    hidden, recommended = services.teams.marked(team)
    states = services.catalog.sources()
    blind = {
        one.source.name for one in states if not person.grants.see_source(one.source.name, private=one.source.private)
    }
    folders = {one.source.name for one in states if one.source.kind == "directory"}
    untold = frozenset(one for one in folders if not person.grants.allow("source.write", f"source/{one}"))
    return Sight(Unseen(frozenset(blind), hidden), person.grants.places, _told(team), recommended, untold)


def _recommended(services: Services, team: TeamSight) -> Sight:
    """An administrator of everything sees and uses everything; what the own teams recommend is marked."""
    if not team.recommends:
        return EVERYTHING
    only = TeamSight(tuple(replace(one, rules=tuple(_recommending(one))) for one in team.teams))
    return Sight(teams=only, recommended=services.teams.marked(only)[1])


def _recommending(team: Team) -> Iterator[TeamRule]:
    return (rule for rule in team.rules if rule.kind == "recommend")


def _told(team: TeamSight) -> TeamSight | None:
    return None if team.uses_all and not team.recommends else team


def current_sight(services: Services, person: Person) -> Sight:
    """``sight_of`` the person who sent this request."""
    from flask import g  # late: the command line asks what is seen without any web

    if "sight" not in g:
        g.sight = sight_of(services, person)
    sight: Sight = g.sight
    return sight
