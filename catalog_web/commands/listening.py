"""The HTTP server: how much it takes in, and how long it waits for it."""

import time
from select import POLLIN, poll
from typing import TYPE_CHECKING, Any

from waitress import create_server  # type: ignore[import-untyped]
from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.parser import HTTPRequestParser, ParsingError  # type: ignore[import-untyped]
from waitress.server import BaseWSGIServer  # type: ignore[import-untyped]
from waitress.task import WSGITask  # type: ignore[import-untyped]
from waitress.wasyncore import dispatcher, loop  # type: ignore[import-untyped]

from catalog_web.commands.lanes import Lanes
from catalog_web.commands.refusing import refusing
from catalog_web.process import Process

if TYPE_CHECKING:
    from flask import Flask

MAX_BODY = 6 * 1024 * 1024
"""Bytes that are taken in at all; what each route takes is less and told by an error of its own."""
MAX_HEADERS, MAX_HEADER_BYTES = 100, 32 * 1024
"""Of one request, its first line included; a browser sends some 20 in 2 KiB, and an address may have 8 KiB."""
CONNECTIONS = 200
SPARE = 20
"""So many of them stay free: whoever is there for longest without a whole request is cut off for it."""
IDLE_SECONDS = 30
"""Who neither ends a request nor waits for an answer is cut off, so that such clients cannot keep everybody out."""
REQUEST_SECONDS = 120.0
"""Nor can those that send a byte now and then: so long a request may take to come in."""
FINISH_SECONDS = 5.0
"""How long a server that ends waits for requests that it has begun to answer."""
_TURN_SECONDS, _BUSY_SECONDS = 1.0, 0.05


class Server:
    """Answers requests at an address from ``run`` to ``end``: what was begun is answered, however it ends."""

    def __init__(self, server: Any, sockets: dict[int, Any]) -> None:
        self._server, self._sockets = server, sockets
        self._listeners = [one for one in sockets.values() if isinstance(one, BaseWSGIServer)]
        self._over = False

    @property
    def port(self) -> int:
        """The real one, also where 0 was asked for; several where a name has several addresses: the first."""
        return int(getattr(self._server, "effective_port", 0) or self._server.effective_listen[0][1])

    @property
    def waiting(self) -> int:
        """Requests for which no thread was free yet."""
        return int(self._server.task_dispatcher.waiting)

    def run(self) -> None:
        """Serve until ``end``, then take no new connection and answer what has come in, within FINISH_SECONDS."""
        while not self._over:
            self._turn(_TURN_SECONDS)
            self._make_room()
        while self._is_called():
            self._turn(0)
        for one in self._listeners:
            dispatcher.close(one)  # the socket alone: answers that are under way still wake the loop up
        ends = time.monotonic() + FINISH_SECONDS
        self._turn(_BUSY_SECONDS)  # what was sent already comes in
        while self._is_busy() and time.monotonic() < ends:
            self._turn(_BUSY_SECONDS)
        self._server.task_dispatcher.shutdown()

    def end(self) -> None:
        """Let ``run`` come to its end; from any thread."""
        self._over = True
        for one in self._listeners:
            one.pull_trigger()

    def close(self) -> None:
        """Let go of the address and of all connections."""
        for one in (*self._sockets.values(), *self._listeners):
            one.close()

    def _turn(self, seconds: float) -> None:
        loop(timeout=seconds, use_poll=True, map=self._sockets, count=1)

    def _make_room(self) -> None:
        """Cut off connections on which nothing happens where hardly one is left: many clients that send nothing, or
        never end their request, would keep everybody out until their time is over, and then come again."""
        channels = [one for one in self._sockets.values() if isinstance(one, HTTPChannel) and not one.will_close]
        too_many = len(channels) - (CONNECTIONS - SPARE)
        if too_many > 0:
            waiting = [one for one in channels if not one.requests and not one.total_outbufs_len]
            for one in sorted(waiting, key=lambda channel: channel.began)[:too_many]:
                one.will_close = True

    def _is_called(self) -> bool:
        """Whether the operating system has let somebody in whom nobody has looked at."""
        called = poll()
        for one in self._listeners:
            called.register(one.socket, POLLIN)
        return bool(called.poll(0))

    def _is_busy(self) -> bool:
        channels = [one for one in list(self._sockets.values()) if isinstance(one, HTTPChannel)]
        return any(one.requests or one.request is not None or one.total_outbufs_len for one in channels)


def listen(
    app: "Flask",
    host: str,
    port: int,
    threads: int,
    request_seconds: float = REQUEST_SECONDS,
    *,
    process: Process | None = None,
) -> Server:
    """Bind the address. While ``process`` is draining each answer ends its connection, so that whoever asks next asks
    another process. Raises OSError."""
    sockets: dict[int, Any] = {}
    lanes = Lanes()
    lanes.set_thread_count(threads)
    server: Any = create_server(
        app,
        map=sockets,
        _dispatcher=lanes,
        host=host,
        port=port,
        threads=threads,
        ident=None,
        max_request_body_size=MAX_BODY,
        max_request_header_size=MAX_HEADER_BYTES,
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_SECONDS,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=False,  # client_address judges by itself whom to believe
    )
    for one in sockets.values():
        if isinstance(one, BaseWSGIServer):  # the others wake the loop up
            one.channel_class = _channel(request_seconds, process or Process())
    return Server(server, sockets)


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Refuses a request with more than `MAX_HEADERS`."""

    def parse_header(self, header_plus: bytes) -> None:
        if header_plus.count(b"\n") > MAX_HEADERS + 1:
            raise ParsingError(f"more than {MAX_HEADERS} headers")
        super().parse_header(header_plus)


def _channel(seconds: float, process: Process) -> type[Any]:
    class Task(WSGITask):  # type: ignore[misc]
        """An answer, and the end of the connection where the process ends."""

        def execute(self) -> None:
            if process.draining:
                self.set_close_on_finish()
            super().execute()

    class Channel(HTTPChannel):  # type: ignore[misc]
        """A connection that is cut when one request takes longer than ``seconds`` to come in."""

        task_class = Task
        parser_class = _Parser
        error_task_class = staticmethod(refusing)

        def __init__(self, *args: Any, **options: Any) -> None:
            # when the last request began to come in; before the first one, the connection
            self.began = time.monotonic()
            super().__init__(*args, **options)

        def received(self, data: bytes) -> bool:
            if self.request is None:
                self.began = time.monotonic()
            elif time.monotonic() - self.began > seconds:
                self.will_close = True
            return bool(super().received(data))

    return Channel
