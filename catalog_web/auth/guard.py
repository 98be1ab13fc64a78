"""Asks before every view, and knows who sent the request."""

from collections.abc import Callable

from flask import Flask, g, request

from catalog_web.auth.actions import UNASKED, Action
from catalog_web.auth.deciding import may
from catalog_web.auth.person import ANONYMOUS, LOCAL, Person
from catalog_web.auth.rules import rule_of
from indexer.errors import Forbidden, SignInNeeded

Identify = Callable[[], Person]


def _local() -> Person:
    return LOCAL


def current_person() -> Person:
    """Who sent this request; found out once. Raises StoreUnavailable the first time, so that the page that tells of it
    can be made for nobody in particular."""
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
    decision = may(person, action, target)
    if not decision.allowed:
        raise Forbidden(person=person.name, action=action, object=target, hint=decision.hint)


def install(app: Flask, identify: Identify = _local) -> None:
    """Ask ``may`` before every view of ``app``, of whom ``identify`` finds out; and give templates
    ``can(action, target)``."""

    def ask() -> None:
        g.identify = identify
        found = rule_of(app, request.endpoint)
        if found is not None:
            demand(found.action, found.target.format_map(request.view_args or {}))

    app.before_request(ask)
    app.jinja_env.globals.update(can=lambda action, target: may(current_person(), action, target))
