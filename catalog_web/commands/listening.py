"""The HTTP server: how much it takes in, and how long it waits for it."""

import time
from typing import TYPE_CHECKING, Any

from waitress import create_server  # type: ignore[import-untyped]
from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.parser import HTTPRequestParser, ParsingError  # type: ignore[import-untyped]

from catalog_web.commands.lanes import Lanes
from catalog_web.commands.refusing import refusing

if TYPE_CHECKING:
    from flask import Flask

MAX_BODY = 6 * 1024 * 1024
"""Bytes that are taken in at all; what each route takes is less and told by an error of its own."""
MAX_HEADERS, MAX_HEADER_BYTES = 100, 32 * 1024
"""Of one request, its first line included; a browser sends some 20 in 2 KiB, and an address may have 8 KiB."""
CONNECTIONS = 200
IDLE_SECONDS = 30
"""Who neither ends a request nor waits for an answer is cut off, so that such clients cannot keep everybody out."""
REQUEST_SECONDS = 120.0
"""Nor can those that send a byte now and then: so long a request may take to come in."""


def listen(app: "Flask", host: str, port: int, threads: int, request_seconds: float = REQUEST_SECONDS) -> Any:
    """Bind the address; the server's ``run`` serves until it is ended. Raises OSError."""
    servers: dict[int, Any] = {}
    lanes = Lanes()
    lanes.set_thread_count(threads)
    server: Any = create_server(
        app,
        map=servers,
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
    for one in servers.values():
        if hasattr(one, "channel_class"):  # the others wake the loop up
            one.channel_class = _channel(request_seconds)
    return server


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Refuses a request with more than `MAX_HEADERS`."""

    def parse_header(self, header_plus: bytes) -> None:
        if header_plus.count(b"\n") > MAX_HEADERS + 1:
            raise ParsingError(f"more than {MAX_HEADERS} headers")
        super().parse_header(header_plus)


def _channel(seconds: float) -> type[Any]:
    class Channel(HTTPChannel):  # type: ignore[misc]
        """A connection that is cut when one request takes longer than ``seconds`` to come in."""

        parser_class = _Parser
        error_task_class = staticmethod(refusing)
        began = 0.0

        def received(self, data: bytes) -> bool:
            if self.request is None:
                self.began = time.monotonic()
            elif time.monotonic() - self.began > seconds:
                self.will_close = True
            return bool(super().received(data))

    return Channel
