"""A version whose archive was never read: the page comes at once, says how far the fetch is, and then shows it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages import Browser, Page
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

OLD = "/charts/shop/redis/6.0.0"
ARCHIVE = "/redis-6.0.0.tgz"


@pytest.fixture
def room(tmp_path: Path, site: Site) -> Iterator[Web]:
    repository({"redis": ("7.0.0", "6.0.0")}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as opened:
        opened.sync()
        yield opened


def later(browser: Browser) -> Page:
    """The page of the old version once its archive is no longer being fetched."""
    deadline = time.monotonic() + 30
    while browser.running.services.catalog.fetching("shop", "redis", "6.0.0"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return browser.get(OLD)


def test_what_comes_quickly_is_shown_at_once(room: Web, site: Site) -> None:
    page = Browser(room).get(OLD)
    assert "The readme of redis 6.0.0" in page.text or "is being fetched" in page.text
    assert "The readme of redis 6.0.0" in later(Browser(room)).text


def test_a_slow_archive_shows_what_the_index_knows_and_a_line_that_asks_again(room: Web, site: Site) -> None:
    site.behave(ARCHIVE, "pensive", seconds=2)
    browser = Browser(room)
    page = browser.get(OLD)
    assert "The archive of this version was not read before" in page.text
    assert "What redis does" in page.text
    assert "cannot be had" not in page.text
    asks = page.all("span", id="fetching")[0]
    assert asks["hx-get"] == f"{OLD}/fetching"
    assert page.links["Look again"] == OLD
    assert page.all("progress")
    progress = browser.get(f"{OLD}/fetching")
    assert "Chartroom fetches it now" in progress.text or "It waits until others are fetched" in progress.text
    assert "HX-Refresh" not in progress.headers
    assert "The readme of redis 6.0.0" in later(browser).text
    assert browser.get(f"{OLD}/fetching").headers["HX-Refresh"] == "true"


def test_the_result_stays_and_readers_share_one_fetch(room: Web, site: Site) -> None:
    site.behave(ARCHIVE, "pensive", seconds=2)
    browser = Browser(room)
    for tab in ("", "?tab=values", "?tab=versions"):
        browser.get(OLD + tab)
    later(browser)
    later(browser)
    assert len(site.asked(ARCHIVE)) == 1


def test_a_failure_is_told_with_cause_remedy_and_the_next_try(room: Web, site: Site) -> None:
    site.behave(ARCHIVE, "status", status=404)
    page = later(Browser(room))
    later(Browser(room))
    assert "The archive of this version cannot be had" in page.text
    assert "404" in page.text
    assert "Chartroom tries again:" in page.text
    assert page.all("progress") == []
    assert len(site.asked(ARCHIVE)) == 1


def test_a_reader_need_not_wait_for_the_next_try(room: Web, site: Site) -> None:
    site.behave(ARCHIVE, "status", status=404)
    page = later(Browser(room))
    site.behave(ARCHIVE, None)
    browser = Browser(room)
    assert "The readme of redis 6.0.0" not in browser.get(OLD).text
    assert browser.send(page.form("/archive")).location == OLD
    assert "The readme of redis 6.0.0" in later(browser).text


def test_tabs_that_need_no_archive_are_whole_meanwhile(room: Web, site: Site) -> None:
    site.behave(ARCHIVE, "stalled")
    page = Browser(room).get(f"{OLD}?tab=versions")
    assert "7.0.0" in page.text
    assert "which is being fetched" not in page.text
    assert "which is being fetched" in Browser(room).get(f"{OLD}?tab=values").text


def test_nothing_is_fetched_for_a_version_that_is_not_there(room: Web, site: Site) -> None:
    browser = Browser(room)
    browser.get("/charts/shop/redis/9.9.9", status=404)
    assert browser.get("/charts/shop/redis/9.9.9/fetching").headers["HX-Refresh"] == "true"
    assert site.asked("/redis-9.9.9.tgz") == []
