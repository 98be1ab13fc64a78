"""Alembic's entry: the connection is handed over by ``indexer.store.migrating``."""

from alembic import context

from indexer.store import people_tables, running_tables, tables  # noqa: F401 -- each fills the metadata
from indexer.store.columns import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
