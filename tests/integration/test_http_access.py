"""Who is asked with what: addresses, credentials, proxies, small answers."""

import io
from collections.abc import Iterator

import pytest

from indexer.errors import AddressRefused, AuthenticationFailed, BadRedirect, ProxyFailed, RateLimited, TooLarge
from indexer.http import DEFAULT_ALLOW, DIRECT, LOOPBACK, Access, Basic, Bearer, Client, network
from tests.upstream import Site, upstream

ME = Basic("me", lambda: "hunter2")
GUARDED = network(DEFAULT_ALLOW)


@pytest.fixture
def site() -> Iterator[Site]:
    with upstream() as running:
        running.put("/index.yaml", b"entries: {}\n")
        yield running


@pytest.fixture
def other() -> Iterator[Site]:
    with upstream() as running:
        running.put("/index.yaml", b"elsewhere")
        yield running


def get(client: Client, url: str) -> bytes:
    body = io.BytesIO()
    client.download(url, body, limit=10_000, deadline=10)
    return body.getvalue()


def test_A3_a_source_that_a_person_entered_does_not_reach_loopback(site: Site) -> None:
    with (
        Client(site.url, Access(network=GUARDED)) as client,
        pytest.raises(AddressRefused, match=r"127\.0\.0\.1.*not allowed"),
    ):
        get(client, site.url + "/index.yaml")
    assert site.log == []


def test_A3_the_name_localhost_is_no_way_around(site: Site) -> None:
    url = site.url.replace("127.0.0.1", "localhost")
    with Client(url, Access(network=GUARDED)) as client, pytest.raises(AddressRefused):
        get(client, url + "/index.yaml")


def test_A8_a_redirect_to_an_inner_address_is_refused_at_that_hop(site: Site) -> None:
    inner = site.url.replace("127.0.0.1", "127.0.0.2")
    site.behave("/index.yaml", "redirect", to=f"{inner}/index.yaml")
    mine = network(DEFAULT_ALLOW, LOOPBACK, ["127.0.0.1"])
    with Client(site.url, Access(network=mine)) as client, pytest.raises(AddressRefused, match=r"127\.0\.0\.2"):
        get(client, site.url + "/index.yaml")


def test_A6_behind_a_proxy_the_target_is_judged_and_not_the_proxy(site: Site) -> None:
    mine = network(DEFAULT_ALLOW, LOOPBACK, ["127.0.0.1"])
    access = Access(proxy=site.url, network=mine)
    with Client("http://169.254.169.254", access) as client, pytest.raises(AddressRefused, match=r"169\.254"):
        get(client, "http://169.254.169.254/latest/meta-data")
    assert site.log == []


def test_a_proxy_that_a_person_entered_is_judged_as_well(site: Site) -> None:
    with (
        Client("http://93.184.216.34", Access(proxy=site.url, network=GUARDED)) as client,
        pytest.raises(AddressRefused, match=r"127\.0\.0\.1"),
    ):
        get(client, "http://93.184.216.34/index.yaml")


def test_it_goes_through_the_source_s_own_proxy(site: Site) -> None:
    with Client("http://charts.invalid", Access(proxy=site.url)) as client:
        assert get(client, "http://charts.invalid/index.yaml") == b"entries: {}\n"
    assert site.log[0].headers["host"] == "charts.invalid"


def test_direct_ignores_the_proxy_of_the_environment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with Client(site.url, Access(proxy=DIRECT)) as client:
        assert get(client, site.url + "/index.yaml") == b"entries: {}\n"


def test_a_proxy_that_asks_who_we_are_is_told_as_such(site: Site) -> None:
    site.put("/index.yaml", b"no", status=407)
    with (
        Client("http://charts.invalid", Access(proxy=site.url)) as client,
        pytest.raises(ProxyFailed, match="407"),
    ):
        get(client, "http://charts.invalid/index.yaml")


def test_A10_an_origin_that_the_source_lists_gets_the_credentials_too(site: Site, other: Site) -> None:
    with Client(site.url, Access(ME, (other.url,))) as client:
        get(client, other.url + "/index.yaml")
    assert other.log[0].headers["authorization"].startswith("Basic ")


def test_a_token_goes_as_bearer(site: Site) -> None:
    with Client(site.url, Access(Bearer(lambda: "hunter2"))) as client:
        get(client, site.url + "/index.yaml")
    assert site.log[0].headers["authorization"] == "Bearer hunter2"


def test_no_secret_shows_in_what_access_prints() -> None:
    assert "hunter2" not in repr(Access(ME))
    assert "hunter2" not in repr(Access(Bearer(lambda: "hunter2")))


def test_a_small_answer_comes_with_its_status_and_headers(site: Site) -> None:
    site.put("/v2/", b"{}", status=401, headers={"WWW-Authenticate": 'Bearer realm="x"'})
    with Client(site.url, Access(ME)) as client:
        reply = client.ask(site.url + "/v2/", limit=100, deadline=5, accept=frozenset({200, 401}), authorization="")
    assert (reply.status, reply.body, reply.headers["www-authenticate"]) == (401, b"{}", 'Bearer realm="x"')
    assert "authorization" not in site.log[0].headers


def test_a_status_that_was_not_asked_for_is_an_error(site: Site) -> None:
    site.put("/v2/", b"{}", status=401)
    with Client(site.url) as client, pytest.raises(AuthenticationFailed):
        client.ask(site.url + "/v2/", limit=100, deadline=5)


def test_a_small_answer_that_is_large_is_refused(site: Site) -> None:
    with Client(site.url) as client, pytest.raises(TooLarge):
        client.ask(site.url + "/index.yaml", limit=3, deadline=5)


def test_a_head_request_reads_no_body(site: Site) -> None:
    with Client(site.url) as client:
        reply = client.ask(site.url + "/index.yaml", limit=0, deadline=5, method="HEAD")
    assert (reply.status, reply.body, site.log[0].method) == (200, b"", "HEAD")


def test_an_authorization_of_its_own_does_not_follow_to_another_origin(site: Site, other: Site) -> None:
    site.behave("/index.yaml", "redirect", to=f"{other.url}/index.yaml")
    with Client(site.url) as client:
        client.ask(site.url + "/index.yaml", limit=100, deadline=5, authorization="Bearer hunter2")
    assert site.log[0].headers["authorization"] == "Bearer hunter2"
    assert "authorization" not in other.log[0].headers


def test_after_a_wish_to_wait_the_server_is_not_asked_again_by_anybody(site: Site) -> None:
    site.put("/index.yaml", b"", status=429, headers={"Retry-After": "60"})
    with Client(site.url) as one, Client(site.url) as two:
        with pytest.raises(RateLimited):
            get(one, site.url + "/index.yaml")
        with pytest.raises(RateLimited):
            get(two, site.url + "/other.yaml")
    assert len(site.log) == 1


def test_A8_a_redirect_to_a_scheme_that_is_no_http_is_refused(site: Site) -> None:
    site.behave("/index.yaml", "redirect", to="file:///etc/passwd")
    with Client(site.url) as client, pytest.raises(BadRedirect):
        get(client, site.url + "/index.yaml")
