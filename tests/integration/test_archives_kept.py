"""Archives that were had once: served while their repository is down, within a bound, and where they were installed."""

import json
import os
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from indexer.access import Accesses
from indexer.archive import ArchiveCache
from indexer.model import Revision
from indexer.sources.registry import Hosts, open_source
from indexer.sync import Syncer
from tests.integration.conftest import Room
from tests.repository import repository
from tests.upstream import Site, upstream
from tests.web import Web, web

CHARTS = {"redis": ("2.0.0", "1.0.0"), "blog": ("0.1.0",)}


def installed(room: Room, chart: str, version: str, digest: str) -> None:
    room.store.revisions.start(
        Revision(
            number=0,
            cluster="dev",
            namespace="default",
            name=chart,
            action="install",
            source="shop",
            chart=chart,
            version=version,
            chart_digest=digest,
            values_yaml="",
            manifest={},
            request_id=f"{chart}-{version}",
            person="local",
            at=datetime.now(UTC),
        )
    )


def bounded(room: Room, limit: int) -> tuple[Syncer, ArchiveCache]:
    """The room's syncer with a cache of at most ``limit`` bytes."""
    cache = ArchiveCache(room.folder / "archives", limit)
    accesses, spool = Accesses(room.store.secrets), room.folder / "spool"
    syncer = Syncer(
        room.store, cache, lambda source: open_source(source, accesses.of(source), spool), Hosts(accesses.of)
    )
    return syncer, cache


def test_after_a_sync_and_after_a_look_the_archives_are_within_the_bound(room: Room, site: Site) -> None:
    made = repository({f"chart{number}": ("1.0.0", "0.9.0") for number in range(8)})
    made.serve(site)
    room.add(site.url)
    size = len(made.archives["chart0-1.0.0.tgz"])
    syncer, cache = bounded(room, 5 * size)
    syncer.sync("shop")
    assert total(room.folder) <= 5 * size
    syncer.look("shop", "chart0", "0.9.0")
    assert total(room.folder) <= 5 * size
    assert cache.path(digest(made.archives["chart0-0.9.0.tgz"])), "the one that was just looked at is there"


def test_what_was_installed_stays_whichever_way_its_revision_names_it(room: Room, site: Site) -> None:
    made = repository({f"chart{number}": ("1.0.0",) for number in range(6)})
    made.serve(site)
    room.add(site.url)
    room.sync()
    digests = [digest(made.archives[f"chart{number}-1.0.0.tgz"]) for number in range(6)]
    installed(room, "chart0", "1.0.0", digests[0])
    installed(room, "chart1", "1.0.0", "")
    for number, one in enumerate(digests):
        at = time.time() - 20_000 + number
        os.utime(room.folder / "archives" / one[:2] / f"{one}.tgz", (at, at))
    syncer, cache = bounded(room, 1)
    syncer.fetch_archives("shop")
    assert [bool(cache.path(one)) for one in digests] == [True, True, False, False, False, False]


def test_archives_that_were_seen_and_the_index_are_served_while_the_repository_is_down(tmp_path: Path) -> None:
    made = repository(CHARTS)
    with upstream() as site:
        made.serve(site)
        source = {"name": "shop", "url": site.url, "content": "latest"}
        with web(tmp_path / "room", [source]) as running:
            running.sync()
    with web(tmp_path / "room", [source]) as running:
        assert b"redis-1.0.0.tgz" in got(running, "/helm/shop/index.yaml")
        for path in ("/charts/shop/redis-2.0.0.tgz", "/helm/shop/redis-2.0.0.tgz"):
            assert got(running, path) == made.archives["redis-2.0.0.tgz"]
        assert b"What redis does" in got(running, "/charts/shop/redis")


def test_an_archive_that_is_not_to_be_had_is_told_with_cause_and_remedy(tmp_path: Path) -> None:
    with upstream() as site:
        repository(CHARTS).serve(site)
        source = {"name": "shop", "url": site.url, "content": "latest"}
        with web(tmp_path / "room", [source]) as running:
            running.sync()
    with web(tmp_path / "room", [source]) as running:
        for path in ("/charts/shop/redis-1.0.0.tgz", "/helm/shop/redis-1.0.0.tgz"):
            told = problem(running, path)
            assert told["id"] == "connection-failed"
            assert "connection refused" in told["cause"]
            assert told["remedy"]


def test_an_archive_that_left_the_cache_is_fetched_again_or_told(tmp_path: Path) -> None:
    made = repository(CHARTS)
    with upstream() as site:
        made.serve(site)
        source = {"name": "shop", "url": site.url, "content": "latest"}
        with web(tmp_path / "room", [source]) as running:
            running.sync()
            for file in (tmp_path / "room" / "data" / "archives").glob("??/*.tgz"):
                file.unlink()
            assert got(running, "/charts/shop/redis-2.0.0.tgz") == made.archives["redis-2.0.0.tgz"]
    with web(tmp_path / "room", [source]) as running:
        assert got(running, "/charts/shop/redis-2.0.0.tgz") == made.archives["redis-2.0.0.tgz"]
        assert problem(running, "/charts/shop/blog-0.1.0.tgz")["id"] == "connection-failed"
        assert b"The readme of blog 0.1.0" in got(running, "/charts/shop/blog"), "what was read of it stays"


def got(running: Web, path: str) -> bytes:
    with running.ask("GET", path) as answer:
        assert answer.status_code == 200
        return answer.get_data()


def problem(running: Web, path: str) -> Any:
    answer = running.ask("GET", path)
    assert (answer.status_code, answer.mimetype) == (502, "application/problem+json")
    return json.loads(answer.get_data())


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def total(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "archives").glob("??/*.tgz"))
