"""The catalog in a real browser: what it weighs, and what gets better with scripts."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.room import Room

pytestmark = pytest.mark.browser

MOST_BYTES = 250_000
"""Of a cold load of the catalog as it goes over the wire, without the pictures of charts, which are foreign."""


def weighed(page: Page, path: str) -> dict[str, int]:
    """Bytes on the wire of everything that ``path`` loads, headers included, by path."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    paths: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def answered(event: dict[str, Any]) -> None:
        paths[event["requestId"]] = urlsplit(event["response"]["url"]).path

    def loaded(event: dict[str, Any]) -> None:
        sizes[paths[event["requestId"]]] = int(event["encodedDataLength"])

    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", loaded)
    page.goto(path, wait_until="networkidle")
    session.detach()
    return {path: size for path, size in sizes.items() if not path.endswith("/icon")}


@pytest.mark.parametrize("path", ["/", "/?q=web"])
def test_a_cold_load_of_the_catalog_is_light_and_has_no_editor(visit: Visit, room: Room, path: str) -> None:
    sizes = weighed(visit().page, path)
    assert {"/", "/suggest"} & sizes.keys() == {"/"}
    assert any(one.endswith("/app.js") for one in sizes)
    assert not [one for one in sizes if "editor" in one]
    assert sum(sizes.values()) <= MOST_BYTES, sizes


def test_filters_are_added_and_removed_without_loading_the_page_again(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open("/?q=web")
    visitor.mark()
    page.locator("#source-sample").click()
    chip = page.get_by_role("link", name="Remove the filter Source: Sample charts")
    expect(chip).to_be_visible()
    expect(page).to_have_url(re.compile(r"q=web&source=sample$"))
    expect(page.locator("#q-keep input[name=source]")).to_have_value("sample")
    chip.click()
    expect(chip).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/\?q=web$"))
    assert page.evaluate("window.untouched") is True


def test_the_help_opens_below_the_box_with_examples_that_lead_to_charts(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open("/")
    page.get_by_text("What can be searched for").click()
    example = page.locator("#hints a", has_text="source:")
    expect(example).to_be_visible()
    example.click()
    expect(page.locator(".card").first).to_be_visible()


def test_the_empty_box_remembers_searches_of_this_browser_until_they_are_forgotten(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open("/")
    box = page.get_by_role("combobox", name="Search charts")
    for text in ("hello", "postgres"):
        box.fill(text)
        box.press("Enter")
        page.wait_for_url(re.compile(f"q={text}"))
    visitor.open("/")
    box.press("ArrowDown")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("postgres")
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url(re.compile("q=postgres"))
    visitor.open("/")
    box.click()
    page.get_by_role("option", name="Forget what was searched for lately").click()
    assert page.evaluate("localStorage.getItem('chartroom-searches')") == "[]"


def test_a_field_is_completed_and_the_box_keeps_the_focus(visit: Visit, room: Room) -> None:
    page = visit().open("/")
    box = page.get_by_role("combobox", name="Search charts")
    box.press_sequentially("keyw")
    page.get_by_role("option", name="keyword:").click()
    expect(box).to_have_value("keyword:")
    expect(box).to_be_focused()


def test_without_scripts_filters_and_the_version_of_kubernetes_work(visit: Visit, room: Room) -> None:
    visitor = visit(javascript=False)
    page = visitor.open("/?q=web")
    page.locator("#source-sample").click()
    page.get_by_label("Version of Kubernetes").fill("1.30")
    visitor.button("Apply").click()
    expect(page).to_have_url(re.compile(r"source=sample&q=web&kube=1\.30$"))
    expect(page.get_by_role("link", name="Remove the filter Kubernetes: 1.30")).to_be_visible()


def test_a_corrected_search_says_so_and_offers_the_way_back(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open("/?q=postgers")
    visitor.sees("Nothing is called “postgers”")
    visitor.link("Search for “postgers” as typed").click()
    expect(page).to_have_url(re.compile("exact=1"))
    expect(page.get_by_text("Nothing is called")).to_have_count(0)
