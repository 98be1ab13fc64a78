"""What is on its way to those who want to be told: a queue that outlives the process, and what could not be sent."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, delete, func, insert, or_, select, true, update

from indexer.errors import DeliveryNotFound
from indexer.notices import Delivery, DeliveryState
from indexer.store.database import Database, in_chunks
from indexer.store.meta_rows import meta_of, put_meta
from indexer.store.people_tables import deliveries, subscriptions

KEEP_SENT, KEEP_DEAD = timedelta(days=14), timedelta(days=90)
_LONGEST_ERROR = 500


class Deliveries:
    """The queue of all subscriptions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- in

    def put(self, new: Iterable[Delivery], positions: Mapping[str, int] | None = None) -> int:
        """Queue ``new``, except what a subscription was told of already, and remember how far the followers named by
        ``positions`` have read: both or nothing. Returns how many were queued."""
        queued = 0
        with self._database.write("notices") as connection:
            for one in new:
                if not _is_known(connection, one):
                    connection.execute(insert(deliveries).values(_values(one)))
                    queued += 1
            for name, position in (positions or {}).items():
                put_meta(connection, _key(name), str(position))
        return queued

    def position(self, name: str) -> int | None:
        """How far a follower has read; None: it never has."""
        with self._database.read() as connection:
            value = meta_of(connection, _key(name))
        return None if value is None else int(value)

    # -- out

    def due(self, now: datetime, most: int, told: int) -> tuple[Delivery, ...]:
        """Return what is to be sent now, oldest first: of the ``most`` subscriptions that wait longest, so that none
        with a long queue keeps the others waiting. A webhook takes one at a time, an e-mail ``told`` of them."""
        is_due = (deliveries.c.state == "due") & (deliveries.c.next_try <= now)
        whose, order = deliveries.c.subscription, (deliveries.c.at, deliveries.c.id)
        place = func.row_number().over(partition_by=whose, order_by=order).label("place")
        queued = select(deliveries.c.id, subscriptions.c.channel, place).join(subscriptions).where(is_due).subquery()
        longest = select(whose).where(is_due).group_by(whose).order_by(func.min(deliveries.c.next_try), whose)
        goes = queued.c.place <= case((queued.c.channel == "email", told), else_=1)
        query = select(deliveries).join(queued, queued.c.id == deliveries.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query.where(goes, whose.in_(longest.limit(most))).order_by(*order))
            return tuple(map(_delivery, rows))

    def sent(self, ids: Collection[str]) -> None:
        """They arrived."""
        self._set(ids, state="sent", attempts=deliveries.c.attempts + 1, next_try=None, error="")

    def failed(self, ids: Collection[str], error: str, next_try: datetime | None) -> None:
        """They did not; None: and are given up."""
        told = {"error": error[:_LONGEST_ERROR], "attempts": deliveries.c.attempts + 1, "next_try": next_try}
        self._set(ids, state="due" if next_try else "dead", **told)

    def postpone(self, ids: Collection[str], next_try: datetime) -> None:
        """Try them later, without having tried now."""
        self._set(ids, next_try=next_try)

    def drop(self, ids: Collection[str]) -> None:
        """Forget them: who would be told may not know."""
        with self._database.write("notices") as connection:
            for some in in_chunks(ids):
                connection.execute(delete(deliveries).where(deliveries.c.id.in_(some)))

    def again(self, delivery: str, now: datetime) -> None:
        """Let one that was given up, or sent, be sent now, with all its tries before it. Raises DeliveryNotFound."""
        values = {"state": "due", "attempts": 0, "next_try": now, "at": now, "error": ""}
        with self._database.write("notices") as connection:
            changed = update(deliveries).where(deliveries.c.id == delivery).values(values)
            if not connection.execute(changed).rowcount:
                raise DeliveryNotFound(delivery=delivery)

    # -- looked at

    def get(self, delivery: str) -> Delivery:
        """Return one. Raises DeliveryNotFound."""
        with self._database.read() as connection:
            row = connection.execute(select(deliveries).where(deliveries.c.id == delivery)).one_or_none()
        if row is None:
            raise DeliveryNotFound(delivery=delivery)
        return _delivery(row)

    def of(
        self, subscriptions: Collection[str] | None, state: DeliveryState | None, limit: int, offset: int = 0
    ) -> tuple[Delivery, ...]:
        """Return those of some subscriptions, or of all (None), newest first. What was never tried is not among them:
        until then nobody has looked whether its owner may know of it."""
        query = select(deliveries).where(_wanted(subscriptions, state))
        order = (deliveries.c.at.desc(), deliveries.c.id)
        with self._database.read() as connection:
            return tuple(
                _delivery(row) for row in connection.execute(query.order_by(*order).limit(limit).offset(offset))
            )

    def count(self, subscriptions: Collection[str] | None, state: DeliveryState | None) -> int:
        """Return how many there are."""
        query = select(func.count()).select_from(deliveries).where(_wanted(subscriptions, state))
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def prune(self, now: datetime) -> int:
        """Drop what was sent or given up long ago; returns how many rows went."""
        sent = (deliveries.c.state == "sent") & (deliveries.c.at < now - KEEP_SENT)
        dead = (deliveries.c.state == "dead") & (deliveries.c.at < now - KEEP_DEAD)
        with self._database.write("notices") as connection:
            return connection.execute(delete(deliveries).where(or_(sent, dead))).rowcount

    def _set(self, ids: Collection[str], **values: Any) -> None:
        with self._database.write("notices") as connection:
            for some in in_chunks(ids):
                connection.execute(update(deliveries).where(deliveries.c.id.in_(some)).values(values))


_NAMES = tuple(Delivery.__dataclass_fields__)


def _key(name: str) -> str:
    return f"notices_{name}"


def _is_known(connection: Connection, one: Delivery) -> bool:
    same = (deliveries.c.subscription == one.subscription) & (deliveries.c.event == one.event)
    return connection.execute(select(deliveries.c.id).where(same)).first() is not None


def _wanted(subscriptions: Collection[str] | None, state: DeliveryState | None) -> ColumnElement[bool]:
    let: ColumnElement[bool] = or_(deliveries.c.state != "due", deliveries.c.attempts > 0, deliveries.c.kind == "test")
    if subscriptions is not None:
        let &= deliveries.c.subscription.in_(subscriptions)
    return let & (deliveries.c.state == state if state else true())


def _values(one: Delivery) -> dict[str, Any]:
    return {**{name: getattr(one, name) for name in _NAMES}, "body": dict(one.body)}


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**{name: getattr(row, name) for name in _NAMES})
