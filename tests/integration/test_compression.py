"""What goes packed over the wire, and what must not."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from catalog_web.security import masked, unmasked
from tests.pages import Browser
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web


@pytest.fixture
def shop(tmp_path: Path, site: Site) -> Iterator[Web]:
    repository({"redis": ("7.0.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        yield running


def packed(shop: Web, path: str, **headers: str) -> TestResponse:
    """The answer to a browser that takes gzip."""
    return shop.ask("GET", path, headers={"Accept-Encoding": "gzip, deflate, br", **headers})


def style_sheet(shop: Web) -> str:
    return Browser(shop).get("/").all("link", rel="stylesheet")[0]["href"]


def test_a_page_is_packed_for_a_browser_that_takes_it(shop: Web) -> None:
    answer = packed(shop, "/")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert b"redis" in gzip.decompress(answer.get_data())
    assert int(answer.headers["Content-Length"]) == len(answer.get_data())


def test_style_sheets_are_packed_and_asked_about_again_by_an_etag_of_their_own(shop: Web) -> None:
    path = style_sheet(shop)
    with packed(shop, path) as answer, shop.ask("GET", path) as plain:
        assert gzip.decompress(answer.get_data()) == plain.get_data()
        assert answer.headers["ETag"] != plain.headers["ETag"]
        assert "Accept-Encoding" in plain.headers["Vary"]
        known = answer.headers["ETag"]
    with packed(shop, path, **{"If-None-Match": known}) as again:
        assert again.status_code == 304


@pytest.mark.parametrize("taken", ["", "br", "gzip;q=0", "identity"])
def test_who_does_not_take_gzip_gets_none(shop: Web, taken: str) -> None:
    for path in ("/", style_sheet(shop)):
        with shop.ask("GET", path, headers={"Accept-Encoding": taken}) as answer:
            assert "Content-Encoding" not in answer.headers


def test_an_archive_is_sent_as_it_is(shop: Web) -> None:
    with packed(shop, "/charts/shop/redis-7.0.0.tgz") as answer:
        assert "Content-Encoding" not in answer.headers


def test_the_answer_to_a_form_may_show_a_secret_and_is_not_packed(shop: Web) -> None:
    form = Browser(shop).get("/sources/shop/webhook").form("", having="csrf_token")
    data = {"csrf_token": form.fields["csrf_token"]}
    answer = shop.ask("POST", "/sources/shop/webhook", data=data, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


def test_the_token_against_forgery_looks_different_in_every_page_and_all_are_good(shop: Web) -> None:
    browser = Browser(shop)
    forms = [browser.get("/").form("/language") for _ in range(3)]
    assert len({form.fields["csrf_token"] for form in forms}) == 3
    assert {browser.send(form, language="zh").status_code for form in forms} == {303}


@pytest.mark.parametrize("sent", ["", "x", "x" * 43, "é", "====", "A" * 100_000])
def test_what_is_no_masked_token_is_none(sent: str) -> None:
    assert unmasked(sent) != b"token"
    assert unmasked(masked("token")) == b"token"
