"""Eight clients on two web processes, beside two processes that give a constant answer, as ratios.

The clients are a process of their own. On a machine with two cores it takes its share of them, from both alike.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median

from tests.bench import catalogs
from tests.bench.load import CLIENTS, Load
from tests.bench.serving import chartroom_web, constant
from tests.command import environment

_PROCESSES = 2
_WARM_SECONDS = 0.5
_ASKED = ("nginx", "kubernetes")


def main(size: int, seconds: float, rounds: int) -> None:
    """Measure and print; each figure is the median of ``rounds``."""
    config = catalogs.folder_of(size) / "chartroom.yaml"
    with ExitStack() as stack:
        flat = [f"{stack.enter_context(constant()).url}/" for _ in range(_PROCESSES)]
        webs = [stack.enter_context(chartroom_web(config)).url for _ in range(_PROCESSES)]
        targets = {"constant 2 kB": flat}
        targets |= {f"q={text}": [f"{url}/api/v1/charts?q={text}" for url in webs] for text in _ASKED}
        for urls in targets.values():
            _load(urls, _WARM_SECONDS)
        found: dict[str, list[Load]] = {name: [] for name in targets}
        for _ in range(rounds):
            for name, urls in targets.items():
                found[name].append(_load(urls, seconds))
    base = median(one.per_second for one in found["constant 2 kB"])
    print(f"{f'{CLIENTS} clients, {_PROCESSES} processes':<30}{'requests/s':>12}{'ratio':>8}{'p50 ms':>8}{'p95 ms':>8}")
    for name, loads in found.items():
        rate, p50, p95 = (median(getattr(one, part) for one in loads) for part in ("per_second", "p50", "p95"))
        print(f"{name:<30}{rate:>12.0f}{rate / base:>8.2f}{p50:>8.2f}{p95:>8.2f}")


def _load(urls: Sequence[str], seconds: float) -> Load:
    words = [sys.executable, "-m", "tests.bench.load", "--seconds", str(seconds), *urls]
    done = subprocess.run(words, env=environment(), stdout=subprocess.PIPE, text=True, check=True)
    return Load(**json.loads(done.stdout))
