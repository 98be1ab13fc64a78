"""What libraries raise becomes an error with a name, and without a secret."""

import http.client
import socket
import ssl

import pytest
import requests
import urllib3.exceptions

from indexer.errors import (
    BadAnswer,
    ConnectionFailed,
    CutOff,
    FetchError,
    NameNotResolved,
    ProxyFailed,
    TimedOut,
    TlsFailed,
    TooSlow,
)
from indexer.http.failures import Phase, fetch_error

URL = "https://charts.example.org:8443/stable/index.yaml?token=hunter2"


def certificate_error() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate (_ssl.c:1006)")
    error.verify_message = "self-signed certificate"
    return error


def wrapped(error: Exception) -> requests.ConnectionError:
    """As requests wraps what urllib3 wraps, with the whole address in its text."""
    return requests.ConnectionError(urllib3.exceptions.MaxRetryError(None, URL, error))  # type: ignore[arg-type]


CASES: list[tuple[Exception, Phase, type[FetchError], str]] = [
    (certificate_error(), "asking", TlsFailed, "self-signed certificate"),
    (urllib3.exceptions.SSLError(ssl.SSLError(1, "odd")), "asking", TlsFailed, "handshake failed"),
    (socket.gaierror(-2, "Name or service not known"), "asking", NameNotResolved, "charts.example.org:8443"),
    (UnicodeError("label too long"), "asking", NameNotResolved, "charts.example.org"),
    (OSError(113, "No route to host"), "asking", ConnectionFailed, "no route to host"),
    (ConnectionRefusedError(111, "Connection refused"), "asking", ConnectionFailed, "connection refused"),
    (ConnectionResetError(104, "Connection reset by peer"), "asking", ConnectionFailed, "without an answer"),
    (ConnectionResetError(104, "Connection reset by peer"), "reading", CutOff, "reset"),
    (http.client.IncompleteRead(b"x", 3), "reading", CutOff, "ended before the body"),
    (http.client.LineTooLong("header line"), "asking", BadAnswer, "header line"),
    (http.client.BadStatusLine("hunter2"), "asking", BadAnswer, "first line"),
    (urllib3.exceptions.InvalidHeader("two"), "asking", BadAnswer, "contradict"),
    (
        urllib3.exceptions.ProxyError("no", OSError("Tunnel connection failed")),
        "asking",
        ProxyFailed,
        "refused",
    ),
    (urllib3.exceptions.ConnectTimeoutError(), "asking", ConnectionFailed, "in time"),
    (RuntimeError("hunter2"), "asking", ConnectionFailed, "could not be sent"),
]


@pytest.mark.parametrize(("caught", "phase", "expected", "words"), CASES)
@pytest.mark.parametrize("wrap", [False, True])
def test_it_is_named_as_deep_as_it_may_be_wrapped(
    caught: Exception, phase: Phase, expected: type[FetchError], words: str, wrap: bool
) -> None:
    error = fetch_error(wrapped(caught) if wrap else caught, URL, phase, 60.0, expired=False)
    assert type(error) is expected
    assert words in str(error)
    assert "hunter2" not in repr((error, error.params))


@pytest.mark.parametrize(
    ("phase", "expired", "expected"),
    [
        ("asking", True, TimedOut),
        ("reading", True, TimedOut),
        ("reading", False, TooSlow),
        ("asking", False, ConnectionFailed),
    ],
)
def test_a_time_out_is_told_by_what_was_waited_for(phase: Phase, expired: bool, expected: type[FetchError]) -> None:
    for caught in (TimeoutError(), urllib3.exceptions.ReadTimeoutError(None, URL, "x")):  # type: ignore[arg-type]
        assert type(fetch_error(caught, URL, phase, 60.0, expired)) is expected


def test_exceptions_that_hold_each_other_are_walked_once() -> None:
    one, other = ValueError(), ValueError()
    one.__context__, other.__context__ = other, one
    assert isinstance(fetch_error(one, URL, "asking", 60.0, False), ConnectionFailed)
