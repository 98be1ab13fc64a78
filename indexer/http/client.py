"""``Client``: one request with all its manners; ``download`` into a file, ``ask`` for a small answer."""

import hashlib
import io
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import BinaryIO, Literal, Self
from urllib.parse import urlsplit

import requests

from indexer.errors import (
    N_,
    AddressRefused,
    AuthenticationFailed,
    BadAnswer,
    BadEncoding,
    BadRedirect,
    ConnectionFailed,
    CutOff,
    FetchError,
    HttpStatus,
    NameNotResolved,
    ProxyFailed,
    RateLimited,
    ServerFailed,
    TimedOut,
    TlsAbsent,
    TooLarge,
    phrase,
)
from indexer.http import answers
from indexer.http.access import Access
from indexer.http.coding import Gunzip, GzipBroken, GzipCut
from indexer.http.failures import CAUGHT, Phase, fetch_error
from indexer.http.gate import GATES, Gates
from indexer.http.network import OPEN
from indexer.http.proxies import proxy_for
from indexer.http.tls import tls_context
from indexer.http.transport import Pace, Session, Way, dialled
from indexer.http.urls import check_url, host_of, origin, redirect_target, same_origin, shown_url

_BLOCK = 64 * 1024
_ERROR_BODY = 8 * 1024
_SHOWN_OF_ERROR_BODY = 160
_PROBED = 2.0
"""Seconds of each step of a look whether plain HTTP is spoken at the port of TLS."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a server is waited for, beside the deadline of each download."""

    connect: float = 5.0
    """Seconds for a TCP connection, and again for the TLS handshake."""
    least_rate: float = 10_000.0
    """Bytes of a body a second, on average ..."""
    grace: float = 30.0
    """... after so many seconds."""
    redirects: int = 5


Method = Literal["GET", "HEAD", "POST", "PUT", "DELETE"]
Received = Callable[[int, int], None]
"""Is told how many bytes of a body came so far, and how many it has; 0: the server does not say."""


@dataclass(frozen=True, slots=True)
class Download:
    """What came of a GET: a whole body (200), or "not modified" (304, nothing written)."""

    status: int
    etag: str
    last_modified: str
    bytes: int
    """Bytes of the body as they were received, before unpacking."""
    sha256: str
    """Of the bytes written, hexadecimal; empty for a 304."""
    framed: bool
    """Content-Length or chunks proved that the body is whole; False: it ended with the connection, maybe early."""
    final_url: str
    """Where redirects led."""
    content_type: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A small answer, read whole."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; of a repeated header all values, joined by commas."""
    body: bytes
    final_url: str


class Client:
    """Fetches for one source. ``home`` is the source's address: its origin, and those that ``access`` names, get the
    credentials and no other. ``gates``: those that its requests pass.

    Safe to use from several threads. Connections are kept open between requests, until ``close`` or the client's end.
    """

    def __init__(
        self, home: str, access: Access | None = None, limits: Limits | None = None, gates: Gates = GATES
    ) -> None:
        self._access = access or Access()
        self._trusted = frozenset(map(origin, (check_url(home), *map(check_url, self._access.credential_origins))))
        self._limits = limits or Limits()
        self._gates = gates
        self._sessions: dict[bool, Session] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are still open."""
        for session in self._sessions.values():
            session.close()

    def download(
        self,
        url: str,
        target: BinaryIO,
        *,
        limit: int,
        deadline: float,
        etag: str = "",
        last_modified: str = "",
        packed: bool = False,
        headers: Mapping[str, str] | None = None,
        authorization: str | None = None,
        received: Received | None = None,
    ) -> Download:
        """GET ``url`` into ``target``: at most ``limit`` unpacked bytes, in at most ``deadline`` seconds for all of it.

        With ``etag`` or ``last_modified`` the answer may be a 304. ``packed``: the file is a gzip file itself; the
        server is asked for it as it is, and "Content-Encoding: gzip" is taken for a remark on the file, as Helm does.
        ``authorization``: None for the source's own credentials, which go to its own origins alone; "" for none; else a
        header's value for the origin of ``url`` alone. ``received`` is told of every block as it comes.

        On an error ``target`` may hold a part of the body. Raises FetchError, BadUrl, CredentialsUnreadable, and what
        writing to ``target`` raises.
        """
        wanted = {"Accept-Encoding": "identity" if packed else "gzip, identity", **(headers or {})}
        wanted |= {"If-None-Match": etag} if etag else {}
        wanted |= {"If-Modified-Since": last_modified} if last_modified else {}
        accept = frozenset({200, 304} if etag or last_modified else {200})
        asked = _Asked("GET", check_url(url), wanted, authorization, accept)
        clock = self._clock(deadline)
        with self._answered(asked, clock) as response:
            if response.status_code == requests.codes.not_modified:
                return _download(response, 0, "", framed=True)
            return _receive(response, target, limit, clock, packed, received)

    def ask(
        self,
        url: str,
        *,
        limit: int,
        deadline: float,
        method: Method = "GET",
        headers: Mapping[str, str] | None = None,
        authorization: str | None = None,
        accept: frozenset[int] = frozenset({200}),
        body: bytes | None = None,
    ) -> Reply:
        """Send a request whose answer is small: at most ``limit`` unpacked bytes, within ``deadline`` seconds.

        A status in ``accept`` is returned; any other raises what ``download`` raises. ``body`` is sent with a POST or
        PUT. Only GET and HEAD follow redirects: what any other carries is meant for that address alone.
        """
        wanted = {"Accept-Encoding": "gzip, identity", **(headers or {})}
        clock, came = self._clock(deadline), io.BytesIO()
        with self._answered(_Asked(method, check_url(url), wanted, authorization, accept, body), clock) as response:
            if method != "HEAD":
                _receive(response, came, limit, clock, packed=False)
            told = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status_code, told, came.getvalue(), _url(response))

    def _clock(self, deadline: float) -> "_Clock":
        return _Clock(max(0.0, min(deadline, self._access.until - time.monotonic())))

    @contextmanager
    def _answered(self, asked: "_Asked", clock: "_Clock") -> Iterator[requests.Response]:
        """The answer to ``asked`` or, past redirects, of where it leads; closed, and its place at the gate given back,
        with the context."""
        url = asked.url
        for _ in range(self._limits.redirects + 1):
            with ExitStack() as held:
                held.enter_context(self._gates.of(url).passing(url, clock.left()))
                response = self._sent(asked, url, clock)
                held.callback(response.close)
                if response.status_code in _REDIRECTS and asked.method in ("GET", "HEAD"):
                    url = redirect_target(url, response.headers.get("Location", ""))
                    continue
                self._refuse_bad_status(response, asked.accept)
                yield response
                return
        raise BadRedirect(
            url=shown_url(asked.url), detail=phrase(N_("more than {limit} times"), limit=self._limits.redirects)
        )

    def _sent(self, asked: "_Asked", url: str, clock: "_Clock") -> requests.Response:
        """``_send``. Some servers without TLS wait for more of what they take for a request: only a question in plain
        HTTP tells them from a firewall."""
        try:
            return self._send(asked, url, clock)
        except ConnectionFailed:
            if self._speaks_plainly(url, clock):
                raise TlsAbsent(host=urlsplit(url).netloc) from None
            raise

    def _speaks_plainly(self, url: str, clock: "_Clock") -> bool:
        scheme, host, port = origin(url)
        seconds = min(self._limits.connect, _PROBED, clock.left())
        if scheme != "https" or seconds <= 0 or proxy_for(url, self._access):
            return False
        from indexer.http.probe import reach, resolve, speaks_http  # late: few requests need OpenSSL's other face

        try:
            wire = reach(resolve(host, port, self._access.network, seconds), seconds)
        except (OSError, NameNotResolved, AddressRefused):
            return False
        with closing(wire):
            return speaks_http(wire, host, seconds)

    def _send(self, asked: "_Asked", url: str, clock: "_Clock") -> requests.Response:
        left = clock.left()
        if left <= 0:
            raise TimedOut(url=shown_url(url), seconds=round(clock.seconds, 1))
        authorization = self._authorization(asked, url)
        proxy = proxy_for(url, self._access)
        session = self._session(url)
        with _translated(url, "asking", clock):
            if proxy:
                self._judge_behind_proxy(url)
            return session.request(
                asked.method,
                url,
                headers=dict(asked.headers),
                data=asked.body,
                auth=partial(_authorize, authorization),
                timeout=(min(self._limits.connect, left), left),
                allow_redirects=False,
                proxies={"http": proxy, "https": proxy} if proxy else {},
                stream=True,
            )

    def _session(self, url: str) -> Session:
        """The session for ``url``: only the one for trusted origins shows the client certificate."""
        trusted = self._is_trusted(url)
        with self._lock:
            if trusted not in self._sessions:
                self._sessions[trusted] = Session(self._way(trusted))
            return self._sessions[trusted]

    def _way(self, trusted: bool) -> Way:
        pace = Pace(self._limits.least_rate, self._limits.grace)
        tls = self._access.tls
        plain = tls_context(tls, with_client=False)
        context = tls_context(tls, with_client=True) if trusted and tls.client else plain
        # A proxy that the environment names was chosen by whoever runs Chartroom.
        proxy_network = self._access.network if self._access.proxy else OPEN
        return Way(pace, context, plain, self._access.network, proxy_network)

    def _is_trusted(self, url: str) -> bool:
        return origin(url) in self._trusted

    def _judge_behind_proxy(self, url: str) -> None:
        """The proxy dials, so the target is judged beforehand by what it resolves to here; a name that only the proxy
        knows is the proxy's to judge."""
        try:
            dialled(host_of(url), 0, self._access.network)
        except (OSError, UnicodeError):
            return

    def _authorization(self, asked: "_Asked", url: str) -> str:
        if asked.authorization is not None:
            return asked.authorization if same_origin(url, asked.url) else ""
        if self._access.credentials is None or not self._is_trusted(url):
            return ""
        return self._access.credentials.authorization()

    def _refuse_bad_status(self, response: requests.Response, accept: frozenset[int]) -> None:
        status = response.status_code
        if status in accept:
            return
        url = shown_url(_url(response))
        if status in (requests.codes.not_modified, requests.codes.partial_content):
            raise BadAnswer(
                url=url, detail=phrase(N_("it answers {status} to a request that did not ask for it"), status=status)
            )
        wait = answers.retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        if status == requests.codes.too_many or (status == requests.codes.unavailable and wait is not None):
            if wait is not None:
                self._gates.of(_url(response)).close_for(wait, status)
            raise RateLimited(url=url, status=status, **({} if wait is None else {"retry_after": wait}))
        raise self._status_error(response, status, url)

    def _status_error(self, response: requests.Response, status: int, url: str) -> FetchError:
        detail = _error_detail(response)
        if status == requests.codes.proxy_authentication_required:
            return ProxyFailed(host=host_of(url), detail=phrase(N_("it asks who Chartroom is (407)")))
        if status in (requests.codes.unauthorized, requests.codes.forbidden):
            detail += self._why_without_credentials(response)
            return AuthenticationFailed(url=url, status=status, detail=detail)
        kind = ServerFailed if status >= requests.codes.server_error else HttpStatus
        return kind(url=url, status=status, detail=detail)

    def _why_without_credentials(self, response: requests.Response) -> str:
        if self._access.credentials is None or "Authorization" in response.request.headers:
            return ""
        return "; the credentials of this source go to its own address only, and this is another one"


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request, as its caller means it."""

    method: Method
    url: str
    headers: Mapping[str, str]
    authorization: str | None
    accept: frozenset[int]
    body: bytes | None = field(default=None, repr=False)


class _Clock:
    """Counts down the seconds of one download."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        return self._ends - time.monotonic()


def _authorize(authorization: str, request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Set the header, or nothing. With an ``auth`` of our own requests leaves ``.netrc`` unread."""
    if authorization:
        request.headers["Authorization"] = authorization
    return request


@contextmanager
def _translated(url: str, phase: Phase, clock: _Clock) -> Iterator[None]:
    try:
        yield
    except CAUGHT as caught:
        raise fetch_error(caught, url, phase, clock.seconds, expired=clock.left() <= 0) from None


def _receive(
    response: requests.Response,
    target: BinaryIO,
    limit: int,
    clock: _Clock,
    packed: bool,
    received: Received | None = None,
) -> Download:
    url = shown_url(_url(response))
    headers = response.raw.headers
    length = answers.told_length(headers.getlist("content-length"), headers.getlist("transfer-encoding"), url)
    coded = answers.is_gzip(headers.getlist("content-encoding"), url) and not packed
    if length is not None and length > limit:
        raise TooLarge(url=url, limit=limit, size=length)
    wire = _Wire(response, limit, clock)
    digest = hashlib.sha256()
    for piece in _within(limit, _unpacked(wire, url) if coded else wire, url):
        digest.update(piece)
        target.write(piece)
        if received is not None:
            received(wire.received, length or 0)
    framed = length is not None or "transfer-encoding" in headers
    return _download(response, wire.received, digest.hexdigest(), framed=framed)


class _Wire:
    """The blocks of a body as they come, counted. Iterating raises FetchError."""

    def __init__(self, response: requests.Response, limit: int, clock: _Clock) -> None:
        self._response = response
        self._limit = limit
        self._clock = clock
        self.received = 0

    def __iter__(self) -> Iterator[bytes]:
        while block := self._read():
            self.received += len(block)
            # Packed bytes count as well: empty gzip members unpack to nothing for ever.
            if self.received > self._limit + _BLOCK:
                raise TooLarge(url=shown_url(_url(self._response)), limit=self._limit)
            yield block

    def _read(self) -> bytes:
        url = _url(self._response)
        with _translated(url, "reading", self._clock):
            block: bytes = self._response.raw.read(min(_BLOCK, self._limit + 1), decode_content=False)
        if block and self._clock.left() <= 0:
            raise TimedOut(url=shown_url(url), seconds=round(self._clock.seconds, 1))
        return block


def _within(limit: int, pieces: Iterator[bytes] | _Wire, url: str) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise TooLarge(url=url, limit=limit)
        yield piece


def _unpacked(wire: _Wire, url: str) -> Iterator[bytes]:
    gunzip = Gunzip()
    try:
        for block in wire:
            yield from gunzip.feed(block)
        gunzip.finish()
    except GzipCut as error:
        raise CutOff(url=url, detail=str(error)) from None
    except GzipBroken as error:
        raise BadEncoding(url=url, detail=str(error)) from None


def _download(response: requests.Response, received: int, sha256: str, *, framed: bool) -> Download:
    return Download(
        status=response.status_code,
        etag=answers.validator(response.headers.get("ETag")),
        last_modified=answers.validator(response.headers.get("Last-Modified")),
        bytes=received,
        sha256=sha256,
        framed=framed,
        final_url=_url(response),
        content_type=answers.clean(response.headers.get("Content-Type", ""), 100),
    )


def _error_detail(response: requests.Response) -> str:
    """The status in words, and the first words of a plain text or JSON body; of 8 KiB at most.

    Left out where the request carried a secret (credentials, or a query), as some servers repeat the request.
    """
    words = answers.status_words(response.status_code)
    media = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    secret = "Authorization" in response.request.headers or urlsplit(_url(response)).query
    if secret or media not in ("text/plain", "application/json") or "Content-Encoding" in response.headers:
        return words
    try:
        body: bytes = response.raw.read(_ERROR_BODY, decode_content=False)
    except CAUGHT:
        return words
    said = answers.clean(body.decode("utf-8", "replace"), _SHOWN_OF_ERROR_BODY)
    return f"{words}: {said}" if said else words


def _url(response: requests.Response) -> str:
    return str(response.url)
