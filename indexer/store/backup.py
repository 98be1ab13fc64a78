"""Making a backup of a store, and putting one back in the place of a store. See ``backup_file`` for what it holds."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DataError, IntegrityError

from indexer.archive import ArchiveCache
from indexer.errors import BackupKeyMissing, StoreUnavailable, UsageError
from indexer.store.audit_head import AuditHead
from indexer.store.backup_file import BackupFile, Manifest, add_archive, add_manifest, add_table, open_backup
from indexer.store.contents import Contents
from indexer.store.copying import TableFacts, Tell, Walked, columns_of, facts_of, lines_of, load, prepare, store_tables
from indexer.store.database import Database
from indexer.store.meta_rows import put_meta
from indexer.store.migrating import known_schemas, schema_of, upgrade
from indexer.store.sealed import count_sealed
from indexer.store.tables import RESTORED
from indexer.vault import Vault


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is: its database, its archives, and the keys of its secrets."""

    database: Database
    cache: ArchiveCache
    vault: Vault


def make_backup(place: Place, file: Path, tell: Tell, *, program: str, now: datetime) -> Manifest:
    """Write the store as it is at one moment into ``file``, which only its owner may read; whole or not at all.

    ``program``: the version that does it. Raises StoreUnavailable where there is no store; UsageError where ``file``
    is there already or cannot be written.
    """
    with _writing(file) as aside, ZipFile(aside, "w", ZIP_DEFLATED) as packed:
        with place.database.snapshot() as connection:
            schema = schema_of(connection)
            if not schema:
                raise StoreUnavailable(detail=f"there is no store of Chartroom in {place.database.place}")
            found = store_tables(connection)
            written = tuple(_write(packed, connection, table, tell) for table in found)
            sealed = count_sealed(connection, found)
        key = next(iter(place.vault.fingerprints()), "")
        archives = tuple(_write_archives(packed, place))
        manifest = Manifest(1, program, now.isoformat(), schema, key, sealed, written, archives)
        add_manifest(packed, manifest)
    return manifest


def restore(place: Place, file: Path, tell: Tell, *, replace: bool = False, without_key: bool = False) -> Manifest:
    """Let the store be what ``file`` holds: all of it, or nothing where it fails or is killed. The end of the audit log
    is what the file says, also where another key has signed it.

    ``replace``: also where the store holds anything. ``without_key``: also where no key opens the secrets.
    Raises BackupInvalid, BackupKeyMissing, StoreNotEmpty, StoreUnavailable.
    """
    with open_backup(file) as backup:
        manifest = backup.manifest
        if manifest.schema not in known_schemas():
            raise backup.invalid("a newer version of Chartroom made it")
        if not without_key:
            _check_key(place.vault, manifest, file)
        backup.verify(tell)
        with place.database.alone() as connection:
            made = prepare(connection, place.database.place, manifest.schema, replace=replace)
            _load_all(connection, made, backup, tell)
            put_meta(connection, RESTORED, uuid4().hex)
            upgrade(connection)
            AuditHead(place.vault).vouch(connection)
            _take_archives(backup, place.cache)
    return manifest


@contextmanager
def _writing(file: Path) -> Iterator[Path]:
    """A file beside ``file`` that gets its name when it is whole."""
    aside = file.with_name(f"{file.name}.partial")
    if file.exists():
        raise UsageError(what=f"{file} is there already.", hint="Name another file, or move that one away.")
    try:
        aside.unlink(missing_ok=True)  # of one that was killed
        os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield aside
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        aside.rename(file)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UsageError(what=f"{file} cannot be written: {why}.", hint="Name another file.") from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def _write(packed: ZipFile, connection: Connection, table: Table, tell: Tell) -> TableFacts:
    names = tuple(column.name for column in columns_of(table))
    return add_table(packed, Walked(table.name, names, lines_of(connection, table), tell), table.name)


def _write_archives(packed: ZipFile, place: Place) -> Iterator[str]:
    """Of what was sent to clusters, as far as it is kept: what is not is fetched again when it is needed."""
    for digest in sorted(Contents(place.database).sent() - {""}):
        path = place.cache.path(digest)
        if path is not None:
            add_archive(packed, digest, path)
            yield digest


def _check_key(vault: Vault, manifest: Manifest, file: Path) -> None:
    if manifest.sealed and manifest.key not in vault.fingerprints():
        own, count = str(vault.own_file), manifest.sealed
        raise BackupKeyMissing(file=str(file), count=count, wanted=manifest.key or "?", own_file=own)


def _load_all(connection: Connection, made: tuple[Table, ...], backup: BackupFile, tell: Tell) -> None:
    facts = {one.name: one for one in backup.manifest.tables}
    if facts.keys() != {table.name for table in made}:
        raise backup.invalid("its tables are not those of its schema")
    for table in made:
        _load(connection, table, facts[table.name], backup, tell)


def _load(connection: Connection, table: Table, facts: TableFacts, backup: BackupFile, tell: Tell) -> None:
    try:
        load(connection, table, Walked(facts.name, facts.columns, backup.lines(facts), tell))
    except (ValueError, DataError, IntegrityError) as error:
        raise backup.invalid(f"the table {table.name} holds what cannot stand there") from error
    if facts_of(connection, table) != facts:
        raise backup.invalid(f"the table {table.name} is another one after it was written")


def _take_archives(backup: BackupFile, cache: ArchiveCache) -> None:
    for digest in backup.manifest.archives:
        if cache.path(digest) is None:
            with cache.temp() as file:
                _fill(file, backup.archive(digest))
                cache.put(file, digest)


def _fill(file: Path, blocks: Iterator[bytes]) -> None:
    with file.open("wb") as target:
        for block in blocks:
            target.write(block)
