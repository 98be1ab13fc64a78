"""A program on loopback that is told of things by POST, and misbehaves on demand."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


@dataclass(frozen=True)
class Received:
    """One POST."""

    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Receiver:
    """What came, and how it answers. ``tarpit``: it takes a request and never answers."""

    def __init__(self) -> None:
        self.got: list[Received] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        self.tarpit = False
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads, self._server.block_on_close = True, False
        cast(Any, self._server).receiver = self
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A running one on a free port."""
    made = Receiver()
    try:
        yield made
    finally:
        made.close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        its: Receiver = cast(Any, self.server).receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        its.got.append(Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        if its.tarpit:
            its.closing.wait(60)
        self.send_response(its.status)
        for name, value in its.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST  # noqa: N815 -- http.server's own name

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
