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
    """Add the tables and columns, and fill them from the entries as they were listed."""
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
