"""Several processes on one PostgreSQL: one leads, another one takes over, and nothing is done twice."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.postgres import Postgres, real_postgres
from tests.replicas import Fleet, Member, fleet
from tests.repository import repository
from tests.upstream import Site
from tests.waiting import until

pytestmark = pytest.mark.parts

SPRING = {"redis": ("1.0.0",), "nginx": ("1.0.0",)}
AUTUMN = {"redis": ("2.0.0", "1.0.0"), "nginx": ("1.0.0",)}
FOUND = {"redis": "1.0.0", "nginx": "1.0.0"}


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with real_postgres() as running:
        yield running


@pytest.fixture
def three(tmp_path: Path, postgres: Postgres, site: Site) -> Iterator[Fleet]:
    """Three processes that serve and could lead, and a source that all of them show."""
    repository(SPRING).serve(site)
    url = postgres.create(f"fleet{abs(hash(tmp_path))}")
    with fleet(tmp_path, url, [{"name": "shop", "url": site.url}]) as made:
        for _ in range(3):
            made.start()
        for one in made.members:
            until(lambda one=one: one.found() == FOUND)  # type: ignore[misc]
        yield made


class Asking:
    """Asks processes for pages and the API without a pause."""

    def __init__(self) -> None:
        self.answers = 0
        self.failures: list[str] = []

    @contextmanager
    def all(self, members: list[Member]) -> Iterator[None]:
        over = threading.Event()

        def ask(one: Member) -> None:
            while not over.is_set():
                status, _ = one.ask("/api/v1/charts?q=redis")
                self.answers += 1
                if status != 200:
                    self.failures.append(f"{one.url}: {status}")

        threads = [threading.Thread(target=ask, args=(one,)) for one in members]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()


def lists(site: Site) -> int:
    """How often the source was asked for what it has."""
    return len(site.asked("/index.yaml"))


def test_N1_three_processes_sync_a_source_once_and_all_show_it(three: Fleet, site: Site) -> None:
    leader = three.led()
    assert lists(site) == 1
    repository(AUTUMN).serve(site)
    for number, one in enumerate(three.members, 2):
        assert one.ask("/api/v1/sources/shop/sync", {})[0] == 202
        until(lambda number=number: lists(site) == number)  # type: ignore[misc]
        for shown in three.members:
            until(lambda shown=shown: shown.found()["redis"] == "2.0.0")  # type: ignore[misc]
    with three.store() as store:
        assert [one.outcome for one in store.ledger.of("shop")] == ["unchanged", "unchanged", "changed", "changed"]
        seen = store.replicas.all()
        assert [(one.role, one.leads) for one in seen].count(("serve", True)) == 1
        assert len(seen) == 3
        until(lambda: all(one.lag == 0 for one in store.replicas.all()))
    assert three.leader() is leader


def test_a_killed_leader_is_followed_by_another_one_that_goes_on_and_nobody_notices(three: Fleet, site: Site) -> None:
    leader = three.led()
    repository(AUTUMN).serve(site)
    site.behave("/index.yaml", "stalled", at=100)
    assert leader.ask("/api/v1/sources/shop/sync", {})[0] == 202
    until(lambda: lists(site) == 2)
    asking = Asking()
    with asking.all(three.others(leader)):
        site.behave("/index.yaml", None)
        leader.end(signal.SIGKILL)
        new = three.led()
        for one in three.others(leader):
            until(lambda one=one: one.found()["redis"] == "2.0.0")  # type: ignore[misc]
    assert asking.failures == []
    assert asking.answers > 10
    assert new is not leader
    assert lists(site) == 3
    with three.store() as store:
        state = store.sources.get("shop")
        assert (state.running, state.failures) == (None, 0)
        assert [one.outcome for one in store.ledger.of("shop")] == ["changed", "changed"]


def test_a_leader_that_ends_well_hands_over_at_once_also_in_the_middle_of_a_sync(three: Fleet, site: Site) -> None:
    leader = three.led()
    repository(AUTUMN).serve(site)
    site.behave("/index.yaml", "stalled", at=100)
    assert leader.ask("/api/v1/sources/shop/sync", {})[0] == 202
    until(lambda: lists(site) == 2)
    site.behave("/index.yaml", None)
    assert leader.end() == 0
    assert three.led() is not leader
    for one in three.others(leader):
        until(lambda one=one: one.found()["redis"] == "2.0.0")  # type: ignore[misc]
    assert lists(site) == 3
    with three.store() as store:
        assert len(store.replicas.all()) == 2


def test_N2_a_leader_that_was_paused_writes_nothing_when_it_wakes(three: Fleet, site: Site) -> None:
    leader = three.led()
    repository({"redis": ("1.5.0", "1.0.0"), "nginx": ("1.0.0",)}).serve(site)
    site.behave("/index.yaml", "pensive", seconds=5)
    assert leader.ask("/api/v1/sources/shop/sync", {})[0] == 202
    until(lambda: lists(site) == 2)
    leader.send(signal.SIGSTOP)
    site.behave("/index.yaml", None)
    repository(AUTUMN).serve(site)
    until(lambda: any(one.found()["redis"] == "2.0.0" for one in three.others(leader)))
    leader.send(signal.SIGCONT)
    until(lambda: "has taken over" in leader.log.read_text())
    until(lambda: leader.found()["redis"] == "2.0.0")
    assert three.led() is not leader
    with three.store() as store:
        assert [one.version for one in store.catalog.versions("shop", "redis")] == ["2.0.0", "1.0.0"]
        assert [one.outcome for one in store.ledger.of("shop")] == ["changed", "changed"]
        log = [(one.kind, one.name, one.version) for one in store.changes.since(0, 100)]
        assert log.count(("added", "redis", "2.0.0")) == 1
        assert ("added", "redis", "1.5.0") not in log


def test_web_processes_serve_while_nobody_leads_and_follow_whoever_does(
    tmp_path: Path, postgres: Postgres, site: Site
) -> None:
    repository(SPRING).serve(site)
    url = postgres.create("apart")
    with fleet(tmp_path, url, [{"name": "shop", "url": site.url}]) as made:
        first = made.start("web")
        second = made.start("web")
        indexing = made.start("index")
        for one in (first, second):
            until(lambda one=one: one.found() == FOUND)  # type: ignore[misc]
        indexing.end(signal.SIGKILL)
        assert first.ask("/api/v1/sources/shop/sync", {})[0] == 202
        assert first.is_ready()
        assert first.found() == FOUND
        repository(AUTUMN).serve(site)
        made.start("index")
        for one in (first, second):
            until(lambda one=one: one.found()["redis"] == "2.0.0")  # type: ignore[misc]
    assert lists(site) == 2
