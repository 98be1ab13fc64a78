"""Real TLS servers on loopback, good ones and those that misbehave before a word of HTTP is said.

What is said over HTTP once TLS stands is another server's, such as a ``Site``: `secured` puts TLS before it.
"""

import socket
import ssl
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.certificates import Certified

_BLOCK = 65536


@dataclass
class TlsServer:
    """A listener that speaks TLS to whoever comes, and passes on what they say."""

    port: int
    context: ssl.SSLContext
    """Replace it to change what those who come from now on are shown."""

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def plain_url(self) -> str:
        """The address that somebody writes who does not know about TLS."""
        return f"http://127.0.0.1:{self.port}"

    def show(self, leaf: Certified, *above: Certified) -> None:
        """Have another certificate from now on."""
        self.context = server_context(leaf, *above)


def server_context(
    leaf: Certified, *above: Certified, clients: Certified | None = None, oldest: bool = False
) -> ssl.SSLContext:
    """A server's context. ``above``: what it sends along; ``clients``: whose client certificates it wants to see;
    ``oldest``: it speaks nothing newer than TLS 1.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if oldest or leaf.certificate.public_key().key_size < 2048:  # type: ignore[union-attr]
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if oldest:
        with warnings.catch_warnings(action="ignore"):  # that they are old is the point
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients.pem)
    with tempfile.TemporaryDirectory() as folder:
        context.load_cert_chain(*leaf.write(Path(folder), *above))
    return context


class Behind(Protocol):
    """Something that answers at a port of loopback."""

    url: str


@contextmanager
def secured(site: Behind, context: ssl.SSLContext) -> Iterator[TlsServer]:
    """TLS before ``site``."""
    backend = int(site.url.rpartition(":")[2])

    def serve(server: TlsServer, client: socket.socket) -> None:
        with server.context.wrap_socket(client, server_side=True) as outside, _dialled(backend) as inside:
            _passed_on(outside, inside)

    with listening(serve, context) as server:
        yield server


@contextmanager
def silent() -> Iterator[TlsServer]:
    """Takes connections and says nothing, whatever it is told."""

    def serve(_server: TlsServer, client: socket.socket) -> None:
        while client.recv(_BLOCK):
            pass

    with listening(serve) as server:
        yield server


@contextmanager
def plain_only() -> Iterator[TlsServer]:
    """Speaks HTTP without TLS, and waits for the end of a line that a handshake has not."""

    def serve(_server: TlsServer, client: socket.socket) -> None:
        said = client.recv(_BLOCK)
        if said.startswith(b"HEAD "):
            client.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while client.recv(_BLOCK):
            pass

    with listening(serve) as server:
        yield server


@contextmanager
def closing() -> Iterator[TlsServer]:
    """Takes connections and closes them at the first word."""

    def serve(_server: TlsServer, client: socket.socket) -> None:
        client.recv(1)

    with listening(serve) as server:
        yield server


@contextmanager
def deaf() -> Iterator[TlsServer]:
    """A port behind which nobody takes connections: those that come are neither accepted nor refused."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # fill the queue; what comes then is dropped without a word
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield TlsServer(listener.getsockname()[1], ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))


@contextmanager
def proxy(*, answer: bytes = b"") -> Iterator[str]:
    """A proxy that lets CONNECT and plain requests through to loopback, or ``answer``s all of them; its address."""

    def serve(_server: TlsServer, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(_BLOCK)
        if answer:
            client.sendall(answer)
            return
        words = head.split(b" ", 2)
        if words[0] == b"CONNECT":
            with _dialled(int(words[1].rpartition(b":")[2])) as inside:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _passed_on(client, inside)
            return
        authority, _, path = words[1].partition(b"://")[2].partition(b"/")
        with _dialled(int(authority.rpartition(b":")[2] or 80)) as inside:
            inside.sendall(words[0] + b" /" + path + b" " + words[2])
            _passed_on(client, inside)

    with listening(serve) as server:
        yield server.plain_url


@contextmanager
def listening(
    serve: Callable[[TlsServer, socket.socket], None], context: ssl.SSLContext | None = None
) -> Iterator[TlsServer]:
    """A listener on a free port; ``serve`` gets each connection, in a thread of its own."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=64))
        server = TlsServer(listener.getsockname()[1], context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        open_now: list[socket.socket] = []

        def one(client: socket.socket) -> None:
            # Whoever comes may leave at any time, which is what many tests are about.
            with client, suppress(OSError):
                serve(server, client)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    open_now.append(client)
                    threading.Thread(target=one, args=(client,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for client in open_now:
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)


def _dialled(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port))


def _passed_on(one: socket.socket, other: socket.socket) -> None:
    """Both ways, until one side has nothing more to say."""
    back = threading.Thread(target=_copied, args=(other, one), daemon=True)
    back.start()
    _copied(one, other)
    back.join()


def _copied(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_BLOCK):
            target.sendall(data)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
