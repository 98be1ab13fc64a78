"""``python -m tests.bench many-sources``: two hundred sources on loopback, a tenth of which fail in ten ways.

The same 180 healthy sources are synced twice by a scheduler in a process of its own: alone, and beside the twenty that
fail. Told are the seconds until every healthy one was fresh for the first time, how late each later sync of a healthy
one began (its *lag*), and the process's peak of memory. Servers are another process, 25 hosts on loopback. Half of the
indexes have an ETag; the others come whole each time, as those of ChartMuseum do.
"""

import argparse
import json
import logging
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from indexer.archive import ArchiveCache
from indexer.http import Access
from indexer.model import Source
from indexer.schedule import Scheduler
from indexer.sources.registry import open_source
from indexer.store import Store
from indexer.sync import Report, Syncer, SyncResult
from tests.command import environment
from tests.repository import index
from tests.upstream import Site, upstream

SOURCES, FAILING, CHARTS, HOSTS = 200, 20, 300, 25
INTERVAL = 20
"""Seconds between two syncs of a source: ninety times as often as by default."""
TIMEOUT = 60
"""Seconds that a source which hangs is waited for: all of a measurement."""
STEADY = 60.0
"""Seconds that are watched once all are fresh."""
LONGEST = 300.0
"""Seconds after which a measurement that gets nowhere is given up."""


@dataclass(frozen=True)
class Figures:
    """What one measurement came to. Seconds, and MiB."""

    fresh: float
    lag_median: float
    lag_p95: float
    lag_most: float
    syncs: int
    failures: int
    peak: float


# -- the servers, a process of their own


def serve() -> None:
    """Serve until standard input ends; the first line of standard output lists the addresses of the sources."""
    with ExitStack() as stack:
        sites = [stack.enter_context(upstream()) for _ in range(HOSTS)]
        made = index({f"chart-{number:03}": ("1.1.0", "1.0.0") for number in range(CHARTS)}, {})
        urls = [_put(sites[number % HOSTS], f"/{number}", made, number) for number in range(SOURCES - FAILING)]
        bad = [stack.enter_context(upstream()) for _ in range(FAILING)]
        urls += [_spoil(site, number, made) for number, site in enumerate(bad)]
        print(json.dumps(urls), flush=True)
        sys.stdin.read()


def _put(site: Site, path: str, made: str, number: int) -> str:
    site.put(f"{path}/index.yaml", made, etag=f'"{number}"' if number % 2 else "")
    return site.url + path


def _spoil(site: Site, number: int, made: str) -> str:
    """Let a host fail in one of ten ways."""
    site.put("/index.yaml", made)
    ways: Sequence[tuple[str, Mapping[str, Any]]] = (
        ("silent", {}),
        ("slow", {"bytes_at_a_time": 10, "every": 0.5}),
        ("stalled", {"at": 1000}),
        ("status", {"status": 500}),
        ("status", {"status": 401}),
        ("redirect", {"to": "/index.yaml"}),
        ("endless", {}),
        ("cut", {"at": 1000}),
    )
    if number % 10 == 8:
        return "http://127.0.0.1:1"  # nobody listens
    if number % 10 == 9:
        return "http://nowhere.invalid"
    mode, options = ways[number % 10]
    site.behave("/index.yaml", mode, **options)
    return site.url


@contextmanager
def _served() -> Iterator[list[str]]:
    words = [sys.executable, "-m", "tests.bench.many_sources", "serve"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()) as server:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())
        server.communicate("")


# -- what is measured, a process of its own


class _TimedSyncer(Syncer):
    """Notes how late each sync of a healthy source begins."""

    lags: list[float]

    def sync_if_due(self, name: str, report: Report | None = None) -> SyncResult | None:
        due = self._store.sources.get(name).next_due
        if name.startswith("good") and due:
            self.lags.append((datetime.now(UTC) - due).total_seconds())
        return super().sync_if_due(name, report)


def run(urls: Sequence[str], folder: Path) -> Figures:
    """Sync ``urls``, the first of which are healthy, until all of those are fresh and for STEADY seconds more."""
    store, cache = Store(folder), ArchiveCache(folder / "archives")
    syncer = _TimedSyncer(store, cache, lambda source: open_source(source, Access(), folder / "spool"))
    syncer.lags = []
    healthy = SOURCES - FAILING
    for number, url in enumerate(urls):
        kind = "good" if number < healthy else "bad"
        source = Source(f"{kind}-{number}", url, content="none", interval=INTERVAL, timeout=TIMEOUT)
        # Those that fail come first, so that nothing but the scheduler keeps them from taking every place.
        store.sources.add(source, datetime.fromtimestamp(number if kind == "bad" else number + 1000, UTC))
    scheduler = Scheduler(store, syncer, lambda: None)
    began, pause = time.monotonic(), threading.Event()
    scheduler.start()
    while sum(state.last_success is not None for state in store.sources.all()) < healthy:
        if time.monotonic() - began > LONGEST:
            raise RuntimeError("not all sources became fresh")
        pause.wait(0.25)
    fresh = time.monotonic() - began
    pause.wait(INTERVAL)  # the second round still shows how the first one went
    syncer.lags.clear()
    pause.wait(STEADY)
    lags = tuple(syncer.lags)
    failures = sum(state.failures for state in store.sources.all())
    scheduler.stop()
    store.close()
    return _figures(fresh, lags, failures)


def _figures(fresh: float, lags: Sequence[float], failures: int) -> Figures:
    return Figures(
        fresh=fresh,
        lag_median=statistics.median(lags),
        lag_p95=statistics.quantiles(lags, n=20)[18],
        lag_most=max(lags),
        syncs=len(lags),
        failures=failures,
        peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def _measured(urls: Sequence[str]) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "tests.bench.many_sources", "run", folder]
        done = subprocess.run(
            words, input=json.dumps(urls), stdout=subprocess.PIPE, text=True, env=environment(), check=True,
            timeout=LONGEST + 3 * STEADY,
        )  # fmt: skip
    return Figures(**json.loads(done.stdout))


# -- both together


def main() -> None:
    """Measure and print."""
    with _served() as urls:
        healthy = SOURCES - FAILING
        alone, beside = _measured(urls[:healthy]), _measured(urls)
    print(f"{SOURCES} sources of {CHARTS} charts, a sync each every {INTERVAL} s, {FAILING} failing in ten ways\n")
    print(f"{'':<44}{'alone':>10}{'beside':>10}{'ratio':>8}")
    for what, name in (
        ("healthy ones all fresh for the first time, s", "fresh"),
        ("lag of healthy ones, median, s", "lag_median"),
        ("lag, 95th percentile, s", "lag_p95"),
        ("lag, most, s", "lag_most"),
        (f"their syncs in {STEADY:.0f} s", "syncs"),
        ("peak memory, MiB", "peak"),
    ):
        before, after = getattr(alone, name), getattr(beside, name)
        print(f"{what:<44}{before:>10.2f}{after:>10.2f}{after / before:>8.2f}")
    print(f"failed attempts beside: {beside.failures}")


def _command() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("part", choices=["serve", "run"])
    options.add_argument("folder", nargs="?", type=Path)
    asked = options.parse_args()
    if asked.part == "serve":
        serve()
    else:
        logging.getLogger("indexer").setLevel(logging.ERROR)  # failures are what is measured
        print(json.dumps(asdict(run(json.load(sys.stdin), asked.folder))))
        sys.stdout.flush()


if __name__ == "__main__":
    _command()
