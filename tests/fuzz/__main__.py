"""``python -m tests.fuzz [--seconds N] [--start NUMBER] [TARGET…]``: feed each target for so long.

Exit 0 where all of them held; 1 where one did not, with its smallest input; 2 for a target that there is not.
"""

import argparse
import sys
import time
import traceback

from tests.fuzz.targets import Target, run, targets


def main() -> int:
    """Run what was asked for."""
    known = targets()
    asked = _arguments(known)
    failed = [name for name in asked.targets or known if not _holds(known[name], asked.seconds, asked.start)]
    if failed:
        print(f"did not hold: {', '.join(failed)}")
    return 1 if failed else 0


def _arguments(known: dict[str, Target]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Feed parsers with made-up input.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(known))
    parser.add_argument("--seconds", type=float, default=5.0, help="for each target [default: 5]")
    parser.add_argument("--start", type=int, default=None, help="number of the first input [default: the time]")
    asked = parser.parse_args()
    if unknown := [one for one in asked.targets if one not in known]:
        parser.error(f"there is no target {', '.join(unknown)}")
    asked.start = int(time.time() * 1000) if asked.start is None else asked.start
    return asked


def _holds(one: Target, seconds: float, start: int) -> bool:
    try:
        done = run(one, seconds, start)
    except Exception:
        print(f"{one.name}: FAILED")
        traceback.print_exc()
        return False
    print(f"{one.name}: {done.inputs:,} inputs in {done.seconds:.0f} s, the slowest took {done.slowest * 1000:.0f} ms")
    sys.stdout.flush()
    return True


if __name__ == "__main__":
    sys.exit(main())
