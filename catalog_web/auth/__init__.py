"""Who is asking, and the one question that every route asks: may this person do that?

A view names its action with ``rule``; the guard asks ``may`` before the view runs. A route without a rule stops the
program at its start (``check_rules``), so a forgotten one cannot be served.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from flask import Flask, g, request

from indexer.errors import N_, Forbidden

Action = Literal[
    "open",
    "hook",
    "catalog.read",
    "search.save",
    "source.read",
    "source.write",
    "source.sync",
    "app.read",
    "app.install",
    "app.upgrade",
    "app.uninstall",
    "preset.write",
    "cluster.read",
    "admin.read",
]
"""``app.upgrade``: whatever changes an app that is there, but for its removal. ``open``: needs no right, such as a
style sheet or the choice of a language. ``hook``: the request carries a secret of its own."""

ACTIONS: frozenset[Action] = frozenset(get_args(Action))
MIB = 1024 * 1024
View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks, with the actions that he or she may take."""

    name: str
    rights: frozenset[Action]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of ``may``; ``hint`` says what to do about a no."""

    allowed: bool
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route asks before it runs. ``target`` is a template over the route's arguments."""

    action: Action
    target: str
    body_limit: int
    """Bytes that a request to this route may carry."""
    any_host: bool
    """Answers under whatever name it is called: probes know only an address."""
    program: bool
    """The caller proves itself by a secret in the request, which no browser adds by itself: nothing to forge."""


LOCAL = Person("local", ACTIONS)
"""The only person until there is a sign-in: whoever reaches the listener."""


def may(person: Person, action: Action, target: str) -> Decision:  # noqa: ARG001  rights are not yet per object
    """Whether ``person`` may take ``action`` on ``target`` (``source/NAME``, ``app/CLUSTER/NAMESPACE/NAME``, …)."""
    if action in ("open", "hook") or action in person.rights:
        return Decision(True)
    return Decision(False, N_("Ask an administrator for the right to do this."))


def demand(action: Action, target: str) -> None:
    """Raise Forbidden unless the present person may."""
    person = current_person()
    decision = may(person, action, target)
    if not decision.allowed:
        raise Forbidden(person=person.name, action=action, object=target, hint=decision.hint)


def current_person() -> Person:
    """Who sent this request."""
    person: Person = g.setdefault("person", LOCAL)
    return person


def rule(
    action: Action, target: str = "", *, body_limit: int = MIB, any_host: bool = False, program: bool = False
) -> Callable[[View], View]:
    """Mark a view with what it asks. Use it below the route's decorator: ``target`` may name the route's arguments."""

    def mark(view: View) -> View:
        vars(view)["chartroom_rule"] = Rule(action, target, body_limit, any_host, program)
        return view

    return mark


def rule_of(app: Flask, endpoint: str | None) -> Rule | None:
    """Return the rule of a route, or None where there is no such route or it has none."""
    view = app.view_functions.get(endpoint or "")
    found = getattr(view, "chartroom_rule", None)
    return found if isinstance(found, Rule) else None


def check_rules(app: Flask) -> None:
    """Raise RuntimeError when a route has no rule."""
    without = [str(route) for route in app.url_map.iter_rules() if rule_of(app, route.endpoint) is None]
    if without:
        raise RuntimeError(f"These routes have no rule, so nobody is asked whether they are allowed: {without}")


def install(app: Flask) -> None:
    """Ask ``may`` before every view of ``app``, and give templates ``can(action, target)``."""

    def ask() -> None:
        found = rule_of(app, request.endpoint)
        if found is not None:
            demand(found.action, found.target.format_map(request.view_args or {}))

    app.before_request(ask)
    app.jinja_env.globals.update(can=lambda action, target: may(current_person(), action, target))
