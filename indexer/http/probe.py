"""What a ``Client`` does before a word of HTTP is said, step by step, and what can be seen of it.

For telling people why a connection does not come about. Names are resolved, addresses judged and certificates verified
as for every request; beside that, a handshake that accepts anything shows what a server has (``look``), which Python's
own ``ssl`` does not tell of a chain that it refuses.
"""

import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from OpenSSL import SSL
from OpenSSL.crypto import FILETYPE_ASN1, dump_certificate

from indexer.errors import N_, AddressRefused, NameNotResolved, phrase
from indexer.http.access import Tls
from indexer.http.network import Network
from indexer.http.tls import tls_context
from indexer.http.transport import connected, dialled
from indexer.http.urls import is_address

_BLOCK = 16 * 1024
_LONGEST_HEAD = 64 * 1024
Entries = Sequence[tuple[Any, ...]]
"""Addresses as ``getaddrinfo`` tells them."""


class Wire(Protocol):
    """A connection: a socket, or TLS over one."""

    def settimeout(self, seconds: float | None, /) -> None:
        """How long a call may take."""

    def recv(self, size: int, /) -> bytes:
        """What comes next; empty at the end."""

    def sendall(self, data: bytes, /) -> None:
        """Send all of it."""

    def close(self) -> None:
        """Close it."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a server shows to somebody who accepts anything."""

    version: str
    """Such as ``TLSv1.3``; empty where none came about."""
    chain: tuple[bytes, ...] = ()
    """Certificates in DER, the server's own first, as it sends them."""
    asks_client: bool = False
    """It wants to see a client certificate."""
    failure: str = ""
    """OpenSSL's words where none came about."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a server is believed. ``code``: OpenSSL's number of the check that failed (X509_V_ERR_…); 0 with a
    ``failure``: the handshake broke before any check."""

    code: int = 0
    failure: str = ""

    @property
    def is_good(self) -> bool:
        """Whether a handshake came about."""
        return not self.failure


def resolve(host: str, port: int, network: Network, seconds: float) -> Entries:
    """The addresses of ``host``, all of which may be dialled. Raises NameNotResolved, AddressRefused."""
    found: list[Entries | BaseException] = []

    def ask() -> None:
        try:
            found.append(dialled(host, port, network))
        except (OSError, UnicodeError, AddressRefused) as error:
            found.append(error)

    # The resolver has time-outs of its own, which Python cannot change: it may go on without us.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if not found:
        raise NameNotResolved(host=host, detail=phrase(N_("the resolver does not answer")))
    if isinstance(found[0], AddressRefused):
        raise found[0]
    if isinstance(found[0], BaseException):
        raise NameNotResolved(host=host, detail=_why_unresolved(found[0]))
    return found[0]


def _why_unresolved(error: BaseException) -> Any:
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return phrase(N_("the resolver does not answer, or not now"))
    return phrase(N_("the resolver knows no address for it"))


def reach(entries: Entries, seconds: float) -> socket.socket:
    """A TCP connection to the first address that answers. Raises OSError."""
    return connected(list(entries), seconds)


def tunnel(wire: Wire, proxy: str, host: str, port: int, seconds: float) -> int:
    """Ask the ``proxy`` at the other end of ``wire`` to connect to ``host``; its status. Raises OSError, ValueError."""
    named = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {named} HTTP/1.1", f"Host: {named}", *_login(proxy), "", ""]
    ends = time.monotonic() + seconds
    wire.settimeout(seconds)
    wire.sendall("\r\n".join(lines).encode("ascii"))
    head = b""
    while b"\r\n\r\n" not in head:
        wire.settimeout(_left(ends))
        block = wire.recv(1)  # what follows the head belongs to the server behind
        if not block or len(head) > _LONGEST_HEAD:
            raise ConnectionResetError("the proxy does not answer as one")
        head += block
    return _status(head)


def _status(head: bytes) -> int:
    words = head.split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/"):  # noqa: PLR2004 -- version and status
        raise ValueError("no HTTP")
    return int(words[1])


def _login(proxy: str) -> list[str]:
    parts = urlsplit(proxy)
    if parts.username is None:
        return []
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return [f"Proxy-Authorization: Basic {b64encode(pair.encode()).decode()}"]


def speaks_http(wire: Wire, host: str, seconds: float) -> bool:
    """Whether plain HTTP is spoken at the other end."""
    with suppress(OSError):
        wire.settimeout(seconds)
        wire.sendall(f"HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("ascii"))
        return wire.recv(5) == b"HTTP/"
    return False


def look(wire: Wire, host: str, seconds: float) -> Handshake:
    """Shake hands with whatever is there, believe it, and tell what it shows; nothing is sent after.

    Also speaks versions and takes keys that are refused else. Raises OSError (TimeoutError among them).
    """
    states: set[bytes] = set()
    connection = SSL.Connection(_accepting(), None)
    connection.set_info_callback(lambda one, _where, _result: states.add(one.get_state_string()))
    if not is_address(host):
        connection.set_tlsext_host_name(host.encode("ascii"))
    connection.set_connect_state()
    failure = ""
    try:
        _pump(wire, seconds, _OpenSslSide(connection))
    except SSL.Error as error:
        failure = _words(error)
    # Not as certificates of ``cryptography``, which raises for some that OpenSSL takes.
    chain = connection.get_peer_cert_chain() or []
    shown = tuple(dump_certificate(FILETYPE_ASN1, one) for one in chain)
    version = "" if failure else connection.get_protocol_version_name()
    return Handshake(version, shown, any(b"certificate request" in one for one in states), failure)


def verify(wire: Wire, host: str, tls: Tls, seconds: float) -> Verdict:
    """Shake hands as every request does. Raises TlsUnusable, CredentialsUnreadable, OSError."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = tls_context(tls, with_client=True)
    both = context.wrap_bio(incoming, outgoing, server_hostname=host)
    try:
        _pump(wire, seconds, _PythonSide(both, incoming, outgoing))
    except ssl.SSLCertVerificationError as error:
        return Verdict(error.verify_code, error.verify_message)
    except ssl.SSLError as error:
        return Verdict(0, (error.reason or "the handshake failed").replace("_", " ").lower())
    return Verdict()


def secured(wire: socket.socket, host: str, tls: Tls, seconds: float) -> ssl.SSLSocket:
    """TLS over ``wire``, to a proxy that is spoken to so. Raises OSError, TlsUnusable, CredentialsUnreadable."""
    wire.settimeout(seconds)
    return tls_context(tls, with_client=False).wrap_socket(wire, server_hostname=host)


# -- handshakes over any wire, within one deadline


class _Side(Protocol):
    """Our side of a handshake."""

    def step(self) -> bool:
        """Go on as far as possible; whether it is done."""

    def take(self) -> bytes:
        """What is to be sent."""

    def give(self, data: bytes) -> None:
        """What was received; empty: nothing more comes."""


def _pump(wire: Wire, seconds: float, side: _Side) -> None:
    ends = time.monotonic() + seconds
    done = False
    while not done:
        try:
            done = side.step()
        finally:
            if data := side.take():
                wire.settimeout(_left(ends))
                with suppress(ConnectionError):  # an alert to somebody who left already
                    wire.sendall(data)
        if not done:
            wire.settimeout(_left(ends))
            received = wire.recv(_BLOCK)
            if not received:
                raise ConnectionResetError("closed during the handshake")
            side.give(received)


@dataclass(frozen=True, slots=True)
class _OpenSslSide:
    connection: SSL.Connection

    def step(self) -> bool:
        try:
            self.connection.do_handshake()
        except SSL.WantReadError:
            return False
        return True

    def take(self) -> bytes:
        with suppress(SSL.WantReadError):
            return self.connection.bio_read(_LONGEST_HEAD)
        return b""

    def give(self, data: bytes) -> None:
        self.connection.bio_write(data)


@dataclass(frozen=True, slots=True)
class _PythonSide:
    both: ssl.SSLObject
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO

    def step(self) -> bool:
        try:
            self.both.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def take(self) -> bytes:
        return self.outgoing.read()

    def give(self, data: bytes) -> None:
        self.incoming.write(data)


def _accepting() -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_VERSION)
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    context.set_verify(SSL.VERIFY_NONE)
    return context


def _words(error: SSL.Error) -> str:
    """Of OpenSSL's queue of (library, function, reason) the first reason."""
    queue = error.args[0] if error.args and isinstance(error.args[0], list) else []
    return next((str(one[2]) for one in queue if one[2]), "the handshake failed")


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time is up")
    return left
