"""The whole store in one file: made while Chartroom runs, and put back anywhere, or not at all."""

import json
import signal
import subprocess
import sys
import warnings
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from indexer.archive import ArchiveCache
from indexer.audited import AuditEntry
from indexer.errors import BackupInvalid, BackupKeyMissing, SecretsLocked, StoreNotEmpty, UsageError
from indexer.model import Revision, Source
from indexer.notices import Hook, Subscription
from indexer.people import User
from indexer.store import KEY_FILE, SQLITE_FILE, Store
from indexer.store.backup import Place, make_backup, restore
from indexer.store.backup_file import open_backup
from indexer.store.copying import facts_of, store_tables
from indexer.store.database import Database
from indexer.store.replicas import Replica
from indexer.vault import Vault
from tests.command import chartroom, write_config
from tests.integration.conftest import Room
from tests.older_store import older_store
from tests.postgres import database_of, empty_database_of, open_store
from tests.repository import repository
from tests.upstream import Site

KEY, OTHER = b"k" * 32, b"o" * 32
CANARY = "canary-3e91"
NOW = datetime(2026, 5, 4, 3, 2, 1, 5, tzinfo=UTC)
WANTED = Subscription("1", "person", "ann", "webhook", "https://hooks.example.org/…", ("version-new",), created=NOW)
HOOK = Hook(f"https://hooks.example.org/{CANARY}", CANARY)


def silent(_table: str, _rows: int) -> None:
    """Nobody watches."""


_opened: list[Database] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


def place(folder: Path, keys: tuple[bytes, ...] = (KEY,)) -> Place:
    """The data folder ``folder`` without a store yet."""
    folder.mkdir(exist_ok=True)
    database = Database(folder / SQLITE_FILE, empty_database_of(folder))
    _opened.append(database)
    return Place(database, ArchiveCache(folder / "archives"), Vault(keys, folder / KEY_FILE))


@pytest.fixture
def lived_in(tmp_path: Path, room: Room, site: Site) -> Iterator[Store]:
    """A store with a bit of everything, sealed with KEY."""
    repository({"redis": ("1.1.0", "1.0.0"), "lamp": ("2.0.0",)}).serve(site)
    room.add(site.url, title="Läden 店\u2028")
    room.sync()
    room.store.close()
    store = open_store(room.folder, (KEY,))
    store.secrets.put("shop", "password", CANARY)
    store.subscriptions.add(WANTED, HOOK)
    digest = store.catalog.versions("shop", "redis")[0].archive_digest
    store.revisions.start(revision(digest))
    store.revisions.sent("r-1", "uid-1")
    store.users.add(User("ann", "local", NOW, password="$argon2id$hash"), "admin", "chartroom")
    for target in ("source/shop", "source/店"):
        store.audit.append(AuditEntry(NOW, "ann", "source.write", target, "ok", "local", detail={"z": [1], "a": None}))
    yield store
    store.close()


def revision(digest: str) -> Revision:
    """An install with values of every kind."""
    return Revision(
        number=0,
        cluster="home",
        namespace="apps",
        name="cache",
        action="install",
        source="shop",
        chart="redis",
        version="1.1.0",
        chart_digest=digest,
        values_yaml="a: 店\n",
        manifest={"spec": {"n": 1.5, "empty": None, "big": 2**70}},
        request_id="r-1",
        person="ann",
        at=NOW,
    )


def lived_in_place(store: Store) -> Place:
    return Place(store.database, ArchiveCache(store.folder / "archives"), store.vault)


@pytest.fixture
def made(lived_in: Store, tmp_path: Path) -> Path:
    """A backup of it."""
    file = tmp_path / "room.backup"
    make_backup(lived_in_place(lived_in), file, silent, program="1.2.3", now=NOW)
    return file


def contents(database: Database) -> dict[str, tuple[int, str]]:
    """Rows and digest of each table but ``meta``, which says that it was restored."""
    with database.read() as connection:
        facts = [facts_of(connection, table) for table in store_tables(connection)]
    return {one.name: (one.rows, one.digest) for one in facts if one.name != "meta"}


def test_a_restored_store_holds_the_same(lived_in: Store, made: Path, tmp_path: Path) -> None:
    target = place(tmp_path / "new")
    restore(target, made, silent)
    assert contents(target.database) == contents(lived_in.database)
    with closing(open_store(tmp_path / "new", (KEY,))) as again:
        assert again.id == lived_in.id
        assert again.secrets.get("shop", "password") == CANARY
        assert again.subscriptions.hook("1") == HOOK
        assert again.sources.get("shop") == lived_in.sources.get("shop")
        assert again.catalog.charts([("shop", "redis")]) == lived_in.catalog.charts([("shop", "redis")])
        assert again.revisions.find_request("r-1") == lived_in.revisions.find_request("r-1")
        assert again.users.get("ann") == lived_in.users.get("ann")


def test_the_audit_log_is_whole_after_a_restore(lived_in: Store, made: Path, tmp_path: Path) -> None:
    target = place(tmp_path / "new")
    restore(target, made, silent)
    with closing(open_store(tmp_path / "new", (KEY,))) as again:
        assert again.audit.rows() == lived_in.audit.rows()
        assert again.audit.verify() == lived_in.audit.verify()
        assert list(again.audit.rows()[0].entry.detail) == ["z", "a"]


def test_a_restored_store_goes_on_where_the_first_one_ended(lived_in: Store, made: Path, tmp_path: Path) -> None:
    target = place(tmp_path / "new")
    restore(target, made, silent)
    with closing(open_store(tmp_path / "new", (KEY,))) as again:
        assert again.revisions.start(replace(revision(""), request_id="r-2")).number == 2
        again.sources.remove("shop", NOW)
        assert again.changes.last() == lived_in.changes.last() + 3


def test_the_archives_of_what_was_installed_come_back(lived_in: Store, made: Path, tmp_path: Path) -> None:
    target = place(tmp_path / "new")
    manifest = restore(target, made, silent)
    installed = lived_in.catalog.versions("shop", "redis")[0].archive_digest
    assert manifest.archives == (installed,)
    path = target.cache.path(installed)
    assert path is not None
    assert sha256(path.read_bytes()).hexdigest() == installed


def test_whoever_follows_the_log_begins_anew_after_a_restore(lived_in: Store, made: Path) -> None:
    before = lived_in.lineage
    restore(lived_in_place(lived_in), made, silent, replace=True)
    with closing(open_store(lived_in.folder, (KEY,))) as again:
        assert again.id == lived_in.id
        assert again.lineage != before


def test_no_secret_and_no_key_is_in_a_backup(made: Path) -> None:
    with ZipFile(made) as packed:
        inside = b"".join(packed.read(name) for name in packed.namelist())
    assert CANARY.encode() not in inside
    assert KEY not in inside
    assert b64encode(KEY) not in inside
    assert made.stat().st_mode & 0o777 == 0o600


def test_who_is_signed_in_is_not_in_a_backup(made: Path) -> None:
    with ZipFile(made) as packed:
        names = {Path(name).stem for name in packed.namelist()}
    assert not names & {"sessions", "sign_ins", "throttles", "leases", "replicas"}
    assert {"users", "tokens", "bindings", "teams", "audit", "revisions", "secrets", "changes"} <= names


def test_a_backup_is_of_one_moment(lived_in: Store, tmp_path: Path) -> None:
    file = tmp_path / "while.backup"
    known = len(lived_in.sources.all())

    def meanwhile(table: str, _rows: int) -> None:
        if table == "sources":
            lived_in.sources.add(Source("late", "https://late.example"), NOW)

    make_backup(lived_in_place(lived_in), file, meanwhile, program="", now=NOW)
    target = place(tmp_path / "new")
    restore(target, file, silent)
    assert contents(target.database)["sources"][0] == known
    assert len(lived_in.sources.all()) == known + 1


def test_a_file_that_is_there_is_not_overwritten(lived_in: Store, tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("precious")
    with pytest.raises(UsageError, match="is there already"):
        make_backup(lived_in_place(lived_in), file, silent, program="", now=NOW)
    assert file.read_text() == "precious"
    assert [one.name for one in tmp_path.iterdir() if "partial" in one.name] == []


@pytest.mark.parametrize("keys", [(OTHER,), ()])
def test_the_end_of_the_audit_log_is_proven_by_another_key_after_a_restore(
    tmp_path: Path, keys: tuple[bytes, ...]
) -> None:
    with closing(open_store(tmp_path / "old", (KEY,))) as old:
        for _ in range(3):
            old.audit.append(AuditEntry(NOW, "ann", "source.write", "source/shop", "ok", "local"))
        wanted = old.audit.verify()
        make_backup(lived_in_place(old), tmp_path / "room.backup", silent, program="1.2.3", now=NOW)
    restore(place(tmp_path / "new", keys), tmp_path / "room.backup", silent)
    with closing(open_store(tmp_path / "new", keys)) as again:
        assert again.audit.verify() == wanted


def test_a_store_with_something_in_it_is_left_alone_unless_it_is_asked(lived_in: Store, made: Path) -> None:
    lived_in.sources.add(Source("later", "https://later.example"), NOW)
    before = contents(lived_in.database)
    with pytest.raises(StoreNotEmpty, match="sources: 2"):
        restore(lived_in_place(lived_in), made, silent)
    assert contents(lived_in.database) == before
    restore(lived_in_place(lived_in), made, silent, replace=True)
    assert [one.name for one in lived_in.sources.registered()] == ["shop"]


@pytest.mark.parametrize("keys", [(), (OTHER,)])
def test_M7_a_restore_without_the_right_key_says_so_at_once(
    made: Path, tmp_path: Path, keys: tuple[bytes, ...]
) -> None:
    target = place(tmp_path / "new", keys)
    with pytest.raises(BackupKeyMissing) as refused:
        restore(target, made, silent)
    assert Vault((KEY,), tmp_path / "none").fingerprints()[0] in refused.value.cause
    assert str(tmp_path / "new" / KEY_FILE) in refused.value.remedy
    with target.database.read() as connection:
        assert store_tables(connection) == ()


def test_M7_a_key_behind_a_newer_one_will_do(made: Path, tmp_path: Path) -> None:
    target = place(tmp_path / "new", (OTHER, KEY))
    restore(target, made, silent)
    with closing(open_store(tmp_path / "new", (OTHER, KEY))) as again:
        assert again.secrets.get("shop", "password") == CANARY


def test_all_but_the_secrets_can_be_had_without_the_key(made: Path, tmp_path: Path) -> None:
    target = place(tmp_path / "new", ())
    restore(target, made, silent, without_key=True)
    with pytest.raises(SecretsLocked):
        open_store(tmp_path / "new", ())
    with closing(open_store(tmp_path / "new", (), locked=True)) as again:
        assert again.catalog.names("shop") == ("lamp", "redis")


@pytest.mark.parametrize("schema", ["0001", "0003", "0006"])
def test_a_backup_of_an_earlier_schema_is_restored_and_brought_forward(
    lived_in: Store, tmp_path: Path, schema: str
) -> None:
    older = older_store(tmp_path / "older", lived_in, schema)
    file = tmp_path / "older.backup"
    there = Place(older, ArchiveCache(tmp_path / "older" / "archives"), Vault((), tmp_path / "none"))
    assert make_backup(there, file, silent, program="0.0.1", now=NOW).schema == schema
    target = place(tmp_path / "new")
    restore(target, file, silent)
    older.close()
    with closing(open_store(tmp_path / "new", (KEY,))) as again:
        assert again.catalog.names("shop") == ("lamp", "redis")
        assert again.sources.get("shop").source.title == lived_in.sources.get("shop").source.title


_DIES = """
import os, signal, sys
from pathlib import Path
from indexer.archive import ArchiveCache
from indexer.store.backup import Place, make_backup, restore
from indexer.store.backup_file import open_backup
from indexer.store.database import Database
from indexer.vault import Vault
from datetime import datetime, UTC
verb, folder, url, file, table = sys.argv[1:]
passes = 2 if verb == "restore" else 1  # a restore reads the file through before it writes

def tell(name, rows):
    global passes
    passes -= name == table
    if not passes:
        os.kill(os.getpid(), signal.SIGKILL)

where = Path(folder)
vault = Vault((b"k" * 32,), where / "key")
place = Place(Database(where / "chartroom.sqlite", url), ArchiveCache(where / "archives"), vault)
if verb == "restore":
    restore(place, Path(file), tell, replace=True)
else:
    make_backup(place, Path(file), tell, program="", now=datetime.now(UTC))
"""


@pytest.mark.parametrize("table", ["sources", "versions", "audit"])
def test_M1_a_restore_that_is_killed_leaves_what_was_there_and_is_repeated(
    lived_in: Store, made: Path, table: str
) -> None:
    lived_in.sources.add(Source("later", "https://later.example"), NOW)
    before = contents(lived_in.database)
    dies("restore", lived_in.folder, made, table)
    assert contents(lived_in.database) == before
    restore(lived_in_place(lived_in), made, silent, replace=True)
    assert [one.name for one in lived_in.sources.registered()] == ["shop"]


def test_M1_a_backup_that_is_killed_is_no_backup_and_is_repeated(lived_in: Store, tmp_path: Path) -> None:
    file = tmp_path / "new.backup"
    dies("backup", lived_in.folder, file, "versions")
    assert not file.exists()
    make_backup(lived_in_place(lived_in), file, silent, program="", now=NOW)
    restore(place(tmp_path / "new"), file, silent)


def dies(verb: str, folder: Path, file: Path, table: str) -> None:
    """Do it in a process that is killed at that table."""
    words = [verb, str(folder), database_of(folder), str(file), table]
    done = subprocess.run([sys.executable, "-c", _DIES, *words], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr


# -- hostile files


def changed(made: Path, change: Callable[[str, bytes], bytes | None], *more: tuple[str, bytes]) -> Path:
    """``made`` with each entry as ``change`` returns it, None: without it; and ``more`` entries."""
    file = made.with_name("changed.backup")
    with ZipFile(made) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
        for name, data in more:
            new.writestr(name, data)
    return file


def in_manifest(**changes: Any) -> Callable[[str, bytes], bytes]:
    """A change of what the manifest says."""
    return lambda name, data: json.dumps({**json.loads(data), **changes}).encode() if "manifest" in name else data


def honest(table: str, lines: bytes) -> Callable[[str, bytes], bytes]:
    """Other rows of a table, and a manifest that tells of them truly."""

    def change(name: str, data: bytes) -> bytes:
        if name == f"tables/{table}.jsonl":
            return lines
        if "manifest" not in name:
            return data
        told = json.loads(data)
        for one in told["tables"]:
            if one["name"] == table:
                one |= {"rows": lines.count(b"\n"), "digest": sha256(lines).hexdigest()}
        return json.dumps(told).encode()

    return change


def without(gone: str) -> Callable[[str, bytes], bytes | None]:
    return lambda name, data: None if gone in name else data


def as_it_is(_name: str, data: bytes) -> bytes:
    return data


HOSTILE: dict[str, Callable[[Path], Path]] = {
    "a table is cut short": lambda made: changed(made, lambda name, data: data[:-9] if "changes" in name else data),
    "a table is missing": lambda made: changed(made, without("tables/charts")),
    "an archive is damaged": lambda made: changed(made, lambda name, data: data + b"x" if "archives" in name else data),
    "it holds more than it says": lambda made: changed(made, as_it_is, ("../../etc/passwd", b"x")),
    "it names a file twice": lambda made: changed(made, as_it_is, ("tables/../x", b""), ("tables/../x", b"")),
    "its manifest is missing": lambda made: changed(made, without("manifest")),
    "its manifest is no JSON": lambda made: changed(made, lambda name, data: b"[" * 9999 if "manif" in name else data),
    "its manifest has another form": lambda made: changed(made, in_manifest(tables={"a": 1})),
    "its format is of the future": lambda made: changed(made, in_manifest(format=2)),
    "its schema is of the future": lambda made: changed(made, in_manifest(schema="9999")),
    "its schema is another one": lambda made: changed(made, in_manifest(schema="0001")),
    "its digests are no digests": lambda made: changed(made, in_manifest(archives=["../x"])),
    "a row is no list": lambda made: changed(made, honest("packs", b"{}\n")),
    "a row is too deep": lambda made: changed(made, honest("packs", b"[" * 100_000 + b"\n")),
    "a number is a text": lambda made: changed(made, honest("meta", b'[1,"x"]\n')),
    "a row names what is not there": lambda made: changed(made, honest("secrets", b'["password","x","nobody"]\n')),
    "a row is there twice": lambda made: changed(made, honest("meta", b'["a","x"]\n["a","x"]\n')),
    "bytes are not bytes": lambda made: changed(made, honest("packs", b'["%%",1,"shop"]\n')),
    "a table unpacks to far too much": lambda made: changed(made, honest("problems", b" " * 30_000_000 + b"\n")),
    "it is empty": lambda made: written(made, b""),
    "it is something else": lambda made: written(made, b"SQLite format 3\0" * 100),
    "it is cut off": lambda made: written(made, made.read_bytes()[:-300]),
}


def written(made: Path, data: bytes) -> Path:
    file = made.with_name("written.backup")
    file.write_bytes(data)
    return file


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_is_no_whole_backup_changes_nothing(lived_in: Store, made: Path, what: str) -> None:
    before = contents(lived_in.database)
    with pytest.raises(BackupInvalid, match=r"\.backup cannot be restored"), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile's, of the name that the test writes twice
        restore(lived_in_place(lived_in), HOSTILE[what](made), silent, replace=True)
    assert contents(lived_in.database) == before


# -- as an operator does it


def test_backup_and_restore_on_the_command_line(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    first = write_config(tmp_path / "first", [{"name": "shop", "url": site.url}])
    assert chartroom(first, "sync").returncode == 0
    file = tmp_path / "room.backup"
    done = chartroom(first, "backup", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    second = write_config(tmp_path / "second", [{"name": "shop", "url": site.url}])
    restored = chartroom(second, "restore", str(file))
    assert (restored.returncode, restored.stderr) == (0, "")
    assert "redis" in chartroom(second, "search", "redis").stdout
    again = chartroom(second, "restore", str(file))
    assert again.returncode == 1
    assert "There is something in" in again.stderr
    assert "--replace" in again.stderr
    assert chartroom(second, "restore", "--replace", str(file)).returncode == 0
    with closing(open_store(tmp_path / "first" / "data")) as store:
        assert [row.entry.action for row in store.audit.rows(limit=1)] == ["store.backup"]
    with closing(open_store(tmp_path / "second" / "data")) as store:
        assert [row.entry.action for row in store.audit.rows(limit=1)] == ["store.restore"]


def test_a_store_that_somebody_works_on_is_not_replaced(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    config = write_config(tmp_path, [{"name": "shop", "url": site.url}])
    assert chartroom(config, "sync").returncode == 0
    file = tmp_path / "room.backup"
    assert chartroom(config, "backup", str(file)).returncode == 0
    with closing(open_store(tmp_path / "data")) as store:
        store.replicas.beat(Replica("1", "web", "here", "1.0.0", leads=False, row=0, lag=0))
    refused = chartroom(config, "restore", "--replace", str(file))
    assert refused.returncode == 1
    assert "works on this store: web@here" in refused.stderr
    with closing(open_store(tmp_path / "data")) as store:
        store.replicas.leave("1")
    assert chartroom(config, "restore", "--replace", str(file)).returncode == 0


@pytest.mark.parametrize("junk", [b"junk", b"\n", bytes(70_000), b"PK\5\6" + bytes(18)])
@pytest.mark.parametrize("behind", [True, False])
def test_a_backup_with_something_beside_it_in_its_file_is_refused_and_nothing_is_changed(
    made: Path, tmp_path: Path, junk: bytes, behind: bool
) -> None:
    data = made.read_bytes()
    made.write_bytes(data + junk if behind else junk + data)
    target = place(tmp_path / "new")
    with pytest.raises(BackupInvalid):
        restore(target, made, silent)
    with target.database.read() as connection:
        assert store_tables(connection) == ()


def test_a_backup_that_points_before_its_own_beginning_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        packed.writestr("manifest.json", "{}")
    data = bytearray(file.read_bytes())
    end = data.rindex(b"PK\x05\x06")
    data[end + 16 : end + 20] = (int.from_bytes(data[end + 16 : end + 20], "little") + 40).to_bytes(4, "little")
    file.write_bytes(data)
    with pytest.raises(BackupInvalid), open_backup(file):
        pass
