"""``make bench``: Chartroom beside helm on the real bitnami index, measured in one run, printed as ratios; then many
sources, some of which fail; then the search. ``python -m tests.bench search`` and so on: one of the three alone.

CPU seconds and peak memory are those of whole processes, start included, as the operating system counts them. Each
figure is the median of ``--runs`` runs.
"""

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import catalogs, many_sources, search
from tests.command import command_line, environment, write_config
from tests.data import DATA, bitnami_index
from tests.parts.located import located
from tests.upstream import Site, upstream

_PARTS = ["large-index", "many-sources", "search"]
QUERIES = ("nginx", "postgresql", "kube", "redis cluster", "monitoring", "n", "")


_LAUNCHER = """
import os, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(done.returncode)
"""
"""A small process in between: a child's peak begins with that of the process that it was forked from."""


@dataclass(frozen=True)
class Cost:
    """What one process cost."""

    cpu: float
    """Seconds, user and system."""
    peak: float
    """MiB resident at most."""


def main() -> int:
    """Measure and print; returns 1 where an answer of the search is wrong."""
    options = argparse.ArgumentParser(prog="make bench")
    options.add_argument("what", nargs="*", choices=_PARTS, default=_PARTS, help="[default: all]")
    options.add_argument("--runs", type=int, default=3, help="how often each process beside helm runs")
    options.add_argument("--small", action="store_true", help="the search at its smallest, in seconds")
    options.add_argument("--cpu", action="store_true", help="the search's own time in CPU milliseconds")
    options.add_argument("--charts", type=int, nargs="+", default=catalogs.SIZES, help="sizes of the searched catalogs")
    asked = options.parse_args()
    if "large-index" in asked.what:
        _large_index(asked.runs)
    if "many-sources" in asked.what:
        many_sources.main()
    return search.main(asked.charts, small=asked.small, cpu=asked.cpu) if "search" in asked.what else 0


def _large_index(runs: int) -> None:
    if not (DATA / "bitnami").is_dir():
        print("not run: no data")
        return
    with tempfile.TemporaryDirectory() as folder, upstream() as site:
        site.put("/index.yaml", bitnami_index(), etag='"1"')
        helm = {name: _helm(name, Path(folder) / name, site, runs) for name in ("helm3", "helm4")}
        ours = _ours(Path(folder) / "chartroom", site, runs)
        _print(helm, ours)
        _print_search(Path(folder) / "chartroom")


def _helm(part: str, folder: Path, site: Site, runs: int) -> dict[str, Cost]:
    home = {f"HELM_{name}_HOME": str(folder / name.lower()) for name in ("CACHE", "CONFIG", "DATA")}
    program = str(located(part))
    measure(1, lambda: [program, "repo", "add", "bitnami", site.url], home)
    return {
        "repo update": measure(runs, lambda: [program, "repo", "update"], home),
        "search repo": measure(runs, lambda: [program, "search", "repo", "nginx"], home),
    }


def _ours(folder: Path, site: Site, runs: int) -> dict[str, Cost]:
    source = {"name": "bitnami", "url": site.url, "content": "none"}
    rooms = iter([write_config(folder / str(number), [source]) for number in range(runs)])
    first = measure(runs, lambda: command_line(next(rooms), "sync", "--no-archives"), environment())
    config = folder / "0" / "chartroom.yaml"
    sync, search = command_line(config, "sync", "--no-archives"), command_line(config, "search", "nginx")
    not_modified = measure(runs, lambda: sync, environment())
    index, added = bitnami_index(), iter(range(runs))

    def one_more() -> Sequence[str]:
        number = next(added)
        site.put("/index.yaml", with_one_more(index, number), etag=f'"more-{number}"')
        return sync

    more = measure(runs, one_more, environment())
    alone = measure(runs, lambda: command_line(config, "source", "list"), environment())
    return {
        "first sync": first,
        "sync, one version added": more,
        "sync, not modified": not_modified,
        "search (a new process)": measure(runs, lambda: search, environment()),
        "start alone (source list)": alone,
    }


def with_one_more(index: bytes, number: int) -> bytes:
    """``index`` with a copy of nginx's first version under a new number."""
    found = re.search(rb"\n  nginx:\n(  - .*?\n)(?=  - )", index, re.DOTALL)
    assert found
    entry = found[1]
    newer = re.sub(rb"\n    version: .*\n", b"\n    version: 999.0.%d\n" % number, entry)
    return index.replace(entry, newer + entry, 1)


def measure(runs: int, words: Callable[[], Sequence[str]], extra: Mapping[str, str]) -> Cost:
    """Run ``words`` so often; medians. Raises RuntimeError when it fails."""
    costs = [_once(words(), {**environment(), **extra}) for _ in range(runs)]
    return Cost(statistics.median(one.cpu for one in costs), statistics.median(one.peak for one in costs))


def _once(words: Sequence[str], environ: Mapping[str, str]) -> Cost:
    launcher = [sys.executable, "-S", "-c", _LAUNCHER, *words]
    done = subprocess.run(launcher, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr}")
    cpu, peak = done.stdout.split()
    return Cost(float(cpu), float(peak) / 1024)


def _print(helm: Mapping[str, Mapping[str, Cost]], ours: Mapping[str, Cost]) -> None:
    print(f"{'bitnami, 41 MB, 35,884 versions':<36}{'CPU s':>8}{'MiB':>8}{'CPU / helm3':>14}{'MiB / helm3':>14}")
    base = helm["helm3"]["repo update"]
    for name, costs in helm.items():
        for verb, cost in costs.items():
            _row(f"{name} {verb}", cost, base)
    for name, cost in ours.items():
        _row(f"chartroom {name}", cost, base)


def _row(name: str, cost: Cost, base: Cost) -> None:
    print(f"{name:<36}{cost.cpu:>8.2f}{cost.peak:>8.0f}{cost.cpu / base.cpu:>14.2f}{cost.peak / base.peak:>14.2f}")


def _print_search(folder: Path) -> None:
    from catalog_web.services import open_services
    from indexer.config import load
    from indexer.search.request import SearchRequest

    services = open_services(load(folder / "0" / "chartroom.yaml", {}))
    services.catalog.follow()
    print(f"\n{'search in a running process':<36}{'p50 ms':>8}{'p95 ms':>8}")
    for query in QUERIES:
        times = [_timed(lambda: services.catalog.search(SearchRequest(query))) for _ in range(200)]  # noqa: B023
        cuts = statistics.quantiles(times, n=20)
        print(f"{query or '(everything)':<36}{statistics.median(times):>8.2f}{cuts[18]:>8.2f}")
    services.close()


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    sys.exit(main())
