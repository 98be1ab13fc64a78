"""Subscriptions on pages: what a form of one was filled with, and what is shown of those that there are."""

from dataclasses import dataclass, field

from flask import request

from catalog_web import subscribing
from catalog_web.auth import current_person
from catalog_web.i18n import language
from catalog_web.pages.view import services
from indexer.notices import Delivery, Subscription

DELIVERIES = 50
"""Of one page, newest first."""


@dataclass(frozen=True, slots=True)
class Made:
    """A subscription that was made just now."""

    subscription: Subscription
    secret: str = field(repr=False)
    """Of a webhook; shown this once."""


@dataclass(frozen=True, slots=True)
class Line:
    """A delivery with the subscription that it is of."""

    delivery: Delivery
    subscription: Subscription


def made_from_form() -> Made:
    """Make what the form says. Raises as `subscribing.subscribe` does."""
    made, secret = subscribing.subscribe(
        services(),
        current_person(),
        team=request.form.get("team", ""),
        channel=request.form.get("channel", ""),
        address=request.form.get("address", ""),
        events=request.form.getlist("events"),
        sources=_sources(),
        digest="digest" in request.form,
        language=language(),
    )
    return Made(made, secret)


def change_from_form(subscription: str) -> None:
    """Change what the form says. Raises SubscriptionNotFound, UsageError."""
    found = subscribing.reachable(services(), current_person(), subscription)
    subscribing.change(
        services(),
        found,
        events=request.form.getlist("events"),
        sources=_sources(),
        enabled="enabled" in request.form,
        digest="digest" in request.form,
    )


def lines(subscriptions: tuple[Subscription, ...], *, dead: bool = False) -> tuple[Line, ...]:
    """The newest deliveries of ``subscriptions``; with ``dead`` those that were given up."""
    by_id = {one.id: one for one in subscriptions}
    found = services().store.deliveries.of(tuple(by_id), "dead" if dead else None, DELIVERIES)
    return tuple(Line(one, by_id[one.subscription]) for one in found)


def _sources() -> list[str]:
    return request.form.get("sources", "")[:20_000].replace(",", " ").split()
