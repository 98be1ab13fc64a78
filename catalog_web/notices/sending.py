"""A batch of deliveries: a few at a time, each within its deadline, one a subscription.

What is slow or dead costs its own subscription time and no other: it waits longer after each failure, and holds one of
a few places for ten seconds at most. What may not be sent at all is given up at once.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from catalog_web.notices.email import Mailer
from catalog_web.notices.letters import message
from catalog_web.notices.webhook import Webhooks, shown_address
from indexer.errors import (
    ChartroomError,
    CredentialsUnreadable,
    SecretKeyUnusable,
    SubscriptionNotFound,
    WebhookRefused,
)
from indexer.http import shown_url
from indexer.notices import HOUR, Delivery, Hook, Subscription, next_try
from indexer.store import Store

log = logging.getLogger(__name__)

AT_ONCE = 8
BATCH = 64
"""Subscriptions that are looked at in one go."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes out together. ``hook``: where to, where it is a webhook."""

    subscription: Subscription
    deliveries: tuple[Delivery, ...]
    hook: Hook | None = None


class Sender:
    """Sends parcels and notes what came of them. ``page``: where people see their notices."""

    def __init__(self, store: Store, webhooks: Webhooks, mailer: Mailer, page: str) -> None:
        self._store, self._webhooks, self._mailer, self._page = store, webhooks, mailer, page
        self._pool = ThreadPoolExecutor(AT_ONCE, "notices")

    def close(self) -> None:
        """Start nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def send(self, due: Sequence[Delivery], now: datetime) -> int:
        """Send what is ``due``, oldest first, as far as it may be now; returns how many arrived. The network is waited
        for in threads, the store is written by the caller's, which may stand behind a lease."""
        parcels = self._parcels(due, now)
        arrived = 0
        for parcel, error in zip(parcels, self._pool.map(self._sent, parcels), strict=True):
            self._note(parcel, error)
            arrived += 0 if error else len(parcel.deliveries)
        return arrived

    def _parcels(self, due: Sequence[Delivery], now: datetime) -> list[Parcel]:
        """One a subscription: the oldest delivery to a webhook, all that wait for an e-mail."""
        by_subscription = sorted(due, key=lambda one: one.subscription)
        found = []
        for subscription_id, some in groupby(by_subscription, key=lambda one: one.subscription):
            parcel = self._parcel(self._store.subscriptions.get(subscription_id), list(some), now)
            if parcel:
                found.append(parcel)
        return found

    def _parcel(self, subscription: Subscription, due: list[Delivery], now: datetime) -> Parcel | None:
        if subscription.channel == "webhook":
            return self._to_webhook(subscription, due[0])
        quiet_until = subscription.last_sent + HOUR if subscription.digest and subscription.last_sent else now
        if quiet_until > now and all(one.kind != "test" for one in due):
            self._store.deliveries.postpone([one.id for one in due], quiet_until)
            return None
        return Parcel(subscription, tuple(due))

    def _to_webhook(self, subscription: Subscription, delivery: Delivery) -> Parcel | None:
        """None where its address cannot be read, which holds up no other subscription."""
        try:
            return Parcel(subscription, (delivery,), self._store.subscriptions.hook(subscription.id))
        except (CredentialsUnreadable, SecretKeyUnusable, SubscriptionNotFound) as error:
            self._note(Parcel(subscription, (delivery,)), error)
            return None

    def _sent(self, parcel: Parcel) -> ChartroomError | None:
        """Why it did not arrive; None: it did."""
        subscription = parcel.subscription
        try:
            if parcel.hook:
                self._webhooks.send(parcel.hook, parcel.deliveries[0])
            else:
                bodies = [one.body for one in parcel.deliveries]
                self._mailer.send(subscription.address, *message(bodies, subscription.language, self._page))
        except ChartroomError as error:
            return error
        except Exception:
            log.exception("a notice could not be sent")
            return ChartroomError()
        return None

    def _note(self, parcel: Parcel, error: ChartroomError | None) -> None:
        ids = [one.id for one in parcel.deliveries]
        now = datetime.now(UTC)
        if error is None:
            self._store.deliveries.sent(ids)
            self._store.subscriptions.note_sent(parcel.subscription.id, now)
            return
        log.info("a notice of %s did not arrive: %s", parcel.subscription.owner, error.id)
        cause = _without_path(error.cause, parcel.hook) if parcel.hook else error.cause
        for one in parcel.deliveries:
            again = None if isinstance(error, WebhookRefused) else next_try(one.attempts + 1, one.at, now)
            self._store.deliveries.failed([one.id], cause, again)


def _without_path(text: str, hook: Hook) -> str:
    """``text`` without the path of the webhook, which is often a secret itself."""
    return text.replace(shown_url(hook.url), shown_address(hook.url))
