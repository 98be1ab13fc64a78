"""What searches and chart pages keep beside the charts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables and columns."""
    op.add_column("contents", sa.Column("format", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("contents", sa.Column("searchable", sa.JSON()))
    op.add_column("contents", sa.Column("floating", sa.Integer(), nullable=False, server_default="0"))
