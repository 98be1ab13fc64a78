"""What searches and chart pages keep beside the charts."""

import json
import zlib
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from indexer.errors import EntryError
from indexer.parse import open_entry
from indexer.store.facts import facts_of

_NEWEST = """
SELECT charts.id AS chart, packs.data AS data, versions.pack_start AS start, versions.pack_length AS length
FROM charts JOIN versions ON versions.chart = charts.id AND versions.version = charts.latest
JOIN packs ON packs.id = versions.pack
"""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables and columns, and fill what the listed entries say."""
    _widen_contents()
    _add_searches()
    _add_provenances()
    _add_facts()


def _widen_contents() -> None:
    op.add_column("contents", sa.Column("format", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("contents", sa.Column("searchable", sa.JSON()))
    op.add_column("contents", sa.Column("floating", sa.Integer(), nullable=False, server_default="0"))


def _add_searches() -> None:
    op.create_index("ix_revisions_uid", "revisions", ["uid"])
    op.create_index("ix_changes_source_name", "changes", ["source", "name"])
    op.create_index("ix_charts_name", "charts", ["name"])
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


def _add_provenances() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "provenances",
        sa.Column("version", row_id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("error_id", sa.String(64), nullable=False),
        sa.Column("error_params", sa.JSON(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["version"], ["versions.id"], name=op.f("fk_provenances_version_versions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_provenances")),
    )


def _add_facts() -> None:
    op.add_column("charts", sa.Column("facts", sa.JSON()))
    rows = list(_facts(op.get_bind()))
    if rows:
        op.get_bind().execute(sa.text("UPDATE charts SET facts = :facts WHERE id = :chart"), rows)


def _facts(connection: sa.Connection) -> Iterator[dict[str, object]]:
    for row in connection.execute(sa.text(_NEWEST)):
        try:
            latest = open_entry(zlib.decompress(row.data)[row.start : row.start + row.length])
        except EntryError:
            continue
        yield {"chart": row.chart, "facts": json.dumps(facts_of(latest))}
