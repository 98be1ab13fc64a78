"""Rows with a secret that the vault sealed, in a column ``sealed``; empty: none."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, Table, func, select, update

from indexer.errors import N_, CredentialsUnreadable, phrase
from indexer.store.columns import metadata
from indexer.store.database import Database
from indexer.store.turns import Turn
from indexer.vault import CannotOpen, Vault


def open_sealed(vault: Vault, sealed: str) -> str:
    """What was sealed. Raises CredentialsUnreadable, SecretKeyUnusable."""
    try:
        return vault.open(sealed)
    except CannotOpen:
        detail = phrase(N_("it was sealed with a key that this process does not have; start Chartroom again"))
        raise CredentialsUnreadable(path=phrase(N_("the store")), detail=detail) from None


def count_sealed(connection: Connection, tables: Iterable[Table] | None = None) -> int:
    """How many secrets there are: of sources, webhooks and requests that wait. ``tables``: those of the store, where
    its schema is an earlier one."""
    known = metadata.tables.values() if tables is None else tables
    holding = (table.c.sealed for table in known if "sealed" in table.c)
    counts = (select(func.count()).where(sealed != "") for sealed in holding)
    return sum(connection.execute(query).scalar_one() for query in counts)


def renew_sealed(database: Database, vault: Vault, table: Table, turn: Turn) -> int:
    """Seal anew what another key than the first one sealed in ``table``, as far as a key opens it; returns how many
    rows there were. A secret that was forgotten or changed meanwhile stays so. Raises SecretKeyUnusable.
    """
    query = select(table.c.id, table.c.sealed).where(table.c.sealed != "")
    with database.read() as connection:
        old = [row for row in connection.execute(query) if not vault.is_current(row.sealed)]
    renewed = [(row, text) for row in old if (text := _renewed(vault, row.sealed))]
    if not renewed:
        return 0
    with database.write(turn) as connection:
        return sum(_replaced(connection, table, row, text) for row, text in renewed)


def _replaced(connection: Connection, table: Table, row: Row[Any], sealed: str) -> int:
    same = (table.c.id == row.id) & (table.c.sealed == row.sealed)
    return connection.execute(update(table).where(same).values(sealed=sealed)).rowcount


def _renewed(vault: Vault, sealed: str) -> str:
    try:
        return vault.seal(vault.open(sealed))
    except CannotOpen:
        return ""
