"""Asks before every view, and knows who sent the request.

Flask is imported late: the command line knows people and what they may without any web.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from catalog_web.auth.actions import UNASKED, Action
from catalog_web.auth.deciding import may, why_not
from catalog_web.auth.grants import OF_SOURCES
from catalog_web.auth.person import ANONYMOUS, LOCAL, Person
from catalog_web.auth.rules import rule_of
from catalog_web.auth.seeing import current_sight
from catalog_web.services import Services
from catalog_web.teams.deciding import is_member
from indexer.errors import ChartNotFound, SignInNeeded, SourceNotFound, TeamNotFound

if TYPE_CHECKING:
    from flask import Flask

Identify = Callable[[], Person]


def _local() -> Person:
    return LOCAL


def current_person() -> Person:
    """Who sent this request; found out once. Raises StoreUnavailable the first time, so that the page that tells of it
    can be made for nobody in particular."""
    from flask import g

    if "person" not in g:
        g.person = ANONYMOUS
        g.person = g.get("identify", _local)()
    person: Person = g.person
    return person


def demand(action: Action, target: str) -> None:
    """Raise Forbidden unless the present person may; SignInNeeded where nobody is signed in.

    Who asks for what everybody may is not looked up."""
    if action in UNASKED:
        return
    person = current_person()
    if not person.signed_in:
        raise SignInNeeded
    if action in person.rights:
        _must_be_there(target)
    refused = why_not(person, action, target, _services().config.ask_for_access)
    if refused is not None:
        raise refused


def _services() -> Services:
    from flask import current_app

    return cast(Services, current_app.extensions["chartroom"])


def _must_be_there(target: str) -> None:
    """Raise what is raised where there is no such source, chart or team, for one that the person does not see: so
    nobody can tell the one from the other."""
    kind, *names = target.split("/")
    person = current_person()
    if kind == "team" and names:
        _must_be_known(names[0], person)
    if kind not in OF_SOURCES or not names or person.grants.is_admin:
        return
    services = _services()
    sight = current_sight(services, person)
    if not sight.sees_source(names[0]) or all(one.name != names[0] for one in services.store.sources.registered()):
        raise SourceNotFound(source=names[0])
    if len(names) > 1 and not sight.sees(names[0], names[1]):
        raise ChartNotFound(source=names[0], chart=names[1])


def _must_be_known(name: str, person: Person) -> None:
    """A team is there for its members, and for whoever the roles let change it: also by a token that only reads."""
    if person.grants.allow("team.write", f"team/{name}"):
        return
    if not is_member(_services().store.teams.get(name), person.name, person.groups):
        raise TeamNotFound(team=name)


def install(app: "Flask", identify: Identify | None = None) -> None:
    """Ask ``may`` before every view of ``app``, of whom ``identify`` finds out; None: nobody has to say. Templates get
    ``can(action, target, source)`` and ``person()``."""
    from flask import g, request

    def ask() -> None:
        g.identify = identify or _local
        found = rule_of(app, request.endpoint)
        if found is not None:
            demand(found.action, found.target.format_map(request.view_args or {}))

    app.before_request(ask)
    app.jinja_env.globals.update(
        can=lambda action, target, source=None: may(current_person(), action, target, source), person=current_person
    )
