"""Fetching from a server that misbehaves (hostile.md C1–C11, A8–A12)."""

import gzip
import io
import logging
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from indexer.errors import (
    AuthenticationFailed,
    BadAnswer,
    BadEncoding,
    BadRedirect,
    BadUrl,
    ConnectionFailed,
    CredentialsUnreadable,
    CutOff,
    FetchError,
    HttpStatus,
    NameNotResolved,
    ProxyFailed,
    RateLimited,
    TimedOut,
    TlsFailed,
    TooLarge,
    TooSlow,
)
from indexer.http import Access, Basic, Client, Credentials, Download, Limits
from indexer.secret_file import read_secret
from tests.upstream import Site, upstream

BODY = b"apiVersion: v1\nentries: {}\n" * 400
PATH = "/index.yaml"


@dataclass
class Fetcher:
    """The good case: a client for ``site``; a test changes one thing."""

    site: Site
    limits: Limits = field(default_factory=Limits)
    credentials: Credentials | None = None
    limit: int = 1_000_000
    deadline: float = 20.0
    body: bytes = b""

    def get(self, path: str = PATH, **options: str | bool) -> Download:
        target = io.BytesIO()
        url = path if "://" in path else self.site.url + path
        try:
            with Client(self.site.url, Access(self.credentials), self.limits) as client:
                return client.download(url, target, limit=self.limit, deadline=self.deadline, **options)  # type: ignore[arg-type]
        finally:
            self.body = target.getvalue()


@pytest.fixture
def site() -> Iterator[Site]:
    with upstream() as running:
        running.put(PATH, BODY, etag='"1"', last_modified="Wed, 01 May 2024 12:00:00 GMT")
        yield running


@pytest.fixture
def fetch(site: Site) -> Fetcher:
    return Fetcher(site)


@pytest.fixture
def other() -> Iterator[Site]:
    with upstream() as running:
        running.put(PATH, b"elsewhere")
        yield running


@pytest.fixture
def secret(tmp_path: Path) -> Credentials:
    file = tmp_path / "password"
    file.write_text("hunter2\n")
    return Basic("me", partial(read_secret, str(file)))


# -- the good case


def test_it_fetches_a_body_with_all_that_is_told_about_it(fetch: Fetcher, site: Site) -> None:
    got = fetch.get()
    assert fetch.body == BODY
    assert got == Download(
        status=200,
        etag='"1"',
        last_modified="Wed, 01 May 2024 12:00:00 GMT",
        bytes=len(BODY),
        sha256=sha256(BODY).hexdigest(),
        framed=True,
        final_url=site.url + PATH,
        content_type="application/yaml",
    )


def test_it_says_who_it_is_and_asks_for_gzip_only(fetch: Fetcher, site: Site) -> None:
    fetch.get()
    headers = site.log[0].headers
    assert headers["user-agent"].startswith("chartroom/")
    assert headers["accept-encoding"] == "gzip, identity"
    assert "cookie" not in headers
    assert "authorization" not in headers


def test_it_unpacks_gzip_and_counts_what_came_over_the_wire(fetch: Fetcher, site: Site) -> None:
    site.behave(PATH, "gzip")
    got = fetch.get()
    assert fetch.body == BODY
    assert got.sha256 == sha256(BODY).hexdigest()
    assert got.bytes == len(gzip.compress(BODY, mtime=0))
    assert got.framed


@pytest.mark.parametrize("size", [1, 7, 1000, 1_000_000])
def test_it_reads_chunks_of_any_size(fetch: Fetcher, site: Site, size: int) -> None:
    site.put(PATH, BODY[:500])
    site.behave(PATH, "chunked", size=size)
    assert fetch.get().framed
    assert fetch.body == BODY[:500]


def test_an_empty_body_is_a_body(fetch: Fetcher, site: Site) -> None:
    site.put(PATH, b"")
    assert fetch.get().bytes == 0


def test_it_uses_a_connection_again(site: Site) -> None:
    site.put("/empty", b"")
    with Client(site.url) as client:
        for path in (PATH, "/empty", PATH):
            client.download(site.url + path, io.BytesIO(), limit=10**6, deadline=20)
        site.behave(PATH, "slow", bytes_at_a_time=4000, every=0.01)
        client.download(site.url + PATH, io.BytesIO(), limit=10**6, deadline=20)
    assert len(site.log) == 4


def test_unchanged_is_said_without_a_body(fetch: Fetcher, site: Site) -> None:
    got = fetch.get(etag='"1"')
    assert (got.status, got.bytes, got.sha256, got.etag, got.framed) == (304, 0, "", '"1"', True)
    assert fetch.body == b""
    assert site.log[0].headers["if-none-match"] == '"1"'


def test_unchanged_since_a_date_as_well(fetch: Fetcher, site: Site) -> None:
    site.put(PATH, BODY, last_modified="Wed, 01 May 2024 12:00:00 GMT")
    assert fetch.get(last_modified="Wed, 01 May 2024 12:00:00 GMT").status == 304


def test_a_packed_file_is_left_as_it_is_whatever_the_server_says_of_its_coding(fetch: Fetcher, site: Site) -> None:
    packed = gzip.compress(b"chart")
    site.put("/a.tgz", packed)
    site.behave("/a.tgz", "coded", coding="x-gzip")
    fetch.get("/a.tgz", packed=True)
    assert fetch.body == packed
    assert site.log[0].headers["accept-encoding"] == "identity"


# -- C: body, headers, compression


def test_C1_a_body_in_drops_ends_at_the_deadline(fetch: Fetcher, site: Site) -> None:
    site.behave(PATH, "slow", every=0.05)
    fetch.deadline = 0.5
    with pytest.raises(TimedOut) as late:
        fetch.get()
    assert late.value.id == "timed-out"
    assert late.value.params["seconds"] == 0.5
    assert len(fetch.body) < len(BODY)


def test_C1_headers_in_drops_end_at_the_deadline(fetch: Fetcher, site: Site) -> None:
    site.behave(PATH, "slow_headers", every=0.05)
    fetch.deadline = 0.5
    with pytest.raises(TimedOut):
        fetch.get()


def test_C1_silence_ends_at_the_deadline(fetch: Fetcher, site: Site) -> None:
    site.behave(PATH, "silent")
    fetch.deadline = 0.3
    with pytest.raises(TimedOut):
        fetch.get()


def test_C1_trailers_without_end_end_at_the_deadline(fetch: Fetcher, site: Site) -> None:
    site.behave(PATH, "slow_trailers")
    fetch.deadline = 0.5
    with pytest.raises(TimedOut):
        fetch.get()


@pytest.mark.parametrize("mode", ["slow", "stalled"])
def test_C1_a_body_below_the_least_rate_is_given_up_before_the_deadline(fetch: Fetcher, site: Site, mode: str) -> None:
    site.behave(PATH, mode)
    fetch.limits = Limits(least_rate=10_000, grace=0.3)
    with pytest.raises(TooSlow) as slow:
        fetch.get()
    assert slow.value.id == "too-slow"


def test_C1_a_server_may_think_longer_than_the_grace(fetch: Fetcher, site: Site) -> None:
    site.behave(PATH, "pensive", seconds=0.4)
    fetch.limits = Limits(grace=0.1)
    fetch.get()
    assert fetch.body == BODY


def test_C1_redirects_share_one_deadline(fetch: Fetcher, site: Site) -> None:
    site.behave("/a", "redirect", to=PATH)
    site.behave(PATH, "silent")
    fetch.deadline = 0.3
    with pytest.raises(TimedOut):
        fetch.get("/a")


def test_C2_a_body_of_the_limit_passes(fetch: Fetcher) -> None:
    fetch.limit = len(BODY)
    fetch.get()
    assert fetch.body == BODY


@pytest.mark.parametrize("mode", ["length", "chunked", "no_length", "gzip"])
def test_C2_a_body_over_the_limit_is_refused_and_nothing_beyond_it_written(
    fetch: Fetcher, site: Site, mode: str
) -> None:
    site.behave(PATH, mode, **({"told": str(len(BODY))} if mode == "length" else {}))
    fetch.limit = len(BODY) - 1
    with pytest.raises(TooLarge) as large:
        fetch.get()
    assert large.value.params["limit"] == fetch.limit
    assert len(fetch.body) <= fetch.limit


def test_C2_a_body_without_end_is_refused(fetch: Fetcher, site: Site) -> None:
    site.behave(PATH, "endless")
    with pytest.raises(TooLarge):
        fetch.get()
    assert len(fetch.body) <= fetch.limit


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("cut", {"at": 100}),
        ("cut", {"at": 0}),
        ("length", {"told": str(len(BODY) + 1)}),
        ("cut_chunks", {"at": 100}),
        ("no_last_chunk", {"at": 100}),
        ("raw", {"sent": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}),
        ("bad_chunk", {"size": "zz"}),
        ("reset", {"at": 100}),
    ],
)
def test_C3_a_body_shorter_than_told_is_refused(
    fetch: Fetcher, site: Site, mode: str, options: dict[str, int | str | bytes]
) -> None:
    site.behave(PATH, mode, **options)
    with pytest.raises(CutOff):
        fetch.get()


def test_C3_a_chunk_of_negative_size_is_refused_without_reading_on(fetch: Fetcher, site: Site) -> None:
    site.behave(PATH, "bad_chunk", size="-1")
    with pytest.raises(BadAnswer, match="negative"):
        fetch.get()
    assert fetch.body == b""


@pytest.mark.parametrize("at", [None, 100, 0])
def test_C4_a_body_that_only_the_end_of_the_connection_bounds_is_marked_so(
    fetch: Fetcher, site: Site, at: int | None
) -> None:
    site.behave(PATH, "no_length", at=at)
    assert not fetch.get().framed
    assert fetch.body == BODY[:at]


@pytest.mark.parametrize("cut", [1, 8, 20, 60])
def test_C5_truncated_gzip_with_a_right_length_is_refused(fetch: Fetcher, site: Site, cut: int) -> None:
    site.put(PATH, os.urandom(2000))
    site.behave(PATH, "gzip", cut=cut)
    with pytest.raises(CutOff):
        fetch.get()


def test_C5_gzip_with_a_wrong_checksum_is_refused(fetch: Fetcher, site: Site) -> None:
    site.behave(PATH, "gzip", spoil=6)
    with pytest.raises(BadEncoding):
        fetch.get()


def test_C6_a_gzip_bomb_is_refused_at_the_limit(fetch: Fetcher, site: Site) -> None:
    site.put(PATH, bytes(50_000_000))
    site.behave(PATH, "gzip")
    with pytest.raises(TooLarge):
        fetch.get()
    assert len(fetch.body) <= fetch.limit


def test_C6_gzip_that_unpacks_to_nothing_is_counted_as_well(fetch: Fetcher, site: Site) -> None:
    site.put(PATH, gzip.compress(b"", mtime=0) * 5000)
    site.behave(PATH, "coded", coding="gzip")
    fetch.limit = 10_000
    with pytest.raises(TooLarge):
        fetch.get()


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip, gzip, gzip, gzip, gzip", "br, gzip"])
def test_C6_other_codings_are_refused(fetch: Fetcher, site: Site, coding: str) -> None:
    site.behave(PATH, "coded", coding=coding)
    with pytest.raises(BadEncoding):
        fetch.get()


@pytest.mark.parametrize("status", [302, 404, 500])
def test_C6_the_body_of_a_redirect_or_an_error_is_never_unpacked(fetch: Fetcher, site: Site, status: int) -> None:
    site.put("/bomb", gzip.compress(bytes(20_000_000)), content_type="text/plain")
    site.behave("/bomb", "coded", coding="gzip", status=status, location=PATH)
    if status == 302:
        assert fetch.get("/bomb").status == 200
    else:
        with pytest.raises(HttpStatus) as failed:
            fetch.get("/bomb")
        assert failed.value.params["detail"] in ("Not Found", "Internal Server Error")


def test_C6_a_redirect_with_a_body_without_end_is_followed_at_once(fetch: Fetcher, site: Site) -> None:
    site.behave("/endless", "endless", status=302, headers={"Location": PATH})
    fetch.get("/endless")
    assert fetch.body == BODY


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("many_headers", {}),
        ("long_header", {}),
        ("two_lengths", {}),
        ("length", {"told": "-1"}),
        ("raw", {"sent": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"}),
        ("raw", {"sent": b"SSH-2.0-OpenSSH_9.6\r\n"}),
        ("raw", {"sent": b"HTTP/1.1 999999 Hm\r\n\r\n"}),
        ("raw", {"sent": b"HTTP/9.9 200 OK\r\n\r\n"}),
    ],
)
def test_C7_headers_beyond_all_measure_are_refused_with_a_name(
    fetch: Fetcher, site: Site, mode: str, options: dict[str, str | bytes]
) -> None:
    site.behave(PATH, mode, **options)
    with pytest.raises(BadAnswer):
        fetch.get()


def test_C8_not_modified_without_having_been_asked_is_refused(fetch: Fetcher, site: Site) -> None:
    site.behave(PATH, "status", status=304)
    with pytest.raises(BadAnswer):
        fetch.get()


def test_C8_a_part_is_refused(fetch: Fetcher, site: Site) -> None:
    site.behave(PATH, "status", status=206, headers={"Content-Range": "bytes 0-9/100"})
    with pytest.raises(BadAnswer):
        fetch.get()


@pytest.mark.parametrize(
    ("status", "after", "seconds"),
    [(429, "315360000", 21600.0), (429, "30", 30.0), (429, "", None), (503, "120", 120.0), (503, "0", 0.0)],
)
def test_C8_come_back_later_is_taken_with_its_time_up_to_six_hours(
    fetch: Fetcher, site: Site, status: int, after: str, seconds: float | None
) -> None:
    site.behave(PATH, "status", status=status, headers={"Retry-After": after})
    with pytest.raises(RateLimited) as limited:
        fetch.get()
    assert limited.value.retry_after == seconds


def test_C8_come_back_at_a_date(fetch: Fetcher, site: Site) -> None:
    site.behave(
        PATH,
        "status",
        status=503,
        headers={"Retry-After": format_datetime(datetime.now(UTC) + timedelta(days=3650), usegmt=True)},
    )
    with pytest.raises(RateLimited) as limited:
        fetch.get()
    assert limited.value.retry_after == 21600.0


def test_C9_the_digest_of_the_body_is_told_whatever_the_validators_say(fetch: Fetcher, site: Site) -> None:
    first = fetch.get()
    site.put(PATH, BODY + b"#", etag='"1"', last_modified="Fri, 01 May 2124 12:00:00 GMT")
    second = fetch.get()
    assert first.etag == second.etag
    assert first.sha256 != second.sha256


@pytest.mark.parametrize("body", ["é".encode("utf-16"), "é".encode("latin-1"), b"\xef\xbb\xbfa: \xc3\xa9"])
def test_C10_bytes_are_handed_on_whatever_charset_is_told(fetch: Fetcher, site: Site, body: bytes) -> None:
    site.put(PATH, body, content_type="text/plain; charset=klingon")
    fetch.get()
    assert fetch.body == body


def test_C11_of_an_error_body_without_end_a_line_is_kept(fetch: Fetcher, site: Site) -> None:
    site.put(PATH, b"", content_type="text/plain")
    site.behave(PATH, "endless", status=500)
    with pytest.raises(HttpStatus) as failed:
        fetch.get()
    assert failed.value.params["status"] == 500
    assert len(failed.value.params["detail"]) < 300


# -- statuses and their texts


@pytest.mark.parametrize("status", [204, 300, 400, 404, 410, 500, 502, 503])
def test_another_status_is_named(fetch: Fetcher, site: Site, status: int) -> None:
    site.behave(PATH, "status", status=status)
    with pytest.raises(HttpStatus, match=str(status)):
        fetch.get()


def test_what_a_server_says_of_its_error_is_shown_in_printable_words(fetch: Fetcher, site: Site) -> None:
    site.put(PATH, "no such\r\n\x1b[31mbucket\u202e", content_type="text/plain", status=404)
    with pytest.raises(HttpStatus) as failed:
        fetch.get()
    assert failed.value.params["detail"] == "Not Found: no such [31mbucket"


def test_html_of_an_error_page_is_not_shown(fetch: Fetcher, site: Site) -> None:
    site.put(PATH, "<script>", content_type="text/html", status=502)
    with pytest.raises(HttpStatus) as failed:
        fetch.get()
    assert failed.value.params["detail"] == "Bad Gateway"


def test_a_body_that_repeats_a_secret_query_is_not_shown(fetch: Fetcher, site: Site) -> None:
    site.put(PATH, "no page /index.yaml?token=hunter2", content_type="text/plain", status=404)
    with pytest.raises(HttpStatus) as failed:
        fetch.get(PATH + "?token=hunter2")
    assert "hunter2" not in repr((failed.value, failed.value.params))


# -- credentials (A9–A12)


def test_it_signs_in_with_the_password_in_the_file(fetch: Fetcher, site: Site, secret: Credentials) -> None:
    site.protect("me", "hunter2")
    fetch.credentials = secret
    fetch.get()
    assert fetch.body == BODY


def test_a_password_beyond_ascii_is_sent_as_utf8(fetch: Fetcher, site: Site, tmp_path: Path) -> None:
    (tmp_path / "p").write_text("pässwörd")
    site.protect("zoë", "pässwörd")
    fetch.credentials = Basic("zoë", partial(read_secret, str(tmp_path / "p")))
    assert fetch.get().status == 200


@pytest.mark.parametrize("status", [401, 403])
def test_wrong_credentials_are_named_as_such(fetch: Fetcher, site: Site, status: int) -> None:
    site.behave(PATH, "status", status=status)
    with pytest.raises(AuthenticationFailed, match=str(status)):
        fetch.get()


def test_an_error_never_shows_the_password_even_if_the_server_repeats_it(
    fetch: Fetcher, site: Site, secret: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site.put(PATH, "you sent me:hunter2 bWU6aHVudGVyMg==", content_type="text/plain", status=401)
    fetch.credentials = secret
    with pytest.raises(AuthenticationFailed) as failed:
        fetch.get(PATH + "?token=hunter2")
    shown = repr((failed.value, failed.value.params, failed.value.remedy, secret)) + caplog.text
    assert "hunter2" not in shown
    assert "bWU6aHVudGVyMg" not in shown


def test_A9_a_redirect_to_another_port_gets_no_credentials_and_no_cookie(
    fetch: Fetcher, site: Site, other: Site, secret: Credentials
) -> None:
    site.protect("me", "hunter2")
    site.behave(PATH, "redirect", to=other.url + PATH)
    fetch.credentials = secret
    assert fetch.get().final_url == other.url + PATH
    assert "authorization" in site.log[0].headers
    assert not {"authorization", "cookie"} & set(other.log[0].headers)


def test_A9_when_they_are_missed_there_the_error_says_why(
    fetch: Fetcher, site: Site, other: Site, secret: Credentials
) -> None:
    other.protect("me", "hunter2")
    site.behave(PATH, "redirect", to=other.url + PATH)
    fetch.credentials = secret
    with pytest.raises(AuthenticationFailed, match="own address only"):
        fetch.get()


def test_A9_a_redirect_within_the_source_keeps_them(fetch: Fetcher, site: Site, secret: Credentials) -> None:
    site.protect("me", "hunter2")
    site.behave("/old", "redirect", to=PATH)
    fetch.credentials = secret
    fetch.get("/old")
    assert [("authorization" in one.headers, "cookie" in one.headers) for one in site.log] == [(True, False)] * 2


def test_A10_an_address_on_another_host_gets_no_credentials(fetch: Fetcher, other: Site, secret: Credentials) -> None:
    fetch.credentials = secret
    fetch.get(other.url + PATH)
    assert "authorization" not in other.log[0].headers


def test_A10_netrc_adds_no_credentials(
    fetch: Fetcher, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login me password hunter2\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    fetch.get()
    assert "authorization" not in site.log[0].headers


def test_no_cookie_is_kept(site: Site) -> None:
    site.put(PATH, BODY, headers={"Set-Cookie": "session=1; Path=/"})
    with Client(site.url) as client:
        for _ in range(2):
            client.download(site.url + PATH, io.BytesIO(), limit=10**6, deadline=20)
    assert ["cookie" in one.headers for one in site.log] == [False, False]


@pytest.mark.parametrize("content", [None, b"", b"\n", b"two\nlines", b"\xff\xfe"])
def test_a_password_file_that_holds_no_password_is_named(fetch: Fetcher, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    fetch.credentials = Basic("me", partial(read_secret, str(file)))
    with pytest.raises(CredentialsUnreadable, match="password"):
        fetch.get()


def test_A12_an_address_with_credentials_is_not_fetched(fetch: Fetcher, site: Site) -> None:
    with pytest.raises(BadUrl):
        fetch.get(site.url.replace("://", "://me:hunter2@") + PATH)
    assert site.log == []


# -- redirects (A8)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_A8_redirects_are_followed(fetch: Fetcher, site: Site, status: int) -> None:
    site.behave("/old", "redirect", to=PATH, status=status)
    assert fetch.get("/old").final_url == site.url + PATH


@pytest.mark.parametrize(("hops", "followed"), [(5, True), (6, False)])
def test_A8_five_redirects_are_followed_and_not_six(fetch: Fetcher, site: Site, hops: int, followed: bool) -> None:
    for hop in range(hops):
        site.behave(f"/{hop}", "redirect", to=f"/{hop + 1}" if hop + 1 < hops else PATH)
    if followed:
        fetch.get("/0")
        assert fetch.body == BODY
    else:
        with pytest.raises(BadRedirect, match="more than 5"):
            fetch.get("/0")


@pytest.mark.parametrize("to", ["/loop", "file:///etc/passwd", "", "http://me:pw@host/", "http:\\\\x"])
def test_A8_a_loop_and_a_redirect_to_no_http_address_are_refused(fetch: Fetcher, site: Site, to: str) -> None:
    site.behave("/loop", "redirect", to=to)
    with pytest.raises(BadRedirect):
        fetch.get("/loop")


# -- no connection


def test_a_closed_port_is_a_failed_connection(fetch: Fetcher) -> None:
    with upstream() as gone:
        address = gone.url
    with pytest.raises(ConnectionFailed, match=f"{address.removeprefix('http://')}: connection refused"):
        fetch.get(address + PATH)


def test_a_server_that_hangs_up_is_a_failed_connection(fetch: Fetcher, site: Site) -> None:
    site.behave(PATH, "hang_up")
    with pytest.raises(ConnectionFailed):
        fetch.get()


def test_a_name_that_does_not_exist_is_named(fetch: Fetcher) -> None:
    with pytest.raises(NameNotResolved, match=r"nowhere\.invalid"):
        fetch.get("http://nowhere.invalid/index.yaml")


def test_B4_plain_http_behind_https_is_a_failed_handshake(fetch: Fetcher, site: Site) -> None:
    with pytest.raises(TlsFailed):
        fetch.get(site.url.replace("http:", "https:") + PATH)


def test_B4_a_handshake_that_stalls_ends_inside_the_connect_time(fetch: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        fetch.limits = Limits(connect=0.3)
        with pytest.raises(ConnectionFailed):
            fetch.get(f"https://127.0.0.1:{deaf.getsockname()[1]}/")


def test_a_proxy_that_is_not_there_is_told_as_the_proxy(fetch: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("http_proxy", "http://me:hunter2@127.0.0.1:9")
    with pytest.raises(ProxyFailed) as failed:
        fetch.get("http://charts.example.org/index.yaml")
    assert "hunter2" not in repr((failed.value, failed.value.params))


def test_it_goes_through_the_proxy_of_the_environment(
    fetch: Fetcher, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("http_proxy", site.url)
    site.put("/charts/index.yaml", b"by proxy")
    fetch.get("http://charts.example.org/charts/index.yaml")
    assert site.log[0].path == "http://charts.example.org/charts/index.yaml"
    assert fetch.body == b"by proxy"


def test_a_full_disk_is_not_taken_for_a_failed_connection(site: Site) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    with Client(site.url) as client, pytest.raises(OSError, match="No space left") as failed:
        client.download(site.url + PATH, Full(), limit=10**6, deadline=20)
    assert not isinstance(failed.value, FetchError)
