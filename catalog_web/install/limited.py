"""Becomes another program that may use only so much: a program by itself, run as ``python -I limited.py``.

Its words: bytes of memory, seconds of processor time, the program and its words. The limits stay with a program that
takes this one's place, and to set them between fork and exec of a process with threads is not safe.
"""

import os
import resource
import sys


def main() -> None:
    """Set the limits and become the program."""
    memory, seconds, *command = sys.argv[1:]
    limits = {
        # What is written to, not what is reserved: a Go program reserves far more than it ever uses.
        resource.RLIMIT_DATA: int(memory),
        resource.RLIMIT_CPU: int(seconds),
        resource.RLIMIT_FSIZE: int(memory),
        resource.RLIMIT_CORE: 0,
    }
    for what, limit in limits.items():
        resource.setrlimit(what, (limit, limit))
    os.execv(command[0], command)  # noqa: S606 -- the program is the one that the configuration names


if __name__ == "__main__":
    main()
