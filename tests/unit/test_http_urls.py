"""Which addresses are used, joined and shown (hostile.md A1, A2, A7, A8, A10–A13, A15)."""

from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3.util import parse_url

from indexer.errors import BadRedirect, BadUrl
from indexer.http.urls import MAX_URL, check_url, host_of, join_chart_url, redirect_target, same_origin, shown_url

INDEX = "https://charts.example.org/stable/index.yaml"

GOOD = [
    "https://charts.example.org/stable",
    "HTTP://Charts.Example.org:8080/a%20b?token=x&y=@z",
    "http://[::ffff:127.0.0.1]:80/",
    "http://10.0.0.1/",
    "http://my_compose_host/",
    "https://xn--bcher-kva.example/",
    "https://example.org/@scope/chart",
    "https://example.org",
    "https://example.org?x=1",
]
BAD = [
    ("A1", "http://127.0.0.1:80\\@example.com/"),
    ("A1", "http://127.0.0.1:80@example.com/"),
    ("A2", "http://good#@evil"),
    ("A2", "http://good%2f@evil"),
    ("A2", "http://good%40evil/"),
    ("A2", " http://good/"),
    ("A2", "http://go\tod/"),
    ("A2", "http://good\n.evil/"),
    ("A2", "http://good/\r\nHost: evil"),
    ("A2", "http://１２７.０.０.１/"),
    ("A2", "http://good。evil/"),
    ("A2", "http://good\u00a0/"),
    ("A2", "http://a..b/"),
    ("A2", "http://.a/"),
    ("A2", "http://*.a/"),
    ("A2", "http://a:b/"),
    ("A2", "http://a:0/"),
    ("A2", "http://a:65536/"),
    ("A2", "http://a:123456/"),
    ("A2", "http://[fe80::1%25eth0]/"),
    ("A2", "http://[1:2]/"),
    ("A2", "http:///path"),
    ("A2", "http:good"),
    ("A2", ""),
    ("A7", "http://127.1/"),
    ("A7", "http://0x7f.1/"),
    ("A7", "http://2130706433/"),
    ("A7", "http://017700000001/"),
    ("A7", "http://0/"),
    ("A7", "http://127.0.0.01/"),
    ("A12", "https://user:pass@host/"),
    ("A12", "https://user@host/"),
    ("A13", "file:///etc/passwd"),
    ("A13", "ftp://host/"),
    ("A13", "oci://host/charts"),
    ("A13", "javascript:alert(1)"),
    ("A15", "http://host/" + "a" * 1_000_000),
    ("A15", "@" * 100_000),
    ("A15", "http://host/" + "%" * 100_000),
    ("A15", "http://" + "a" * 64 + ".example/"),
    ("A15", "http://xn--" + "a" * 60 + ".example/"),
    ("A15", "http://" + "a." * 200 + "example/"),
]


@pytest.mark.parametrize("url", GOOD)
def test_it_takes_plain_addresses(url: str) -> None:
    assert check_url(url) == url


def bad(case: str) -> list[str]:
    return [url for one, url in BAD if one == case]


@pytest.mark.parametrize("url", bad("A1"))
def test_A1_an_address_with_two_hosts_in_it_is_refused(url: str) -> None:
    with pytest.raises(BadUrl):
        check_url(url)


@pytest.mark.parametrize("url", bad("A2"))
def test_A2_an_address_that_two_parsers_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(BadUrl):
        check_url(url)


@pytest.mark.parametrize("url", ["http://[::ffff:127.0.0.1]:80/", "http://[::ffff:7f00:1]/", "http://LOCALHOST/"])
def test_A2_what_is_accepted_has_the_same_host_in_every_layer(url: str) -> None:
    prepared = requests.Request("GET", check_url(url)).prepare().url or ""
    assert host_of(prepared) == host_of(url) == (parse_url(url).host or "").strip("[]").lower()


@pytest.mark.parametrize("url", bad("A7"))
def test_A7_a_number_for_a_host_is_refused(url: str) -> None:
    with pytest.raises(BadUrl):
        check_url(url)


@pytest.mark.parametrize("url", bad("A12") + bad("A13"))
def test_A12_A13_a_password_or_another_scheme_is_refused(url: str) -> None:
    with pytest.raises(BadUrl):
        check_url(url)


@pytest.mark.parametrize("url", bad("A15"), ids=len)
def test_A15_an_address_beyond_all_measure_is_refused_before_it_is_parsed(url: str) -> None:
    with pytest.raises(BadUrl) as refused:
        check_url(url)
    assert len(str(refused.value)) < 1000


@given(st.text(alphabet="abz019.-_:/\\@#?%[]x é\t", max_size=40).map(lambda text: "http://" + text))
@settings(max_examples=300)
def test_A1_the_checked_host_is_the_dialled_host(url: str) -> None:
    try:
        check_url(url)
    except BadUrl:
        return
    dialled = parse_url(requests.Request("GET", url).prepare().url or "")
    assert (urlsplit(url).hostname or "").lower() == (dialled.host or "").strip("[]").lower()
    assert urlsplit(url).port == dialled.port


SECRETS = [
    "https://me:hunter2@host/x",
    "https://me:hun/hunter2@host/x",
    "https://host/x?token=hunter2 ",
    "me:hunter2@host",
    "https://me:hunter2@host@other/",
    "https://me:hunter2@" + "x" * MAX_URL,
    "ssh://me:hunter2@host",
    "hunter2://me@host",
    "https0hunter2://me@host/",
    "https://h\\x?hunter2",
]


@pytest.mark.parametrize("url", SECRETS)
def test_A12_the_error_about_an_address_shows_no_password_and_no_query(url: str) -> None:
    with pytest.raises(BadUrl) as refused:
        check_url(url)
    assert "hunter2" not in f"{refused.value} {refused.value.params} {refused.value.remedy}"


def test_A12_the_error_says_where_credentials_go() -> None:
    with pytest.raises(BadUrl, match="--username and --password-file"):
        check_url("https://me:hunter2@host/")


def test_A12_a_shown_address_has_no_query() -> None:
    assert shown_url("https://host:8443/a/b?token=hunter2") == "https://host:8443/a/b"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://r.example/a", "https://r.example:443/b?c", True),
        ("https://R.Example", "https://r.example/", True),
        ("http://r.example", "https://r.example", False),
        ("https://r.example", "https://r.example:8443", False),
        ("https://r.example", "https://r.example.evil.com", False),
        ("https://r.example", "https://evilr.example", False),
        ("https://r.example", "https://r.example.", False),
    ],
)
def test_A11_an_origin_is_compared_as_a_whole(one: str, other: str, same: bool) -> None:
    if other.endswith("."):
        with pytest.raises(BadUrl):
            check_url(other)
    assert same_origin(one, other) is same


@pytest.mark.parametrize(
    ("listed", "joined"),
    [
        ("a-1.0.0.tgz", "https://charts.example.org/stable/a-1.0.0.tgz"),
        ("charts/a-1.0.0+b.tgz", "https://charts.example.org/stable/charts/a-1.0.0+b.tgz"),
        ("/a-1.0.0.tgz", "https://charts.example.org/a-1.0.0.tgz"),
        ("https://cdn.example.net/a.tgz?sig=1", "https://cdn.example.net/a.tgz?sig=1"),
        ("HTTP://cdn.example.net/a.tgz", "HTTP://cdn.example.net/a.tgz"),
        ("../../../a.tgz", "https://charts.example.org/a.tgz"),
        ("//evil.example/a.tgz", "https://evil.example/a.tgz"),
        ("图表-1.0.0.tgz", "https://charts.example.org/stable/%E5%9B%BE%E8%A1%A8-1.0.0.tgz"),
    ],
)
def test_A13_a_listed_address_stays_http(listed: str, joined: str) -> None:
    assert join_chart_url(INDEX, listed) == joined


@pytest.mark.parametrize(
    "listed",
    [
        "",
        "\\\\evil\\a.tgz",
        "file:///etc/passwd",
        "file:a.tgz",
        "http:a.tgz",
        "oci://r/a",
        "//me:pw@evil/a",
        "a b.tgz",
        "//[::1/a.tgz",
        "//[x]/a.tgz",
    ],
)
def test_A13_a_listed_address_that_is_none_is_refused(listed: str) -> None:
    with pytest.raises(BadUrl):
        join_chart_url(INDEX, listed)


def test_A15_an_address_that_the_repositorys_query_makes_too_long_is_refused() -> None:
    with pytest.raises(BadUrl, match="longer than"):
        join_chart_url(INDEX + "?token=" + "t" * 100, "a" * (MAX_URL - 60))


@pytest.mark.parametrize(
    ("listed", "joined"),
    [
        ("a.tgz", "https://charts.example.org/stable/a.tgz?token=t"),
        ("a.tgz?own=1", "https://charts.example.org/stable/a.tgz?token=t"),
        ("//evil.example/a.tgz", "https://evil.example/a.tgz"),
        ("https://charts.example.org/a.tgz", "https://charts.example.org/a.tgz"),
        ("https://evil.example/a.tgz", "https://evil.example/a.tgz"),
    ],
)
def test_A13_the_query_of_the_repository_goes_to_its_own_origin_only(listed: str, joined: str) -> None:
    assert join_chart_url(INDEX + "?token=t", listed) == joined


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_A13_whatever_is_listed_ends_as_a_good_address_or_as_bad_url(listed: str) -> None:
    try:
        joined = join_chart_url(INDEX, listed)
    except BadUrl:
        return
    assert check_url(joined) == joined


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/other", "https://charts.example.org/other"),
        ("https://cdn.example.net/x?sig=1#part", "https://cdn.example.net/x?sig=1"),
        ("//cdn.example.net/x", "https://cdn.example.net/x"),
        ("?page=2", "https://charts.example.org/stable/index.yaml?page=2"),
    ],
)
def test_A8_a_redirect_is_resolved(location: str, target: str) -> None:
    assert redirect_target(INDEX, location) == target


@pytest.mark.parametrize(
    "location",
    [
        "http://charts.example.org/",
        "file:///etc/passwd",
        "ftp://x/",
        "https://me:hunter2@x/",
        "",
        "http:\\\\evil",
        "//a b",
        "https://[::1",
        "javascript:1",
        "/a\tb",
        "https://x/" + "a" * MAX_URL,
    ],
)
def test_A8_a_redirect_down_to_http_or_to_no_address_is_refused(location: str) -> None:
    with pytest.raises(BadRedirect) as refused:
        redirect_target(INDEX, location)
    assert "hunter2" not in str(refused.value)


def test_A8_a_redirect_up_to_https_is_followed() -> None:
    assert (
        redirect_target("http://charts.example.org/a", "https://charts.example.org/a") == "https://charts.example.org/a"
    )


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_A8_whatever_location_says_ends_as_a_good_address_or_as_bad_redirect(location: str) -> None:
    try:
        target = redirect_target(INDEX, location)
    except BadRedirect:
        return
    assert check_url(target).startswith("https://")


@pytest.mark.parametrize(
    "location", ["https://user:secret#@h.example/", "https://user:secret@h.example/", "//u:secret#@h", "secret://u@h"]
)
def test_A12_the_error_about_a_redirect_shows_no_password_wherever_it_is_cut(location: str) -> None:
    with pytest.raises(BadRedirect) as refused:
        redirect_target(INDEX, location)
    assert "secret" not in refused.value.cause
