"""When and why a source is due, since when it fails, and what changed it last."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_FAILING_SINCE = """
UPDATE sources SET failing_since = (
    SELECT MIN(failed.started) FROM attempts AS failed
    WHERE failed.source = sources.name AND failed.outcome = 'failed' AND failed.id > COALESCE(
        (SELECT MAX(good.id) FROM attempts AS good WHERE good.source = sources.name AND good.outcome <> 'failed'), 0))
"""
_LAST_CHANGE = """
UPDATE sources SET last_change = (
    SELECT MAX(attempts.id) FROM attempts WHERE attempts.source = sources.name AND attempts.outcome = 'changed')
"""


def upgrade() -> None:
    """Add the columns, and fill them from what the ledger knows."""
    op.add_column("sources", sa.Column("full_due", sa.BigInteger()))
    op.add_column("sources", sa.Column("due_reason", sa.String(16), nullable=False, server_default="registered"))
    op.add_column("sources", sa.Column("failing_since", sa.BigInteger()))
    op.add_column("sources", sa.Column("last_change", ROW_ID))
    op.execute("UPDATE sources SET full_due = next_due, pending = NULL")
    op.execute("UPDATE sources SET due_reason = CASE WHEN failures > 0 THEN 'back-off' ELSE 'interval' END")
    op.execute(_FAILING_SINCE)
    op.execute(_LAST_CHANGE)
