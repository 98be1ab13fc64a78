"""One store copied into another database, either way: whole and compared, or not at all."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from indexer.errors import CopyFailed, StoreNotEmpty, StoreUnavailable, UsageError
from indexer.model import Preset, Source
from indexer.store import SQLITE_FILE, Store
from indexer.store.copying import copy_store, facts_of, store_tables
from indexer.store.database import Database
from indexer.store.tables import meta, search_counts
from tests.command import chartroom, write_config
from tests.integration.conftest import room_of
from tests.postgres import PASSWORD, Postgres, real_postgres
from tests.repository import repository
from tests.upstream import Site

pytestmark = pytest.mark.parts
NOW = datetime(2026, 5, 4, 3, 2, 1, 5, tzinfo=UTC)
ODD = "Läden 店 😀 %s {} ' \" \\"


def silent(_table: str, _rows: int) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with real_postgres() as running:
        yield running


@pytest.fixture
def url(server: Postgres, tmp_path: Path) -> str:
    """The address of an empty database that sorts by the rules of a language."""
    return server.create(tmp_path.name, "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'sv'")


@pytest.fixture
def sqlite(tmp_path: Path, site: Site) -> Iterator[Store]:
    """A store in SQLite with a bit of everything."""
    repository({"redis": ("1.1.0", "1.0.0"), "Zeta": ("1.0.0",), "alpha": ("2.0.0",)}).serve(site)
    room = room_of(Store(tmp_path / "first"))
    room.add(site.url, title=ODD)
    room.sync()
    for name in ("Z", "a", "z-ä", "_", "z"):
        room.store.presets.save(Preset("shop", "redis", name, 0, ODD, "a: 1\n", ("x",), "ann", NOW))
    room.store.secrets.put("shop", "password", "pässword")
    yield room.store
    room.store.close()


@pytest.fixture
def target(url: str) -> Iterator[Database]:
    """An empty PostgreSQL."""
    with closing(Database.at(url)) as made:
        yield made


def contents(database: Database) -> dict[str, tuple[int, str]]:
    """Rows and digest of each table."""
    with database.read() as connection:
        facts = [facts_of(connection, table) for table in store_tables(connection)]
    return {one.name: (one.rows, one.digest) for one in facts}


def test_a_store_goes_to_postgresql_and_back_without_a_difference(
    sqlite: Store, target: Database, tmp_path: Path
) -> None:
    copied = copy_store(sqlite.database, target, silent)
    assert {one.name: (one.rows, one.digest) for one in copied} == contents(target) == contents(sqlite.database)
    assert {one.name for one in copied if one.rows} >= {"charts", "versions", "contents", "changes", "presets"}
    with closing(Database.at(f"sqlite:///{tmp_path / 'back.sqlite'}")) as back:
        copy_store(target, back, silent)
        assert contents(back) == contents(sqlite.database)


def test_the_copy_is_the_same_store_and_goes_on_where_the_other_ended(
    sqlite: Store, url: str, target: Database
) -> None:
    copy_store(sqlite.database, target, silent)
    with closing(Store(sqlite.folder, url=url)) as moved:
        assert (moved.id, moved.lineage) == (sqlite.id, sqlite.lineage)
        assert moved.sources.all() == sqlite.sources.all()
        assert moved.catalog.names("shop") == sqlite.catalog.names("shop") == ("Zeta", "alpha", "redis")
        assert [one.name for one in moved.presets.of("shop", "redis")] == ["Z", "_", "a", "z", "z-ä"]
        assert moved.secrets.get("shop", "password") == "pässword"
        assert room_of(moved).sync("shop", full=True).error is None
        moved.sources.remove("shop", NOW)
        assert moved.changes.last() == sqlite.changes.last() + 4


def test_a_target_with_something_in_it_is_left_alone_unless_it_is_asked(
    sqlite: Store, url: str, target: Database
) -> None:
    with closing(Store(sqlite.folder, url=url)) as present:
        present.sources.add(Source("mine", "https://mine.example"), NOW)
        with pytest.raises(StoreNotEmpty, match="sources: 1") as refused:
            copy_store(sqlite.database, target, silent)
        assert PASSWORD not in refused.value.cause
        assert [one.name for one in present.sources.registered()] == ["mine"]
    copy_store(sqlite.database, target, silent, replace=True)
    assert contents(target) == contents(sqlite.database)


def test_a_database_of_another_program_is_left_alone(server: Postgres, sqlite: Store, target: Database) -> None:
    name = target.place.rpartition("/")[2]
    server.run("CREATE TABLE users (id int); ALTER TABLE users OWNER TO chartroom", name)
    with pytest.raises(StoreUnavailable, match="tables of another program"):
        copy_store(sqlite.database, target, silent, replace=True)
    assert server.run("SELECT count(*) FROM users", name) == [(0,)]


def test_a_copy_that_is_killed_leaves_nothing_and_is_repeated(
    server: Postgres, sqlite: Store, target: Database
) -> None:
    def cut(table: str, _rows: int) -> None:
        if table == "presets":
            kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chartroom'"
            server.run(kill)

    with pytest.raises(StoreUnavailable):
        copy_store(sqlite.database, target, cut)
    with target.read() as connection:
        assert store_tables(connection) == ()
    copy_store(sqlite.database, target, silent)
    assert contents(target) == contents(sqlite.database)


def test_what_is_written_meanwhile_is_not_half_there(sqlite: Store, target: Database) -> None:
    def meanwhile(table: str, _rows: int) -> None:
        if table == "charts":
            sqlite.sources.add(Source("late", "https://late.example"), NOW)

    copied = {one.name: one.rows for one in copy_store(sqlite.database, target, meanwhile)}
    assert copied["sources"] == 1
    assert len(sqlite.sources.registered()) == 2


def test_D15_a_text_with_a_nul_is_cleaned_on_its_way(sqlite: Store, target: Database) -> None:
    with sqlite.database.write() as connection:
        connection.execute(insert(meta).values(key="odd", value="a\0b"))
    copied = {one.name: (one.rows, one.digest) for one in copy_store(sqlite.database, target, silent)}
    assert contents(target) == contents(sqlite.database) == copied
    with target.read() as connection:
        assert connection.execute(select(meta.c.value).where(meta.c.key == "odd")).scalar_one() == "a\ufffdb"


def test_a_row_that_the_target_does_not_take_is_told_and_nothing_is_copied(sqlite: Store, target: Database) -> None:
    with sqlite.database.write() as connection:
        connection.execute(insert(search_counts).values(day=NOW, text="x" * 65, count=1))
    with pytest.raises(CopyFailed, match="search_counts"):
        copy_store(sqlite.database, target, silent)
    with target.read() as connection:
        assert store_tables(connection) == ()


def test_a_source_of_a_newer_program_is_not_copied(sqlite: Store, target: Database) -> None:
    with sqlite.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="newer version"):
        copy_store(sqlite.database, target, silent)


@pytest.mark.parametrize("address", ["mysql://root:geheim@h/d", "chartroom", "sqlite:/x", ""])
def test_an_address_of_nothing_is_refused_without_being_told(address: str) -> None:
    with pytest.raises(UsageError) as refused:
        Database.at(address)
    assert "geheim" not in refused.value.cause + refused.value.remedy


def test_the_store_of_the_configuration_is_moved_on_the_command_line(tmp_path: Path, site: Site, url: str) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    config = write_config(tmp_path / "room", [{"name": "shop", "url": site.url}], database_url="")
    assert chartroom(config, "sync").returncode == 0
    done = chartroom(config, "migrate-store", "--to", url)
    assert (done.returncode, done.stderr) == (0, "")
    assert "charts                   1" in done.stdout
    assert PASSWORD not in done.stdout
    moved = write_config(tmp_path / "room", [{"name": "shop", "url": site.url}], database_url=url)
    assert "audit log: 1 row, unbroken up to row 1" in chartroom(moved, "doctor").stdout
    assert "redis" in chartroom(moved, "search", "redis").stdout
    again = chartroom(config, "migrate-store", "--to", url)
    assert (again.returncode, PASSWORD in again.stderr) == (1, False)
    back = tmp_path / "back" / "data"
    back.mkdir(parents=True)
    done = chartroom(moved, "migrate-store", "--to", f"sqlite:///{back / SQLITE_FILE}")
    assert (done.returncode, done.stderr) == (0, "")
    returned = write_config(tmp_path / "back", [{"name": "shop", "url": site.url}], database_url="")
    assert "redis" in chartroom(returned, "search", "redis").stdout
