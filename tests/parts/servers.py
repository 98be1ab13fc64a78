"""Servers that tests start: they end with the test run, however it ends."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_WITHIN = 120.0
"""Seconds that a server gets for becoming ready: five to ten are usual, a busy machine needs more."""


class ServerError(RuntimeError):
    """A server did not come up; the message carries the end of its log."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def tail(self, lines: int = 30) -> str:
        return "\n".join([f"The end of {self.log}:", *self.log.read_text(errors="replace").splitlines()[-lines:]])


@contextmanager
def server(name: str, command: Sequence[str], folder: Path) -> Iterator[Server]:
    # setpriv (util-linux) has the kernel end the server when its parent dies, even by SIGKILL.
    setpriv = shutil.which("setpriv")
    prefix = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen([*prefix, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        yield Server(name, process, log)
    finally:
        process.kill()  # nothing of it is kept, so there is nothing to finish
        process.wait()


def wait_until(ready: Callable[[], bool], *servers: Server) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not ready():
        for one in servers:
            if one.process.poll() is not None:
                raise ServerError(f"{one.name} ended with {one.process.returncode}. {one.tail()}")
        if time.monotonic() > deadline:
            tails = "\n".join(one.tail() for one in servers)
            raise ServerError(f"{servers[-1].name} was not ready within {READY_WITHIN:.0f} s. {tails}")
        time.sleep(0.2)


def free_ports(count: int) -> list[int]:
    # All are held at once, so no two are the same.
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
