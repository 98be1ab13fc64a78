"""Figures of measurements."""

import math
import resource
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds."""

    p50: float
    p95: float
    worst: float

    @classmethod
    def of(cls, milliseconds: Iterable[float]) -> "Times":
        """The figures of at least one time, by the nearest rank."""
        ordered = sorted(milliseconds)

        def rank(share: float) -> float:
            return ordered[math.ceil(share * len(ordered)) - 1]

        return cls(rank(0.5), rank(0.95), ordered[-1])


Clock = Callable[[], float]
"""Seconds: ``time.perf_counter``, or ``time.thread_time`` (CPU) where others use the same cores."""


def timed(work: Callable[[], T], clock: Clock = time.perf_counter) -> tuple[float, T]:
    """Milliseconds that ``work`` takes, and what it returns."""
    began = clock()
    done = work()
    return (clock() - began) * 1000, done


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process and its children while ``work`` is done."""
    began = _cpu()
    work()
    return _cpu() - began


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def mib_on_disk(path: Path) -> float:
    """Size of a file or of all files in a folder."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) / 2**20


def mib_resident(process: int) -> float:
    """Memory that a process holds now; on Linux alone."""
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
