"""Who wants to be told of what, and where the webhooks are, with the secrets that sign what they are sent."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from indexer.errors import SubscriptionNotFound, TooManySubscriptions
from indexer.notices import Hook, OwnerKind, Subscription
from indexer.store.database import Database
from indexer.store.people_tables import subscriptions
from indexer.store.sealed import open_sealed, renew_sealed
from indexer.vault import Vault

MOST_OF_AN_OWNER = 20


class Subscriptions:
    """All of them. What is sealed leaves this room only through ``hook``."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    def add(self, subscription: Subscription, hook: Hook | None = None) -> None:
        """Keep a new one, with its ``hook`` where it goes to a webhook. Raises TooManySubscriptions,
        SecretKeyUnusable."""
        sealed = self._vault.seal(json.dumps(asdict(hook))) if hook else ""
        count = (
            select(func.count()).select_from(subscriptions).where(_owned(subscription.owner_kind, subscription.owner))
        )
        with self._database.write("notices") as connection:
            if connection.execute(count).scalar_one() >= MOST_OF_AN_OWNER:
                raise TooManySubscriptions(limit=MOST_OF_AN_OWNER)
            connection.execute(insert(subscriptions).values({**_values(subscription), "sealed": sealed}))

    def change(self, subscription: Subscription) -> None:
        """Replace what is wanted: events, sources, digest, whether it is enabled. Raises SubscriptionNotFound."""
        wanted = _values(subscription)
        changed = {name: wanted[name] for name in ("events", "sources", "enabled", "digest")}
        with self._database.write("notices") as connection:
            found = connection.execute(
                update(subscriptions).where(subscriptions.c.id == subscription.id).values(changed)
            )
            if not found.rowcount:
                raise SubscriptionNotFound(subscription=subscription.id)

    def remove(self, subscription: str) -> None:
        """Forget one with its deliveries. Raises SubscriptionNotFound."""
        with self._database.write("notices") as connection:
            if not connection.execute(delete(subscriptions).where(subscriptions.c.id == subscription)).rowcount:
                raise SubscriptionNotFound(subscription=subscription)

    def get(self, subscription: str) -> Subscription:
        """Return one. Raises SubscriptionNotFound."""
        with self._database.read() as connection:
            row = connection.execute(select(subscriptions).where(subscriptions.c.id == subscription)).one_or_none()
        if row is None:
            raise SubscriptionNotFound(subscription=subscription)
        return _subscription(row)

    def of(self, owner_kind: OwnerKind, owner: str) -> tuple[Subscription, ...]:
        """Return those of a person or a team, oldest first."""
        query = select(subscriptions).where(_owned(owner_kind, owner)).order_by(subscriptions.c.created)
        with self._database.read() as connection:
            return tuple(_subscription(row) for row in connection.execute(query))

    def all(self) -> tuple[Subscription, ...]:
        """Return everybody's, by owner."""
        order = (subscriptions.c.owner_kind, subscriptions.c.owner, subscriptions.c.created)
        with self._database.read() as connection:
            return tuple(_subscription(row) for row in connection.execute(select(subscriptions).order_by(*order)))

    def hook(self, subscription: str) -> Hook:
        """Where a webhook is, and what signs. Raises SubscriptionNotFound, CredentialsUnreadable, SecretKeyUnusable."""
        with self._database.read() as connection:
            query = select(subscriptions.c.sealed).where(subscriptions.c.id == subscription)
            sealed = connection.execute(query).scalar_one_or_none()
        if not sealed:
            raise SubscriptionNotFound(subscription=subscription)
        return Hook(**json.loads(open_sealed(self._vault, sealed)))

    def renew(self) -> int:
        """Seal anew what another key than the first one sealed, as far as a key opens it; returns how many there were.

        Raises SecretKeyUnusable."""
        return renew_sealed(self._database, self._vault, subscriptions, "notices")

    def note_sent(self, subscription: str, now: datetime) -> None:
        """Remember when something was sent."""
        with self._database.write("notices") as connection:
            connection.execute(update(subscriptions).where(subscriptions.c.id == subscription).values(last_sent=now))


_NAMES = tuple(Subscription.__dataclass_fields__)
_LISTS = ("events", "sources")


def _owned(owner_kind: OwnerKind, owner: str) -> Any:
    return (subscriptions.c.owner_kind == owner_kind) & (subscriptions.c.owner == owner)


def _values(subscription: Subscription) -> Mapping[str, Any]:
    values = {name: getattr(subscription, name) for name in _NAMES}
    return {**values, **{name: list(values[name]) for name in _LISTS}}


def _subscription(row: Row[Any]) -> Subscription:
    values = {name: getattr(row, name) for name in _NAMES}
    return Subscription(**{**values, **{name: tuple(values[name]) for name in _LISTS}})
