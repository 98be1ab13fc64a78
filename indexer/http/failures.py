"""From what requests, urllib3, http.client, ssl and socket raise to the project's errors.

Texts of foreign exceptions hold addresses with queries, so none is shown as it is: only a few known harmless parts.
"""

import errno
import http.client
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Literal
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from indexer.errors import (
    N_,
    BadAnswer,
    ConnectionFailed,
    CutOff,
    FetchError,
    NameNotResolved,
    ProxyFailed,
    TimedOut,
    TlsAbsent,
    TlsFailed,
    TooSlow,
    phrase,
)
from indexer.http.answers import clean
from indexer.http.urls import shown_url

Phase = Literal["asking", "reading"]
CAUGHT = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, UnicodeError)
"""All that a request can raise; to be caught around network calls only, so that a full disk stays what it is."""


def fetch_error(caught: BaseException, url: str, phase: Phase, seconds: float, expired: bool) -> FetchError:
    """The error for ``caught``, raised for ``url`` while asking (up to the headers) or reading (the body).

    ``expired`` tells whether the ``seconds`` for the whole answer were used up.
    """
    chain = tuple(_chain(caught))
    if any(map(_is_timeout, chain)):
        return _timed_out(chain, url, phase, seconds, expired)
    for kinds, error in _TABLE:
        found = next((one for one in chain if isinstance(one, kinds)), None)
        if found is not None:
            return error(found, url, phase)
    return ConnectionFailed(host=_host(url), detail=phrase(N_("the request could not be sent")))


def _is_timeout(one: BaseException) -> bool:
    """In urllib3, a refused connection is a kind of time-out."""
    timeouts = (TimeoutError, urllib3.exceptions.TimeoutError)
    return isinstance(one, timeouts) and not isinstance(one, urllib3.exceptions.NewConnectionError)


def _timed_out(
    chain: tuple[BaseException, ...], url: str, phase: Phase, seconds: float, expired: bool
) -> TimedOut | ConnectionFailed:
    connecting = any(isinstance(one, urllib3.exceptions.ConnectTimeoutError) for one in chain)
    if phase == "asking" and (connecting or not expired):
        return ConnectionFailed(host=_host(url), detail=phrase(N_("no connection came about in time")))
    if expired:
        return TimedOut(url=shown_url(url), seconds=round(seconds, 1))
    return TooSlow(url=shown_url(url), seconds=round(seconds, 1))


def _chain(caught: BaseException) -> Iterator[BaseException]:
    """``caught`` and all that it wraps, in whichever way, each once; without requests' own, which are OSErrors."""
    todo: list[object] = [caught]
    seen: set[int] = set()
    while todo:
        one = todo.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            if not isinstance(one, requests.RequestException):
                yield one
            todo += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _unresolved(_: BaseException, url: str, __: Phase) -> FetchError:
    return NameNotResolved(host=_host(url), detail=phrase(N_("the resolver knows no address for it")))


def _tls(caught: BaseException, url: str, _: Phase) -> FetchError:
    if getattr(caught, "reason", None) in _NO_TLS:
        return TlsAbsent(host=_host(url))
    if isinstance(caught, ssl.SSLCertVerificationError):
        detail = caught.verify_message
    else:
        detail = str(getattr(caught, "reason", "") or "").replace("_", " ").lower()
    return TlsFailed(host=_host(url), detail=clean(detail, 120) or phrase(N_("the handshake failed")))


def _proxy(caught: BaseException, url: str, _: Phase) -> FetchError:
    answered = next(filter(None, (_TUNNEL.search(str(one)) for one in _chain(caught))), None)
    if answered and answered[1] == "407":
        return ProxyFailed(host=_host(url), detail=phrase(N_("it asks who Chartroom is (407)")))
    if answered:
        return ProxyFailed(host=_host(url), detail=phrase(N_("it answered {status}"), status=answered[1]))
    return ProxyFailed(host=_host(url), detail=phrase(N_("it refused or did not answer")))


def _incomplete(_: BaseException, url: str, __: Phase) -> FetchError:
    return CutOff(url=shown_url(url), detail=phrase(N_("the connection ended before the body did")))


def _bad_header(_: BaseException, url: str, __: Phase) -> FetchError:
    return BadAnswer(url=shown_url(url), detail=phrase(N_("its headers contradict each other")))


def _reset(_: BaseException, url: str, phase: Phase) -> FetchError:
    if phase == "reading":
        return CutOff(url=shown_url(url), detail=phrase(N_("the connection was reset")))
    return ConnectionFailed(host=_host(url), detail=phrase(N_("it was closed without an answer")))


def _bad_http(caught: BaseException, url: str, _: Phase) -> FetchError:
    if isinstance(caught, http.client.BadStatusLine | http.client.UnknownProtocol):
        return BadAnswer(url=shown_url(url), detail=phrase(N_("its first line is not HTTP/1")))
    return BadAnswer(url=shown_url(url), detail=clean(str(caught), 80) or phrase(N_("it is not HTTP")))


def _no_route(caught: BaseException, url: str, _: Phase) -> FetchError:
    known = _NO_ROUTE.get(getattr(caught, "errno", None) or 0)
    said = getattr(caught, "strerror", None) or str(caught)
    return ConnectionFailed(host=_host(url), detail=phrase(known or "{said}", said=clean(said, 120).lower()))


_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"})
"""OpenSSL's words for an answer that is no TLS at all; which one depends on its version."""

_TUNNEL = re.compile(r"Tunnel connection failed: ([0-9]{3})")
"""http.client's words; the rest of them is the proxy's."""

_NO_ROUTE = {
    errno.ECONNREFUSED: N_("connection refused"),
    errno.EHOSTUNREACH: N_("no route to host"),
    errno.ENETUNREACH: N_("network is unreachable"),
}
"""What is met every day; the operating system's own words for the rest."""

_TABLE: tuple[tuple[tuple[type, ...], Callable[[BaseException, str, Phase], FetchError]], ...] = (
    ((socket.gaierror, urllib3.exceptions.NameResolutionError, UnicodeError), _unresolved),
    ((urllib3.exceptions.ProxyError,), _proxy),
    ((ssl.SSLError,), _tls),
    ((urllib3.exceptions.SSLError,), _tls),
    ((urllib3.exceptions.InvalidHeader,), _bad_header),
    ((http.client.IncompleteRead,), _incomplete),
    ((ConnectionRefusedError,), _no_route),
    ((ConnectionError,), _reset),
    ((http.client.HTTPException,), _bad_http),
    ((OSError,), _no_route),
)
