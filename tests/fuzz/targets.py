"""What a target is, and how it is run."""

import importlib
import itertools
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.fuzz.mutation import MOST_EDITS, Maker

MODULES = ("repositories", "charts", "servers", "people", "clusters", "providers", "backups")
_KIBIBYTES = 1024


class TooMuchError(AssertionError):
    """One input took more time or memory than its target may."""


class NotHeldError(AssertionError):
    """What a target promises did not hold for the input ``number`` with ``edits``."""

    def __init__(self, name: str, number: int, edits: int, value: object) -> None:
        self.number, self.edits = number, edits
        super().__init__(f"{name}, input {number} with {edits} edits: {value!r:.4000}")


@dataclass(frozen=True, slots=True)
class Target:
    """A parser with what it is fed."""

    name: str
    make: Maker
    check: Callable[[Any], object]
    """Raises for what must not be."""
    seconds: float
    """Of this process's CPU, for one input."""
    mebibytes: int
    """By which one input may raise what this process has held at most."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it."""

    inputs: int
    slowest: float
    """Seconds of CPU."""
    seconds: float


_TARGETS: dict[str, Target] = {}


def target(
    name: str, make: Maker, *, seconds: float = 2.0, mebibytes: int = 64
) -> Callable[[Callable[[Any], object]], Callable[[Any], object]]:
    """Put a check into the table."""

    def enter(check: Callable[[Any], object]) -> Callable[[Any], object]:
        _TARGETS[name] = Target(name, make, check, seconds, mebibytes)
        return check

    return enter


def targets() -> dict[str, Target]:
    """Every target by its name."""
    for module in MODULES:
        importlib.import_module(f"tests.fuzz.{module}")
    return dict(sorted(_TARGETS.items()))


def run(one: Target, seconds: float, start: int, most: int | None = None) -> Run:
    """Feed ``one`` for so long, at ``most`` so often, with the inputs from number ``start`` on. Raises NotHeldError."""
    began, slowest, count = time.monotonic(), 0.0, 0
    for number in itertools.count(start):
        if time.monotonic() - began > seconds or count == most:
            break
        count += 1
        slowest = max(slowest, _fed(one, number))
    return Run(count, slowest, time.monotonic() - began)


def _fed(one: Target, number: int) -> float:
    """Seconds that the input ``number`` took. Raises NotHeldError for the smallest of its kind that fails."""
    edits = Random(number).randint(0, MOST_EDITS)
    try:
        return _measured(one, made(one, number, edits))
    except Exception as error:
        raise _smallest(one, number, edits, error) from error


def made(one: Target, number: int, edits: int) -> Any:
    """The input ``number``."""
    return one.make(Random(number), edits)


def _smallest(one: Target, number: int, edits: int, error: Exception) -> NotHeldError:
    """Fewer edits are the same edits but for the last ones."""
    for fewer in range(edits):
        value = made(one, number, fewer)
        try:
            _measured(one, value)
        except Exception as same:
            if type(same) is type(error):
                return NotHeldError(one.name, number, fewer, value)
    return NotHeldError(one.name, number, edits, made(one, number, edits))


def _measured(one: Target, value: Any) -> float:
    held, began = _held(), time.process_time()
    one.check(value)
    took = time.process_time() - began
    if took > one.seconds:
        raise TooMuchError(f"{took:.1f} s of CPU for one input")
    if (more := (_held() - held) // _KIBIBYTES) > one.mebibytes:
        raise TooMuchError(f"{more} MiB more for one input")
    return took


def _held() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
