"""How long a request may take to come in."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from catalog_web.commands.listening import CONNECTIONS, listen

BODY = b"ok"


def application(_environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Length", str(len(BODY)))])
    return [BODY]


@pytest.fixture
def port() -> Iterator[int]:
    with served(application, request_seconds=0.3) as bound:
        yield bound


@contextmanager
def served(app: Any, threads: int = 2, request_seconds: float = 60.0) -> Iterator[int]:
    """The port of a server that runs ``app``."""
    server = listen(app, "127.0.0.1", 0, threads, request_seconds)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server.port
    server.end()
    thread.join()
    server.close()


@pytest.mark.parametrize("sent", [b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n", b"GET / HT"])
def test_J1_a_request_that_comes_in_drops_is_cut_off(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(sent)
        connection.settimeout(0.05)
        assert is_cut(connection)


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"])
def test_J1_any_number_of_clients_that_never_end_their_request_keep_nobody_out(sent: bytes) -> None:
    with served(application) as port, ExitStack() as crowd:
        for number in range(2 * CONNECTIONS):
            one = crowd.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            one.sendall(sent)
            if number % 100 == 99:
                assert answer(port).startswith(b"HTTP/1.0 200")


def answer(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as asking:
        asking.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return asking.recv(100)


def is_cut(connection: socket.socket) -> bool:
    """Whether the other side ends it while a byte is sent now and then."""
    for _ in range(400):
        try:
            connection.sendall(b"a")
            return connection.recv(1) == b""
        except TimeoutError:
            continue
        except (BrokenPipeError, ConnectionResetError):
            return True
    return False


def test_requests_that_follow_each_other_on_one_connection_have_their_time_each(port: int) -> None:
    pause = threading.Event()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for _ in range(5):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = b""
            while not answer.endswith(BODY):
                answer += connection.recv(1000)
            pause.wait(0.1)


def test_whether_it_lives_is_told_while_every_thread_is_busy_and_the_store_hangs() -> None:
    going = threading.Event()

    def hanging(environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] != "/healthz":
            going.wait(60)
        return application(environ, start_response)

    with served(hanging, threads=2) as port:
        busy = [asking(port, path) for path in ("/", "/charts", "/more", "/readyz", "/metrics", "/readyz")]
        with asking(port, "/healthz") as probe:
            assert probe.recv(100).startswith(b"HTTP/1.0 200")
        going.set()
        for one in busy:
            with one:
                assert one.recv(100).startswith(b"HTTP/1.0 200")


def asking(port: int, path: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
    return connection
