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
    """Everything a user could tell two catalogs apart by."""
    names = room.store.catalog.names("shop")
    charts = {name: room.store.catalog.chart("shop", name) for name in names}
    versions = {
        (name, one.version): (one.digest, one.repushed, room.store.catalog.version("shop", name, one.version)[1])
        for name in names
        for one in room.store.catalog.versions("shop", name)
    }
    archives = room.store.contents.searchable([("shop", name) for name in names], 10_000)
    return charts, versions, archives


def undisturbed(folder: Path, site: Site, state: Charts) -> object:
    room = open_room(folder)
    room.add(site.url)
    repository(state).serve(site)
    room.sync()
    found = catalog_of(room)
    room.store.close()
    return found


@pytest.mark.parts
def test_a_killed_sync_leads_to_the_catalog_of_an_undisturbed_one(tmp_path: Path, site: Site) -> None:
    states = (AUTUMN, SPRING)
    wanted = [undisturbed(tmp_path / str(number), site, state) for number, state in enumerate(states)]
    config = write_config(tmp_path / "killed", [{"name": "shop", "url": site.url}])
    chance, longest = random.Random(20261101), _seconds_of_a_sync(config, site)
    killed = number = 0
    while killed < KILLS:
        number += 1
        assert number < 3 * KILLS, "most syncs ended before they were killed"
        repository(states[number % 2]).serve(site)
        killed += _kill_after(chance.uniform(0.1, 0.9 * longest), config)
        room = open_room(config.parent / "data")
        room.sync(accept=True, wait=30)
        assert catalog_of(room) == wanted[number % 2]
        assert sorted(room.found("chart")) == sorted(states[number % 2])
        room.store.close()


def _seconds_of_a_sync(config: Path, site: Site) -> float:
    repository(SPRING).serve(site)
    started = time.monotonic()
    subprocess.run(command_line(config, "sync"), env=environment(), check=True, capture_output=True, timeout=120)
    return time.monotonic() - started


def _kill_after(seconds: float, config: Path) -> bool:
    """Start a sync and kill it after ``seconds``; False where it had ended by then."""
    words = command_line(config, "sync", "--accept-removals")
    with subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            child.wait(seconds)
            return False
        except subprocess.TimeoutExpired:
            child.kill()
            return True
