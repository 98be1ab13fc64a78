"""Saved searches, their feeds, popular searches, and the help about searching."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as Xml

import pytest
from werkzeug.test import TestResponse

from tests.pages import Browser
from tests.repository import repository
from tests.upstream import Site
from tests.web import HOST, Web, web

ATOM = {"a": "http://www.w3.org/2005/Atom"}
OWN = f"http://{HOST}/"


@pytest.fixture
def shop(tmp_path: Path, site: Site) -> Iterator[Web]:
    repository({"redis": ("7.0.0", "6.0.0"), "redis-cluster": ("1.0.0",), "nginx": ("15.2.5",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        yield running


def saved(shop: Web, path: str = "/?q=redis", **values: str) -> str:
    """Save the search at ``path`` from its page; returns the address of its feed."""
    browser = Browser(shop)
    page = browser.followed(browser.get(path).form("/searches"), path, **values)
    assert "The search was saved." in page.text
    return page.all("a", type="application/atom+xml")[0]["href"]


def entries(answer: TestResponse) -> list[str]:
    """The titles of a feed."""
    read = Xml.fromstring(answer.get_data())
    return [one.findtext("a:title", "", ATOM) for one in read.findall("a:entry", ATOM)]


def test_a_search_is_saved_from_its_page_found_again_and_deleted(shop: Web) -> None:
    saved(shop, "/?q=redis&source=shop", name="My redis")
    browser = Browser(shop)
    page = browser.get("/searches")
    assert page.links["My redis"] == "/?q=redis&source=shop"
    gone = browser.followed(page.form("/delete"))
    assert "No search is saved yet" in gone.text


def test_all_of_the_catalog_is_nothing_to_save(shop: Web) -> None:
    assert not [form for form in Browser(shop).get("/").forms if "/searches" in form.action]
    form = Browser(shop).get("/?q=redis").form("/searches")
    for wrong in ({"query": ""}, {"query": "page=2"}, {"query": "sort=odd&q=a"}, {"name": " "}, {"name": "x" * 101}):
        assert Browser(shop).send(form, **wrong).status_code == 400


def test_a_feed_tells_of_the_charts_of_its_search(shop: Web) -> None:
    answer = shop.ask("GET", saved(shop))
    assert answer.mimetype == "application/atom+xml"
    assert sorted(entries(answer)) == ["redis 7.0.0 (shop)", "redis-cluster 1.0.0 (shop)"]
    read = Xml.fromstring(answer.get_data())
    links = [one.get("href", "") for one in read.iter("{http://www.w3.org/2005/Atom}link")]
    assert all(one.startswith(OWN) for one in links), links


def test_a_new_version_is_a_new_entry_and_the_old_ones_stay_what_they_were(shop: Web, site: Site) -> None:
    feed = saved(shop)
    before = ids(shop.ask("GET", feed))
    repository({"redis": ("8.0.0", "7.0.0"), "redis-cluster": ("1.0.0",), "nginx": ("15.2.5",)}).serve(site)
    shop.sync()
    after = shop.ask("GET", feed)
    assert "redis 8.0.0 (shop)" in entries(after)
    assert len(ids(after) & before) == 1


def ids(answer: TestResponse) -> set[str]:
    """The ids of a feed's entries."""
    read = Xml.fromstring(answer.get_data())
    return {one.findtext("a:id", "", ATOM) for one in read.findall("a:entry", ATOM)}


def test_a_reader_who_has_the_feed_already_is_told_so(shop: Web) -> None:
    feed = saved(shop)
    first = shop.ask("GET", feed)
    for name, header in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again = shop.ask("GET", feed, headers={name: first.headers[header]})
        assert again.status_code == 304
        assert again.get_data() == b""


def test_a_feed_is_at_the_public_address(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("7.0.0",)}).serve(site)
    with web(tmp_path, [{"name": "shop", "url": site.url}], public_url="https://charts.example.org/room") as running:
        running.sync()
        body = {"name": "Redis", "query": "q=redis"}
        made = running.send("POST", "/api/v1/searches", body, 201)
        answer = running.ask("GET", made["feed"])
        assert b"https://charts.example.org/room/charts/shop/redis/7.0.0" in answer.get_data()


@pytest.mark.parametrize("search", ["0" * 32, "x", "..%2f..", "%00"])
def test_a_feed_that_is_not_there_is_a_404(shop: Web, search: str) -> None:
    assert shop.ask("GET", f"/feeds/searches/{search}.atom").status_code == 404


def test_searches_are_saved_listed_and_deleted_over_the_api(shop: Web) -> None:
    body = {"name": "Redis", "query": "?keyword=Tests&q=redis&page=2"}
    made = shop.send("POST", "/api/v1/searches", body, 201)
    assert made["query"] == "q=redis&keyword=tests"
    assert made["page"] == "/?q=redis&keyword=tests"
    assert entries(shop.ask("GET", made["feed"]))
    assert shop.get("/api/v1/searches") == {"total": 1, "items": [made]}
    shop.send("DELETE", f"/api/v1/searches/{made['id']}", status=204)
    shop.send("DELETE", f"/api/v1/searches/{made['id']}", status=404)
    assert shop.get("/api/v1/searches")["items"] == []


@pytest.mark.parametrize(
    "body",
    [{"name": "", "query": "q=a"}, {"name": "a", "query": "kube=new"}, {"name": "a"}, {"name": "a", "query": "&"}],
)
def test_a_search_that_cannot_be_meant_is_not_saved(shop: Web, body: dict[str, str]) -> None:
    shop.send("POST", "/api/v1/searches", body, 400)


# -- popular


def send(shop: Web, text: str, came_from: str = OWN, **headers: str) -> None:
    """Search as a browser does that sends the form on the page ``came_from``."""
    Browser(shop).get(f"/?q={quote(text)}", Referer=came_from, **headers)


def popular(shop: Web) -> list[str]:
    """What is suggested in the empty box."""
    shop.services.popular.write()
    page = Browser(shop).get("/suggest?q=")
    return [one["data-href"] for one in page.all("li", role="option")]


def test_what_was_sent_three_times_is_suggested_in_the_empty_box(shop: Web) -> None:
    for text in ("Redis", "redis", " REDIS ", "nginx", "nginx"):
        send(shop, text)
    assert popular(shop) == ["/?q=redis"]


NOT_SENT = {
    "nothing found": ("zzqqxx", {}),
    "too long": ("redis " * 12, {}),
    "from another page of the same search": ("redis", {"came_from": f"{OWN}?q=redis"}),
    "from elsewhere": ("redis", {"came_from": "https://evil.example/"}),
    "without an address": ("redis", {"came_from": ""}),
    "a filter": ("redis", {"Hx-Request": "true"}),
    "a reload": ("redis", {"Cache-Control": "max-age=0"}),
    "fetched ahead": ("redis", {"Sec-Purpose": "prefetch"}),
}


@pytest.mark.parametrize("name", NOT_SENT)
def test_only_what_a_person_sent_and_found_is_counted(shop: Web, name: str) -> None:
    text, headers = NOT_SENT[name]
    for _ in range(5):
        send(shop, text, **headers)
    assert popular(shop) == []


def test_turning_pages_and_asking_by_program_make_nothing_popular(shop: Web) -> None:
    for _ in range(5):
        shop.get("/api/v1/charts?q=redis", headers={"Referer": OWN})
        Browser(shop).get("/?q=redis&page=1", Referer=OWN)
        Browser(shop).get("/suggest?q=redis", Referer=OWN)
    assert popular(shop) == []


def test_an_empty_catalog_suggests_nothing(tmp_path: Path) -> None:
    with web(tmp_path / "room") as running:
        assert running.ask("GET", "/suggest?q=").status_code == 204


# -- suggestions and help


def test_a_suggestion_tells_version_and_source(shop: Web) -> None:
    page = Browser(shop).get("/suggest?q=redis")
    assert "redis 7.0.0 shop" in page.text


def test_names_of_fields_are_completed_where_they_stand(shop: Web) -> None:
    page = Browser(shop).get("/suggest?q=redis%20-im")
    filled = [one["data-fill"] for one in page.all("li", role="option") if "data-fill" in one]
    assert filled == ["redis -image:"]


def test_the_help_has_only_examples_that_find_something(shop: Web) -> None:
    page = Browser(shop).get("/search-help")
    examples = [href for href in page.links.values() if href.startswith("/?q=")]
    assert examples
    for href in examples:
        assert Browser(shop).get(href).all("li", class_="card"), href


def test_the_help_of_an_empty_catalog_has_no_example(tmp_path: Path) -> None:
    with web(tmp_path / "room") as running:
        page = Browser(running).get("/search-help")
    assert "image:" in page.text
    assert not [href for href in page.links.values() if href.startswith("/?q=")]
