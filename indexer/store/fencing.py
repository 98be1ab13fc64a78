"""What a process may only write as long as it holds a lease.

::

    with fenced(lease):
        …                       every transaction that is begun here ends with a look at the lease

A process that was paused, or cut off, may wake after another one has taken over: its clock does not know, but the row
of the lease does. The look comes last in the transaction and keeps the row from being taken until the commit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import Connection, select

from indexer.errors import LeaseLost
from indexer.store.running_tables import leases


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one process to do something."""

    name: str
    holder: str
    token: int
    """Grows with each taking by another holder."""


_fences: ContextVar[frozenset[Lease]] = ContextVar("fences", default=frozenset())


@contextmanager
def fenced(lease: Lease) -> Iterator[None]:
    """Let what this thread writes meanwhile raise LeaseLost once another holder has taken ``lease``."""
    before = _fences.set(_fences.get() | {lease})
    try:
        yield
    finally:
        _fences.reset(before)


def check_fences(connection: Connection) -> None:
    """Raise LeaseLost where the transaction of ``connection`` stands behind a lease that was taken."""
    for lease in _fences.get():
        if not _is_held(connection, lease):
            raise LeaseLost(name=lease.name)


def _is_held(connection: Connection, lease: Lease) -> bool:
    its = (leases.c.name == lease.name) & (leases.c.holder == lease.holder) & (leases.c.token == lease.token)
    shared = select(leases.c.name).where(its).with_for_update(read=True, key_share=True)  # renewing goes on beside it
    return connection.execute(shared).one_or_none() is not None
