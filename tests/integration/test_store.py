"""The store: what was acknowledged is there, and nothing else."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from indexer.errors import (
    Conflict,
    InstallNotFound,
    SourceNotFound,
    StoreDamaged,
    StoreUnavailable,
    TimedOut,
    VersionNotFound,
)
from indexer.model import (
    ArchiveContent,
    ArchiveFile,
    Attempt,
    ChartMetadata,
    Dependency,
    Held,
    Maintainer,
    Revision,
    Source,
)
from indexer.plan import Due
from indexer.search.feed import StoreFeed
from indexer.search.prose import README_READ
from indexer.store import columns, ledger, migrating, people_tables, running_tables, tables
from indexer.store.database import one_of
from tests.integration.conftest import Room, open_room
from tests.older_store import older_store
from tests.postgres import open_store
from tests.repository import repository
from tests.upstream import Site

NOW = datetime(2026, 11, 1, 12, 30, 15, 123456, tzinfo=UTC)
REVISION = Revision(
    number=0,
    cluster="dev",
    namespace="team-a",
    name="web",
    action="install",
    source="shop",
    chart="apple",
    version="1.0.0",
    chart_digest="ab" * 32,
    values_yaml="replicas: 2  # of them\n",
    manifest={"spec": {"values": {"replicas": 2, "none": None}}},
    request_id="r-1",
    person="local",
    at=NOW,
)


def test_the_migrations_make_the_tables_that_the_code_expects(room: Room) -> None:
    with room.store.database.read() as connection:
        context = MigrationContext.configure(connection)
        assert {people_tables.users.name, running_tables.leases.name} <= set(columns.metadata.tables)
        assert compare_metadata(context, columns.metadata) == []


def test_the_newest_migration_is_the_one_the_code_names() -> None:
    folder = Path(migrating.__file__).parent / "migrations" / "versions"
    assert max(file.name for file in folder.glob("0*.py")).startswith(migrating.HEAD)


def newer(room: Room, readable_from: str, *added: str) -> None:
    """Let the store be as a newer program leaves it."""
    with room.store.database.write() as connection:
        for statement in (*added, "UPDATE alembic_version SET version_num = '9999'"):
            connection.execute(text(statement))
        connection.execute(update(tables.meta).where(tables.meta.c.key == "readable_from").values(value=readable_from))


def test_N3_a_store_to_which_a_newer_program_only_added_is_read_and_written_beside_it(room: Room, site: Site) -> None:
    added = ("CREATE TABLE votes (id INTEGER)", "ALTER TABLE charts ADD COLUMN votes INTEGER")
    newer(room, migrating.HEAD, *added)
    with room.store.database.read() as connection:
        before = migrating.schema_of(connection)
    older = open_room(room.folder)
    repository({"apple": ("1.0.0",)}).serve(site)
    older.add(site.url)
    assert older.sync().outcome == "changed"
    assert migrating.pending(older.store.database) == ()
    with older.store.database.read() as connection:
        assert migrating.schema_of(connection) == before == "9999"
    assert older.found("apple") == ["apple"]
    older.store.close()


def test_N3_a_store_that_needs_a_newer_program_is_refused_and_left_alone(room: Room) -> None:
    newer(room, "9998")
    with pytest.raises(StoreUnavailable, match="newer version of Chartroom"):
        open_store(room.folder)


def test_a_store_keeps_its_identity(room: Room) -> None:
    again = open_store(room.folder)
    assert again.id == room.store.id
    again.close()


@pytest.mark.sqlite_only("its file is spoilt")
def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "chartroom.sqlite").write_text("this is no database, and long enough to be looked at" * 20)
    with pytest.raises(StoreUnavailable, match="not a database"):
        open_store(tmp_path)


def test_a_fault_of_our_own_is_not_told_as_a_database_that_does_not_answer(room: Room) -> None:
    with pytest.raises(IntegrityError), room.store.database.write() as connection:
        connection.execute(text("INSERT INTO alembic_version VALUES (NULL)"))
    with pytest.raises(ProgrammingError), room.store.database.read() as connection:
        connection.exec_driver_sql("SELECT ?")


@pytest.mark.sqlite_only("its file is spoilt")
def test_a_database_damaged_while_it_is_open_is_told_as_damaged(room: Room) -> None:
    room.store.close()
    file = room.folder / "chartroom.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(StoreDamaged, match="malformed"):
        room.store.sources.due(NOW)


def test_a_transaction_that_fails_leaves_nothing(room: Room) -> None:
    with pytest.raises(RuntimeError), room.store.database.write() as connection:
        connection.execute(insert(tables.meta).values(key="half", value="x"))
        raise RuntimeError
    with room.store.database.read() as connection:
        assert "half" not in connection.execute(select(tables.meta.c.key)).scalars().all()


def test_a_source_keeps_every_setting(room: Room) -> None:
    source = Source("shop", "https://x.example", title="Läden 店", username="me", password_file="/p", interval=77)
    room.store.sources.add(source, NOW)
    assert room.store.sources.get("shop").source == source
    with pytest.raises(Conflict):
        room.store.sources.add(source, NOW)


def test_declared_sources_come_change_and_go_with_the_file(room: Room) -> None:
    room.store.sources.add(Source("mine", "https://mine.example"), NOW)
    first = [Source("a", "https://a.example"), Source("b", "https://b.example")]
    room.store.sources.configure(first, NOW)
    assert [(one.source.name, one.source.configured) for one in room.store.sources.all()] == [
        ("a", True),
        ("b", True),
        ("mine", False),
    ]
    room.store.sources.configure([replace(first[0], interval=5)], NOW)
    assert [one.source.name for one in room.store.sources.all()] == ["a", "mine"]
    assert room.store.sources.get("a").source.interval == 5


def test_declaring_the_same_again_makes_nothing_due(room: Room) -> None:
    declared = [Source("a", "https://a.example")]
    room.store.sources.configure(declared, NOW)
    later = NOW + timedelta(hours=1)
    room.store.sources.request("a", later)
    room.store.sources.configure(declared, NOW)
    assert room.store.sources.get("a").next_due == later


def test_what_is_due_comes_longest_waiting_first_and_only_when_enabled(room: Room) -> None:
    for number, name in enumerate(("c", "b", "a")):
        room.store.sources.add(Source(name, "https://x.example", enabled=name != "b"), NOW + timedelta(minutes=number))
    assert [one.name for one in room.store.sources.due(NOW + timedelta(minutes=2))] == ["c", "a"]
    assert [one.name for one in room.store.sources.due(NOW + timedelta(minutes=1))] == ["c"]


def confirm(hours: int) -> Due:
    return Due(NOW + timedelta(hours=hours), "confirm")


def test_D13_what_is_accepted_while_the_same_answer_comes_again_stays_accepted(room: Room) -> None:
    room.store.sources.add(Source("shop", "https://x.example"), NOW)
    held = Held(NOW, b"empty", 9, 9, "held-empty")
    attempt = Attempt(0, "shop", NOW, 0.1, "held")
    room.store.catalog.hold(room.store.sources.get("shop"), attempt, held, due=confirm(1), now=NOW)
    before = room.store.sources.get("shop")
    room.store.sources.accept("shop", NOW + timedelta(minutes=1))
    room.store.catalog.hold(before, attempt, held, due=confirm(2), now=NOW)
    after = room.store.sources.get("shop")
    assert (after.accepted, after.next_due) == (b"empty", NOW + timedelta(minutes=1))
    other = replace(held, fingerprint=b"other")
    room.store.catalog.hold(after, attempt, other, due=confirm(3), now=NOW)
    assert room.store.sources.get("shop").accepted == b""


def test_an_unknown_source_is_named(room: Room) -> None:
    for verb in (room.store.sources.request, room.store.sources.remove, room.store.sources.accept):
        with pytest.raises(SourceNotFound, match="nobody"):
            verb("nobody", NOW)


def test_an_entry_is_opened_as_it_was_listed(room: Room, site: Site) -> None:
    repository({"apple": tuple(f"1.{minor}.0" for minor in range(300))}).serve(site)
    room.add(site.url, content="none")
    room.sync()
    summary, metadata = room.store.catalog.version("shop", "apple", "1.123.0")
    assert (metadata.version, metadata.keywords, metadata.urls) == ("1.123.0", ("tests",), ("apple-1.123.0.tgz",))
    assert metadata.digest == summary.digest
    with pytest.raises(VersionNotFound):
        room.store.catalog.version("shop", "apple", "2.0.0")


def test_packs_that_no_version_names_are_dropped(room: Room, site: Site) -> None:
    repository({"apple": ("1.0.0",), "pear": ("1.0.0",)}).serve(site)
    room.add(site.url, content="none")
    room.sync()
    repository({"pear": ("1.0.0", "2.0.0")}, salt="other").serve(site)
    room.sync()
    with room.store.database.read() as connection:
        packs = connection.execute(select(func.count()).select_from(tables.packs)).scalar_one()
        named = connection.execute(select(func.count(tables.versions.c.pack.distinct()))).scalar_one()
    assert packs == named


def test_many_charts_and_versions_take_few_statements(room: Room, site: Site) -> None:
    """A write of one statement a row keeps every other writer waiting: 90 seconds where all of bitnami is re-pushed."""
    charts = {f"chart-{number}": tuple(f"1.{minor}.0" for minor in range(20)) for number in range(20)}
    statements: list[str] = []
    repository(charts).serve(site)
    room.add(site.url, content="none")
    event.listen(room.store.database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    assert room.sync().attempt.added == 400
    assert len([one for one in statements if "charts" in one]) < len(charts)
    repository({name: versions[1:] for name, versions in charts.items()}, salt="other").serve(site)
    statements.clear()
    attempt = room.sync().attempt
    assert (attempt.repushed, attempt.removed) == (380, 20)
    assert len(statements) < 5 * len(charts)


def test_content_comes_back_as_it_was_read(room: Room, site: Site) -> None:
    repository({"apple": ("1.0.0",)}).serve(site)
    room.add(site.url, content="none")
    room.sync()
    wanted = room.store.contents.wanted_version("shop", "apple", "1.0.0")
    assert wanted is not None
    content = ArchiveContent(
        digest="ab" * 32,
        size=7,
        metadata=ChartMetadata(
            "apple",
            "1.0.0",
            keywords=("a", "b"),
            maintainers=(Maintainer("me", "me@x.example"),),
            dependencies=(Dependency("pear", "1.x", tags=("t",)),),
            annotations={"k": "v"},
        ),
        readme="# 苹果\r\n",
        values="a: 1 # eins\r\n",
        schema="{}",
        templates=(ArchiveFile("templates/a.yaml", "x"),),
        crds=(),
        dependencies=(Dependency("pear", "1.x", tags=("t",)),),
        notes=("a link, not read",),
    )
    room.store.contents.ready(wanted, content, NOW)
    assert room.store.contents.get("ab" * 32) == content


def test_an_archive_that_is_there_outlives_a_later_failure_to_fetch_it(room: Room, site: Site) -> None:
    repository({"apple": ("1.0.0",)}).serve(site)
    room.add(site.url, content="none")
    room.sync()
    wanted = room.store.contents.wanted_version("shop", "apple", "1.0.0")
    assert wanted is not None
    room.syncer.look("shop", "apple", "1.0.0")
    room.store.contents.failed(wanted, TimedOut(url="https://x.example", seconds=10), NOW)
    assert room.store.catalog.versions("shop", "apple")[0].archive == "ready"


def test_a_failed_archive_is_wanted_again_at_once_when_its_address_is_mended(room: Room, site: Site) -> None:
    shop = repository({"apple": ("1.0.0",)})
    shop.serve(site)
    mended = re.sub(r" +digest: .*\n", "", shop.index)
    site.put("/index.yaml", mended.replace("apple-1.0.0.tgz", "gone-1.0.0.tgz"))
    room.add(site.url)
    room.sync()
    assert room.store.catalog.versions("shop", "apple")[0].archive == "failed"
    site.put("/index.yaml", mended)
    room.sync()
    assert room.store.catalog.versions("shop", "apple")[0].archive == "ready"


def test_the_search_is_fed_all_charts_with_no_more_of_a_readme_than_it_reads(room: Room, site: Site) -> None:
    repository({f"chart-{number}": ("1.0.0",) for number in range(450)}, salt="x" * README_READ).serve(site)
    room.add(site.url)
    room.sync()
    feed = StoreFeed(room.store)
    documents = {one.name: one for one in feed.all_documents()}
    assert len(documents) == 450
    assert {len(one.readme) for one in documents.values()} == {README_READ}
    assert {one.name: one for one in feed.documents({("shop", name) for name in documents})} == documents


def test_content_of_a_version_that_changed_meanwhile_is_not_kept(room: Room, site: Site) -> None:
    repository({"apple": ("1.0.0",)}).serve(site)
    room.add(site.url, content="none")
    room.sync()
    wanted = room.store.contents.wanted_version("shop", "apple", "1.0.0")
    assert wanted is not None
    repository({"apple": ("1.0.0",)}, salt="other").serve(site)
    room.sync()
    content = room.syncer.look("shop", "apple", "1.0.0")
    room.store.contents.ready(wanted, replace(content, digest="cd" * 32), NOW)
    assert room.store.contents.get("cd" * 32) is None


def test_archives_of_sent_revisions_outlive_their_versions(room: Room, site: Site) -> None:
    repository({"apple": ("1.0.0",), "pear": ("1.0.0",)}).serve(site)
    room.add(site.url)
    room.sync()
    digests = {name: room.store.catalog.versions("shop", name)[0].archive_digest for name in ("apple", "pear")}
    room.store.revisions.start(replace(REVISION, chart_digest=digests["apple"]))
    room.store.sources.remove("shop", NOW)
    assert room.store.contents.prune() == (digests["pear"],)


def test_a_revision_is_numbered_and_a_repeated_request_finds_its_own(room: Room) -> None:
    first = room.store.revisions.start(REVISION)
    assert room.store.revisions.start(replace(REVISION, values_yaml="other")) == first
    second = room.store.revisions.start(replace(REVISION, request_id="r-2"))
    assert (first.number, second.number) == (1, 2)
    room.store.revisions.sent("r-1", "uid-1")
    assert [one.uid for one in room.store.revisions.history("dev", "team-a", "web")] == ["", "uid-1"]
    assert room.store.revisions.history("dev", "team-b", "web") == ()


def test_a_refused_revision_is_forgotten_and_a_taken_one_stays(room: Room) -> None:
    for request in ("r-1", "r-2"):
        room.store.revisions.start(replace(REVISION, request_id=request))
    room.store.revisions.sent("r-1", "uid-1")
    for request in ("r-1", "r-2"):
        room.store.revisions.withdraw(request)
    assert [one.request_id for one in room.store.revisions.history("dev", "team-a", "web")] == ["r-1"]


def test_the_namespaces_that_were_ever_sent_to_are_known(room: Room) -> None:
    room.store.revisions.start(REVISION)
    room.store.revisions.start(replace(REVISION, request_id="r-2", namespace="a"))
    assert room.store.revisions.namespaces("dev") == ("a", "team-a")
    assert room.store.revisions.namespaces("other") == ()


def test_a_revision_keeps_what_was_sent_to_the_letter(room: Room) -> None:
    room.store.revisions.start(REVISION)
    stored = room.store.revisions.find_request("r-1")
    assert stored == replace(REVISION, number=1)


def test_the_ledger_keeps_ninety_days_and_a_thousand_rows_a_source(room: Room) -> None:
    room.store.sources.add(Source("shop", "https://x.example"), NOW)
    attempt = Attempt(0, "shop", NOW, 0.25, "unchanged")
    with room.store.database.write() as connection:
        ledger.record(connection, replace(attempt, started=NOW - timedelta(days=91)))
        for _ in range(ledger.KEEP_ROWS + 5):
            ledger.record(connection, attempt)
    assert room.store.ledger.prune(NOW) == 6
    assert room.store.ledger.count("shop") == ledger.KEEP_ROWS
    assert room.store.ledger.of("shop", 1)[0].seconds == 0.25


def test_the_change_log_keeps_a_year_and_always_its_newest_row(room: Room, site: Site) -> None:
    repository({"apple": ("1.0.0", "1.1.0")}).serve(site)
    room.add(site.url, content="none")
    room.sync()
    assert room.store.changes.prune(datetime.now(UTC) + timedelta(days=400)) == 1
    assert room.store.changes.last() == room.store.changes.oldest() == 2


def test_row_numbers_of_the_change_log_are_never_used_again(room: Room, site: Site) -> None:
    repository({"apple": ("1.0.0",)}).serve(site)
    room.add(site.url, content="none")
    room.sync()
    with room.store.database.write() as connection:
        connection.execute(tables.changes.delete())
    repository({"apple": ("1.0.0", "1.1.0")}).serve(site)
    room.sync()
    assert room.store.changes.last() == 2


def test_times_are_kept_to_the_microsecond(room: Room) -> None:
    room.store.revisions.start(REVISION)
    stored = room.store.revisions.find_request("r-1")
    assert stored is not None
    assert stored.at == NOW


@pytest.mark.parametrize("word", ["it's", 'say "x"', "100%", "a_b", "😀", "n:" + "9" * 40, "\\", "--"])
def test_H4_odd_text_is_stored_and_found_as_it_is(room: Room, word: str) -> None:
    room.store.sources.add(Source("shop", "https://x.example", title=word), NOW)
    assert room.store.sources.get("shop").source.title == word
    assert room.store.catalog.charts([("shop", word)]) == {}
    with pytest.raises(SourceNotFound):
        room.store.sources.get(word)
    assert InstallNotFound(name=word, namespace="n", cluster="c").cause.count(word) == 1


def test_two_processes_never_write_at_once(room: Room) -> None:
    other = open_store(room.folder)
    with room.store.database.write() as connection:
        connection.execute(insert(tables.meta).values(key="mine", value="x"))
        with other.database.read() as reader:
            assert "mine" not in reader.execute(select(tables.meta.c.key)).scalars().all()
    with other.database.read() as reader:
        assert "mine" in reader.execute(select(tables.meta.c.key)).scalars().all()
    other.close()


def test_a_source_knows_since_when_it_fails_and_what_changed_it_last(room: Room, site: Site) -> None:
    repository({"apple": ("1.0.0",)}).serve(site)
    room.add(site.url, content="none")
    changed = room.sync()
    site.behave("/index.yaml", "status", status=500)
    room.sync()
    first = room.store.ledger.of("shop")[0].started
    room.sync()
    state = room.store.sources.get("shop")
    assert (state.failing_since, state.failures, state.due_reason) == (first, 2, "back-off")
    assert state.last_change is not None
    assert state.last_change.started == changed.attempt.started
    site.behave("/index.yaml", None)
    room.sync()
    state = room.store.sources.get("shop")
    assert (state.failing_since, state.failures, state.due_reason) == (None, 0, "interval")


def test_the_row_of_the_last_change_outlives_its_time(room: Room, site: Site) -> None:
    repository({"apple": ("1.0.0",)}).serve(site)
    room.add(site.url, content="none")
    room.sync()
    room.sync()
    assert room.store.ledger.prune(datetime.now(UTC) + timedelta(days=2 * ledger.KEEP_DAYS)) == 1
    assert room.store.sources.get("shop").last_change is not None
    assert [one.outcome for one in room.store.ledger.of("shop")] == ["changed"]


def test_an_upgrade_keeps_what_the_ledger_knows_of_a_source(room: Room, site: Site, tmp_path: Path) -> None:
    repository({"apple": ("1.0.0",)}).serve(site)
    room.add(site.url, content="none")
    room.sync()
    site.behave("/index.yaml", "status", status=500)
    room.sync()
    room.sync()
    before = room.store.sources.get("shop")
    older_store(tmp_path / "older", room.store, "0002").close()
    upgraded = open_store(tmp_path / "older")
    after = upgraded.sources.get("shop")
    upgraded.close()
    assert (after.failing_since, after.last_change, after.due_reason) == (
        before.failing_since,
        before.last_change,
        "back-off",
    )
    assert after.full_due == after.next_due == before.next_due


@pytest.mark.sqlite_only("how it plans a query")
def test_charts_are_looked_up_by_their_index_and_not_by_reading_all_of_them(room: Room) -> None:
    charts = tables.charts
    wanted = one_of(charts.c.source, charts.c.name, [("a", "apple"), ("a", "pear"), ("b", "apple")])
    with room.store.database.read() as connection:
        statement = select(charts).where(wanted).compile(connection, compile_kwargs={"literal_binds": True})
        plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
    assert any("USING INDEX" in step for step in plan)
    assert not any("SCAN" in step for step in plan)
