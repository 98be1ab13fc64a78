"""Registries, projects of a Harbor, stored secrets, and what captain was told."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SOURCE_NAME = sa.String(320).with_variant(sa.String(63), "sqlite")
_NAMED = (("sources", "name"), *((table, "source") for table in
          ("attempts", "changes", "charts", "packs", "problems", "revisions")))  # fmt: skip


def upgrade() -> None:
    """Add what is new. Names of sources get longer where the database minds their length."""
    op.add_column("sources", sa.Column("parent", sa.String(63), nullable=False, server_default=""))
    op.add_column("sources", sa.Column("memory", sa.JSON()))
    op.add_column("sources", sa.Column("pending", sa.JSON()))
    op.create_index("ix_sources_parent", "sources", ["parent"])
    op.add_column("versions", sa.Column("manifest", sa.String(64), nullable=False, server_default=""))
    if op.get_bind().dialect.name != "sqlite":
        for table, column in _NAMED:
            op.alter_column(table, column, type_=sa.String(320))
    op.create_table(
        "secrets",
        sa.Column("source", SOURCE_NAME, nullable=False),
        sa.Column("field", sa.String(16), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.name"], name=op.f("fk_secrets_source_sources"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source", "field", name=op.f("pk_secrets")),
    )
    op.create_table(
        "publications",
        sa.Column("cluster", sa.String(63), nullable=False),
        sa.Column("source", SOURCE_NAME, nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("cluster", "source", name=op.f("pk_publications")),
    )
