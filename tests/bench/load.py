"""A client process that asks as fast as it is answered: eight connections that are kept, one thread, no HTTP library,
so that it takes little of the CPU that the servers need."""

import argparse
import json
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from tests.bench.figures import Times

CLIENTS = 8


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    request: bytes
    asked: float = 0.0
    got: bytes = b""

    def ask(self) -> None:
        self.got, self.asked = b"", time.perf_counter()
        self.socket.sendall(self.request)

    def read(self) -> bool:
        """Take what is there; whether the answer is whole. Raises RuntimeError for one that is not 200."""
        self.got += self.socket.recv(262_144)
        head, blank, body = self.got.partition(b"\r\n\r\n")
        if not blank:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode(errors="replace"))
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return len(body) >= int(length.partition(b":")[2])


@dataclass(frozen=True, slots=True)
class Load:
    """What a load came to."""

    per_second: float
    p50: float
    p95: float
    """Milliseconds."""


def ask(urls: Sequence[str], seconds: float) -> Load:
    """Let the clients, spread over ``urls``, ask for so long."""
    waiting = selectors.DefaultSelector()
    connections = [_connect(urls[number % len(urls)]) for number in range(CLIENTS)]
    for one in connections:
        waiting.register(one.socket, selectors.EVENT_READ, one)
        one.ask()
    took: list[float] = []
    began = time.perf_counter()
    while (now := time.perf_counter()) - began < seconds:
        for key, _ in waiting.select(timeout=1):
            one = key.data
            if one.read():
                took.append((time.perf_counter() - one.asked) * 1000)
                one.ask()
    for one in connections:
        one.socket.close()
    times = Times.of(took)
    return Load(len(took) / (now - began), times.p50, times.p95)


def _connect(url: str) -> _Connection:
    parts = urlsplit(url)
    made = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return _Connection(made, f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: */*\r\n\r\n".encode())


def main() -> None:
    """Print a Load as JSON."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, required=True)
    options.add_argument("urls", nargs="+")
    asked = options.parse_args()
    print(json.dumps(asdict(ask(asked.urls, asked.seconds))))


if __name__ == "__main__":
    sys.exit(main())
