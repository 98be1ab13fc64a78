"""The first schema."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create all tables, and the identity by which a search index knows whose follower it is."""
    op.create_table(
        "changes",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("version", sa.String(length=256), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_changes_at"), "changes", ["at"])

    op.create_table(
        "contents",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("readme", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_contents")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "revisions",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cluster", sa.String(length=63), nullable=False),
        sa.Column("namespace", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("chart", sa.String(length=250), nullable=False),
        sa.Column("version", sa.String(length=256), nullable=False),
        sa.Column("chart_digest", sa.String(length=64), nullable=False),
        sa.Column("values_yaml", sa.Text(), nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint(
            "cluster", "namespace", "name", "number", name=op.f("uq_revisions_cluster_namespace_name_number")
        ),
        sa.UniqueConstraint("request_id", name=op.f("uq_revisions_request_id")),
    )
    op.create_table(
        "sources",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("configured", sa.Boolean(), nullable=False),
        sa.Column("next_due", sa.BigInteger()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("last_modified", sa.Text(), nullable=False),
        sa.Column("body_digest", sa.String(length=64), nullable=False),
        sa.Column("listing_fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("end_proven", sa.Boolean(), nullable=False),
        sa.Column("full_fetch_at", sa.BigInteger()),
        sa.Column("held", sa.JSON()),
        sa.Column("accepted", sa.LargeBinary(), nullable=False),
        sa.Column("last_success", sa.BigInteger()),
        sa.Column("progress", sa.JSON()),
        sa.Column("charts", sa.Integer(), nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sources")),
    )
    op.create_table(
        "attempts",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("repushed", sa.Integer(), nullable=False),
        sa.Column("problems", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("error_id", sa.String(length=64), nullable=False),
        sa.Column("error_params", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.name"], name=op.f("fk_attempts_source_sources"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_source_id", "attempts", ["source", "id"])

    op.create_table(
        "charts",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("latest", sa.String(length=256), nullable=False),
        sa.Column("app_version", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("icon", sa.Text(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("maintainers", sa.JSON(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("kube_version", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("deprecated", sa.Boolean(), nullable=False),
        sa.Column("updated", sa.BigInteger()),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.name"], name=op.f("fk_charts_source_sources"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charts")),
        sa.UniqueConstraint("source", "name", name=op.f("uq_charts_source_name")),
    )
    op.create_table(
        "packs",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name=op.f("fk_packs_source_sources"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packs")),
    )
    op.create_index(op.f("ix_packs_source"), "packs", ["source"])

    op.create_table(
        "problems",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("chart", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer()),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.name"], name=op.f("fk_problems_source_sources"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
    )
    op.create_index("ix_problems_source_chart", "problems", ["source", "chart"])

    op.create_table(
        "versions",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("chart", ROW_ID, nullable=False),
        sa.Column("version", sa.String(length=256), nullable=False),
        sa.Column("app_version", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger()),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("urls", sa.JSON(), nullable=False),
        sa.Column("deprecated", sa.Boolean(), nullable=False),
        sa.Column("repushed", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("pack", ROW_ID, nullable=False),
        sa.Column("pack_start", sa.Integer(), nullable=False),
        sa.Column("pack_length", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["chart"], ["charts.id"], name=op.f("fk_versions_chart_charts"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["pack"], ["packs.id"], name=op.f("fk_versions_pack_packs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint("chart", "version", name=op.f("uq_versions_chart_version")),
    )
    op.create_index(op.f("ix_versions_pack"), "versions", ["pack"])

    op.create_table(
        "archives",
        sa.Column("version", ROW_ID, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("error_id", sa.String(length=64), nullable=False),
        sa.Column("error_params", sa.JSON(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["version"], ["versions.id"], name=op.f("fk_archives_version_versions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_archives")),
    )
    op.create_index(op.f("ix_archives_digest"), "archives", ["digest"])
    op.execute(sa.text("INSERT INTO meta (key, value) VALUES ('store_id', :id)").bindparams(id=uuid.uuid4().hex))
