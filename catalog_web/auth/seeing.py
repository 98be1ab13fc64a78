"""What the person who asks sees; found out once a request."""

from flask import g

from catalog_web.auth.person import Person
from catalog_web.services import Services
from catalog_web.sight import EVERYTHING, Sight
from indexer.search.request import Unseen


def sight_of(services: Services, person: Person) -> Sight:
    """What is there for ``person``. Raises StoreUnavailable."""
    team = services.teams.sight(person.name, person.groups) if person.way != "none" else None
    if person.grants.is_admin:
        return EVERYTHING
    hidden = services.teams.hidden(team) if team is not None else frozenset()
    states = services.catalog.sources()
    blind = {
        one.source.name for one in states if not person.grants.see_source(one.source.name, private=one.source.private)
    }
    shown = None if team is None or team.shows_all else team
    return Sight(Unseen(frozenset(blind), hidden), person.grants.places, shown)


def current_sight(services: Services, person: Person) -> Sight:
    """``sight_of`` the person who sent this request."""
    if "sight" not in g:
        g.sight = sight_of(services, person)
    sight: Sight = g.sight
    return sight
