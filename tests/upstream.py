"""A real chart repository on loopback that logs what it was asked and misbehaves on demand.

::

    with upstream() as site:
        site.put("/index.yaml", body, etag='"1"')
        site.behave("/index.yaml", "cut", at=100)
        ...                                     # fetch site.url
        assert site.asked("/index.yaml")[0].headers["if-none-match"] == '"1"'

The ways to misbehave are the methods of ``_Handler`` named ``as_…``; their keyword arguments are ``behave``'s options.
"""

import base64
import gzip
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    """With its query."""
    headers: Mapping[str, str]
    """Names in lower case."""


@dataclass(frozen=True)
class Page:
    """What a path holds."""

    body: bytes
    etag: str = ""
    last_modified: str = ""
    content_type: str = "application/yaml"
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


class Site:
    """The repository: what it serves, how it behaves, what it was asked."""

    def __init__(self) -> None:
        self.log: list[Asked] = []
        self.closing = threading.Event()
        self._pages: dict[str, Page] = {}
        self._folders: dict[str, Path] = {}
        self._modes: dict[str, tuple[str, dict[str, Any]]] = {}
        self._users: dict[str, str] = {}
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def put(
        self,
        path: str,
        body: bytes | str,
        *,
        etag: str = "",
        last_modified: str = "",
        content_type: str = "application/yaml",
        headers: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> None:
        """Serve ``body`` at ``path``; a conditional request that matches ``etag`` or ``last_modified`` gets a 304."""
        data = body.encode() if isinstance(body, str) else body
        self._pages[path] = Page(data, etag, last_modified, content_type, headers or {}, status)

    def remove(self, path: str) -> None:
        """Answer 404 at ``path`` from now on."""
        self._pages.pop(path, None)

    def serve_folder(self, folder: Path, prefix: str = "") -> None:
        """Serve the files of ``folder`` below ``prefix``, read at each request, with ETag and Last-Modified."""
        self._folders[prefix] = folder

    def behave(self, path: str, mode: str | None, **options: Any) -> None:
        """Misbehave at ``path`` until told otherwise (``None``)."""
        if mode is None:
            self._modes.pop(path, None)
        else:
            self._modes[path] = (mode, options)

    def protect(self, username: str, password: str, prefix: str = "/") -> None:
        """Ask for Basic credentials below ``prefix``."""
        self._users[prefix] = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()

    def asked(self, path: str) -> list[Asked]:
        """All requests for ``path``, whatever their query."""
        return [one for one in self.log if one.path.partition("?")[0] == path]

    def page(self, path: str) -> Page | None:
        """What is served at ``path`` (without query)."""
        return self._pages.get(path) or self._file(path)

    def mode(self, path: str) -> tuple[str, dict[str, Any]] | None:
        """How ``path`` behaves, if not well."""
        return self._modes.get(path)

    def admits(self, path: str, authorization: str) -> bool:
        """Whether a request may read ``path``."""
        return all(wanted == authorization for prefix, wanted in self._users.items() if path.startswith(prefix))

    def _file(self, path: str) -> Page | None:
        for prefix, folder in self._folders.items():
            file = folder / unquote(path.removeprefix(prefix)).lstrip("/")
            inside = path.startswith(prefix) and file.resolve().is_relative_to(folder.resolve())
            if inside and file.is_file():
                body = file.read_bytes()
                changed = formatdate(file.stat().st_mtime, usegmt=True)
                return Page(body, f'"{sha256(body).hexdigest()[:16]}"', changed, _content_type(file))
        return None

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        """Stop, also in the middle of slow answers."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def upstream() -> Iterator[Site]:
    """A running ``Site`` on a free port of 127.0.0.1."""
    site = Site()
    site.start()
    try:
        yield site
    finally:
        site.close()


def _content_type(file: Path) -> str:
    return "application/gzip" if file.suffix == ".tgz" else "application/yaml"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, site: Site) -> None:
        self.site = site
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    @property
    def site(self) -> Site:
        return cast(_Server, self.server).site

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.site.log.append(
            Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
        )
        if not self.site.admits(path, self.headers.get("Authorization", "")):
            self.answer(Page(b"", status=401, headers={"WWW-Authenticate": 'Basic realm="charts"'}))
            return
        page = self.site.page(path)
        mode = self.site.mode(path)
        if mode is not None:
            misbehave: Callable[..., None] = getattr(self, f"as_{mode[0]}")
            misbehave(page or Page(b""), **mode[1])
        elif page is None:
            self.answer(Page(b"nothing here", status=404, content_type="text/plain"))
        elif self.is_known(page):
            self.answer(Page(b"", page.etag, page.last_modified, status=304))
        else:
            self.answer(page)

    do_HEAD = do_GET  # noqa: N815 -- http.server's own name

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: ``Site.log`` is the log."""

    def is_known(self, page: Page) -> bool:
        if page.etag and "If-None-Match" in self.headers:
            return page.etag in self.headers["If-None-Match"]
        return bool(page.last_modified) and self.headers.get("If-Modified-Since") == page.last_modified

    # -- well-behaved

    def answer(self, page: Page) -> None:
        body = b"" if page.status == 304 else page.body
        self.head(page, *([] if page.status == 304 else [("Content-Length", str(len(body)))]))
        if self.command != "HEAD":
            self.wfile.write(body)

    def head(self, page: Page, *more: tuple[str, str]) -> None:
        self.send_response(page.status)
        told = {
            "Content-Type": page.content_type,
            "ETag": page.etag,
            "Last-Modified": page.last_modified,
            **page.headers,
        }
        for name, value in (*told.items(), *more):
            if value:
                self.send_header(name, value)
        self.end_headers()

    # -- and not

    def as_slow(self, page: Page, *, bytes_at_a_time: int = 1, every: float = 0.05, after: int = 0) -> None:
        """The body in drops, after the first ``after`` bytes at once."""
        self.head(page, ("Content-Length", str(len(page.body))))
        self.wfile.write(page.body[:after])
        self.drip(page.body[after:], bytes_at_a_time, every)

    def as_slow_headers(self, page: Page, *, every: float = 0.05) -> None:
        """The headers byte by byte, without end."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.site.closing.is_set():
            self.drip(b"X-Filler: and so on\r\n", 1, every)

    def as_slow_trailers(self, page: Page, *, every: float = 0.02) -> None:
        """A chunked body whose trailers never end."""
        self.head(page, ("Transfer-Encoding", "chunked"))
        self.wfile.write(b"0\r\n")
        while not self.site.closing.wait(every):
            self.wfile.write(b"X-Trailer: and so on\r\n")

    def as_pensive(self, page: Page, *, seconds: float) -> None:
        """A right answer, late."""
        self.site.closing.wait(seconds)
        self.answer(page)

    def as_stalled(self, page: Page, *, at: int = 0) -> None:
        """``at`` bytes of the body, then silence."""
        self.head(page, ("Content-Length", str(len(page.body))))
        self.wfile.write(page.body[:at])
        self.site.closing.wait(30)
        self.close_connection = True

    def as_silent(self, page: Page) -> None:
        """Nothing at all."""
        self.site.closing.wait(30)
        self.close_connection = True

    def as_length(self, page: Page, *, told: str) -> None:
        """A Content-Length that lies."""
        self.head(page, ("Content-Length", told))
        self.wfile.write(page.body)
        self.close_connection = True

    def as_two_lengths(self, page: Page, *, other: int = 1) -> None:
        """Two Content-Lengths, the second off by ``other``."""
        size = len(page.body)
        self.head(page, ("Content-Length", str(size)), ("Content-Length", str(size + other)))
        self.wfile.write(page.body)
        self.close_connection = True

    def as_cut(self, page: Page, *, at: int) -> None:
        """The right Content-Length, and only the first ``at`` bytes."""
        self.head(page, ("Content-Length", str(len(page.body))))
        self.wfile.write(page.body[:at])
        self.close_connection = True

    def as_reset(self, page: Page, *, at: int) -> None:
        """The first ``at`` bytes, then the connection is reset."""
        self.head(page, ("Content-Length", str(len(page.body))))
        self.wfile.write(page.body[:at])
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.connection.close()
        self.close_connection = True

    def as_hang_up(self, page: Page) -> None:
        """No answer: the connection is closed at once."""
        self.close_connection = True

    def as_chunked(self, page: Page, *, size: int = 1000) -> None:
        """Chunks, well-formed."""
        self.head(page, ("Transfer-Encoding", "chunked"))
        for start in range(0, len(page.body), size):
            self.chunk(page.body[start : start + size])
        self.chunk(b"")

    def as_cut_chunks(self, page: Page, *, at: int) -> None:
        """Chunks, the last of which (in the middle of a chunk) never ends."""
        self.head(page, ("Transfer-Encoding", "chunked"))
        self.wfile.write(f"{len(page.body):x}\r\n".encode() + page.body[:at])
        self.close_connection = True

    def as_no_last_chunk(self, page: Page, *, at: int) -> None:
        """One whole chunk of ``at`` bytes, and no end."""
        self.head(page, ("Transfer-Encoding", "chunked"))
        self.chunk(page.body[:at])
        self.close_connection = True

    def as_bad_chunk(self, page: Page, *, size: str = "-1") -> None:
        """A chunk whose told size is nonsense."""
        self.head(page, ("Transfer-Encoding", "chunked"))
        self.wfile.write(size.encode() + b"\r\n" + page.body)
        self.close_connection = True

    def as_no_length(self, page: Page, *, at: int | None = None) -> None:
        """No length and no chunks: the body ends with the connection, after ``at`` bytes if given."""
        self.head(page, ("Connection", "close"))
        self.wfile.write(page.body[:at])
        self.close_connection = True

    def as_gzip(self, page: Page, *, cut: int = 0, spoil: int = 0, coding: str = "gzip", times: int = 1) -> None:
        """Content-Encoding: packed ``times`` times, without the last ``cut`` bytes, byte −``spoil`` changed."""
        body = page.body
        for _ in range(times):
            body = gzip.compress(body, mtime=0)
        body = body[: len(body) - cut]
        if spoil:
            body = body[:-spoil] + bytes([body[-spoil] ^ 0xFF]) + body[len(body) - spoil + 1 :]
        self.head(page, ("Content-Encoding", coding), ("Content-Length", str(len(body))))
        self.wfile.write(body)

    def as_coded(self, page: Page, *, coding: str, status: int = 200, location: str = "") -> None:
        """The page's bytes as they are, under a Content-Encoding."""
        told = Page(b"", status=status, content_type=page.content_type)
        self.head(told, ("Content-Encoding", coding), ("Content-Length", str(len(page.body))), ("Location", location))
        self.wfile.write(page.body)

    def as_endless(self, page: Page, *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """A body that never ends, as fast as it is read."""
        self.head(Page(b"", status=status, content_type=page.content_type, headers=headers or {}))
        while not self.site.closing.is_set():
            self.wfile.write(b"x" * 65536)

    def as_many_headers(self, page: Page, *, count: int = 150) -> None:
        """Too many headers."""
        self.head(page, *((f"X-Header-{number}", "x") for number in range(count)), ("Content-Length", "0"))

    def as_long_header(self, page: Page, *, size: int = 70_000) -> None:
        """One header line beyond all measure."""
        self.head(page, ("X-Long", "x" * size), ("Content-Length", "0"))

    def as_raw(self, page: Page, *, sent: bytes) -> None:
        """Exactly these bytes."""
        self.wfile.write(sent)
        self.close_connection = True

    def as_status(self, page: Page, *, status: int, headers: Mapping[str, str] | None = None) -> None:
        """Another status, with the page's body."""
        self.answer(Page(page.body, content_type=page.content_type, headers=headers or {}, status=status))

    def as_redirect(self, page: Page, *, to: str, status: int = 302) -> None:
        """A redirect."""
        self.answer(Page(b"over there", status=status, headers={"Location": to, "Set-Cookie": "seen=1; Path=/"}))

    def chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def drip(self, data: bytes, size: int, every: float) -> None:
        for start in range(0, len(data), size):
            if self.site.closing.wait(every):
                return
            self.wfile.write(data[start : start + size])
