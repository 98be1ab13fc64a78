"""Subscriptions and what becomes of them: asked for by people, worked off by the process that leads."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from catalog_web.notices.audience import Audience, wants
from catalog_web.notices.email import Mailer
from catalog_web.notices.following import news
from catalog_web.notices.letters import body_of
from catalog_web.notices.sending import BATCH, Sender
from catalog_web.notices.wanted import Wish, checked, events_of, sources_of
from catalog_web.notices.webhook import Webhooks, shown_address
from indexer.config import Config
from indexer.notices import MOST_TOLD, Delivery, Event, Hook, Subscription
from indexer.store import Store

SECRET_PREFIX = "whsec_"  # noqa: S105  it only tells what the text is


class Notices:
    """Safe to use from several threads; ``work`` is for one."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store, self._public_url = store, config.public_url
        self._webhooks, self._mailer = Webhooks(config.network_allow), Mailer(config.smtp)
        page = f"{config.public_url}/account/notices" if config.public_url else "/account/notices"
        self._sender = Sender(store, self._webhooks, self._mailer, page)

    @property
    def mails(self) -> bool:
        """Whether e-mail can be sent."""
        return self._mailer.is_set

    def close(self) -> None:
        """Send nothing more."""
        self._sender.close()

    # -- what people do

    def subscribe(self, wish: Wish) -> tuple[Subscription, str]:
        """Keep what is wished. A webhook gets a secret that signs, which is returned here and never again.

        Raises UsageError, BadUrl, WebhookRefused, BadAddress, MailUnset, TooManySubscriptions, SecretKeyUnusable.
        """
        found = checked(wish, self._webhooks, self._mailer)
        hook = Hook(found.address, _new_secret()) if found.channel == "webhook" else None
        subscription = Subscription(
            id=uuid4().hex,
            owner_kind=wish.owner_kind,
            owner=wish.owner,
            channel=found.channel,
            address=shown_address(hook.url) if hook else found.address,
            events=found.events,
            sources=found.sources,
            digest=wish.digest and found.channel == "email",
            language=wish.language,
            created=_now(),
        )
        self._store.subscriptions.add(subscription, hook)
        return subscription, hook.secret if hook else ""

    def change(
        self,
        subscription: Subscription,
        events: Collection[str],
        sources: Collection[str],
        *,
        enabled: bool,
        digest: bool,
    ) -> Subscription:
        """Change what is wanted; address and secret stay. Raises UsageError, SubscriptionNotFound."""
        changed = replace(
            subscription,
            events=events_of(events),
            sources=sources_of(sources),
            enabled=enabled,
            digest=digest and subscription.channel == "email",
        )
        self._store.subscriptions.change(changed)
        return changed

    def test(self, subscription: Subscription) -> Delivery:
        """Queue a delivery that tells of nothing. Raises StoreUnavailable."""
        event = Event(f"test/{uuid4().hex}", "test", _now())
        delivery = self._delivery(subscription, event)
        self._store.deliveries.put([delivery])
        return delivery

    def tell(self, event: Event) -> None:
        """Queue ``event`` for all who want to hear of such; whether they may is looked at before it is sent."""
        wanting = [one for one in self._store.subscriptions.all() if wants(one, event)]
        self._store.deliveries.put(self._delivery(one, event) for one in wanting)

    # -- the work of the process that leads

    def work(self, audience: Audience) -> None:
        """Queue what happened, and send what is due. Raises StoreUnavailable."""
        self.follow(audience)
        self.send_due(audience)

    def follow(self, audience: Audience) -> int:
        """Queue what is new since last time; returns how many deliveries that makes. Raises StoreUnavailable."""
        found = news(self._store, _now())
        subscriptions = self._store.subscriptions.all() if found.events else ()
        new = [one for event in found.events for one in self._told(subscriptions, event, audience)]
        return self._store.deliveries.put(new, found.positions)

    def send_due(self, audience: Audience) -> int:
        """Send what is due, to those who may know it now; returns how many arrived. Raises StoreUnavailable."""
        due = self._store.deliveries.due(_now(), BATCH, MOST_TOLD)
        closed = [one.id for one in due if not self._may_go(one, audience)]
        self._store.deliveries.drop(closed)
        return self._sender.send([one for one in due if one.id not in closed], _now())

    def prune(self) -> int:
        """Drop what was sent or given up long ago; returns how many rows went."""
        return self._store.deliveries.prune(_now())

    def _told(self, subscriptions: Iterable[Subscription], event: Event, audience: Audience) -> Iterable[Delivery]:
        """Whoever subscribes later is not told of what was before."""
        for one in subscriptions:
            is_news = one.created is None or event.at >= one.created
            seen = audience.narrowed(one, event) if is_news else None
            if seen is not None:
                yield self._delivery(one, seen)

    def _may_go(self, delivery: Delivery, audience: Audience) -> bool:
        """Whether the owner may still know all that the delivery says."""
        event = _event_of(delivery)
        return audience.narrowed(self._store.subscriptions.get(delivery.subscription), event) == event

    def _delivery(self, subscription: Subscription, event: Event) -> Delivery:
        delivery, now = uuid4().hex, _now()
        body = body_of(event, delivery, self._public_url)
        return Delivery(delivery, subscription.id, event.key, event.kind, body, "due", 0, now, now)


def _event_of(delivery: Delivery) -> Event:
    """What a delivery tells, as far as it matters who may know it."""
    body = delivery.body
    versions = tuple((one["chart"], one["version"]) for one in body["versions"])
    return Event(delivery.event, delivery.kind, delivery.at, body["source"], body["person"], body["right"], versions)


def _new_secret() -> str:
    return SECRET_PREFIX + secrets.token_urlsafe(32)


def _now() -> datetime:
    return datetime.now(UTC)
