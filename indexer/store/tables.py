"""The tables, as SQLAlchemy Core sees them. Migrations create them; a test proves that both agree.

Those of people stand in ``people_tables``, those of running processes in ``running_tables``."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import JSON

from indexer.store.columns import RowId, SourceName, UtcTime, metadata

meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

RESTORED = "restored"
"""The key of ``meta`` whose value is another one after each restore: followers of the log begin anew then."""

sources = Table(
    "sources",
    metadata,
    Column("name", SourceName, primary_key=True),
    Column("settings", JSON, nullable=False),
    Column("configured", Boolean, nullable=False),
    Column("next_due", UtcTime),
    Column("failures", Integer, nullable=False, default=0),
    Column("etag", Text, nullable=False, default=""),
    Column("last_modified", Text, nullable=False, default=""),
    Column("body_digest", String(64), nullable=False, default=""),
    Column("listing_fingerprint", LargeBinary, nullable=False, default=b""),
    Column("end_proven", Boolean, nullable=False, default=False),
    Column("full_fetch_at", UtcTime),
    Column("held", JSON),
    Column("accepted", LargeBinary, nullable=False, default=b""),
    Column("last_success", UtcTime),
    Column("progress", JSON),
    Column("charts", Integer, nullable=False, default=0),
    Column("versions", Integer, nullable=False, default=0),
    Column("parent", String(63), nullable=False, default="", server_default=""),
    Column("memory", JSON),
    Column("pending", JSON),
    Column("full_due", UtcTime),
    Column("due_reason", String(16), nullable=False, default="registered", server_default="registered"),
    Column("failing_since", UtcTime),
    Column("last_change", RowId),
    Index("ix_sources_parent", "parent"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("source", SourceName, ForeignKey("sources.name", ondelete="CASCADE"), primary_key=True),
    Column("field", String(16), primary_key=True),
    Column("sealed", Text, nullable=False),
)
"""Encrypted; the key is not in the database."""

publications = Table(
    "publications",
    metadata,
    Column("cluster", String(63), primary_key=True),
    Column("source", SourceName, primary_key=True),
    Column("mode", String(8), nullable=False),
    Column("wanted", Boolean, nullable=False),
    Column("state", JSON, nullable=False),
)
"""What captain of a cluster is told of a source. A row outlives its source until the cluster was told to forget it."""

charts = Table(
    "charts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("source", SourceName, ForeignKey("sources.name", ondelete="CASCADE"), nullable=False),
    Column("name", String(250), nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("latest", String(256), nullable=False),
    Column("app_version", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("icon", Text, nullable=False),
    Column("keywords", JSON, nullable=False),
    Column("maintainers", JSON, nullable=False),
    Column("home", Text, nullable=False),
    Column("kube_version", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("deprecated", Boolean, nullable=False),
    Column("updated", UtcTime),
    Column("versions", Integer, nullable=False),
    Column("facts", JSON),
    UniqueConstraint("source", "name"),
    Index("ix_charts_name", "name"),
)
"""``facts`` is what the search wants beside (store.facts)."""

packs = Table(
    "packs",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("source", SourceName, ForeignKey("sources.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("data", LargeBinary, nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chart", RowId, ForeignKey("charts.id", ondelete="CASCADE"), nullable=False),
    Column("version", String(256), nullable=False),
    Column("app_version", Text, nullable=False),
    Column("created", UtcTime),
    Column("digest", String(64), nullable=False),
    Column("urls", JSON, nullable=False),
    Column("deprecated", Boolean, nullable=False),
    Column("repushed", Boolean, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("pack", RowId, ForeignKey("packs.id"), nullable=False, index=True),
    Column("pack_start", Integer, nullable=False),
    Column("pack_length", Integer, nullable=False),
    Column("manifest", String(64), nullable=False, default="", server_default=""),
    UniqueConstraint("chart", "version"),
)

archives = Table(
    "archives",
    metadata,
    Column("version", RowId, ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True),
    Column("state", String(8), nullable=False),
    Column("digest", String(64), nullable=False, index=True),
    Column("error_id", String(64), nullable=False),
    Column("error_params", JSON, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_try", UtcTime),
)

provenances = Table(
    "provenances",
    metadata,
    Column("version", RowId, ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True),
    Column("text", Text, nullable=False),
    Column("error_id", String(64), nullable=False),
    Column("error_params", JSON, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_try", UtcTime),
)

contents = Table(
    "contents",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("readme", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("format", Integer, nullable=False, default=0, server_default="0"),
    Column("searchable", JSON(none_as_null=True)),
    Column("floating", Integer, nullable=False, default=0, server_default="0"),
)
"""``format``: how much was read (model.CONTENT_FORMAT). ``searchable``: what searches and lists want of it, without
unpacking ``data``; null in rows from before, until somebody asks. ``floating``: images without a fixed version."""

problems = Table(
    "problems",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("source", SourceName, ForeignKey("sources.name", ondelete="CASCADE"), nullable=False),
    Column("chart", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("line", Integer),
    Column("kind", String(8), nullable=False),
    Column("text", Text, nullable=False),
    Column("params", JSON, nullable=False),
    Index("ix_problems_source_chart", "source", "chart"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("source", SourceName, ForeignKey("sources.name", ondelete="CASCADE"), nullable=False),
    Column("started", UtcTime, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("added", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("repushed", Integer, nullable=False),
    Column("problems", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("error_id", String(64), nullable=False),
    Column("error_params", JSON, nullable=False),
    Index("ix_attempts_source_id", "source", "id"),
    Index("ix_attempts_started", "started"),
)

changes = Table(
    "changes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("source", SourceName, nullable=False),
    Column("name", String(250), nullable=False),
    Column("version", String(256), nullable=False),
    Column("kind", String(8), nullable=False),
    Index("ix_changes_source_name", "source", "name"),
    sqlite_autoincrement=True,
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("cluster", String(63), nullable=False),
    Column("namespace", String(63), nullable=False),
    Column("name", String(253), nullable=False),
    Column("action", String(16), nullable=False),
    Column("source", SourceName, nullable=False),
    Column("chart", String(250), nullable=False),
    Column("version", String(256), nullable=False),
    Column("chart_digest", String(64), nullable=False),
    Column("values_yaml", Text, nullable=False),
    Column("manifest", JSON, nullable=False),
    Column("request_id", String(64), nullable=False, unique=True),
    Column("person", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("uid", String(64), nullable=False),
    Column("why", Text, nullable=False, server_default=""),
    Column("outcome", String(16), nullable=False, server_default=""),
    Column("outcome_reason", Text, nullable=False, server_default=""),
    Column("outcome_at", UtcTime),
    Column("generation", BigInteger, nullable=False, server_default="0"),
    Column("annotations", JSON, nullable=False, server_default="{}"),
    Column("spec_hash", String(64), nullable=False, server_default=""),
    Column("based_on", Integer, nullable=False, server_default="0"),
    Column("secret", String(253), nullable=False, server_default=""),
    Column("secret_paths", JSON, nullable=False, server_default="[]"),
    UniqueConstraint("cluster", "namespace", "name", "number"),
    Index("ix_revisions_uid", "uid"),
)

saved_searches = Table(
    "saved_searches",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person", String(128), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
)

presets = Table(
    "presets",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("source", SourceName, nullable=False),
    Column("chart", String(250), nullable=False),
    Column("name", String(63), nullable=False),
    Column("number", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("values_yaml", Text, nullable=False),
    Column("secret_paths", JSON, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("source", "chart", "name", "number"),
)
"""Values that a team keeps; without secrets. They stay when their source goes, as revisions do."""

search_counts = Table(
    "search_counts",
    metadata,
    Column("day", UtcTime, primary_key=True),
    Column("text", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
)
"""How often a text that found something was searched for on a day."""
