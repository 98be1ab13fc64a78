"""The page of a chart in a browser: folded values, paths to copy, parts with addresses, an archive that comes later."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.room import serving, wait_for
from tests.browser.visitor import NARROW, WIDE, Visitor
from tests.charts import packed_chart
from tests.repository import index
from tests.upstream import Site, upstream

pytestmark = pytest.mark.browser

README = "# Demo\n\n" + "".join(f"## Part {number}\n\n{'Words of it. ' * 80}\n\n" for number in range(1, 5))
FILES = {
    "README.md": README + "```sh\nhelm install demo\n```\n",
    "values.yaml": "# the image\nimage:\n  tag: v1\n  pull:\n    policy: Always\nreplicas: 1\n",
    "values.schema.json": '{"properties": {"image": {"properties": {"pull": {"properties": {"policy": {}}}}}}}',
    "templates/web.yaml": "image: {{ .Values.image.tag }}\n",
}
PAGE = "/charts/shop/demo"


@pytest.fixture(scope="module")
def shop() -> Iterator[Site]:
    with upstream() as site:
        archives = {f"demo-{version}.tgz": packed_chart(FILES, "demo", version) for version in ("2.0.0", "1.0.0")}
        site.put("/index.yaml", index({"demo": ("2.0.0", "1.0.0")}, archives))
        for name, data in archives.items():
            site.put(f"/{name}", data)
        yield site


@pytest.fixture(scope="module")
def address(shop: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("chartroom"), [{"name": "shop", "url": shop.url}], []) as url:
        wait_for(lambda: shop.asked("/demo-2.0.0.tgz"), "the first sync")
        yield url


def visitor(browser: Browser, url: str, *, width: int = WIDE, javascript: bool = True) -> Visitor:
    return Visitor(browser, url, width=width, scheme="light", language="en", javascript=javascript)


def test_keys_fold_and_their_paths_are_copied(browser: Browser, address: str) -> None:
    visiting = visitor(browser, address)
    page = visiting.open(f"{PAGE}?tab=values")
    lines = page.locator(".values .line:visible")
    expect(lines).to_have_count(6)
    page.locator("[id='values-image']").focus()
    page.keyboard.press("ArrowLeft")
    expect(lines).to_have_count(3)
    expect(page.locator("[id='values-image']")).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowRight")
    expect(lines).to_have_count(6)
    visiting.button("Fold all").click()
    expect(lines).to_have_count(3)
    page.evaluate("location.hash = '#values-image.pull.policy'")
    expect(page.locator("[id='values-image.pull.policy']")).to_be_visible()
    page.locator("[id='values-image.pull.policy']").focus()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Copy path")
    visiting.leave()


@pytest.mark.parametrize("tab", ["values", "schema"])
def test_a_broken_place_in_the_address_breaks_nothing_else(browser: Browser, address: str, tab: str) -> None:
    visiting = visitor(browser, address)
    page = visiting.open(f"{PAGE}?tab={tab}#100%")
    page.keyboard.press("/")
    expect(page.locator("input[name=q]:focus")).to_have_count(1)
    visiting.leave()


def test_values_are_filtered_while_typing_and_the_address_says_so(browser: Browser, address: str) -> None:
    visiting = visitor(browser, address)
    page = visiting.open(f"{PAGE}?tab=values")
    page.locator("#find").fill("policy")
    expect(page.locator(".values .line")).to_have_count(3)
    expect(page).to_have_url(re.compile(r"find=policy"))
    visiting.leave()


def test_what_the_address_names_is_opened_in_the_schema(browser: Browser, address: str) -> None:
    visiting = visitor(browser, address)
    page = visiting.open(f"{PAGE}?tab=schema#schema-image.pull.policy")
    expect(page.locator("[id='schema-image.pull.policy']")).to_be_visible()
    visiting.leave()


def test_headings_have_an_address_and_the_contents_lead_to_them(browser: Browser, address: str) -> None:
    visiting = visitor(browser, address)
    page = visiting.open(PAGE)
    page.locator(".toc").get_by_role("link", name="Part 4").click()
    expect(page.locator("#readme-part-4")).to_be_in_viewport()
    expect(page.locator("#readme-part-2 .anchor")).to_have_attribute("href", "#readme-part-2")
    visiting.leave()


@pytest.mark.parametrize("tab", ["readme", "values", "schema", "templates", "versions"])
def test_every_tab_fits_a_narrow_screen_and_works_without_scripts(browser: Browser, address: str, tab: str) -> None:
    for javascript in (True, False):
        visiting = visitor(browser, address, width=NARROW, javascript=javascript)
        visiting.open(f"{PAGE}?tab={tab}")
        visiting.heading("demo")
        visiting.fits()
        visiting.leave()


def test_an_archive_that_comes_later_is_shown_by_itself(browser: Browser, address: str, shop: Site) -> None:
    shop.behave("/demo-1.0.0.tgz", "pensive", seconds=3)
    visiting = visitor(browser, address)
    page = visiting.open(f"{PAGE}/1.0.0")
    visiting.sees("The archive of this version was not read before")
    expect(page.locator("#readme")).to_contain_text("Words of it.")
    visiting.leave()
