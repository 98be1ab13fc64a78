"""requests with a sense of time and without its automatisms.

requests knows a time-out for each single read only: a server that sends one byte now and then keeps it busy for ever.
Here the read time-out counts for the *whole answer*. urllib3 sets it on the socket just before it reads the answer;
``_PacedResponse`` takes it from there as the time left in total, and re-arms the socket with what remains before each
single read, headers, chunk sizes and trailers included. As it is the socket's own time-out that ends the wait, there is
no watchdog thread and no race with a connection that is used again. Connecting (to each of the host's addresses in
turn) and the TLS handshake are bounded by the connect time-out, resolving the name by the resolver's own: Python cannot
interrupt it.
"""

import http.client
import io
import logging
import socket
import time
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from indexer.about import program_version

# urllib3 writes whole addresses into its log, with the tokens in their queries.
logging.getLogger("urllib3").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Pace:
    """A body of n bytes may take ``grace`` + n / ``least`` seconds, and no longer."""

    least: float
    """Bytes a second."""
    grace: float
    """Seconds."""


class Session(requests.Session):
    """A session that follows no redirect, keeps no cookie, and whose read time-out is the one of the whole answer."""

    def __init__(self, pace: Pace) -> None:
        super().__init__()
        self.headers.clear()
        self.headers.update({"User-Agent": f"chartroom/{program_version() or 'unknown'}", "Accept": "*/*"})
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.mount("http://", _PacedAdapter(pace))
        self.mount("https://", _PacedAdapter(pace))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None for all: even with ``allow_redirects=False`` requests reads and decodes a redirect's whole body else."""
        return


class _PacedAdapter(HTTPAdapter):
    def __init__(self, pace: Pace) -> None:
        self._pools = _paced_pools(pace)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _paced_pools(wanted: Pace) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    class Response(_PacedResponse):
        pace = wanted

    class Connection(urllib3.connection.HTTPConnection):
        response_class = Response

    class TlsConnection(urllib3.connection.HTTPSConnection):
        response_class = Response

    class Pool(urllib3.HTTPConnectionPool):
        ConnectionCls = Connection

    class TlsPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = TlsConnection

    return {"http": Pool, "https": TlsPool}


class _PacedResponse(http.client.HTTPResponse):
    """An answer that is read through a ``_PacedStream``."""

    pace: Pace

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._paced = _PacedStream(sock, self.fp.detach(), self.pace)
        self.fp = io.BufferedReader(self._paced)

    def begin(self) -> None:
        super().begin()
        self._paced.body_begins()

    def _read_next_chunk_size(self) -> int:
        """http.client reads to the end of the connection, at any size, for a chunk of −1 bytes."""
        size: int = super()._read_next_chunk_size()  # type: ignore[misc]
        if size < 0:
            raise http.client.HTTPException("a chunk of negative size")
        return size


class _PacedStream(io.RawIOBase):
    """The bytes of one answer; a read raises TimeoutError once the answer's time is up or the body comes too slowly."""

    def __init__(self, sock: socket.socket, stream: io.RawIOBase, pace: Pace) -> None:
        left = sock.gettimeout()
        self._sock = sock
        self._stream = stream
        self._pace = pace
        self._ends = float("inf") if left is None else time.monotonic() + left
        self._body_began: float | None = None
        self._received = 0

    def body_begins(self) -> None:
        """From now on the least rate counts: a server may think as long as the deadline lets it."""
        self._body_began = time.monotonic()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends_now() - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the answer is up")
        self._sock.settimeout(None if left == float("inf") else left)
        count = self._stream.readinto(buffer)
        self._received += count or 0
        return count

    def _ends_now(self) -> float:
        if self._body_began is None:
            return self._ends
        return min(self._ends, self._body_began + self._pace.grace + self._received / self._pace.least)

    def close(self) -> None:
        self._stream.close()
        super().close()
