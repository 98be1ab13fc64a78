"""What each route asks, written beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from catalog_web.auth.actions import Action

if TYPE_CHECKING:
    from flask import Flask

MIB = 1024 * 1024
View = TypeVar("View", bound=Callable[..., object])
Cost = Literal["", "search", "compare", "preview", "archive"]
"""What a request costs the server; each has a limit of its own (``rate_limits``)."""


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
    cost: Cost = ""
    """Empty: too little to be counted."""
    notes_itself: bool = False
    """What it changes is audited where it is done, and most of its requests change nothing: a step of a form, a trial.
    Of all other routes every request that could write is audited by the guard."""


def rule(
    action: Action,
    target: str = "",
    *,
    body_limit: int = MIB,
    any_host: bool = False,
    program: bool = False,
    cost: Cost = "",
    notes_itself: bool = False,
) -> Callable[[View], View]:
    """Mark a view with what it asks. Use it below the route's decorator: ``target`` may name the route's arguments."""

    def mark(view: View) -> View:
        vars(view)["chartroom_rule"] = Rule(action, target, body_limit, any_host, program, cost, notes_itself)
        return view

    return mark


def rule_of(app: "Flask", endpoint: str | None) -> Rule | None:
    """Return the rule of a route, or None where there is no such route or it has none."""
    view = app.view_functions.get(endpoint or "")
    found = getattr(view, "chartroom_rule", None)
    return found if isinstance(found, Rule) else None


def check_rules(app: "Flask") -> None:
    """Raise RuntimeError when a route has no rule."""
    without = [str(route) for route in app.url_map.iter_rules() if rule_of(app, route.endpoint) is None]
    if without:
        raise RuntimeError(f"These routes have no rule, so nobody is asked whether they are allowed: {without}")
