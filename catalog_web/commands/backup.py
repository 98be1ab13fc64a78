"""``backup``, ``restore``, ``migrate-store``: the whole store into a file, back, and from one database into another."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catalog_web.commands.common import load_config, opened, store_database, visible, with_config

if TYPE_CHECKING:
    from indexer.config import Config
    from indexer.store.backup import Place
    from indexer.store.copying import Tell
    from indexer.store.database import Database
    from indexer.vault import Vault

_file = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
_replace = click.option("--replace", is_flag=True, help="Let go of all that is there already.")


@click.command()
@_file
@with_config
def backup(file: Path) -> None:
    """Write the whole store into FILE, also while Chartroom runs.

    It holds sources with their sealed secrets, the catalog, the history of installs, people and their rights, the audit
    log, and the archives of what was installed. The key of the secrets is not in it, nor the configuration: keep copies
    of both elsewhere.
    """
    from indexer.about import program_version
    from indexer.store.backup import make_backup

    with _place(load_config()) as place, _counting() as tell:
        made = make_backup(place, file, tell, program=program_version(), now=datetime.now(UTC))
        own_key = place.vault.own_file
        _note(place.database, place.vault, "store.backup", file=str(file))
    rows = sum(one.rows for one in made.tables)
    click.echo(f"{file} holds {rows} rows of {len(made.tables)} tables and {len(made.archives)} archives.")
    if made.sealed:
        click.echo(f"Its {made.sealed} secrets open with the key {made.key} alone, which is not in it.")
        click.echo(f"Keep a copy of that key elsewhere: secret_key of the configuration, or {own_key}.")


@click.command()
@_file
@_replace
@click.option("--without-key", is_flag=True, help="Also where no key opens the secrets; they stay locked.")
@with_config
def restore(file: Path, replace: bool, without_key: bool) -> None:
    """Put back what "chartroom backup" wrote into FILE. End Chartroom first.

    All of it is put back or nothing; who was signed in signs in anew.
    """
    from indexer.store.backup import restore as put_back

    with _place(load_config()) as place, _counting() as tell:
        _demand_rest(place.database)
        done = put_back(place, file, tell, replace=replace, without_key=without_key)
    click.echo(f"Restored what Chartroom {visible(done.program)} wrote at {visible(done.made)}.")
    with opened(locked=True) as caller:
        caller.services.audit.note("store.restore", "store", "ok", file=str(file), made=done.made)
        caller.services.catalog.follow()
    click.echo("The search index was built anew.")


@click.command("migrate-store")
@click.option("--to", "target", required=True, metavar="URL", help="postgresql://USER@HOST/DATABASE or sqlite:///FILE")
@click.option("--from", "source", metavar="URL", help="[default: the store of the configuration]")
@_replace
@with_config
def migrate_store(target: str, source: str | None, replace: bool) -> None:
    """Copy the store into another database, and compare the two. End Chartroom first.

    All of it is copied or nothing, so it may be repeated. A password is better kept in ~/.pgpass or PGPASSWORD than
    written into the URL, where others see it. Afterwards set database_url to the new address.
    """
    from indexer.store.copying import copy_store
    from indexer.store.database import Database

    config = load_config()
    reading = Database.at(source) if source else store_database(config)
    with closing(reading), closing(Database.at(target)) as writing, _counting() as tell:
        _demand_rest(reading)
        _demand_rest(writing)
        copied = copy_store(reading, writing, tell, replace=replace)
        place = writing.place
        _note(writing, _vault(config), "store.copy", copied_from=reading.place)
    for one in copied:
        click.echo(f"{one.name:<16}{one.rows:>10}  {one.digest[:16]}")
    click.echo(f"All {sum(one.rows for one in copied)} rows are in {place} and equal to what was read.")


def _demand_rest(database: "Database") -> None:
    """Raise StoreInUse where a process was heard of lately: what it writes meanwhile would be lost or mixed up."""
    from indexer.errors import StoreInUse
    from indexer.store.figures import GONE_AFTER
    from indexer.store.migrating import HEAD, current
    from indexer.store.replicas import Replicas

    if current(database) != HEAD:  # an earlier schema or none: this program does not work on it
        return
    heard = [one for one in Replicas(database).all() if one.silent < GONE_AFTER.total_seconds()]
    if heard:
        raise StoreInUse(where=", ".join(f"{one.role}@{one.host}" for one in heard))


def _note(database: "Database", vault: "Vault", action: str, **detail: str) -> None:
    """Write into the audit log of ``database`` what the operator has done, where that can be: a backup of a store that
    takes no writes, or of an earlier schema, is wanted most of all. Without the key of its head, a row of ours would
    take away the proof of where the log ends."""
    from catalog_web.audit import Recorder
    from catalog_web.audit.origin import operator_origin
    from indexer.errors import StoreUnavailable
    from indexer.store.audit import Audit
    from indexer.store.migrating import HEAD, current

    with suppress(StoreUnavailable):
        if current(database) == HEAD and (log := Audit(database, vault)).knows_head():
            Recorder(log, operator_origin).note(action, "store", "ok", **detail)


@contextmanager
def _place(config: "Config") -> "Iterator[Place]":
    """Where the store of ``config`` is, whatever schema it has and whether it can be opened or not. Raises
    DataFolderUnusable."""
    from indexer.archive import ArchiveCache
    from indexer.errors import DataFolderUnusable
    from indexer.store.backup import Place

    with closing(store_database(config)) as database:
        try:
            cache = ArchiveCache(config.data_dir / "archives", config.archive_cache_bytes)
        except OSError as error:
            raise DataFolderUnusable.at(config.data_dir, error) from error
        yield Place(database, cache, _vault(config))


def _vault(config: "Config") -> "Vault":
    from indexer.store import KEY_FILE
    from indexer.vault import Vault

    return Vault(config.secret_keys, config.data_dir / KEY_FILE)


@contextmanager
def _counting() -> "Iterator[Tell]":
    """Say on a terminal which table is at work and how many rows are done."""
    watched = sys.stderr.isatty()

    def tell(table: str, rows: int) -> None:
        if watched:
            click.echo(f"\r\x1b[K{table}: {rows}", nl=False, err=True)

    yield tell
    if watched:
        click.echo("\r\x1b[K", nl=False, err=True)
