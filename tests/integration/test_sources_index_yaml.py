"""The ``index`` source, against a repository on loopback."""

import gc
import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from indexer import parse
from indexer.access import Accesses
from indexer.errors import (
    ArchiveAbsent,
    ArchiveTooLarge,
    AuthenticationFailed,
    BadEncoding,
    BadUrl,
    ChartroomError,
    CutOff,
    NotAnIndex,
    TooLarge,
)
from indexer.model import SecretField, Source
from indexer.sources import ChartSource, Known
from indexer.sources.index_yaml import index_url
from indexer.sources.registry import open_source as opened_source
from tests.repository import repository
from tests.upstream import Site, upstream


class NothingKept:
    """A store without secrets."""

    def get(self, source: str, field: SecretField) -> str | None:
        return None


def open_source(source: Source, spool: Path) -> ChartSource:
    source = replace(source, operator=True)
    return opened_source(source, Accesses(NothingKept()).of(source), spool)


MADE = repository({"apple": ("1.1.0", "1.0.0"), "pear": ("0.1.0",)})


@pytest.fixture
def site() -> Iterator[Site]:
    with upstream() as running:
        MADE.serve(running, etag='"1"')
        yield running


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "data" / "spool"


def names(site: Site, spool: Path, **settings: object) -> list[str]:
    source = Source("shop", **{"url": site.url, **settings})  # type: ignore[arg-type]
    with open_source(source, spool).list_charts(Known()) as answer:
        assert answer.listing is not None
        return [f"{name} {one.version}" for name, chart in answer.listing.charts.items() for one in chart.versions]


ALL = ["apple 1.1.0", "apple 1.0.0", "pear 0.1.0"]


def test_it_lists_the_charts_with_all_that_is_known_of_the_answer(site: Site, spool: Path) -> None:
    with open_source(Source("shop", site.url), spool).list_charts(Known()) as answer:
        assert answer.listing is not None
        assert list(answer.listing.charts) == ["apple", "pear"]
        assert answer.etag == '"1"'
        assert answer.body_digest == sha256(MADE.index.encode()).hexdigest()
        assert answer.bytes == len(MADE.index)
        assert answer.framed


def test_entries_can_be_opened_while_the_context_lasts_and_slices_may_outlive_it(site: Site, spool: Path) -> None:
    with open_source(Source("shop", site.url), spool).list_charts(Known()) as answer:
        assert answer.listing is not None
        version = answer.listing.charts["apple"].versions[0]
        assert parse.open_entry(version.raw).description == "What apple does"
    del answer
    gc.collect()
    assert b"apple" in bytes(version.raw)


def test_nothing_is_left_in_the_spool(site: Site, spool: Path) -> None:
    with open_source(Source("shop", site.url), spool).list_charts(Known()):
        assert list(spool.iterdir()) == []
    assert list(spool.iterdir()) == []


def test_not_modified_is_said_as_such_and_keeps_the_validators(site: Site, spool: Path) -> None:
    known = Known(etag='"1"', last_modified="Wed, 01 May 2024 12:00:00 GMT", body_digest="d")
    with open_source(Source("shop", site.url), spool).list_charts(known) as answer:
        assert (answer.listing, answer.etag, answer.last_modified) == (None, '"1"', known.last_modified)
        assert (answer.body_digest, answer.bytes) == ("d", 0)


def test_an_equal_body_without_validators_is_not_read_again(site: Site, spool: Path) -> None:
    known = Known(body_digest=sha256(MADE.index.encode()).hexdigest())
    with open_source(Source("shop", site.url), spool).list_charts(known) as answer:
        assert answer.listing is None
        assert answer.bytes == len(MADE.index)
        assert answer.framed


def test_C9_a_changed_body_under_the_same_validator_is_read(site: Site, spool: Path) -> None:
    site.put("/index.yaml", MADE.index.replace("0.1.0", "0.2.0"), etag='"1"')
    known = Known(body_digest=sha256(MADE.index.encode()).hexdigest())
    with open_source(Source("shop", site.url), spool).list_charts(known) as answer:
        assert answer.listing is not None


def test_charts_that_are_known_are_kept_unread(site: Site, spool: Path) -> None:
    with open_source(Source("shop", site.url), spool).list_charts(Known()) as answer:
        assert answer.listing is not None
        known = {name: chart.fingerprint for name, chart in answer.listing.charts.items()}
    site.put("/index.yaml", MADE.index.replace("0.1.0", "0.2.0"))
    with open_source(Source("shop", site.url), spool).list_charts(Known(charts=known)) as answer:
        assert answer.listing is not None
        assert {name: chart.kept for name, chart in answer.listing.charts.items()} == {"apple": True, "pear": False}


@pytest.mark.parametrize(
    ("url", "index"),
    [
        ("https://h", "https://h/index.yaml"),
        ("https://h/", "https://h/index.yaml"),
        ("https://h/stable//", "https://h/stable/index.yaml"),
        ("https://h/stable?token=t", "https://h/stable/index.yaml?token=t"),
        ("https://h/stable/index.yaml", "https://h/stable/index.yaml"),
        ("https://h/stable/index.yaml.gz?x", "https://h/stable/index.yaml.gz?x"),
        ("https://h/index.yaml/", "https://h/index.yaml/index.yaml"),
    ],
)
def test_the_address_may_name_the_folder_or_the_index(url: str, index: str) -> None:
    assert index_url(url) == index


@pytest.mark.parametrize("url", ["file:///srv/charts", "/srv/charts", "https://me:hunter2@h/", "oci://h/charts"])
def test_an_address_that_is_not_http_is_refused(url: str, spool: Path) -> None:
    with pytest.raises(BadUrl) as refused:
        open_source(Source("shop", url), spool)
    assert "hunter2" not in str(refused.value)


def test_it_reads_an_index_behind_basic_auth(site: Site, spool: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2")
    site.protect("me", "hunter2")
    assert names(site, spool, username="me", password_file=str(tmp_path / "password")) == ALL
    with pytest.raises(AuthenticationFailed):
        names(site, spool)


def test_it_reads_an_index_that_is_sent_in_gzip(site: Site, spool: Path) -> None:
    site.behave("/index.yaml", "gzip")
    assert names(site, spool) == ALL


@pytest.mark.parametrize("path", ["/index.yaml", "/index.yaml.gz"])
def test_it_reads_an_index_that_is_stored_in_gzip(site: Site, spool: Path, path: str) -> None:
    site.put(path, gzip.compress(MADE.index.encode()), content_type="application/gzip")
    assert names(site, spool, url=site.url + path) == ALL


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (gzip.compress(MADE.index.encode())[:-9], CutOff),
        (gzip.compress(MADE.index.encode()) + b"junk", BadEncoding),
        (gzip.compress(bytes(2_000_000)), TooLarge),
    ],
)
def test_C5_C6_an_index_stored_in_bad_gzip_is_refused(
    site: Site, spool: Path, body: bytes, error: type[ChartroomError]
) -> None:
    site.put("/index.yaml", body)
    with pytest.raises(error):
        names(site, spool, max_index_bytes=1_000_000)


def test_C2_an_index_over_the_limit_of_its_source_is_refused(site: Site, spool: Path) -> None:
    with pytest.raises(TooLarge):
        names(site, spool, max_index_bytes=len(MADE.index) - 1)
    assert names(site, spool, max_index_bytes=len(MADE.index)) == ALL


def test_C4_an_index_without_told_length_is_read_and_marked_as_unframed(site: Site, spool: Path) -> None:
    site.behave("/index.yaml", "no_length")
    with open_source(Source("shop", site.url), spool).list_charts(Known()) as answer:
        assert answer.listing is not None
        assert answer.listing.end_proven
        assert not answer.framed


@pytest.mark.parametrize("body", ["", "<!DOCTYPE html><title>Sign in</title>"])
def test_C8_a_sign_in_page_and_an_empty_answer_are_no_index(site: Site, spool: Path, body: str) -> None:
    site.put("/index.yaml", body, content_type="text/html")
    with pytest.raises(NotAnIndex):
        names(site, spool)


def test_C10_a_byte_order_mark_is_accepted_whatever_charset_is_told(site: Site, spool: Path) -> None:
    site.put("/index.yaml", b"\xef\xbb\xbf" + MADE.index.encode(), content_type="text/plain; charset=latin-1")
    assert names(site, spool) == ALL


def test_an_error_about_the_index_shows_no_query(site: Site, spool: Path) -> None:
    site.put("/index.yaml", "<html>")
    with pytest.raises(NotAnIndex) as refused:
        names(site, spool, url=site.url + "?token=hunter2")
    assert "hunter2" not in repr((refused.value, refused.value.params))


# -- archives


def test_it_fetches_an_archive_named_by_a_relative_address(site: Site, spool: Path, tmp_path: Path) -> None:
    target = tmp_path / "got.tgz"
    open_source(Source("shop", site.url), spool).fetch_archive(["pear-0.1.0.tgz"], target, 10**6)
    assert target.read_bytes() == MADE.archives["pear-0.1.0.tgz"]


def test_A10_an_absolute_address_on_another_host_gets_no_credentials(site: Site, spool: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2")
    source = Source("shop", site.url, username="me", password_file=str(tmp_path / "password"))
    with upstream() as cdn:
        MADE.serve(cdn)
        open_source(source, spool).fetch_archive([cdn.url + "/pear-0.1.0.tgz"], tmp_path / "got.tgz", 10**6)
        assert "authorization" not in cdn.log[0].headers
    assert (tmp_path / "got.tgz").read_bytes() == MADE.archives["pear-0.1.0.tgz"]


def test_it_tries_the_addresses_in_order_and_leaves_nothing_of_those_that_failed(
    site: Site, spool: Path, tmp_path: Path
) -> None:
    site.put("/cut.tgz", bytes(5000))
    site.behave("/cut.tgz", "cut", at=4000)
    target = tmp_path / "got.tgz"
    urls = ["file:///etc/passwd", "absent.tgz", "cut.tgz", "pear-0.1.0.tgz", "never.tgz"]
    open_source(Source("shop", site.url), spool).fetch_archive(urls, target, 10**6)
    assert target.read_bytes() == MADE.archives["pear-0.1.0.tgz"]
    assert [one.path for one in site.log] == ["/absent.tgz", "/cut.tgz", "/pear-0.1.0.tgz"]


def test_when_all_addresses_fail_the_last_error_is_raised(site: Site, spool: Path, tmp_path: Path) -> None:
    source = open_source(Source("shop", site.url), spool)
    with pytest.raises(ArchiveAbsent, match="404"):
        source.fetch_archive(["file:///etc/passwd", "absent.tgz"], tmp_path / "got.tgz", 10**6)
    with pytest.raises(BadUrl, match="no address"):
        source.fetch_archive([], tmp_path / "got.tgz", 10**6)


def test_several_archives_can_be_fetched_at_a_time(site: Site, spool: Path, tmp_path: Path) -> None:
    source = open_source(Source("shop", site.url), spool)

    def fetch(number: int) -> bytes:
        name = list(MADE.archives)[number % len(MADE.archives)]
        source.fetch_archive([name], tmp_path / str(number), 10**6)
        return (tmp_path / str(number)).read_bytes()

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(fetch, range(60)))
    assert got == list(MADE.archives.values()) * 20


def test_an_archive_over_the_limit_is_refused(site: Site, spool: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveTooLarge):
        open_source(Source("shop", site.url), spool).fetch_archive(["pear-0.1.0.tgz"], tmp_path / "got.tgz", 10)


def test_an_archive_whose_own_gzip_is_told_as_a_coding_is_kept_packed(site: Site, spool: Path, tmp_path: Path) -> None:
    site.behave("/pear-0.1.0.tgz", "coded", coding="gzip")
    open_source(Source("shop", site.url), spool).fetch_archive(["pear-0.1.0.tgz"], tmp_path / "got.tgz", 10**6)
    assert (tmp_path / "got.tgz").read_bytes() == MADE.archives["pear-0.1.0.tgz"]
