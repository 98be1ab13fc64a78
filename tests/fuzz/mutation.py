"""A good input, damaged: bytes, texts, and what is read from JSON.

All of it follows from a ``random.Random``: the same number makes the same input again, and with fewer edits a smaller
one.
"""

import marshal
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

MOST_EDITS = 6
MOST_PLACES = 2_000
"""Of an object; a larger one is not copied into itself once more."""
LONGEST_REPEATED = 1024
LONGEST_CUT = 80
_LETTERS = "ab:-.,'\"\\/ \n\t\0[]{}<>()&*!|%#@=~^?;é中\u202e\ud800\u2028"
_NODES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, 1.5, float("nan"), "", "a", "\0", "\ud800", "../..", "9" * 400, [], {}, [[]],
    [None], {"": None}, "2026-01-01T00:00:00Z", "9999-99-99T99:99:99Z", ["a"] * 50,
)  # fmt: skip
"""What stands where something else was expected."""

Maker = Callable[[Random, int], Any]
"""Makes one input by so many edits."""


def damaged_bytes(*seeds: bytes, words: Sequence[bytes] = ()) -> Maker:
    """One of ``seeds`` after flips, cuts, insertions (also of ``words``) and repetitions."""

    def make(random: Random, edits: int) -> bytes:
        changed = bytearray(random.choice(seeds))
        for _ in range(edits):
            at = random.randint(0, len(changed))
            match random.choice(["flip", "flip", "cut", "insert", "insert", "repeat", "end"]):
                case "flip":
                    changed[at : at + 1] = random.randbytes(1)
                case "cut":
                    del changed[at : at + random.randint(1, LONGEST_REPEATED)]
                case "insert":
                    noise = random.randbytes(random.randint(1, 40))
                    changed[at:at] = random.choice([*words, noise]) if words else noise
                case "repeat":
                    piece = changed[at : at + random.randint(1, LONGEST_REPEATED)]
                    changed[at:at] = piece * random.choice([1, 1, 2, 50])
                case "end":
                    del changed[at:]
        return bytes(changed)

    return make


def damaged_text(*seeds: str, words: Sequence[str] = ()) -> Maker:
    """The same with characters."""

    def make(random: Random, edits: int) -> str:
        changed = random.choice(seeds)
        for _ in range(edits):
            at, length = random.randint(0, len(changed)), random.randint(1, LONGEST_CUT)
            new = random.choice([*words, _noise(random)])
            match random.choice(["replace", "cut", "insert", "insert", "repeat", "end"]):
                case "replace":
                    changed = changed[:at] + new + changed[at + length :]
                case "cut":
                    changed = changed[:at] + changed[at + length :]
                case "insert":
                    changed = changed[:at] + new + changed[at:]
                case "repeat":
                    changed = changed[:at] + changed[at : at + length] * random.choice([2, 2, 3, 100]) + changed[at:]
                case "end":
                    changed = changed[:at]
        return changed

    return make


def _noise(random: Random) -> str:
    return "".join(
        random.choice(_LETTERS) if random.random() < 0.8 else chr(random.randrange(0x3100))
        for _ in range(random.randint(1, 8))
    )


def damaged_object(*seeds: Any) -> Maker:
    """One of ``seeds``, which is as read from JSON, with other things in some of its places."""

    def make(random: Random, edits: int) -> Any:
        changed = _copy(random.choice(seeds))
        for _ in range(edits):
            places = list(_places(changed))
            if not places:
                return _copy(random.choice(_NODES))
            if len(places) > MOST_PLACES:
                break
            holder, key = random.choice(places)
            match random.choice(["put", "put", "drop", "deepen", "copy"]):
                case "put":
                    holder[key] = _copy(random.choice(_NODES))
                case "drop":
                    del holder[key]
                case "deepen":
                    holder[key] = _deep(holder[key], random.choice([1, 3, 120]))
                case "copy":
                    holder[key] = _copy(random.choice(places)[0])
        return changed

    return make


def _copy(value: Any) -> Any:
    """``copy.deepcopy`` would end at some hundred levels."""
    return marshal.loads(marshal.dumps(value))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every list or mapping in ``value`` with each of its keys; as far down as a stack of Python goes."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for key in keys:
            yield one, key
            waiting.append(one[key])


def _deep(value: Any, levels: int) -> Any:
    for _ in range(levels):
        value = {"spec": value}
    return value


# -- put together


def mapped(change: Callable[[Any], Any], maker: Maker) -> Maker:
    """What ``maker`` makes, changed."""
    return lambda random, edits: change(maker(random, edits))


def either(*makers: Maker) -> Maker:
    """What one of them makes."""
    return lambda random, edits: random.choice(makers)(random, edits)


def several(*makers: Maker) -> Maker:
    """What each of them makes."""
    return lambda random, edits: tuple(one(random, edits) for one in makers)
