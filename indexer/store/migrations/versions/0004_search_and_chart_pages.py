"""What searches and chart pages keep beside the charts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables and columns."""
    _widen_contents()
    _add_searches()


def _widen_contents() -> None:
    op.add_column("contents", sa.Column("format", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("contents", sa.Column("searchable", sa.JSON()))
    op.add_column("contents", sa.Column("floating", sa.Integer(), nullable=False, server_default="0"))


def _add_searches() -> None:
    op.create_index("ix_revisions_uid", "revisions", ["uid"])
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person", sa.String(128), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
    )
    op.create_index("ix_saved_searches_person", "saved_searches", ["person"])
    op.create_table(
        "search_counts",
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "text", name=op.f("pk_search_counts")),
    )
