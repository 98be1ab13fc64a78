"""Single facts of a store, as rows of ``meta``, inside the caller's transaction."""

from sqlalchemy import Connection, insert, select, update

from indexer.store.tables import meta


def meta_of(connection: Connection, key: str) -> str | None:
    """The fact; None where it is not there."""
    return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar_one_or_none()


def put_meta(connection: Connection, key: str, value: str) -> None:
    """Keep a fact in the place of an earlier one."""
    if not connection.execute(update(meta).where(meta.c.key == key).values(value=value)).rowcount:
        connection.execute(insert(meta).values(key=key, value=value))
