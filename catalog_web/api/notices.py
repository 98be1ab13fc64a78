"""Who is told of what, and what is on its way."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from catalog_web import subscribing
from catalog_web.api import shapes
from catalog_web.api.operations import Caller, Page, Question, operation
from indexer.notices import Channel, Delivery, DeliveryState, EventKind, OwnerKind, Subscription

Events = Annotated[tuple[EventKind, ...], Field(min_length=1, max_length=10)]
Globs = Annotated[tuple[Annotated[str, Field(max_length=320)], ...], Field(max_length=50)]


class WhoseQuery(Page):
    """One's own, or with ``all`` everybody's, which is an administrator's to see."""

    all: bool = False


class DeliveriesQuery(WhoseQuery):
    """By default those of every state."""

    state: DeliveryState | None = None


class NewSubscription(Question):
    """To be told by ``webhook`` (``address``: a URL) or ``email``. ``sources``: globs, none for all that one may see;
    ``digest``: at most one e-mail an hour; ``team``: for a team instead of oneself."""

    channel: Channel
    address: str = Field(min_length=1, max_length=2048)
    events: Events
    sources: Globs = ()
    digest: bool = False
    team: str = Field("", max_length=63)


class ChangedSubscription(Question):
    """What is wanted from now on."""

    events: Events
    sources: Globs = ()
    enabled: bool = True
    digest: bool = False


class SubscriptionShape(TypedDict):
    """``address``: of a webhook only the server, as its path is often a secret."""

    id: str
    owner_kind: OwnerKind
    owner: str
    channel: Channel
    address: str
    events: list[EventKind]
    sources: list[str]
    enabled: bool
    digest: bool
    created: str | None
    last_sent: str | None


class MadeSubscription(SubscriptionShape):
    """``secret`` signs what is sent to the webhook; it is told this once."""

    secret: str


class SubscriptionsPage(TypedDict):
    """A part of them."""

    total: int
    items: list[SubscriptionShape]


class DeliveryShape(TypedDict):
    """``error``: why the last try failed."""

    id: str
    subscription: str
    event: EventKind
    state: DeliveryState
    attempts: int
    next_try: str | None
    at: str | None
    error: str


class DeliveriesPage(TypedDict):
    """A part of them, newest first."""

    total: int
    items: list[DeliveryShape]


@operation(
    "GET",
    "/api/v1/subscriptions",
    action="account",
    target="account",
    summary="What one is told of, and how; with “all” everybody's",
    query=WhoseQuery,
    answer=SubscriptionsPage,
)
def subscriptions(caller: Caller, *, query: WhoseQuery) -> SubscriptionsPage:
    """A part of them. Whoever may not see everybody's sees the own ones."""
    found = _whose(caller, everybodys=query.all)
    return {
        "total": len(found),
        "items": [_shape(one) for one in found[query.offset : query.offset + query.limit]],
    }


@operation(
    "POST",
    "/api/v1/subscriptions",
    action="notice.write",
    target="account",
    summary="Be told of something; a webhook's secret is in the answer and nowhere else",
    body=NewSubscription,
    answer=MadeSubscription,
    status=201,
    errors=(404, 409),
)
def subscribe(caller: Caller, *, body: NewSubscription) -> MadeSubscription:
    """Make one. Raises as `subscribing.subscribe` does."""
    made, secret = subscribing.subscribe(
        caller.services,
        caller.who,
        team=body.team,
        channel=body.channel,
        address=body.address,
        events=body.events,
        sources=body.sources,
        digest=body.digest,
        language="en",
    )
    return {**_shape(made), "secret": secret}


@operation(
    "PUT",
    "/api/v1/subscriptions/{subscription}",
    action="notice.write",
    target="account",
    summary="Change what one is told of; the address stays",
    body=ChangedSubscription,
    answer=SubscriptionShape,
    errors=(404,),
)
def change(caller: Caller, subscription: str, *, body: ChangedSubscription) -> SubscriptionShape:
    """Change one. Raises SubscriptionNotFound, UsageError."""
    found = subscribing.reachable(caller.services, caller.who, subscription)
    wanted = {"events": body.events, "sources": body.sources}
    changed = subscribing.change(caller.services, found, **wanted, enabled=body.enabled, digest=body.digest)
    return _shape(changed)


@operation(
    "DELETE",
    "/api/v1/subscriptions/{subscription}",
    action="account",
    target="account",
    summary="Be told of it no longer",
    answer=None,
    status=204,
    errors=(404,),
)
def unsubscribe(caller: Caller, subscription: str) -> None:
    """Forget one. Raises SubscriptionNotFound."""
    subscribing.remove(caller.services, subscribing.reachable(caller.services, caller.who, subscription))


@operation(
    "POST",
    "/api/v1/subscriptions/{subscription}/test",
    action="notice.write",
    target="account",
    summary="Send a test within seconds; its delivery says what came of it",
    answer=DeliveryShape,
    status=202,
    errors=(404,),
)
def test(caller: Caller, subscription: str) -> DeliveryShape:
    """Queue it. Raises SubscriptionNotFound."""
    found = subscribing.reachable(caller.services, caller.who, subscription)
    return _delivery(caller.services.notices.test(found))


@operation(
    "GET",
    "/api/v1/deliveries",
    action="account",
    target="account",
    summary="What was sent to one, what waits for another try, and what was given up; with “all” everybody's",
    query=DeliveriesQuery,
    answer=DeliveriesPage,
)
def deliveries(caller: Caller, *, query: DeliveriesQuery) -> DeliveriesPage:
    """A part of them."""
    kept = caller.services.store.deliveries
    whose = [one.id for one in _whose(caller, everybodys=query.all)]
    found = kept.of(whose, query.state, query.limit, query.offset)
    return {"total": kept.count(whose, query.state), "items": [_delivery(one) for one in found]}


@operation(
    "POST",
    "/api/v1/deliveries/{delivery}/send",
    action="notice.write",
    target="account",
    summary="Send one again, also one that was given up",
    answer=DeliveryShape,
    status=202,
    errors=(404,),
)
def send(caller: Caller, delivery: str) -> DeliveryShape:
    """Let it be sent within seconds. Raises DeliveryNotFound."""
    found = subscribing.reachable_delivery(caller.services, caller.who, delivery)
    caller.services.store.deliveries.again(found.id, datetime.now(UTC))
    return _delivery(caller.services.store.deliveries.get(found.id))


def _whose(caller: Caller, *, everybodys: bool) -> tuple[Subscription, ...]:
    if everybodys and subscribing.sees_all(caller.who):
        return caller.services.store.subscriptions.all()
    return subscribing.own(caller.services, caller.who)


def _shape(one: Subscription) -> SubscriptionShape:
    return {
        "id": one.id,
        "owner_kind": one.owner_kind,
        "owner": one.owner,
        "channel": one.channel,
        "address": one.address,
        "events": list(one.events),
        "sources": list(one.sources),
        "enabled": one.enabled,
        "digest": one.digest,
        "created": shapes.moment(one.created),
        "last_sent": shapes.moment(one.last_sent),
    }


def _delivery(one: Delivery) -> DeliveryShape:
    return {
        "id": one.id,
        "subscription": one.subscription,
        "event": one.kind,
        "state": one.state,
        "attempts": one.attempts,
        "next_try": shapes.moment(one.next_try),
        "at": shapes.moment(one.at),
        "error": one.error,
    }
