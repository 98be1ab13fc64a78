"""What holds for every page: rights, hosts, forged requests, headers, errors."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from catalog_web import auth
from tests.pages import Browser
from tests.repository import repository
from tests.upstream import Site
from tests.web import HOST, Web, web

PAGES = ["/", "/?q=redis", "/charts/shop/redis", "/sources", "/sources/shop", "/sources/new", "/apps", "/nosuch"]


@pytest.fixture
def shop(tmp_path: Path, site: Site) -> Iterator[Web]:
    repository({"redis": ("7.0.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        yield running


@pytest.mark.parametrize("path", ["/?zz=", "/?keyword=a&keyword=", "/charts/shop/redis?tab=values&zz=", "/sources/"])
@pytest.mark.parametrize("text", ["x" * 9_000, "<" * 3_000])
def test_H5_an_address_beyond_all_measure_is_refused(shop: Web, path: str, text: str) -> None:
    """Every link of a page carries it on: 20 kB of it made a page of 725 MB."""
    page = Browser(shop).get(path + text, status=414)
    assert "Too much at once" in page.text
    assert "The address has more than 8,192 characters." in page.text
    assert len(page.html) < 200_000
    assert shop.get("/api/v1/charts?zz=" + text, status=414)["detail"] == "The address has more than 8,192 characters."


def test_every_route_asks_whether_it_is_allowed(shop: Web) -> None:
    assert [str(one) for one in shop.app.url_map.iter_rules() if auth.rule_of(shop.app, one.endpoint) is None] == []


def test_a_route_without_a_rule_stops_the_start() -> None:
    app = Flask("test", static_folder=None)
    app.add_url_rule("/open", "open", lambda: "")
    with pytest.raises(RuntimeError, match="/open"):
        auth.check_rules(app)


def test_who_may_not_gets_a_page_that_says_what_to_do(shop: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth.guard, "LOCAL", auth.Person("guest", frozenset({"catalog.read", "open"})))
    page = Browser(shop).get("/sources", status=403)
    assert "guest may not look at the sources here (source.read on source)." in page.text
    assert "Ask an administrator" in page.text
    Browser(shop).get("/")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_headers_and_nothing_inline_or_foreign(shop: Web, path: str) -> None:
    page = Browser(shop).get(path, status=404 if path == "/nosuch" else 200)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    for directive in ("form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'", "connect-src 'self'"):
        assert directive in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::2]", "a b"]
)
def test_another_name_than_ours_is_refused(shop: Web, host: str) -> None:
    answer = shop.client.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert b"redis" not in answer.get_data()


@pytest.mark.parametrize("host", ["localhost:9999", "127.0.0.1", "[::1]:8080", "LOCALHOST"])
def test_our_own_names_are_answered(shop: Web, host: str) -> None:
    assert shop.client.get("/", headers={"Host": host}).status_code == 200


def test_the_public_name_is_answered(tmp_path: Path) -> None:
    with web(tmp_path / "room", public_url="https://charts.example.org") as running:
        answer = running.client.get("/", headers={"Host": "charts.example.org"})
        assert answer.status_code == 200
        assert "Secure" in answer.headers["Set-Cookie"]


def test_a_probe_may_come_under_any_name(shop: Web) -> None:
    assert shop.client.get("/healthz", headers={"Host": "10.1.2.3:8080"}).status_code == 200


def test_the_cookie_against_forgery_is_for_our_own_pages_alone(shop: Web) -> None:
    cookie = Browser(shop).get("/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


FORGED = {
    "no token": ({}, {"csrf_token": ""}),
    "another token": ({}, {"csrf_token": "x" * 43}),
    "another site": ({"Sec-Fetch-Site": "cross-site"}, {}),
    "a sibling site": ({"Sec-Fetch-Site": "same-site"}, {}),
    "another origin": ({"Origin": "https://evil.example"}, {}),
    "another port": ({"Origin": f"http://{HOST}:9"}, {}),
    "no origin at all": ({"Origin": "null"}, {}),
    "an origin that is none": ({"Origin": "http://["}, {}),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_write_is_refused(shop: Web, name: str) -> None:
    headers, fields = FORGED[name]
    form = Browser(shop).get("/sources/shop").form("/sync")
    answer = shop.client.post(form.action, data={**form.fields, **fields}, headers={"Host": HOST, **headers})
    assert answer.status_code == 403
    assert "does not come from a page of Chartroom" in answer.get_data(as_text=True)


def test_a_write_in_another_form_than_a_form_is_refused(shop: Web) -> None:
    answer = shop.ask("POST", "/sources/shop/sync", data=b"x", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "path", ["/sources/shop/sync", "/sources/shop/accept", "/language", "/sources/shop/remove?typed=shop"]
)
def test_reading_changes_nothing(shop: Web, path: str) -> None:
    before = shop.services.catalog.sources()
    assert shop.ask("GET", path).status_code in (200, 303)
    assert shop.services.catalog.sources() == before


def test_a_body_beyond_the_limit_is_refused(shop: Web) -> None:
    form = Browser(shop).get("/sources/new").form(having="url")
    assert Browser(shop).send(form, "/sources/new", title="x" * (1024 * 1024)).status_code == 413


def test_a_fault_shows_a_reference_that_is_in_the_log_and_no_traceback(
    shop: Web, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str:
        raise RuntimeError("the secret inside")

    shop.app.view_functions["catalog.index"] = auth.rule("open")(broken)
    with caplog.at_level(logging.ERROR):
        page = Browser(shop).get("/", status=500)
    assert "the secret inside" not in page.html
    assert "Traceback" not in page.html
    reference = page.text.partition("Reference ")[2].split()[0]
    assert reference in caplog.text
    assert "the secret inside" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nosuch", 404), ("POST", "/nosuch", 404), ("DELETE", "/", 405)]
)
def test_what_leads_nowhere_is_told_in_words(shop: Web, method: str, path: str, status: int) -> None:
    answer = shop.ask(method, path)
    assert answer.status_code == status
    assert "Reference" in answer.get_data(as_text=True)


@pytest.mark.parametrize("query", ["endpoint=x", "_anchor=x", "_method=POST", "_external=1&_scheme=javascript"])
@pytest.mark.parametrize("path", ["/", "/charts/shop/redis", "/sources"])
def test_no_parameter_leads_a_link_elsewhere(shop: Web, path: str, query: str) -> None:
    page = Browser(shop).get(f"{path}?{query}")
    asked = [one["hx-get"] for _, one in page.tags if "hx-get" in one]
    assert all(one.startswith(("/", "#")) for one in [*page.links.values(), *asked])


@pytest.mark.parametrize("query", ["name=nginx", "source=other", "version=6.0.0"])
def test_a_parameter_is_not_taken_for_a_part_of_the_path(shop: Web, query: str) -> None:
    page = Browser(shop).get(f"/charts/shop/redis?{query}")
    assert page.links["Values"] == f"/charts/shop/redis?{query}&tab=values"


def test_a_file_of_ours_may_be_kept_under_its_digest_alone(shop: Web) -> None:
    page = Browser(shop).get("/")
    sheet = next(one["href"] for one in page.all("link", rel="stylesheet"))
    with shop.ask("GET", sheet) as kept, shop.ask("GET", "/static/0000000000/chartroom.css") as other:
        assert "immutable" in kept.headers["Cache-Control"]
        assert other.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["../app.py", "..%2f__init__.py", "nosuch.css", "%00"])
def test_no_other_file_is_served(shop: Web, path: str) -> None:
    assert shop.ask("GET", f"/static/0000000000/{path}").status_code == 404
