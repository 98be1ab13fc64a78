"""SIGKILL of every process at random moments, again and again, while the source changes: what is stored stays whole."""

import random
import signal
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.replicas import Fleet, Member
from tests.repository import Charts, repository
from tests.upstream import Site
from tests.waiting import until

WINDOW = 1.5
"""Seconds after a sync was asked for in which the kill comes: most syncs of such a source take less than one."""
CHARTS = 12


@dataclass
class Figures:
    """What the rounds came to."""

    kills: int = 0
    leaders: int = 0
    """Of the kills, those that met the leader."""
    seconds: list[float] = field(default_factory=list)
    """From a kill until every process showed what the source has."""

    def told(self) -> dict[str, float]:
        """As JSON."""
        slowest = sorted(self.seconds)
        return {
            "kills": self.kills,
            "of_the_leader": self.leaders,
            "median_seconds": round(statistics.median(slowest), 1),
            "p95_seconds": round(slowest[int(len(slowest) * 0.95)], 1),
            "longest_seconds": round(slowest[-1], 1),
        }


def state(number: int) -> Charts:
    """What the source has in that round: each chart gains a version, and one chart is another one."""
    charts = {f"chart-{one}": tuple(f"1.{minor}.0" for minor in range(number, -1, -1)) for one in range(CHARTS)}
    return {**charts, f"round-{number}": ("1.0.0",)}


def rounds(made: Fleet, site: Site, count: int, verbs: Sequence[str], seed: int = 20261126) -> Figures:
    """In each round the source changes, a sync is asked for, and one process is killed at a random moment and started
    anew; afterwards all of them show the whole of what the source has, and nothing was written twice."""
    chance, figures = random.Random(seed), Figures()
    repository(state(0)).serve(site)
    for verb in verbs:
        made.start(verb)
    _await(made, 0)
    for number in range(1, count + 1):
        repository(state(number)).serve(site)
        _serving(made)[0].ask("/api/v1/sources/shop/sync", {})
        time.sleep(chance.uniform(0, WINDOW))
        _kill(made, chance.randrange(len(made.members)), figures)
        began = time.monotonic()
        _await(made, number)
        figures.seconds.append(time.monotonic() - began)
    return figures


def _kill(made: Fleet, place: int, figures: Figures) -> None:
    victim = made.members[place]
    figures.leaders += victim is made.leader()
    figures.kills += 1
    victim.end(signal.SIGKILL)
    made.members.remove(victim)
    made.start("serve" if victim.url else "index", data_dir=str(victim.data))


def _serving(made: Fleet) -> list[Member]:
    return [one for one in made.members if one.url]


def _await(made: Fleet, number: int) -> None:
    """Until every process shows the source as it is in that round; then hold what is stored against it."""
    charts = state(number)
    newest = {name: versions[0] for name, versions in charts.items()}
    for one in _serving(made):
        until(lambda one=one: one.found() == newest, 120)  # type: ignore[misc]
    with made.store() as store:
        names = store.catalog.names("shop")
        stored = {name: {one.version for one in store.catalog.versions("shop", name)} for name in names}
        assert stored == {name: set(versions) for name, versions in charts.items()}
        until(lambda: len(store.contents.searchable([("shop", name) for name in charts], 10)) == len(charts), 120)
        _check_log([(one.kind, one.name, one.version) for one in store.changes.since(0, 1_000_000)], charts)


def _check_log(log: list[tuple[str, str, str]], charts: Charts) -> None:
    """Each version that is there was added once more than it was removed, and each that is gone as often."""
    versions = {(name, version) for _, name, version in log}
    for name, version in versions:
        balance = log.count(("added", name, version)) - log.count(("removed", name, version))
        assert balance == (version in charts.get(name, ())), (name, version)
