"""What became of each revision, the secrets that it refers to, and presets of values."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns, empty for what was sent before, and the table."""
    _widen_revisions()
    _add_presets()


def _widen_revisions() -> None:
    op.add_column("revisions", sa.Column("why", sa.Text(), nullable=False, server_default=""))
    op.add_column("revisions", sa.Column("outcome", sa.String(16), nullable=False, server_default=""))
    op.add_column("revisions", sa.Column("outcome_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("revisions", sa.Column("outcome_at", sa.BigInteger()))
    op.add_column("revisions", sa.Column("generation", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("revisions", sa.Column("based_on", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("revisions", sa.Column("secret", sa.String(253), nullable=False, server_default=""))
    op.add_column("revisions", sa.Column("secret_paths", sa.JSON(), nullable=False, server_default="[]"))
    op.create_index("ix_revisions_outcome", "revisions", ["outcome"])


def _add_presets() -> None:
    op.create_table(
        "presets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(320).with_variant(sa.String(63), "sqlite"), nullable=False),
        sa.Column("chart", sa.String(250), nullable=False),
        sa.Column("name", sa.String(63), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("values_yaml", sa.Text(), nullable=False),
        sa.Column("secret_paths", sa.JSON(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presets")),
        sa.UniqueConstraint("source", "chart", "name", "number", name=op.f("uq_presets_source_chart_name_number")),
    )
