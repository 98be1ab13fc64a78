"""``Client.download``: one GET with all its manners, into a file."""

import hashlib
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, Self
from urllib.parse import urlsplit

import requests

from indexer.errors import (
    N_,
    AuthenticationFailed,
    BadAnswer,
    BadEncoding,
    BadRedirect,
    CredentialsUnreadable,
    CutOff,
    HttpStatus,
    RateLimited,
    ServerFailed,
    TimedOut,
    TooLarge,
    phrase,
)
from indexer.http import answers
from indexer.http.coding import Gunzip, GzipBroken, GzipCut
from indexer.http.failures import CAUGHT, Phase, fetch_error
from indexer.http.transport import Pace, Session
from indexer.http.urls import check_url, redirect_target, same_origin, shown_url

_BLOCK = 64 * 1024
_ERROR_BODY = 8 * 1024
_SHOWN_OF_ERROR_BODY = 160
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSWORD_FILE_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name, and the file that holds its password. The password is read when it is needed and never kept."""

    username: str
    password_file: str = ""

    def authorization(self) -> str:
        """The value of a Basic ``Authorization`` header (RFC 7617, UTF-8). Raises CredentialsUnreadable."""
        pair = f"{self.username}:{self._password()}".encode()
        return f"Basic {b64encode(pair).decode()}"

    def _password(self) -> str:
        if not self.password_file:
            return ""
        try:
            with Path(self.password_file).open("rb") as file:
                password = file.read(_PASSWORD_FILE_LIMIT).decode().strip("\r\n")
        except OSError as error:
            raise CredentialsUnreadable(path=self.password_file, detail=error.strerror or "it cannot be read") from None
        except UnicodeDecodeError:
            raise CredentialsUnreadable(path=self.password_file, detail=phrase(N_("it is not UTF-8 text"))) from None
        if not password or not password.isprintable():
            raise CredentialsUnreadable(path=self.password_file, detail=phrase(N_("it does not hold one line of text")))
        return password


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


class Client:
    """Fetches for one source. ``home`` is the source's address: its origin alone gets the credentials.

    Safe to use from several threads. Connections are kept open between downloads, until ``close`` or the client's end.
    """

    def __init__(self, home: str, credentials: Credentials | None = None, limits: Limits | None = None) -> None:
        self._home = check_url(home)
        self._credentials = credentials
        self._limits = limits or Limits()
        self._session = Session(Pace(self._limits.least_rate, self._limits.grace))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are still open."""
        self._session.close()

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
    ) -> Download:
        """GET ``url`` into ``target``: at most ``limit`` unpacked bytes, in at most ``deadline`` seconds for all of it.

        With ``etag`` or ``last_modified`` the answer may be a 304. ``packed``: the file is a gzip file itself; the
        server is asked for it as it is, and "Content-Encoding: gzip" is taken for a remark on the file, as Helm does.

        On an error ``target`` may hold a part of the body. Raises FetchError, BadUrl, CredentialsUnreadable, and what
        writing to ``target`` raises.
        """
        headers = {"Accept-Encoding": "identity" if packed else "gzip, identity"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": last_modified} if last_modified else {}
        clock = _Clock(deadline)
        with closing(self._follow(check_url(url), headers, clock)) as response:
            self._refuse_bad_status(response, conditional=bool(etag or last_modified))
            if response.status_code == requests.codes.not_modified:
                return _download(response, 0, "", framed=True)
            return _receive(response, target, limit, clock, packed)

    def _follow(self, url: str, headers: dict[str, str], clock: "_Clock") -> requests.Response:
        asked = url
        for _ in range(self._limits.redirects + 1):
            response = self._ask(asked, headers, clock)
            if response.status_code not in _REDIRECTS:
                return response
            with closing(response):
                asked = redirect_target(asked, response.headers.get("Location", ""))
        raise BadRedirect(
            url=shown_url(url), detail=phrase(N_("more than {limit} times"), limit=self._limits.redirects)
        )

    def _ask(self, url: str, headers: dict[str, str], clock: "_Clock") -> requests.Response:
        left = clock.left()
        if left <= 0:
            raise TimedOut(url=shown_url(url), seconds=clock.seconds)
        authorization = self._authorization(url)
        with _translated(url, "asking", clock):
            return self._session.get(
                url,
                headers=headers,
                auth=partial(_authorize, authorization),
                timeout=(min(self._limits.connect, left), left),
                allow_redirects=False,
                stream=True,
            )

    def _authorization(self, url: str) -> str:
        if self._credentials is None or not same_origin(url, self._home):
            return ""
        return self._credentials.authorization()

    def _refuse_bad_status(self, response: requests.Response, conditional: bool) -> None:
        status = response.status_code
        if status == requests.codes.ok or (status == requests.codes.not_modified and conditional):
            return
        url = shown_url(_url(response))
        if status in (requests.codes.not_modified, requests.codes.partial_content):
            raise BadAnswer(
                url=url, detail=phrase(N_("it answers {status} to a request that did not ask for it"), status=status)
            )
        wait = answers.retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        if status == requests.codes.too_many or (status == requests.codes.unavailable and wait is not None):
            raise RateLimited(url=url, status=status, **({} if wait is None else {"retry_after": wait}))
        detail = _error_detail(response)
        if status in (requests.codes.unauthorized, requests.codes.forbidden):
            raise AuthenticationFailed(url=url, status=status, detail=detail + self._why_without_credentials(response))
        kind = ServerFailed if status >= requests.codes.server_error else HttpStatus
        raise kind(url=url, status=status, detail=detail)

    def _why_without_credentials(self, response: requests.Response) -> str:
        if self._credentials is None or "Authorization" in response.request.headers:
            return ""
        return "; the credentials of this source go to its own address only, and this is another one"


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


def _receive(response: requests.Response, target: BinaryIO, limit: int, clock: _Clock, packed: bool) -> Download:
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
            raise TimedOut(url=shown_url(url), seconds=self._clock.seconds)
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
