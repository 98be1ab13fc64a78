"""What may be used once: a sign-in at a provider that is under way, a link that sets a password, the first token."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select

from indexer.store.database import Database
from indexer.store.people_tables import sign_ins

MOST = 10_000
"""Rows. Whoever begins more sign-ins than that and ends none pushes out those that would end first."""


class OneTimeKeys:
    """Facts by the hash of the key that gets them back, once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, key: str, facts: Mapping[str, Any], now: datetime, ends: datetime) -> None:
        """Keep ``facts`` until then for whoever comes with what ``key`` is the SHA-256 of."""
        with self._database.write("people") as connection:
            connection.execute(delete(sign_ins).where(sign_ins.c.ends < now))
            if connection.execute(select(func.count()).select_from(sign_ins)).scalar_one() >= MOST:
                first = select(sign_ins.c.state).order_by(sign_ins.c.ends).limit(MOST // 10)
                connection.execute(delete(sign_ins).where(sign_ins.c.state.in_(first)))
            connection.execute(insert(sign_ins).values(state=key, facts=dict(facts), ends=ends))

    def look(self, key: str, now: datetime) -> Mapping[str, Any] | None:
        """Return what was kept, which stays; None where there is none or it has ended."""
        query = select(sign_ins.c.facts).where(sign_ins.c.state == key, sign_ins.c.ends >= now)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def take(self, key: str, now: datetime) -> Mapping[str, Any] | None:
        """Return what was kept and drop it: of several who come at once, one gets it."""
        query = select(sign_ins.c.facts).where(sign_ins.c.state == key, sign_ins.c.ends >= now)
        with self._database.write("people") as connection:
            facts: Mapping[str, Any] | None = connection.execute(query).scalar_one_or_none()
            connection.execute(delete(sign_ins).where(sign_ins.c.state == key))
            return facts
