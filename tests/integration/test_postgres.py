"""PostgreSQL as the store: what several processes rely on, and what people see while the database is away."""

import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, select, text
from werkzeug.test import TestResponse

from indexer.config import load
from indexer.errors import DatabaseUnreachable, SourceNotFound
from indexer.model import Revision, SavedSearch, Source
from indexer.store import Store, tables
from indexer.store.database import Database
from indexer.store.turns import TURNS
from tests.command import chartroom, write_config
from tests.integration.test_cli_serve import running, wait_for
from tests.postgres import PASSWORD, Postgres, real_postgres
from tests.repository import repository
from tests.upstream import Site
from tests.waiting import until
from tests.web import Web, web

pytestmark = pytest.mark.parts
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chartroom'"
"""Ends all connections of Chartroom."""
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with real_postgres() as running:
        yield running


@pytest.fixture
def url(server: Postgres, tmp_path: Path) -> str:
    return server.create(tmp_path.name)


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "one", url=url)) as made:
        yield made


@pytest.fixture
def other(url: str, store: Store, tmp_path: Path) -> Iterator[Store]:
    """Another process on the same database, on another machine."""
    with closing(Store(tmp_path / "two", url=url)) as made:
        yield made


@pytest.fixture
def room(url: str, tmp_path: Path) -> Iterator[Web]:
    with web(tmp_path / "room", database_url=url) as running:
        yield running


def source(name: str) -> Source:
    return Source(name, f"https://{name}.example")


def install(number: int) -> Revision:
    return Revision(
        number=0,
        cluster="home",
        namespace="apps",
        name="cache",
        action="install",
        source="shop",
        chart="redis",
        version="1.0.0",
        chart_digest="",
        values_yaml="",
        manifest={},
        request_id=f"r-{number}",
        person="ann",
        at=NOW,
    )


@contextmanager
def session(server: Postgres, database: str) -> Iterator[psycopg.Connection]:
    """Somebody else on that database, with all rights."""
    address = f"postgresql://postgres@127.0.0.1:{server.port}/{database}"
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def waiting(server: Postgres) -> bool:
    """Whether some writer waits for its turn."""
    return bool(server.run("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))


# -- several writers


def test_a_view_stays_as_it_was_while_others_write(store: Store, other: Store) -> None:
    with store.database.read() as connection:
        assert connection.execute(select(tables.sources.c.name)).all() == []
        other.sources.add(source("shop"), NOW)
        assert connection.execute(select(tables.sources.c.name)).all() == []
    assert [one.name for one in store.sources.registered()] == ["shop"]


def test_a_page_that_looks_for_a_signature_never_waits_for_a_sync(room: Web, other: Store, site: Site) -> None:
    repository({"redis": ("2.0.0",)}).serve(site)
    room.services.store.sources.add(replace(source("shop"), url=site.url, operator=True), NOW)
    room.sync("shop")
    with other.database.write():  # a long one
        assert room.ask("GET", "/charts/shop/redis").status_code == 200
    assert room.services.store.provenances.get("shop", "redis", "2.0.0").next_try is not None


def test_revisions_of_two_processes_are_numbered_without_a_gap(store: Store, other: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = pool.map(lambda number: (store, other)[number % 2].revisions.start(install(number)), range(40))
        numbers = sorted(one.number for one in made)
    assert numbers == list(range(1, 41))


def test_a_follower_overlooks_no_row_of_the_log_while_two_processes_write_it(store: Store, other: Store) -> None:
    def fill(which: Store, name: str) -> None:
        for _ in range(15):
            which.sources.add(source(name), NOW)
            with which.database.write() as connection:
                row = insert(tables.changes)
                values = {"at": NOW, "source": name, "name": "n", "version": "1", "kind": "added"}
                connection.execute(row, [values] * 3)
            which.sources.remove(name, NOW)

    seen: list[int] = []
    ended = threading.Event()

    def follow() -> None:
        while True:
            last = ended.is_set()
            seen.extend(one.id for one in store.changes.since(seen[-1] if seen else 0, 100))
            if last:
                return

    follower = threading.Thread(target=follow)
    follower.start()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fill, (store, other), ("left", "right")))
    ended.set()
    follower.join()
    assert seen == [one.id for one in store.changes.since(0, 1000)]
    assert len(seen) == 2 * 15 * 3


def test_who_writes_other_tables_does_not_wait_for_a_sync(store: Store, other: Store) -> None:
    with store.database.write() as connection:
        connection.execute(insert(tables.meta).values(key="long", value="sync"))
        other.searches.save(SavedSearch("1", "ann", "mine", "q=x", NOW))
        other.revisions.start(install(1))
    assert len(other.searches.of("ann")) == 1


def test_who_is_alone_keeps_every_writer_waiting(server: Postgres, store: Store, other: Store) -> None:
    with ThreadPoolExecutor(len(TURNS)) as pool, store.database.alone():
        late = [pool.submit(other.searches.forget, "ann", "1"), pool.submit(other.sources.add, source("shop"), NOW)]
        until(lambda: len(server.run("SELECT 1 FROM pg_locks WHERE locktype='advisory' AND NOT granted")) == len(late))
        assert not any(one.done() for one in late)
    assert [one.name for one in store.sources.registered()] == ["shop"]


def test_what_is_asked_again_is_known_to_be_the_same_or_not(store: Store, other: Store) -> None:
    before = store.database.version()
    store.sources.all()
    assert store.database.version() == before
    other.sources.add(source("shop"), NOW)
    assert store.database.version() != before


def test_M1_a_writer_that_dies_leaves_nothing_and_no_lock(server: Postgres, store: Store, other: Store) -> None:
    with pytest.raises(DatabaseUnreachable), store.database.write() as connection:
        connection.execute(insert(tables.meta).values(key="half", value="x"))
        (pid,) = connection.execute(text("SELECT pg_backend_pid()")).one()
        server.run(f"SELECT pg_terminate_backend({pid})")
        connection.execute(insert(tables.meta).values(key="other half", value="x"))
    other.sources.add(source("shop"), NOW)
    with store.database.read() as connection:
        assert "half" not in connection.execute(select(tables.meta.c.key)).scalars().all()


def test_two_first_starts_at_once_make_one_store(url: str, tmp_path: Path) -> None:
    def start(number: int) -> str:
        with closing(Store(tmp_path / str(number), url=url)) as made:
            return made.id

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(start, range(3)))) == 1


# -- the same answers as SQLite's


@pytest.mark.parametrize("word", ["it's", "100%", "a_b", "😀", "\\", "x\0y", "%s", "{}", "$1", "n:" + "9" * 40])
def test_H4_odd_text_is_stored_and_found_as_it_is(store: Store, word: str) -> None:
    store.sources.add(replace(source("shop"), title=word), NOW)
    assert store.sources.get("shop").source.title == word
    assert store.catalog.charts([("shop", word)]) == {}
    with pytest.raises(SourceNotFound):
        store.sources.get(word)


def test_D15_a_nul_in_an_address_is_nothing_that_is_there(room: Web) -> None:
    assert room.ask("GET", "/charts/sh%00op/redis").status_code == 404
    assert room.ask("GET", "/api/v1/charts/shop/re%00dis").status_code == 404
    assert room.get("/api/v1/charts?q=a%00b", 400)["id"] == "bad-query"


def test_names_are_sorted_by_code_points_whatever_the_language_of_the_database(
    server: Postgres, tmp_path: Path
) -> None:
    swedish = server.create(f"{tmp_path.name}_sv", "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'sv'")
    with closing(Store(tmp_path / "sv", url=swedish)) as store:
        for name in ("b", "a-b", "ab", "a"):
            store.sources.add(source(name), NOW)
        assert [one.name for one in store.sources.registered()] == sorted(["b", "a-b", "ab", "a"])


def test_a_database_without_utf8_is_refused_with_how_to_make_one(server: Postgres, tmp_path: Path) -> None:
    latin = server.create(f"{tmp_path.name}_latin", "TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(DatabaseUnreachable, match="ENCODING 'UTF8'"):
        Store(tmp_path / "latin", url=latin)


def test_whoever_still_works_when_a_store_is_closed_leaves_no_connection(server: Postgres, tmp_path: Path) -> None:
    database = f"{tmp_path.name}_closed"
    store = Store(tmp_path / "closed", url=server.create(database))
    with store.database.read() as connection:
        store.close()
        connection.execute(select(tables.sources.c.name))
    store.sources.registered()
    there = f"SELECT 1 FROM pg_stat_activity WHERE datname = '{database}'"
    until(lambda: not server.run(there))


# -- the database is away


def answers(room: Web) -> None:
    """It reads and writes."""
    room.send("POST", "/api/v1/sources", {"name": "well", "url": "https://well.example"}, 201)
    room.send("DELETE", "/api/v1/sources/well", status=204)
    assert room.ask("GET", "/").status_code == 200


def is_away(room: Web) -> None:
    """Pages, API and probe say so, with when to come back."""
    cannot_write(room)
    refused(room.ask("GET", "/api/v1/sources"))
    refused(room.ask("GET", "/sources"))
    assert room.ask("GET", "/readyz").status_code == 503


def cannot_write(room: Web) -> None:
    """The API says so, with when to come back."""
    body = b'{"name": "away", "url": "https://away.example"}'
    refused(room.ask("POST", "/api/v1/sources", data=body, headers={"Content-Type": "application/json"}))


def refused(answer: TestResponse) -> None:
    """It says when to come back, and nothing that is secret."""
    assert answer.status_code == 503
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert PASSWORD not in answer.get_data(as_text=True)


def test_M3_a_server_that_stops_is_a_503_and_all_heals_when_it_is_back(server: Postgres, room: Web) -> None:
    room.send("POST", "/api/v1/sources", {"name": "kept", "url": "https://kept.example"}, 201)
    server.stop()
    try:
        is_away(room)
        is_away(room)
        assert room.ask("GET", "/healthz").status_code == 200
    finally:
        server.start()
    answers(room)
    assert room.get("/api/v1/sources/kept")["name"] == "kept"


def test_M3_a_database_that_is_read_only_is_read_and_not_written(server: Postgres, room: Web, tmp_path: Path) -> None:
    answers(room)
    server.run(f'ALTER DATABASE "{tmp_path.name}" SET default_transaction_read_only = on')
    server.run(CUT)
    room.get("/api/v1/sources")
    cannot_write(room)
    server.run(f'ALTER DATABASE "{tmp_path.name}" RESET default_transaction_read_only')
    answers(room)


def test_M3_too_many_connections_is_a_503_until_there_is_room(server: Postgres, room: Web) -> None:
    answers(room)
    server.run("ALTER ROLE chartroom CONNECTION LIMIT 0")
    try:
        server.run(CUT)
        is_away(room)
    finally:
        server.run("ALTER ROLE chartroom CONNECTION LIMIT -1")
    answers(room)


def test_M3_a_write_that_waits_too_long_is_a_503_and_is_not_done(server: Postgres, room: Web, tmp_path: Path) -> None:
    with session(server, tmp_path.name) as somebody, ThreadPoolExecutor(1) as pool:
        somebody.execute("BEGIN; LOCK TABLE sources IN ACCESS EXCLUSIVE MODE")
        late = pool.submit(cannot_write, room)
        late.result()
        somebody.execute("ROLLBACK")
    assert room.get("/api/v1/sources")["total"] == 0
    answers(room)


def test_M3_a_failover_in_the_middle_of_a_write_is_a_503_and_a_repeat_writes_once(
    server: Postgres, room: Web, tmp_path: Path
) -> None:
    with session(server, tmp_path.name) as somebody, ThreadPoolExecutor(1) as pool:
        somebody.execute(f"BEGIN; SELECT pg_advisory_xact_lock({0x43_48_52_54}, 0)")
        late = pool.submit(cannot_write, room)
        until(lambda: waiting(server))
        server.run(CUT)
        late.result()
        somebody.execute("ROLLBACK")
    assert room.get("/api/v1/sources")["total"] == 0
    answers(room)


def test_M3_what_was_acknowledged_is_there_after_a_crash(server: Postgres, room: Web) -> None:
    for number in range(20):
        room.send("POST", "/api/v1/sources", {"name": f"s{number}", "url": "https://x.example"}, 201)
    server.stop()
    server.start()
    assert room.get("/api/v1/sources")["total"] == 20


# -- what is told, and what is not


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda url: url.replace(PASSWORD, PASSWORD + "x"), "password authentication failed"),
        (lambda url: url.rpartition("/")[0] + "/absent", "does not exist"),
        (lambda url: url + "?bogus=1", "bogus"),
        (lambda url: url + "?connect_timeout=x", "connect_timeout"),
        (lambda url: url.replace("127.0.0.1", "127.0.0.1:1").replace(":1:", ":1,127.0.0.1:"), "database"),
    ],
)  # fmt: skip
def test_an_address_that_leads_nowhere_is_one_sentence_without_the_password(
    url: str, tmp_path: Path, spoil: object, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert callable(spoil)
    with caplog.at_level(logging.DEBUG), pytest.raises(DatabaseUnreachable) as refused:
        Store(tmp_path / "store", url=spoil(url))
    assert told in refused.value.cause
    assert PASSWORD not in refused.value.cause + refused.value.remedy + caplog.text
    assert "\n" not in refused.value.cause


def test_the_password_is_nowhere_to_be_seen(url: str, tmp_path: Path) -> None:
    config = write_config(tmp_path / "room", database_url=url)
    assert PASSWORD not in repr(load(config, environ={}))
    done = chartroom(config, "doctor")
    assert f"answers, with schema {'0007'}, in 127.0.0.1:" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr
    absent = write_config(tmp_path / "absent", database_url=url + "-absent")
    for words in (("doctor",), ("sync",), ("serve",), ("backup", str(tmp_path / "b")), ("doctor", "--migrations")):
        done = chartroom(absent, *words)
        assert done.returncode in (1, 3)
        assert "does not exist" in done.stdout + done.stderr
        assert PASSWORD not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("postgresql://me:geheim@db.example.org/room", "db.example.org/room"),
        ("postgresql://me:geheim@db.example.org:6543/room?sslmode=require", "db.example.org:6543/room"),
        ("postgresql://me@/room?host=a,b&password=geheim", "a,b/room"),
        ("postgresql://me@/room?host=a&host=b", "a,b/room"),
        ("postgresql:///room", "the local socket/room"),
    ],
)
def test_where_it_is_is_told_without_who_asks(address: str, place: str) -> None:
    with closing(Database.at(address)) as database:
        assert database.place == place


def test_the_address_may_stand_in_a_file(url: str, tmp_path: Path) -> None:
    (tmp_path / "url").write_text(url + "\n")
    config = write_config(tmp_path / "room", database_url="", database_url_file=str(tmp_path / "url"))
    assert "in 127.0.0.1:" in chartroom(config, "doctor").stdout


# -- a process that serves


def status(address: str, method: str = "GET") -> int:
    """The status of the answer."""
    asked = urllib.request.Request(address, method=method, data=b"{}" if method == "POST" else None)
    asked.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_M3_a_serving_process_says_that_it_is_not_ready_and_goes_on_by_itself(
    server: Postgres, url: str, tmp_path: Path, site: Site
) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    shop = {"name": "shop", "url": site.url, "interval": "1m"}
    config = write_config(tmp_path / "room", [shop], database_url=url)
    with running(config, "serve") as (process, address):
        wait_for(f"{address}/api/v1/charts", 1)
        server.stop()
        try:
            until(lambda: status(f"{address}/readyz") == 503)
            assert status(f"{address}/api/v1/sources") == 503
            assert status(f"{address}/healthz") == 200
            assert process.poll() is None
        finally:
            server.start()
        until(lambda: status(f"{address}/readyz") == 200)
        repository({"redis": ("1.0.0",), "nginx": ("2.0.0",)}).serve(site)
        assert status(f"{address}/api/v1/sources/shop/sync", "POST") == 202
        wait_for(f"{address}/api/v1/charts", 2)


def test_M3_a_server_that_hangs_is_told_by_the_probes_and_all_heals_when_it_goes_on(
    server: Postgres, url: str, tmp_path: Path
) -> None:
    config = write_config(tmp_path / "room", database_url=url)
    with running(config, "serve") as (_, address):
        with server.hanging():
            until(lambda: status(f"{address}/readyz") == 503)
            assert status(f"{address}/healthz") == 200
        until(lambda: status(f"{address}/readyz") == 200)
        assert status(f"{address}/api/v1/sources") == 200


def test_M3_a_process_that_starts_while_the_server_is_away_waits_and_a_command_does_not(
    server: Postgres, url: str, tmp_path: Path
) -> None:
    config = write_config(tmp_path / "room", database_url=url)
    server.stop()
    try:
        refused = chartroom(config, "apps", timeout=30)
        assert refused.returncode == 1 and "a command is to be given again" in refused.stderr
        back = threading.Timer(2, server.start)
        back.start()
        with running(config, "serve") as (_, address):
            assert status(f"{address}/readyz") == 200
    finally:
        back.join()


def test_a_copy_may_take_its_time_and_nothing_else_may(store: Store) -> None:
    limits = text("SELECT current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout')")
    with store.database.snapshot() as connection:
        assert connection.execute(limits).one() == ("0", "0")
    for kind in (store.database.read, store.database.write):
        with kind() as connection:
            assert connection.execute(limits).one() == ("1min", "1min")
