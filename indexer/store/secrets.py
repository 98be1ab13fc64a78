"""Secrets of sources, sealed by the vault. What they open to leaves this room only through ``Secrets.get``."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from indexer.errors import N_, CredentialsUnreadable, SecretKeyUnusable, SecretsLocked, SourceNotFound, phrase
from indexer.model import CREDENTIALS, SecretField
from indexer.store.database import Database
from indexer.store.sealed import open_sealed
from indexer.store.tables import secrets, sources
from indexer.vault import CannotOpen, Vault

SecretChanges = Mapping[SecretField, str | None]
"""Secrets to keep by their field; None forgets one."""


class Secrets:
    """What the store keeps for sources beside their settings, which name the fields (``Source.stored_secrets``)."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    def put(self, source: str, field: SecretField, text: str) -> None:
        """Keep a secret in the place of an earlier one. Raises SourceNotFound, SecretKeyUnusable."""
        self._change(source, {field: text})

    def get(self, source: str, field: SecretField) -> str | None:
        """The secret; None where none is kept. Raises CredentialsUnreadable."""
        query = select(secrets.c.sealed).where(_is(source, field))
        with self._database.read() as connection:
            sealed = connection.execute(query).scalar_one_or_none()
        if sealed is None:
            return None
        try:
            return open_sealed(self._vault, sealed)
        except SecretKeyUnusable as error:
            detail = phrase(error.cause_text, **error.params)
            raise CredentialsUnreadable(path=phrase(N_("the store")), detail=detail) from error

    def forget(self, source: str, field: SecretField) -> None:
        """Keep it no longer. Raises SourceNotFound."""
        self._change(source, {field: None})

    def fields(self, source: str) -> tuple[SecretField, ...]:
        """Which secrets are kept for ``source``, in alphabetical order."""
        with self._database.read() as connection:
            return _fields(connection, source)

    def renew(self) -> int:
        """Seal anew, in one transaction, what another key than the first one sealed; returns how many there were.

        Raises SecretsLocked where some cannot be opened at all; nothing is changed then. Raises SecretKeyUnusable.
        """
        with self._database.read() as connection:
            rows = connection.execute(select(secrets)).all()
        if all(self._vault.is_current(row.sealed) for row in rows):
            return 0
        with self._database.write() as connection:
            rows = connection.execute(select(secrets)).all()
            old = [row for row in rows if not self._vault.is_current(row.sealed)]
            opened = self._opened(old)
            for (source, field), text in opened.items():
                _store(connection, source, field, self._vault.seal(text))
        return len(old)

    def forget_locked(self) -> tuple[str, ...]:
        """Take away the secrets that no key opens any more; returns the names of their sources.

        Raises SecretKeyUnusable.
        """
        with self._database.write() as connection:
            gone = [(row.source, row.field) for row in connection.execute(select(secrets)) if not self._opens(row)]
            for source, field in gone:
                connection.execute(delete(secrets).where(_is(source, field)))
            names = tuple(sorted({source for source, _ in gone}))
            for name in names:
                note_stored(connection, name)
        return names

    def _opened(self, rows: Any) -> dict[tuple[str, SecretField], str]:
        locked = [row for row in rows if not self._opens(row)]
        if locked:
            names = ", ".join(sorted({row.source for row in locked}))
            raise SecretsLocked(count=len(locked), sources=names, file=str(self._vault.own_file))
        return {(row.source, row.field): self._vault.open(row.sealed) for row in rows}

    def _opens(self, row: Any) -> bool:
        try:
            self._vault.open(row.sealed)
        except CannotOpen:
            return False
        return True

    def _change(self, source: str, changes: SecretChanges) -> None:
        with self._database.write() as connection:
            if connection.execute(select(sources.c.name).where(sources.c.name == source)).one_or_none() is None:
                raise SourceNotFound(source=source)
            write_secrets(connection, self._vault, source, changes)
            note_stored(connection, source)


def write_secrets(connection: Connection, vault: Vault, source: str, changes: SecretChanges) -> None:
    """Keep and forget secrets inside the caller's transaction, which calls ``note_stored`` when the settings are there.

    Raises SecretKeyUnusable; SecretsLocked where the key of the others is gone, for a new one would open none of them.
    """
    if any(changes.values()) and not vault.has_key():
        kept = connection.execute(select(secrets.c.source)).scalars().all()
        if kept:
            raise SecretsLocked(count=len(kept), sources=", ".join(sorted(set(kept))), file=str(vault.own_file))
    for field, text in changes.items():
        if text is None:
            connection.execute(delete(secrets).where(_is(source, field)))
        else:
            _store(connection, source, field, vault.seal(text))


def note_stored(connection: Connection, source: str) -> None:
    """Let the settings of ``source``, and of the projects below it, name the secrets that are kept now."""
    rows = connection.execute(
        select(sources.c.name, sources.c.parent, sources.c.settings).where(
            (sources.c.name == source) | (sources.c.parent == source)
        )
    ).all()
    for row in rows:
        noted = list(stored_fields(connection, row.name, row.parent))
        if row.settings.get("stored_secrets", []) != noted:
            settings = {**row.settings, "stored_secrets": noted}
            connection.execute(update(sources).where(sources.c.name == row.name).values(settings=settings))


def stored_fields(connection: Connection, source: str, parent: str) -> tuple[SecretField, ...]:
    """Which secrets are kept for ``source``; a project is read with the credentials of its Harbor."""
    own = _fields(connection, source)
    inherited = [one for one in _fields(connection, parent) if one in CREDENTIALS] if parent else []
    return tuple(sorted({*own, *inherited}))


def _fields(connection: Connection, source: str) -> tuple[SecretField, ...]:
    query = select(secrets.c.field).where(secrets.c.source == source).order_by(secrets.c.field)
    return tuple(connection.execute(query).scalars())


def _store(connection: Connection, source: str, field: str, sealed: str) -> None:
    connection.execute(delete(secrets).where(_is(source, field)))
    connection.execute(insert(secrets).values(source=source, field=field, sealed=sealed))


def _is(source: str, field: str) -> Any:
    return (secrets.c.source == source) & (secrets.c.field == field)
