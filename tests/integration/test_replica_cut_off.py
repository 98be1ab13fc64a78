"""A process that is cut off from the database, but not from those who ask it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.relay import Relay
from tests.postgres import Postgres, real_postgres
from tests.replicas import Fleet, fleet
from tests.repository import repository
from tests.upstream import Site
from tests.waiting import until

pytestmark = pytest.mark.parts
FOUND = {"redis": "1.0.0"}


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with real_postgres() as running:
        yield running


@pytest.fixture
def relay(postgres: Postgres) -> Iterator[Relay]:
    made = Relay(postgres.port)
    yield made
    made.cut()


@pytest.fixture
def two(tmp_path: Path, postgres: Postgres, relay: Relay, site: Site) -> Iterator[Fleet]:
    """The first process comes to the database by the relay, and leads."""
    repository({"redis": ("1.0.0",)}).serve(site)
    url = postgres.create(f"cut{abs(hash(tmp_path))}")
    with fleet(tmp_path, url, [{"name": "shop", "url": site.url}]) as made:
        made.start(database_url=url.replace(f":{postgres.port}/", f":{relay.port}/"))
        assert made.led() is made.members[0]
        made.start()
        for one in made.members:
            until(lambda one=one: one.found() == FOUND)  # type: ignore[misc]
        yield made


def test_N4_a_process_that_is_cut_off_is_not_ready_and_another_one_leads_until_it_is_back(
    two: Fleet, relay: Relay, site: Site
) -> None:
    cut_off, other = two.members
    with relay.silence():
        began = time.monotonic()
        until(lambda: not cut_off.is_ready())
        print(f"not ready after {time.monotonic() - began:.1f} s")  # the promise is ten
        until(lambda: two.leader() is other)
        print(f"another one leads after {time.monotonic() - began:.1f} s")
        assert other.is_ready()
        assert cut_off.ask("/healthz") == (200, {"status": "ok"})
        until(lambda: cut_off.ask("/readyz")[0] == 503)
        told = cut_off.ask("/readyz")[1]
        assert (told["id"], [one["id"] for one in told["parts"]]) == (
            "database-unreachable",
            ["process", "store", "search", "lag"],
        )
        repository({"redis": ("2.0.0", "1.0.0")}).serve(site)
        assert other.ask("/api/v1/sources/shop/sync", {})[0] == 202
        until(lambda: other.found() == {"redis": "2.0.0"})
    until(cut_off.is_ready)
    until(lambda: cut_off.found() == {"redis": "2.0.0"})
    assert len(site.asked("/index.yaml")) == 2


def test_N4_a_process_whose_database_refuses_it_is_not_ready_and_heals_by_itself(two: Fleet, relay: Relay) -> None:
    cut_off, other = two.members
    relay.cut()
    until(lambda: not cut_off.is_ready())
    status, told = cut_off.ask("/api/v1/sources")
    assert (status, told["id"]) == (503, "database-unreachable")
    until(lambda: two.leader() is other)
    relay.mend()
    until(cut_off.is_ready)
    assert cut_off.found() == FOUND
