"""What the HTTP server refuses by itself: too many headers, too long ones, too large bodies, what is no HTTP."""

import json
import socket
import threading
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser

import pytest

from catalog_web.commands.listening import MAX_BODY, MAX_HEADERS, listen
from tests.web import HOST, web

JSON = "Content-Type: application/json"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A real server over the real application."""
    with web(tmp_path_factory.mktemp("room")) as running:
        server = listen(running.app, HOST, 0, 2)
        thread = threading.Thread(target=server.run)
        thread.start()
        yield server.port
        server.end()
        thread.join()
        server.close()


def answered(port: int, sent: bytes) -> tuple[int, Message, str]:
    """Status, headers and body of what comes back until the server ends the connection."""
    with socket.create_connection((HOST, port), timeout=30) as connection:
        connection.sendall(sent)
        received = b""
        while more := _received(connection):
            received += more
    head, _, body = received.partition(b"\r\n\r\n")
    status, _, headers = head.partition(b"\r\n")
    return int(status.split()[1]), BytesParser().parsebytes(headers + b"\r\n\r\n"), body.decode()


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionResetError:  # it was still being sent to
        return b""


def request(line: str, *headers: str) -> bytes:
    return "\r\n".join([line, f"Host: {HOST}", *headers, "", ""]).encode("latin-1")


def check_problem(answer: tuple[int, Message, str], status: int) -> None:
    told, headers, body = answer
    assert told == status
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Server"] is None
    problem = json.loads(body)
    assert problem["status"] == status
    assert problem["remedy"]


def test_more_headers_than_anybody_sends_are_refused(port: int) -> None:
    few = [f"X-{number}: a" for number in range(MAX_HEADERS - 2)]
    assert answered(port, request("GET /healthz HTTP/1.0", *few))[0] == 200
    check_problem(answered(port, request("GET /healthz HTTP/1.0", *few, *few)), 400)


def test_headers_longer_than_anybody_sends_are_refused(port: int) -> None:
    check_problem(answered(port, request("GET /healthz HTTP/1.0", f"Cookie: {'a' * 40_000}")), 431)
    check_problem(answered(port, request(f"GET /{'a' * 40_000} HTTP/1.0")), 431)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x00\xa5\x01\x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA b: c\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["TLS", "a blank in a name", "a negative length", "two lengths", "no chunk"],
)
def test_what_is_no_http_is_refused(port: int, sent: bytes) -> None:
    check_problem(answered(port, sent), 400)


def test_I4_a_body_beyond_all_limits_is_refused_unread_with_a_problem(port: int) -> None:
    check_problem(answered(port, request("POST /api/v1/sources HTTP/1.1", JSON, f"Content-Length: {MAX_BODY}")), 413)


def test_I4_a_form_beyond_all_limits_is_refused_unread_with_a_page(port: int) -> None:
    kind = "Content-Type: application/x-www-form-urlencoded"
    sent = request("POST /sources/new HTTP/1.1", kind, "Content-Length: 50000000", "Accept-Language: en")
    status, headers, body = answered(port, sent)
    assert status == 413
    assert headers["Content-Type"].startswith("text/html")
    assert "Too much at once" in body


def test_I4_a_body_without_a_length_is_cut_off_at_the_limit(port: int) -> None:
    chunk = b"%x\r\n%s\r\n" % (64 * 1024, b"a" * 64 * 1024)
    head = request("POST /api/v1/sources HTTP/1.1", JSON, "Transfer-Encoding: chunked")
    check_problem(answered(port, head + chunk * (MAX_BODY // (64 * 1024))), 413)
