"""The tables of people: who they are, how they are signed in, what they may, and what their teams decided."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy.types import JSON

from indexer.store.columns import RowId, SourceName, UtcTime, metadata

PersonName = String(256)

users = Table(
    "users",
    metadata,
    Column("name", PersonName, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("issuer", Text, nullable=False, server_default=""),
    Column("subject", Text, nullable=False, server_default=""),
    Column("display", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    Column("groups", JSON, nullable=False, server_default="[]"),
    Column("password", Text, nullable=False, server_default=""),
    Column("disabled", Boolean, nullable=False),
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("created", UtcTime, nullable=False),
    Column("last_sign_in", UtcTime),
    Index("ix_users_issuer_subject", "issuer", "subject"),
)
"""``kind``: local, oidc, proxy or service. ``password``: an argon2id hash; empty: none. ``groups``: as the provider
told them last. ``epoch``: sessions and tokens of a lower one are dead; raised by a change of password, a disabling, and
"sign out everywhere". ``last_sign_in``: when a password, a provider or a proxy last proved who it is."""

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("sign_in", String(32), nullable=False, index=True),
    Column("person", PersonName, ForeignKey("users.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("epoch", Integer, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("renewed", UtcTime, nullable=False),
    Column("replaced", Boolean, nullable=False),
    Column("seen", UtcTime, nullable=False),
    Column("ends", UtcTime, nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("sealed", Text, nullable=False),
)
"""``id``: SHA-256 of what the cookie holds, so that who reads the table cannot be anybody. A cookie is renewed now and
then: ``sign_in`` stays the same, ``renewed`` is when this one was made, ``replaced`` says that it has a successor and
only serves requests that were under way. ``facts``: what the provider told at sign-in that is needed later.
``sealed``: the tokens that it gave, encrypted as in `secrets`, where a cluster takes them; else empty."""

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("state", String(64), primary_key=True),
    Column("facts", JSON, nullable=False),
    Column("ends", UtcTime, nullable=False, index=True),
)
"""What may be used once, until it ``ends``: sign-ins at a provider that are under way, links that set a password, the
token of the first administrator. ``state`` is the SHA-256 of what comes back."""

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("secret", String(64), nullable=False, unique=True),
    Column("person", PersonName, ForeignKey("users.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("epoch", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("expires", UtcTime),
    Column("last_used", UtcTime),
    Column("last_address", Text, nullable=False, server_default=""),
)
"""``secret``: SHA-256 of the token, which is shown once. ``scopes``: see auth.scopes; the token never may more than its
person."""

throttles = Table(
    "throttles",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False, index=True),
)
"""What is counted over all replicas: sign-ins that were tried, costly requests. ``since``: the last time; ``until``:
when counting begins anew."""

bindings = Table(
    "bindings",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("subject_kind", String(16), nullable=False),
    Column("subject", PersonName, nullable=False),
    Column("sources", JSON, nullable=False),
    Column("clusters", JSON, nullable=False),
    Column("namespaces", JSON, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_bindings_subject_kind_subject", "subject_kind", "subject"),
)
"""Who has which role where, beside those that the configuration file declares. ``subject_kind``: user, group or
everyone. ``sources``, ``clusters``, ``namespaces``: globs."""

teams = Table(
    "teams",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("title", Text, nullable=False),
    Column("groups", JSON, nullable=False),
    Column("members", JSON, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
)
"""``groups``: as the sign-in tells them; ``*``: all who are signed in. ``revision``: raised by every change of the row,
so that nobody writes over what somebody else has just written."""

team_rules = Table(
    "team_rules",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("team", String(63), ForeignKey("teams.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("source", String(320), nullable=False),
    Column("chart", String(250), nullable=False),
    Column("versions", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)
"""``kind``: allow, hide, recommend or ceiling. ``source``, ``chart``: globs. ``versions``: a range in Helm's notation;
empty: all; of a ceiling one version."""

approvals = Table(
    "approvals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("person", PersonName, nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("source", SourceName, nullable=False),
    Column("chart", String(250), nullable=False),
    Column("version", String(256), nullable=False),
    Column("cluster", String(63), nullable=False),
    Column("namespace", String(63), nullable=False),
    Column("name", String(253), nullable=False),
    Column("action", String(16), nullable=False),
    Column("request_id", String(64), nullable=False, unique=True),
    Column("form", JSON, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("decided_by", Text, nullable=False, server_default=""),
    Column("decided_at", UtcTime),
    Column("reason", Text, nullable=False, server_default=""),
    Column("problem", JSON(none_as_null=True)),
)
"""Installs, upgrades and roll backs that wait for an admin. ``form``: what is to be sent, without secrets; ``sealed``:
those, encrypted as stored secrets are. ``state``: waiting, approved (and not yet sent), done, refused, withdrawn or
expired. ``problem``: why it could not be sent."""

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner_kind", String(8), nullable=False),
    Column("owner", PersonName, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("address", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("events", JSON, nullable=False),
    Column("sources", JSON, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("digest", Boolean, nullable=False),
    Column("language", String(8), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("last_sent", UtcTime),
    Index("ix_subscriptions_owner_kind_owner", "owner_kind", "owner"),
)
"""Who is told of what. ``owner_kind``: person or team. ``channel``: webhook or email. ``address``: an e-mail
address, or the scheme and host of a webhook. ``sealed``: where the webhook is and the secret that signs, encrypted as
stored secrets are; empty for e-mail."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("subscription", String(32), ForeignKey("subscriptions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("event", String(128), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("body", JSON, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", UtcTime),
    Column("at", UtcTime, nullable=False),
    Column("error", Text, nullable=False, server_default=""),
    UniqueConstraint("subscription", "event"),
    Index("ix_deliveries_state_next_try", "state", "next_try"),
)
"""``state``: due, sent or dead. ``event``: unique name of what happened, so that nobody is told twice."""

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("person", PersonName, nullable=False, index=True),
    Column("action", String(64), nullable=False, index=True),
    Column("target", Text, nullable=False),
    Column("result", String(16), nullable=False),
    Column("via", String(64), nullable=False),
    Column("address", Text, nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("chain", String(64), nullable=False),
)
"""Append only. ``id`` counts without a gap; ``chain``: SHA-256 over the row and the chain before it."""
