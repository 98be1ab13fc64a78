"""The processes that are on the store: who they are, and when they were last heard of by the database's clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, delete, insert, select, type_coerce, update

from indexer.store.clock import database_time, in_time
from indexer.store.columns import EPOCH
from indexer.store.database import Database
from indexer.store.running_tables import replicas

FORGOTTEN_AFTER = timedelta(hours=1)
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Replica:
    """One process."""

    id: str
    role: str
    """``serve``, ``web`` or ``index``."""
    host: str
    version: str
    """Of the program."""
    leads: bool
    """Whether it does what is done once."""
    row: int
    """The newest change that its search index has seen."""
    lag: int
    """Changes after that one."""
    started: datetime = EPOCH
    seen: datetime = EPOCH
    silent: float = 0.0
    """Seconds since then."""


class Replicas:
    """The rows. A process that ended well leaves none behind."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def beat(self, replica: Replica) -> None:
        """Let the others know that ``replica`` is there, and how it fares. Raises StoreUnavailable."""
        facts = {name: getattr(replica, name) for name in ("role", "host", "version", "leads", "row", "lag")}
        its = replicas.c.id == replica.id
        with self._database.write("running") as connection:
            if not connection.execute(update(replicas).where(its).values(seen=database_time(), **facts)).rowcount:
                times = {"started": database_time(), "seen": database_time()}
                connection.execute(delete(replicas).where(replicas.c.seen < in_time(-FORGOTTEN_AFTER)))
                connection.execute(insert(replicas).values(id=replica.id, **times, **facts))

    def leave(self, replica: str) -> None:
        """The process ends. Raises StoreUnavailable."""
        with self._database.write("running") as connection:
            connection.execute(delete(replicas).where(replicas.c.id == replica))

    def all(self) -> tuple[Replica, ...]:
        """Those that were heard of within FORGOTTEN_AFTER, the eldest first."""
        silent = type_coerce(database_time(), BigInteger) - type_coerce(replicas.c.seen, BigInteger)
        lately = replicas.c.seen > in_time(-FORGOTTEN_AFTER)
        query = select(replicas, silent.label("silent")).where(lately)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(replicas.c.started, replicas.c.id)).all()
        return tuple(Replica(**{**row._mapping, "silent": max(0.0, row.silent / _MICROSECONDS)}) for row in rows)
