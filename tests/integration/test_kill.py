"""SIGKILL at any moment of a sync: what is stored stays whole, and the next sync goes on from there."""

import random
import subprocess
import time
from pathlib import Path

import pytest

from tests.command import command_line, environment, write_config
from tests.integration.conftest import Room, open_room
from tests.repository import Charts, repository
from tests.upstream import Site

KILLS = 50
SPRING: Charts = {f"chart-{number}": tuple(f"1.{minor}.0" for minor in range(6)) for number in range(30)}
AUTUMN: Charts = {f"chart-{number}": tuple(f"1.{minor}.0" for minor in range(2, 9)) for number in range(2, 32)}


def catalog_of(room: Room) -> object:
    """Everything a user could tell two catalogs apart by, but for times."""
    return {
        (name, one.version): (one.digest, one.archive, room.store.catalog.version("shop", name, one.version)[1])
        for name in room.store.catalog.names("shop")
        for one in room.store.catalog.versions("shop", name)
        if one.archive != "ready" or one.version == room.store.catalog.chart("shop", name).version
    }


def undisturbed(folder: Path, site: Site, *states: Charts) -> object:
    room = open_room(folder)
    room.add(site.url)
    for state in states:
        repository(state).serve(site)
        room.sync(accept=True)
    found = catalog_of(room)
    room.store.close()
    return found


@pytest.mark.parts
def test_C4_a_killed_sync_leaves_a_catalog_equal_to_an_undisturbed_one(tmp_path: Path, site: Site) -> None:
    wanted = {id(SPRING): undisturbed(tmp_path / "spring", site, SPRING)}
    wanted[id(AUTUMN)] = undisturbed(tmp_path / "autumn", site, SPRING, AUTUMN)
    chance = random.Random(20261101)
    config = write_config(tmp_path / "killed", [{"name": "shop", "url": site.url}])
    longest = _seconds_of_a_sync(config, site)
    for number in range(KILLS):
        state = (AUTUMN, SPRING)[number % 2]
        repository(state).serve(site)
        _kill_after(chance.uniform(0.2, longest), config)
        room = open_room(config.parent / "data")
        room.store.sources.get("shop")
        result = room.sync(accept=True)
        assert result.outcome in ("changed", "unchanged")
        assert set(room.versions()) == set(state)
        assert catalog_of(room).keys() >= {(name, version) for name, some in state.items() for version in some}
        assert sorted(room.found("chart")) == sorted(state)
        room.store.close()
    room = open_room(config.parent / "data")
    repository(AUTUMN).serve(site)
    room.sync(accept=True)
    assert catalog_of(room) == wanted[id(AUTUMN)]
    room.store.close()


def _seconds_of_a_sync(config: Path, site: Site) -> float:
    repository(SPRING).serve(site)
    started = time.monotonic()
    subprocess.run(command_line(config, "sync"), env=environment(), check=True, capture_output=True, timeout=120)
    return time.monotonic() - started


def _kill_after(seconds: float, config: Path) -> None:
    words = command_line(config, "sync", "--accept-removals")
    with subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
