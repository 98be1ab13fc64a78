"""Behind a proxy that ends TLS, below a path: everything is where it belongs."""

import json
import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.room import sample_repository, serving, wait_for
from tests.browser.visitor import WIDE, Visitor
from tests.certificates import HERE, signed
from tests.parts.nginx import proxying_nginx
from tests.parts.servers import free_ports

pytestmark = pytest.mark.browser

PREFIX = "/team/charts"
CHART = "/charts/sample/status-page"
PAGES = (
    "/", "/?q=web", "/search-help", "/searches", CHART, f"{CHART}?tab=values", f"{CHART}?tab=templates",
    f"{CHART}?tab=versions", f"{CHART}?tab=images", f"{CHART}?tab=compare", "/charts/sample/postgres-lite?tab=schema",
    "/apps", "/activity", "/clusters", "/sources", "/sources/sample", "/sources/new", "/admin/catalog",
)  # fmt: skip


@pytest.fixture(scope="module", params=[False, True], ids=["the path is kept", "the path is cut off"])
def public_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Chartroom behind nginx; its address there."""
    folder = tmp_path_factory.mktemp("proxy")
    (port,) = free_ports(1)
    url = f"https://127.0.0.1:{port}{PREFIX}"
    (folder / "nginx").mkdir()
    with ExitStack() as stack:
        source = sample_repository(folder / "sample")
        inner = stack.enter_context(serving(folder / "chartroom", [source], [], public_url=url))
        leaf = signed("proxy", names=HERE, is_authority=True)
        stack.enter_context(proxying_nginx(folder / "nginx", port, leaf, PREFIX, inner, cuts=request.param))
        wait_for(lambda: asked(f"{url}/api/v1/charts")["total"], "the first sync")
        yield url


def asked(url: str) -> Any:
    with urllib.request.urlopen(url, context=ssl._create_unverified_context(), timeout=30) as answer:
        return json.loads(answer.read())


@pytest.fixture
def visitor(public_url: str, browser: Browser) -> Iterator[Visitor]:
    """Its pages must complain of nothing: no policy is violated, nothing is missing."""
    made = Visitor(
        browser, public_url, width=WIDE, scheme="light", language="en", javascript=True, any_certificate=True
    )
    yield made
    made.leave()
    outside = [url for url in made.requests if not url.startswith((public_url + "/", "data:"))]
    assert outside == []


def test_every_page_loads_and_links_below_the_path(visitor: Visitor, public_url: str) -> None:
    for path in PAGES:
        page = visitor.open(public_url + path)
        page.wait_for_load_state("networkidle")
        links = page.eval_on_selector_all("a[href], form[action]", "all => all.map((one) => one.href || one.action)")
        ours = [one for one in links if one.startswith(public_url.removesuffix(PREFIX))]
        assert [one for one in ours if not one.startswith(public_url)] == [], path


def test_a_chart_is_found_and_read_by_clicking(visitor: Visitor, public_url: str) -> None:
    page = visitor.open(public_url + "/")
    page.get_by_role("combobox", name="Search charts").fill("postgres-lite")
    page.keyboard.press("Enter")
    visitor.link("postgres-lite").first.click()
    visitor.heading("postgres-lite")
    page.get_by_role("navigation", name="Parts of the chart").get_by_role("link", name="Values").click()
    expect(page.locator(".values .line").first).to_be_visible()
    assert page.url.startswith(public_url + "/charts/sample/postgres-lite")


def test_what_is_sent_is_taken_and_leads_back(visitor: Visitor, public_url: str) -> None:
    page = visitor.open(public_url + "/?source=sample")
    visitor.button("中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page).to_have_url(public_url + "/?source=sample")
    visitor.button("EN").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page = visitor.open(public_url + "/sources/sample")
    visitor.button("Sync now").first.click()
    expect(page).to_have_url(public_url + "/sources/sample")


def test_cookies_are_for_tls_and_the_path_alone(visitor: Visitor, public_url: str) -> None:
    page = visitor.open(public_url + "/")
    visitor.button("EN").click()
    page = visitor.open(public_url + "/sources/sample")
    visitor.button("Sync now").first.click()
    expect(page).to_have_url(public_url + "/sources/sample")
    cookies = page.context.cookies()
    assert {"chartroom_csrf", "chartroom_language"} <= {one["name"] for one in cookies}
    assert all(one["secure"] and one["path"] == f"{PREFIX}/" for one in cookies)
    answer = page.request.get(public_url + "/", headers={"X-Forwarded-Host": "evil.example"})
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "evil.example" not in answer.text()


def test_feeds_name_the_public_address(visitor: Visitor, public_url: str) -> None:
    page = visitor.open(public_url + "/")
    feed = page.request.get(public_url + "/feeds/all.atom").text()
    assert f"{public_url}/charts/sample/" in feed
    assert "http://127.0.0.1" not in feed


@pytest.mark.parametrize("name", ["index.yaml"])
def test_helm_reads_a_source_from_there(public_url: str, name: str, tmp_path: Path) -> None:
    with urllib.request.urlopen(
        f"{public_url}/helm/sample/{name}", context=ssl._create_unverified_context(), timeout=30
    ) as answer:
        assert b"postgres-lite-" in answer.read()
