"""``python -m tests.bench search``: the search at 2,000, 15,000 and 100,000 charts, beside SQLite FTS5 over the same
texts in the same run, and two web processes under load beside a constant answer.

``--small`` measures 2,000 charts in seconds; wrong answers fail it, slow ones never do. ``--cpu``: in process, CPU
milliseconds instead of those that pass, which say more where others use the same cores.
"""

import os
import time
from collections.abc import Sequence

from tests.bench import asking, catalogs, indexing, throughput
from tests.bench.right import mistakes
from tests.data import DATA

_LOADED = 15_000
"""Charts of the catalog that is put under load."""


def main(sizes: Sequence[int] = catalogs.SIZES, *, small: bool = False, cpu: bool = False) -> int:
    """Measure catalogs of ``sizes`` and print; returns 1 where an answer is wrong."""
    if not (DATA / "bitnami").is_dir():
        print("not run: no data")
        return 0
    _print_load()
    found: list[str] = []
    for size in catalogs.SIZES[:1] if small else sizes:
        print(f"\n{size:,} charts: the index")
        indexing.main(size)
        found += mistakes(size)
        print(f"\n{size:,} charts: searching, {'CPU ' if cpu else ''}milliseconds")
        asking.main(
            size,
            rounds=2 if small else 6 if size <= _LOADED else 3,
            clock=time.thread_time if cpu else time.perf_counter,
        )
        if small or size == _LOADED:
            print(f"\n{size:,} charts: load")
            throughput.main(size, seconds=0.5 if small else 4.0, rounds=1 if small else 3)
    for mistake in found:
        print(f"wrong: {mistake}")
    return 1 if found else 0


def _print_load() -> None:
    """Others on the same cores make every figure larger, and none of the ratios better."""
    cores, busy = os.cpu_count() or 1, os.getloadavg()[0]
    print(f"{cores} cores, {busy:.1f} of them busy in the minute before")
