"""What came of a revision, and what it was made of."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns; of what was sent before nothing more is known."""
    for name, kind, default in (
        ("why", sa.Text(), ""),
        ("outcome", sa.String(16), ""),
        ("outcome_reason", sa.Text(), ""),
        ("generation", sa.BigInteger(), "0"),
        ("annotations", sa.JSON(), "{}"),
        ("spec_hash", sa.String(64), ""),
        ("based_on", sa.Integer(), "0"),
        ("secret", sa.String(253), ""),
        ("secret_paths", sa.JSON(), "[]"),
    ):
        op.add_column("revisions", sa.Column(name, kind, nullable=False, server_default=default))
    op.add_column("revisions", sa.Column("outcome_at", sa.BigInteger()))
