"""What a person may do with notices: with one's own, and as an administrator with everybody's and those of teams."""

from collections.abc import Collection

from catalog_web.auth import Person, may, why_not
from catalog_web.notices.wanted import Wish
from catalog_web.services import Services
from indexer.errors import DeliveryNotFound, SubscriptionNotFound
from indexer.notices import Delivery, Subscription


def sees_all(who: Person) -> bool:
    """Whether everybody's notices are this person's to look after."""
    return may(who, "admin.read", "notice").allowed


def own(services: Services, who: Person) -> tuple[Subscription, ...]:
    """The person's own subscriptions, oldest first."""
    return services.store.subscriptions.of("person", who.name)


def reachable(services: Services, who: Person, subscription: str) -> Subscription:
    """One that is the person's own, or anybody's for an administrator. Raises SubscriptionNotFound."""
    found = services.store.subscriptions.get(subscription)
    if (found.owner_kind, found.owner) != ("person", who.name) and not sees_all(who):
        raise SubscriptionNotFound(subscription=subscription)
    return found


def subscribe(
    services: Services,
    who: Person,
    *,
    team: str,
    channel: str,
    address: str,
    events: Collection[str],
    sources: Collection[str],
    digest: bool,
    language: str,
) -> tuple[Subscription, str]:
    """Make one for the person, or with ``team`` for that. A webhook's secret is returned here and never again.

    Whoever signs in may have e-mail sent to the address of the account alone, or others could be flooded.
    Raises Forbidden, TeamNotFound, what `Notices.subscribe` raises.
    """
    refused = why_not(who, "admin.read", "notice", services.config.ask_for_access) if team else None
    if refused is not None:
        raise refused
    owner = services.store.teams.get(team).name if team else who.name
    kind = "team" if team else "person"
    with services.audit.recorded("notice.add", f"notice/{kind}/{owner}") as told:
        wish = Wish(
            owner_kind="team" if team else "person",
            owner=owner,
            channel=channel,
            address=address,
            events=events,
            sources=sources,
            digest=digest,
            language=language,
            only_address="" if sees_all(who) else who.email or "-",
        )
        made, secret = services.notices.subscribe(wish)
        told |= {"id": made.id, "channel": made.channel, "to": made.address, "events": list(made.events)}
    return made, secret


def change(
    services: Services,
    subscription: Subscription,
    *,
    events: Collection[str],
    sources: Collection[str],
    enabled: bool,
    digest: bool,
) -> Subscription:
    """Change what is wanted. Raises UsageError, SubscriptionNotFound."""
    with services.audit.recorded("notice.change", _target(subscription), id=subscription.id, enabled=enabled):
        return services.notices.change(subscription, events, sources, enabled=enabled, digest=digest)


def remove(services: Services, subscription: Subscription) -> None:
    """Forget one with its deliveries. Raises SubscriptionNotFound."""
    with services.audit.recorded("notice.remove", _target(subscription), id=subscription.id):
        services.store.subscriptions.remove(subscription.id)


def reachable_delivery(services: Services, who: Person, delivery: str) -> Delivery:
    """One of a subscription that is `reachable`. Raises DeliveryNotFound."""
    found = services.store.deliveries.get(delivery)
    try:
        reachable(services, who, found.subscription)
    except SubscriptionNotFound:
        raise DeliveryNotFound(delivery=delivery) from None
    return found


def _target(subscription: Subscription) -> str:
    return f"notice/{subscription.owner_kind}/{subscription.owner}"
