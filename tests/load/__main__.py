"""Measure, print, and fail on an error of any request, or on memory that grows."""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import Times
from tests.command import environment
from tests.data import DATA
from tests.load.memory import Held, Watch
from tests.load.room import Room, room
from tests.relevance.room import ROOT

FOLDER = ROOT / ".cache" / "load"
"""What the processes keep, and their logs; those of the last run stay."""
IDLE_SECONDS = 30.0
IDLE_RATE = 3.0
MOST_GROWTH = 0.05
LONG_MINUTES = 10
"""From here on memory that grows is a failure; before, caches still fill."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the clients met."""

    ms: Mapping[str, Sequence[float]]
    errors: Mapping[str, int]

    @property
    def requests(self) -> int:
        """Those that were answered as they should."""
        return sum(len(one) for one in self.ms.values())


def main() -> int:
    """Run it."""
    options = argparse.ArgumentParser(prog="make load")
    options.add_argument("--minutes", type=float, default=2.0)
    options.add_argument("--rate", type=float, default=10.0, help="questions a second")
    options.add_argument("--charts", type=int, default=15_000)
    asked = options.parse_args()
    if not DATA.is_dir():
        print("not run: no data")
        return 0
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    return _measured(FOLDER, asked.charts, asked.minutes, asked.rate)


def _measured(folder: Path, charts: int, minutes: float, rate: float) -> int:
    with room(folder, charts) as (made, site):
        known = made.charts()
        _traffic(made, known, IDLE_SECONDS / 2, IDLE_RATE, 1)  # to warm up
        idle = _traffic(made, known, IDLE_SECONDS, IDLE_RATE, 1)
        made.begin_syncs(site)
        watch = Watch(made.processes)
        load = _traffic(made, known, minutes * 60, rate)
        held, syncs = watch.stop(), made.syncs()
    print(
        f"{load.requests} requests in {minutes:g} min on {len(made.urls)} processes, {charts:,} charts, {syncs} syncs"
    )
    _print_times(idle, load)
    _print_memory(held)
    return _verdict(load, held, strict=minutes >= LONG_MINUTES)


def _traffic(made: Room, charts: Sequence[tuple[str, str]], seconds: float, rate: float, clients: int = 0) -> Load:
    words = [sys.executable, "-m", "tests.load.traffic", "--seconds", str(seconds), "--rate", str(rate)]
    words += ["--clients", str(clients)] if clients else []
    asked = json.dumps(charts)
    done = subprocess.run(
        [*words, *made.urls], input=asked, env=environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    return Load(**json.loads(done.stdout))


def _print_times(idle: Load, load: Load) -> None:
    print(f"\n{'':<10}{'requests':>10}{'p50 ms':>9}{'p95 ms':>9}{'worst':>9}{'idle p50':>10}{'idle p95':>10}")
    for kind, taken in sorted(load.ms.items()):
        busy, alone = Times.of(taken), Times.of(idle.ms.get(kind) or [0.0])
        print(
            f"{kind:<10}{len(taken):>10}{busy.p50:>9.1f}{busy.p95:>9.1f}{busy.worst:>9.0f}"
            f"{alone.p50:>10.1f}{alone.p95:>10.1f}"
        )


def _print_memory(held: Mapping[str, Held]) -> None:
    print(f"\n{'MiB':<10}{'first':>10}{'most':>9}{'last':>9}{'growth of the second half':>28}")
    for name, one in held.items():
        print(f"{name:<10}{one.first:>10.0f}{one.most:>9.0f}{one.last:>9.0f}{one.growth:>27.1%}")


def _verdict(load: Load, held: Mapping[str, Held], *, strict: bool) -> int:
    for what, times in load.errors.items():
        print(f"{times} × {what}")
    grown = [name for name, one in held.items() if one.growth > MOST_GROWTH]
    print(f"\nerrors: {sum(load.errors.values())}; grew: {', '.join(grown) or 'none'}")
    return 1 if load.errors or (strict and grown) else 0


if __name__ == "__main__":
    sys.exit(main())
