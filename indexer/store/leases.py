"""Leases: rows that say which process may do something, by the database's clock, until when."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, false, insert, or_, select, update

from indexer.store import fencing
from indexer.store.clock import database_time, in_time
from indexer.store.columns import EPOCH
from indexer.store.database import Database
from indexer.store.fencing import Lease
from indexer.store.running_tables import leases

LONGEST = timedelta(minutes=1)
"""No lease is for longer: one that seems to be was given before the database's clock went back, and is free."""


class Leases:
    """The rows. Any text may be a name; a holder is one process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hold(self, name: str, holder: str, seconds: float) -> Lease | None:
        """Take or renew the lease ``name`` for ``seconds`` (at most LONGEST); None: another one holds it.

        Raises StoreUnavailable.
        """
        if self.holder(name) not in ("", holder):
            return None
        until = in_time(min(timedelta(seconds=seconds), LONGEST))
        with self._database.write("running") as connection:
            row = connection.execute(select(leases).where(leases.c.name == name).with_for_update()).one_or_none()
            if row is None:
                connection.execute(insert(leases).values(name=name, holder=holder, token=1, until=until))
                return Lease(name, holder, 1)
            if row.holder != holder and _holder(connection, name):
                return None
            token = row.token if row.holder == holder else row.token + 1
            values = {"holder": holder, "token": token, "until": until}
            connection.execute(update(leases).where(leases.c.name == name).values(values))
        return Lease(name, holder, token)

    def renew(self, held: Collection[Lease], seconds: float) -> frozenset[Lease]:
        """Hold each of ``held`` for ``seconds`` from now; returns those that nobody else has taken.

        Raises StoreUnavailable.
        """
        until = in_time(min(timedelta(seconds=seconds), LONGEST))
        kept = update(leases).where(_any_of(held)).values(until=until)
        with self._database.write("running") as connection:
            rows = connection.execute(kept.returning(leases.c.name, leases.c.holder, leases.c.token)).all()
        return frozenset(Lease(*row) for row in rows)

    def release(self, held: Collection[Lease]) -> None:
        """Let others have ``held`` at once. Raises StoreUnavailable."""
        with self._database.write("running") as connection:
            connection.execute(update(leases).where(_any_of(held)).values(holder="", until=EPOCH))

    def holder(self, name: str) -> str:
        """Who holds the lease now; empty: nobody."""
        with self._database.read() as connection:
            return _holder(connection, name)

    def fenced(self, lease: Lease) -> AbstractContextManager[None]:
        """Let what this thread writes meanwhile raise LeaseLost once another holder has taken ``lease``."""
        return fencing.fenced(lease)


def _holder(connection: Connection, name: str) -> str:
    runs = (leases.c.until > database_time()) & (leases.c.until < in_time(LONGEST + timedelta(seconds=1)))
    query = select(leases.c.holder).where((leases.c.name == name) & runs)
    return connection.execute(query).scalar_one_or_none() or ""


def _any_of(held: Collection[Lease]) -> ColumnElement[bool]:
    return or_(
        false(),
        *(
            (leases.c.name == one.name) & (leases.c.holder == one.holder) & (leases.c.token == one.token)
            for one in held
        ),
    )
