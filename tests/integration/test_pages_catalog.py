"""The catalog page: searching, filtering, paging, and what it says when there is nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pages import Browser
from tests.repository import repository
from tests.upstream import Site, upstream
from tests.web import Web, web

MANY = {f"chart-{number:02}": ("1.0.0",) for number in range(60)}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One catalog for all tests that only read."""
    with upstream() as site:
        repository({"redis": ("7.0.0", "6.0.0"), "redis-cluster": ("1.0.0",), "nginx": ("15.2.5",), **MANY}).serve(site)
        source = {"name": "shop", "title": "The shop", "url": site.url}
        with web(tmp_path_factory.mktemp("room"), [source]) as opened:
            opened.sync()
            yield opened


@pytest.fixture
def shop(running: Web) -> Browser:
    return Browser(replace(running, client=running.app.test_client()))


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Web]:
    with web(tmp_path / "room") as running:
        yield running


def cards(browser: Browser, path: str) -> list[str]:
    page = browser.get(path)
    return [href.rpartition("/")[2] for text, href in page.links.items() if href == f"/charts/shop/{text}"]


def test_a_search_shows_the_exact_name_first_with_what_a_card_needs(shop: Browser) -> None:
    page = shop.get("/?q=redis")
    assert cards(shop, "/?q=redis") == ["redis", "redis-cluster"]
    assert "2 charts for redis" in page.text
    assert "What redis does" in page.text
    assert "7.0.0" in page.text
    assert page.links["The shop"] == "/?source=shop"
    assert page.links["tests"] == "/?keyword=tests"


def test_what_was_searched_for_is_marked(shop: Browser) -> None:
    assert "What <mark>redis</mark> does" in shop.get("/?q=redis").html


def test_every_page_can_be_reached_to_the_end(shop: Browser) -> None:
    seen = [name for number in (1, 2, 3) for name in cards(shop, f"/?sort=name&page={number}")]
    assert len(seen) == len(set(seen)) == 63
    assert "Next" not in " ".join(shop.get("/?page=3").links)


@pytest.mark.parametrize("page", ["-1", "0", "4", "999999999999"])
def test_H5_a_page_out_of_range_is_moved_into_it(shop: Browser, page: str) -> None:
    assert cards(shop, f"/?sort=name&page={page}")


@pytest.mark.parametrize("query", ["page=x", "sort=password", "deprecated=maybe"])
def test_H5_a_value_that_cannot_be_meant_is_refused_in_words(shop: Browser, query: str) -> None:
    assert shop.get(f"/?{query}", status=400).text


@pytest.mark.parametrize("text", ["%27", "%25", "_", "n:999", "%F0%9F%9A%80", "*a*", "a~9", "((((", "NOT NOT", "<b>x"])
def test_H4_text_that_means_something_elsewhere_is_only_text(shop: Browser, text: str) -> None:
    assert shop.get(f"/?q={text}").status == 200


def test_a_page_that_is_no_number_is_named(shop: Browser) -> None:
    for path in ("/?page=abc", "/sources/shop?page=abc"):
        assert "“page” must be a whole number." in shop.get(path, status=400).text


def test_blanks_are_no_search_and_without_one_the_newest_come_first(shop: Browser) -> None:
    page = shop.get("/?q=%20%20")
    assert "63 charts" in page.text
    assert "charts for" not in page.text
    assert "clear all" not in page.links
    assert "Sorted by Newest" in page.text
    assert "Sorted by Relevance" in shop.get("/?q=redis").text


def test_a_text_that_is_too_long_is_refused_and_kept_in_the_box(shop: Browser) -> None:
    page = shop.get(f"/?q={'a' * 300}", status=400)
    assert page.form(having="q").fields["q"] == "a" * 300


def test_a_refused_filter_leaves_the_text_in_the_box_and_is_not_sent_again(shop: Browser) -> None:
    box = shop.get("/?q=redis&kube=new&source=tests", status=400).form(having="q")
    assert box.fields["q"] == "redis"
    assert "kube" not in box.fields


def test_filters_are_links_that_add_and_take_away(shop: Browser) -> None:
    page = shop.get("/?q=redis")
    chosen = shop.get(page.links["tests 2"])
    assert chosen.all("a", id="keyword-tests")[0]["aria-current"] == "true"
    assert chosen.all("a", id="keyword-tests")[0]["href"] == "/?q=redis"
    assert chosen.links["clear all"] == "/"


def test_the_search_box_keeps_the_filters(shop: Browser) -> None:
    fields = shop.get("/?q=redis&source=shop&keyword=tests&sort=name").form(having="q").fields
    assert fields == {"q": "redis", "source": "shop", "keyword": "tests", "sort": "name"}


def test_nothing_found_names_what_to_leave_out(shop: Browser) -> None:
    page = shop.get("/?q=redis&keyword=nosuch&source=shop")
    assert "No chart matches" in page.text
    assert page.links["the keyword nosuch"] == "/?q=redis&source=shop"


def test_suggestions_lead_to_charts(shop: Browser) -> None:
    page = shop.get("/suggest?q=red")
    assert [one["data-href"] for one in page.all("li", role="option")] == [
        "/charts/shop/redis",
        "/charts/shop/redis-cluster",
    ]
    assert shop.get("/suggest?q=" + "%00" * 10).all("li", role="option") == []


def test_without_a_source_it_says_how_to_add_one(empty: Web) -> None:
    page = Browser(empty).get("/")
    assert "There is no source yet" in page.text
    assert page.links["Register a repository"] == "/sources/new"


def test_when_every_source_fails_it_says_which_and_why(tmp_path: Path, site: Site) -> None:
    site.behave("/index.yaml", "status", status=404)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        page = Browser(running).get("/")
    assert "1 of 1 source fails" in page.text
    assert "404" in page.text
    assert page.links["shop"] == "/sources/shop"


def test_before_the_first_sync_it_looks_again_by_itself(tmp_path: Path, site: Site) -> None:
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        page = Browser(running).get("/")
    assert "The first sync has not finished yet" in page.text
    assert any("every 2s" in one.get("hx-trigger", "") for _, one in page.tags)


def test_chinese_is_chosen_by_the_browser_or_by_hand(shop: Browser) -> None:
    assert "63 个 Chart" in Browser(shop.running, "zh-CN,zh;q=0.9,en;q=0.5").get("/").text
    english = shop.get("/?q=redis")
    chinese = shop.followed(english.form("/language"), language="zh")
    assert chinese.all("html", lang="zh-Hans")
    assert "2 个 Chart 匹配 redis" in chinese.text


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "//["]
)
def test_the_choice_of_a_language_leads_nowhere_else(shop: Browser, away: str) -> None:
    answer = shop.send(shop.get("/").form("/language"), language="zh", next=away)
    assert answer.headers["Location"] == "/"


def test_the_same_catalog_stands_below_a_path_of_its_own(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("7.0.0",)}).serve(site)
    public = "https://apps.example.org/charts-room"
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}], public_url=public) as running:
        running.sync()
        for path in ("/", "/charts-room/"):
            page = Browser(running).get(path, Host="apps.example.org")
            assert page.links["redis"] == "/charts-room/charts/shop/redis"
        searched = Browser(running).get("/charts-room/?q=redis", Host="apps.example.org")
        assert searched.form("/language").fields["next"] == "/charts-room/?q=redis"


def test_H5_more_filters_than_anybody_chooses_are_refused(tmp_path: Path) -> None:
    many = "&".join(f"source=s{number}" for number in range(500))
    with web(tmp_path / "room") as room:
        page = room.ask("GET", f"/?{many}")
        assert page.status_code == 400
        assert len(page.get_data()) < 500_000


def test_every_filter_that_is_set_stands_above_the_results_and_can_be_removed(shop: Browser) -> None:
    page = shop.get("/?q=redis&source=shop&keyword=Tests&kube=v1.30&deprecated=false&sort=name")
    chips = page.all("a", class_="chip", id="remove-source-shop") + page.all("a", id="remove-kube-1.30")
    assert [one["href"] for one in chips] == [
        "/?q=redis&keyword=Tests&kube=v1.30&deprecated=false&sort=name",
        "/?q=redis&source=shop&keyword=Tests&deprecated=false&sort=name",
    ]
    assert page.all("a", id="remove-keyword-tests")[0]["href"].startswith("/?q=redis&source=shop&kube=")
    assert page.all("a", id="remove-deprecated-false")[0]["aria-label"] == "Remove the filter Maintained"
    assert page.links["clear all"] == "/"


def test_a_version_of_kubernetes_is_asked_for_with_a_form_that_keeps_the_rest(shop: Browser) -> None:
    form = shop.get("/?q=redis&source=shop").form(having="kube")
    assert form.fields == {"source": "shop", "q": "redis", "kube": ""}


def test_a_state_is_chosen_instead_of_the_other_one(shop: Browser) -> None:
    page = shop.get("/?deprecated=true")
    assert page.all("a", id="deprecated-true")[0]["href"] == "/"
    kept_up = [one["href"] for one in shop.get("/?deprecated=false").all("a", id="deprecated-false")]
    assert kept_up == ["/"]


@pytest.mark.parametrize("query", ["installed=1", "upgradeable=maybe", "kube=new", "exact=x", "license=" + "x" * 300])
def test_H5_a_filter_that_cannot_be_meant_is_refused_in_words(shop: Browser, query: str) -> None:
    assert shop.get(f"/?{query}", status=400).all("div", role="alert")
