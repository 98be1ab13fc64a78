"""requests with a sense of time and without its automatisms.

requests knows a time-out for each single read only: a server that sends one byte now and then keeps it busy for ever.
Here the read time-out counts for the *whole answer*. urllib3 sets it on the socket just before it reads the answer;
``_PacedResponse`` takes it from there as the time left in total, and re-arms the socket with what remains before each
single read, headers, chunk sizes and trailers included. As it is the socket's own time-out that ends the wait, there is
no watchdog thread and no race with a connection that is used again. Connecting (to each of the host's addresses in
turn) and the TLS handshake are bounded by the connect time-out, resolving the name by the resolver's own: Python cannot
interrupt it.

A connection resolves its host itself and dials only what the ``Network`` permits, so the address that was judged is the
one that is dialled, at every hop and whatever a name answers the next time.
"""

import http.client
import io
import logging
import socket
import ssl
import time
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family

from indexer.about import program_version
from indexer.errors import AddressRefused
from indexer.http.network import OPEN, Network

# urllib3 writes whole addresses into its log, with the tokens in their queries.
logging.getLogger("urllib3").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Pace:
    """A body of n bytes may take ``grace`` + n / ``least`` seconds, and no longer."""

    least: float
    """Bytes a second."""
    grace: float
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Way:
    """How connections are made."""

    pace: Pace
    context: ssl.SSLContext
    proxy_context: ssl.SSLContext
    """For the proxy itself, which is shown no client certificate."""
    network: Network = OPEN
    proxy_network: Network = OPEN
    """Where the proxy itself may be."""


class Session(requests.Session):
    """A session that follows no redirect, keeps no cookie, reads nothing from its surroundings, and whose read time-out
    is the one of the whole answer."""

    def __init__(self, way: Way) -> None:
        super().__init__()
        self.trust_env = False  # no .netrc, no proxies and certificates but those that are given
        self.headers.clear()
        self.headers.update({"User-Agent": f"chartroom/{program_version() or 'unknown'}", "Accept": "*/*"})
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.mount("http://", _PacedAdapter(way))
        self.mount("https://", _PacedAdapter(way))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None for all: even with ``allow_redirects=False`` requests reads and decodes a redirect's whole body else."""
        return


def dialled(host: str, port: int, network: Network) -> list[tuple[Any, ...]]:
    """What ``getaddrinfo`` tells of ``host``, if all of it may be dialled: a name with an allowed and a refused address
    is a trick, not a choice. Raises AddressRefused, OSError, UnicodeError."""
    name = host.strip("[]")
    found: list[tuple[Any, ...]] = list(socket.getaddrinfo(name, port, allowed_gai_family(), socket.SOCK_STREAM))
    for entry in found:
        if not network.permits(name.lower().rstrip("."), entry[4][0]):
            raise AddressRefused(host=host, address=entry[4][0])
    return found


class _PacedAdapter(HTTPAdapter):
    def __init__(self, way: Way) -> None:
        self._way = way
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _paced_pools(self._way.pace, self._way.network)

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options, proxy_ssl_context=self._way.proxy_context)
        manager.pool_classes_by_scheme = _paced_pools(self._way.pace, self._way.proxy_network)
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: the context says which certificates are believed, and requests would overrule it."""

    def build_connection_pool_key_attributes(self, *args: Any, **options: Any) -> Any:
        host, _ = super().build_connection_pool_key_attributes(*args, **options)
        context = self._way.context
        return host, {"ssl_context": context, "cert_reqs": context.verify_mode}


def _paced_pools(wanted: Pace, network: Network) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    class Response(_PacedResponse):
        pace = wanted

    class Connection(_Guarded, urllib3.connection.HTTPConnection):
        response_class = Response
        permitted = network

    class TlsConnection(_Guarded, urllib3.connection.HTTPSConnection):
        response_class = Response
        permitted = network

    class Pool(urllib3.HTTPConnectionPool):
        ConnectionCls = Connection

    class TlsPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = TlsConnection

        def _validate_conn(self, conn: Any) -> None:
            """Connect, without a warning where nothing is verified: whoever registered the source wanted it so."""
            if conn.is_closed:
                conn.connect()

    return {"http": Pool, "https": TlsPool}


class _Guarded:
    """Dials what was judged: urllib3's own way would ask the resolver again."""

    permitted: Network

    def _new_conn(self: Any) -> socket.socket:
        try:
            return connected(dialled(self._dns_host, self.port, self.permitted), self.timeout, self.socket_options)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no connection in time") from error
        except OSError as error:
            raise NewConnectionError(self, f"no connection: {error}") from error


def connected(addresses: list[tuple[Any, ...]], timeout: float | None, options: Any = ()) -> socket.socket:
    """A connection to the first of ``addresses`` (as `dialled` tells them) that answers within ``timeout`` seconds.

    Raises OSError, as the last of them failed.
    """
    failed = OSError("it has no address")
    for family, kind, protocol, _, address in addresses:
        sock = socket.socket(family, kind, protocol)
        try:
            for option in options or ():
                sock.setsockopt(*option)
            sock.settimeout(timeout)
            sock.connect(address)
        except OSError as error:
            sock.close()
            failed = error
        else:
            return sock
    raise failed


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
