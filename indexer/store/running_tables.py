"""The tables of running processes: who leads, who works at what, and who is there."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Table, Text

from indexer.store.columns import UtcTime, metadata

leases = Table(
    "leases",
    metadata,
    Column("name", String(400), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("until", UtcTime, nullable=False),
)
"""``token`` grows whenever the holder changes: a write of an earlier holder is told by it and refused. ``until`` is by
the database's clock."""

replicas = Table(
    "replicas",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("role", String(8), nullable=False),
    Column("host", Text, nullable=False),
    Column("version", String(32), nullable=False),
    Column("started", UtcTime, nullable=False),
    Column("seen", UtcTime, nullable=False),
    Column("row", BigInteger, nullable=False),
    Column("lag", Integer, nullable=False),
    Column("leads", Boolean, nullable=False),
)
"""Processes on this store, ``seen`` by the database's clock. ``row``: the newest change that its search index has seen;
``lag``: changes after it."""
