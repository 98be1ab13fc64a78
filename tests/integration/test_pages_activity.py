"""The activity page and its feeds: what changed, as people and readers of feeds meet it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from tests.pages import Browser
from tests.repository import Charts, Repository, archive, index, repository
from tests.upstream import Site, upstream
from tests.web import Web, web

MANY = {f"chart-{number:02}": ("1.0.0",) for number in range(30)}
FIRST: Charts = {"redis": ("7.0.0", "6.0.0"), "nginx": ("15.2.5",), **MANY}
SECOND: Charts = {**FIRST, "redis": ("7.1.0", "7.0.0", "6.0.0"), "blog": ("0.1.0",)}
THIRD: Charts = {name: versions for name, versions in SECOND.items() if name != "nginx"}
ATOM = "{http://www.w3.org/2005/Atom}"


def pushed_again(charts: Charts, name: str, version: str) -> Repository:
    archives = {**repository(charts).archives, f"{name}-{version}.tgz": archive(name, version, "again")}
    return Repository(archives, index(charts, archives))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A catalog after four syncs: all is new; a new version and a new chart; one removed; one pushed again."""
    with upstream() as site, upstream() as other:
        repository({"kafka": ("1.0.0",)}).serve(other)
        sources = [{"name": "shop", "title": "The <shop>", "url": site.url}, {"name": "other", "url": other.url}]
        with web(tmp_path_factory.mktemp("room"), sources) as opened:
            opened.sync("other")
            for served in (repository(FIRST), repository(SECOND), repository(THIRD)):
                served.serve(site)
                opened.sync()
            pushed_again(THIRD, "blog", "0.1.0").serve(site)
            opened.sync()
            yield opened


@pytest.fixture
def shop(running: Web) -> Browser:
    return Browser(replace(running, client=running.app.test_client()))


def told(browser: Browser, path: str) -> str:
    text = browser.get(path).text
    return text[text.index("Removed") + len("Removed") :]


def test_the_newest_sync_is_first_and_says_what_it_changed(shop: Browser) -> None:
    text = told(shop, "/activity")
    places = [
        text.index(one) for one in ("pushed again 0.1.0", "removed 15.2.5", "new version 7.1.0", "redis new chart")
    ]
    assert places == sorted(places)
    assert "blog new chart 0.1.0" in text
    assert "nginx new chart 15.2.5" in text
    assert "7.0.0 , 6.0.0" in text


def test_a_new_version_leads_to_itself_and_to_what_changed_since_the_one_before(shop: Browser) -> None:
    page = shop.get("/activity")
    assert page.links["7.1.0"] == "/charts/shop/redis/7.1.0"
    assert page.links["What changed in redis 7.1.0"] == "/charts/shop/redis/7.1.0?tab=compare&from=7.0.0"
    assert "What changed in blog 0.1.0" not in page.links


def test_what_is_gone_is_told_without_a_link(shop: Browser) -> None:
    page = shop.get("/activity?kind=removed")
    assert "nginx removed 15.2.5" in page.text
    assert "nginx" not in page.links


def test_of_a_large_sync_a_few_charts_are_shown_and_the_others_stand_behind_a_link(shop: Browser) -> None:
    page = shop.get("/activity")
    rest = page.links["and 24 other charts"]
    whole = shop.get(rest)
    assert all(name in whole.text for name in MANY)
    assert "pushed again" not in told(shop, rest)
    assert whole.links["All activity"] == "/activity"


def test_kinds_and_sources_narrow_it_and_stand_in_the_address(shop: Browser) -> None:
    assert "kafka" not in told(shop, "/activity?source=shop")
    only = told(shop, "/activity?source=other")
    assert "kafka new chart 1.0.0" in only
    assert "redis" not in only
    again = told(shop, "/activity?kind=repushed")
    assert "blog" in again
    assert "redis" not in again
    page = shop.get("/activity?kind=added&source=shop")
    assert page.links["Removed"] == "/activity?source=shop&kind=removed"
    assert page.form("/activity", "source").fields["source"] == "shop"


def test_what_matches_nothing_says_so_and_leads_back(shop: Browser) -> None:
    page = shop.get("/activity?kind=repushed&source=other")
    assert "There is no such change" in page.text
    assert page.links["All activity"] == "/activity"
    assert "There is no such change" in shop.get("/activity?sync=999999").text


@pytest.mark.parametrize(
    "query", ["kind=content", "kind=%3Cb%3E", "before=x", "sync=-1", "before=²", "source=a&" * 101]
)
def test_H5_a_value_that_cannot_be_meant_is_refused_in_words(shop: Browser, query: str) -> None:
    shop.get(f"/activity?{query}", status=400)


@pytest.mark.parametrize("query", ["before=" + "9" * 300, "sync=" + "9" * 300, "source=nowhere", "before=0", "kind="])
def test_H5_a_row_out_of_range_is_moved_into_it(shop: Browser, query: str) -> None:
    shop.get(f"/activity?{query}")


def test_every_page_can_be_reached_to_the_first_sync(tmp_path: Path, site: Site) -> None:
    with web(tmp_path / "room", [{"name": "shop", "url": site.url, "content": "none"}]) as running:
        for number in range(25):
            repository({"redis": tuple(f"1.0.{patch}" for patch in range(number, -1, -1))}).serve(site)
            running.sync()
        browser = Browser(running)
        first = browser.get("/activity")
        assert "1.0.24" in first.text
        assert "new chart" not in first.text
        second = browser.get(first.links["Older"])
        assert "redis new chart 1.0.0" in second.text
        assert "Older" not in second.links
        assert second.links["Newest"] == "/activity"


def test_the_charts_of_one_large_sync_are_paged(tmp_path: Path, site: Site) -> None:
    names = {f"chart-{number:03}": ("1.0.0",) for number in range(150)}
    repository(names).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url, "content": "none"}]) as running:
        running.sync()
        browser = Browser(running)
        one = browser.get(browser.get("/activity").links["and 142 other charts"])
        two = browser.get(one.links["Older"])
        shown = [name for name in names if f"{name} " in one.text], [name for name in names if f"{name} " in two.text]
        assert sorted((*shown[0], *shown[1])) == list(names)
        assert "Older" not in two.links


def test_small_syncs_after_a_huge_one_are_told_beside_it(tmp_path: Path, site: Site) -> None:
    many = tuple(f"1.0.{patch}" for patch in range(1_100))
    with web(tmp_path / "room", [{"name": "shop", "url": site.url, "content": "none"}]) as running:
        for versions in (many, (*many, "2.0.0"), (*many, "2.0.0", "3.0.0")):
            repository({"redis": versions}).serve(site)
            running.sync()
        text = Browser(running).get("/activity").text
        newest, newer, first = "new version 3.0.0", "new version 2.0.0", "redis new chart 1.0.1099"
        assert text.index(newest) < text.index(newer) < text.index(first)
        assert "and 1095 others" in text[text.index(first) :].replace(",", "")


def test_a_catalog_without_changes_says_what_will_stand_here(tmp_path: Path) -> None:
    with web(tmp_path / "room") as running:
        page = Browser(running).get("/activity")
        assert "Nothing has changed yet" in page.text
        assert page.links["Sources"] == "/sources"


# -- feeds


def feed(running: Web, path: str, status: int = 200, **headers: str) -> Any:
    answer = running.ask("GET", path, headers=headers)
    assert answer.status_code == status
    return Xml.fromstring(answer.get_data()) if status == 200 else answer


def titles(document: Any) -> list[str]:
    return [entry.findtext(f"{ATOM}title", "") for entry in document.iter(f"{ATOM}entry")]


def links(element: Any) -> dict[str, str]:
    return {link.get("rel", ""): link.get("href", "") for link in element.findall(f"{ATOM}link")}


def test_a_feed_tells_the_same_newest_first(running: Web) -> None:
    found = titles(feed(running, "/feeds/all.atom"))
    assert found[:4] == [
        "blog 0.1.0 (shop): pushed again with other bytes",
        "nginx 15.2.5 (shop): removed",
        "redis 7.1.0 (shop): new version",
        "blog 0.1.0 (shop): new chart",
    ]
    assert "kafka 1.0.0 (other): new chart" in found
    assert "kafka 1.0.0 (other): new chart" not in titles(feed(running, "/feeds/shop.atom"))
    assert titles(feed(running, "/feeds/shop/redis.atom")) == [
        "redis 7.1.0 (shop): new version",
        "redis 7.0.0 (shop): new chart",
    ]


def test_the_feed_of_a_chart_that_is_gone_tells_its_end(running: Web) -> None:
    assert titles(feed(running, "/feeds/shop/nginx.atom"))[0] == "nginx 15.2.5 (shop): removed"


def test_what_is_unknown_has_no_feed(running: Web) -> None:
    for path in ("/feeds/nowhere.atom", "/feeds/shop/nowhere.atom", "/feeds/nowhere/redis.atom"):
        feed(running, path, status=404)


def test_a_feed_is_what_RFC_4287_asks_for(running: Web) -> None:
    document = feed(running, "/feeds/all.atom")
    assert document.tag == f"{ATOM}feed"
    assert links(document)["self"].endswith("/feeds/all.atom")
    ids = [element.text for element in document.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids)) > 4
    assert all(one.startswith("urn:uuid:") for one in ids)
    for element in document.iter(f"{ATOM}updated"):
        datetime.fromisoformat(element.text)
    assert document.find(f"{ATOM}author/{ATOM}name") is not None
    assert all(links(entry)["alternate"].startswith("http://") for entry in document.iter(f"{ATOM}entry"))


def test_an_entry_keeps_its_id_when_more_happens(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        before = [element.text for element in feed(running, "/feeds/all.atom").iter(f"{ATOM}id")]
        repository({"redis": ("1.1.0", "1.0.0")}).serve(site)
        running.sync()
        after = [element.text for element in feed(running, "/feeds/all.atom").iter(f"{ATOM}id")]
    assert (after[0], after[-1], len(after)) == (before[0], before[-1], len(before) + 1)


def test_a_feed_is_sent_again_only_when_something_changed(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        tag = running.ask("GET", "/feeds/shop.atom").headers["ETag"]
        assert feed(running, "/feeds/shop.atom", 304, **{"If-None-Match": tag}).get_data() == b""
        repository({"redis": ("1.1.0", "1.0.0")}).serve(site)
        running.sync()
        assert titles(feed(running, "/feeds/shop.atom", **{"If-None-Match": tag}))[0].startswith("redis 1.1.0")


def test_a_feed_is_bounded_and_tells_of_a_chart_with_many_versions_once(tmp_path: Path, site: Site) -> None:
    many = {f"chart-{number:03}": ("1.0.0",) for number in range(130)}
    repository({**many, "redis": tuple(f"1.0.{patch}" for patch in range(40))}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url, "content": "none"}]) as running:
        running.sync()
        document = feed(running, "/feeds/all.atom")
        assert len(titles(document)) == 100
        assert titles(document)[0] == "redis 1.0.39 (shop): new chart"
        summary = document.find(f"{ATOM}entry/{ATOM}summary").text
        assert summary == "40 versions: 1.0.39, 1.0.38, 1.0.37, 1.0.36, 1.0.35 ….\nWhat redis does"


def test_F3_names_with_markup_are_text_in_a_feed(tmp_path: Path, site: Site) -> None:
    site.put(
        "/index.yaml",
        'apiVersion: v1\nentries:\n  "a":\n  - {name: a, version: 1.0.0, urls: [a.tgz], '
        'description: "<script>alert(1)</script> & \\u0001 ]]>"}\n',
    )
    with web(tmp_path / "room", [{"name": "shop", "url": site.url, "content": "none"}]) as running:
        running.sync()
        entry = feed(running, "/feeds/shop.atom").find(f"{ATOM}entry")
        assert entry.findtext(f"{ATOM}summary").startswith("<script>alert(1)</script> &")


def test_addresses_in_a_feed_are_below_the_public_one(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    sources = [{"name": "shop", "url": site.url}]
    with web(tmp_path / "room", sources, public_url="https://charts.example.org/room") as running:
        running.sync()
        document = feed(running, "/feeds/shop.atom")
        assert links(document)["self"] == "https://charts.example.org/room/feeds/shop.atom"
        entry = document.find(f"{ATOM}entry")
        assert links(entry)["alternate"] == "https://charts.example.org/room/charts/shop/redis/1.0.0"


def test_an_empty_feed_is_one_all_the_same(tmp_path: Path) -> None:
    with web(tmp_path / "room") as running:
        assert titles(feed(running, "/feeds/all.atom")) == []


def test_pages_name_their_feeds(shop: Browser) -> None:
    for path, address in (
        ("/", "/feeds/all.atom"),
        ("/activity?source=shop", "/feeds/shop.atom"),
        ("/sources/shop", "/feeds/shop.atom"),
        ("/charts/shop/redis", "/feeds/shop/redis.atom"),
    ):
        [link] = shop.get(path).all("link", type="application/atom+xml")
        assert (link["rel"], link["href"]) == ("alternate", address)
