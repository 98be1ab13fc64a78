"""Every page on every kind of screen: it fits, asks nobody else for anything, and works without scripts."""

import itertools
import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.room import Room, wait_for
from tests.browser.visitor import NARROW, WIDE
from tests.fake_harbor import LISTING, PULLING, FakeHarbor, fake_harbor
from tests.repository import archive

pytestmark = pytest.mark.browser

ALL_LOOKS = list(itertools.product((WIDE, NARROW), ("light", "dark"), ("en", "zh")))
PAIRWISE = [(WIDE, "light", "en"), (WIDE, "dark", "zh"), (NARROW, "dark", "en"), (NARROW, "light", "zh")]
LOOKS = ALL_LOOKS if os.environ.get("CHARTROOM_SCREENSHOTS") else PAIRWISE
"""Half of them hold each width with each language and each scheme; for pictures all are wanted."""
TITLES = {"en": "Charts · Chartroom", "zh": "Chart · Chartroom"}
LABEL = {"app.kubernetes.io/managed-by": "chartroom", "chartroom.dev/source": "sample"}


@pytest.fixture(scope="session")
def harbor() -> Iterator[FakeHarbor]:
    """A Harbor with two projects, one of which the robot may not list."""
    with fake_harbor() as running:
        running.robot("robot$catalog", "secret", {"team-a": LISTING, "team-b": PULLING})
        for project in ("team-a", "team-b"):
            running.project(project, public=False)
            running.push(f"{project}/{project}-app", archive(f"{project}-app", "1.0.0"))
        yield running


def register(room: Room, harbor: FakeHarbor) -> None:
    """A source that is registered by hand, with all sorts of settings, and a Harbor whose second project fails."""
    login = {"username": "robot$catalog", "password": "secret", "insecure_skip_verify": True}
    room.post("/sources", {"name": "hub", "url": harbor.url, **login})
    kept = {"include": ["web-*", "a-chart-with-a-very-long-name-" * 5], "versions": ">=1.0 <3", "prereleases": False}
    room.post("/sources", {"name": "kept", "title": "Kept", "url": f"{room.site.url}/kept", "enabled": False, **kept})
    room.chart_repo("legacy", "https://charts.legacy.example.org/" + "very-long-path/" * 8)
    wait_for(lambda: room.charts("hub.team-a"), "the first sync of a project")


@pytest.fixture(scope="session")
def furnished(room: Room, harbor: FakeHarbor) -> Room:
    """An app that runs and one that fails, and sources of all sorts, so that every page has something to show."""
    register(room, harbor)
    for name, version in (("runs", "1.3.0"), ("fails", "9.9.9")):
        spec = {"chart": "sample/status-page", "version": version, "releaseName": name, "namespace": "ops"}
        meta = {"name": name, "namespace": "ops", "labels": LABEL}
        request = {"apiVersion": "app.alauda.io/v1alpha1", "kind": "HelmRequest", "metadata": meta, "spec": spec}
        room.create(request)
    room.captain.sync("ops", "runs", notes="Open the page:\n\n  " + "http://status.example.org/" + "very-long-" * 20)
    room.captain.fail("ops", "fails", "cannot find version 9.9.9 for chart status-page.sample", chart_loaded=False)
    wait_for(lambda: room.api("/sources/broken/attempts")["total"], "an attempt of the broken source")
    return room


PAGES = {
    "catalog": "/",
    "search": "/?q=web&source=sample&keyword=web",
    "no-match": "/?q=zzqqxx&source=sample",
    "chart": "/charts/sample/status-page",
    "chart-zh": "/charts/sample/jiankong-mianban",
    "deprecated": "/charts/sample/old-gateway",
    "values": "/charts/sample/postgres-lite?tab=values",
    "values-find": "/charts/sample/postgres-lite?tab=values&find=password",
    "schema": "/charts/sample/postgres-lite?tab=schema",
    "templates": "/charts/sample/status-page?tab=templates",
    "dependencies": "/charts/sample/notes-api?tab=dependencies",
    "versions": "/charts/sample/feature-flags?tab=versions",
    "install": "/charts/sample/postgres-lite/1.2.1/install",
    "install-yaml": "/charts/sample/postgres-lite/1.2.1/install?view=yaml",
    "install-compare": "/charts/sample/postgres-lite/1.2.1/install?view=compare",
    "presets": "/charts/sample/postgres-lite/presets",
    "installed-to-several": "/installs?app=home/ops/runs&app=shaky/ops/none",
    "apps": "/apps",
    "app": "/apps/home/ops/runs",
    "app-failing": "/apps/home/ops/fails",
    "app-uninstall": "/apps/home/ops/runs/uninstall",
    "activity": "/activity",
    "activity-none": "/activity?kind=repushed",
    "worries": "/admin/catalog",
    "clusters": "/clusters",
    "worries-images": "/admin/catalog?tab=images",
    "sources": "/sources",
    "source": "/sources/sample",
    "source-broken": "/sources/broken",
    "source-new": "/sources/new",
    "source-edit": "/sources/kept/edit",
    "source-captain": "/sources/kept/captain",
    "source-inside": "/sources/kept/inside",
    "source-webhook": "/sources/kept/webhook",
    "source-unpublish": "/sources/kept/captain/home/unpublish",
    "sources-failing": "/sources?state=failing",
    "harbor": "/sources/hub",
    "harbor-open": "/sources?open=hub",
    "harbor-project": "/sources/hub.team-a",
    "found": "/clusters/home/chartrepos",
}
REAL_PAGES = {
    "catalog-2": "/?page=2&sort=name",
    "argo": "/charts/argo/argo-cd",
    "argo-values": "/charts/argo/argo-cd?tab=values",
    "argo-templates": "/charts/argo/argo-cd?tab=templates",
    "argo-crds": "/charts/argo/argo-cd?tab=crds",
    "argo-versions": "/charts/argo/argo-cd?tab=versions",
    "argo-install": "/charts/argo/argo-cd/3.4.0/install",
    "stable": "/sources/stable",
}


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS, ids=str)
def test_every_page_fits_its_window_and_makes_no_browser_complain(
    visit: Visit, furnished: Room, width: int, scheme: str, language: str
) -> None:
    visitor = visit(width=width, scheme=scheme, language=language)
    real = REAL_PAGES if furnished.goal.source == "argo" else {}
    for name, path in {**PAGES, **real}.items():
        page = visitor.open(path)
        assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-Hans"}[language]
        visitor.fits()
        visitor.picture(name)
    assert visitor.open("/").title() == TITLES[language]


def test_the_colours_follow_the_system(visit: Visit, room: Room) -> None:
    colours = set()
    for scheme in ("light", "dark"):
        page = visit(scheme=scheme).open("/")
        colours.add(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert len(colours) == 2


def test_the_language_is_chosen_by_hand_and_remembered(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open("/?source=sample")
    visitor.button("中文").click()
    expect(page).to_have_title(TITLES["zh"])
    expect(page).to_have_url(re.compile(r"/\?source=sample$"))
    visitor.open("/sources")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    visitor.button("EN").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("path", ["/", "/charts/sample/status-page", "/apps", "/sources"])
def test_a_slash_goes_to_the_search_from_every_page(visit: Visit, room: Room, path: str) -> None:
    visitor = visit()
    page = visitor.open(path)
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search charts")).to_be_focused()
    page.keyboard.type("a/b?")
    expect(page.get_by_role("combobox", name="Search charts")).to_have_value("a/b?")


def test_a_question_mark_lists_the_keys_and_escape_closes_the_list(visit: Visit, room: Room) -> None:
    page = visit().open("/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_first_tab_leads_to_the_content(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open("/apps")
    page.keyboard.press("Tab")
    expect(visitor.link("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_values_are_searched_while_typing_and_the_search_is_in_the_address(visit: Visit, room: Room) -> None:
    visitor = visit()
    page = visitor.open("/charts/sample/postgres-lite?tab=values")
    visitor.mark()
    page.get_by_role("searchbox", name="Search the values").press_sequentially("password")
    expect(page.locator(".values .line.hit").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"find=password"))
    assert page.evaluate("window.untouched") is True


def test_on_a_narrow_screen_filters_open_over_the_results_and_close_again(visit: Visit, room: Room) -> None:
    visitor = visit(width=NARROW)
    page = visitor.open("/")
    filters = page.get_by_role("complementary", name="Filters")
    expect(filters).to_be_hidden()
    visitor.link("Filters").click()
    expect(filters).to_be_visible()
    visitor.picture("filters")
    visitor.link("Done").click()
    expect(filters).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_a_narrow_screen_all_of_the_main_navigation_is_in_sight(visit: Visit, room: Room, language: str) -> None:
    page = visit(width=NARROW, language=language).open("/")
    entries = page.locator(".nav a")
    expect(entries).to_have_count(5)
    for entry in entries.all():
        expect(entry).to_be_in_viewport(ratio=1)


def test_on_a_narrow_screen_the_chosen_tab_is_in_sight(visit: Visit, room: Room) -> None:
    page = visit(width=NARROW).open("/charts/sample/feature-flags?tab=versions")
    expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=1)


def test_code_of_a_readme_is_copied_with_a_button(visit: Visit, room: Room) -> None:
    page = visit().open("/charts/sample/status-page")
    blocks = page.locator("article pre").count()
    assert blocks
    expect(page.locator("article").get_by_role("button", name="Copy")).to_have_count(blocks)


def test_without_scripts_a_chart_is_found_read_and_installed(visit: Visit, room: Room) -> None:
    visitor = visit(javascript=False)
    page = visitor.open("/")
    page.get_by_role("searchbox", name="Search charts").fill("postgres-lite")
    page.keyboard.press("Enter")
    visitor.link("postgres-lite").first.click()
    visitor.heading("postgres-lite")
    expect(page.locator("article.prose")).not_to_be_empty()
    page.get_by_role("navigation", name="Parts of the chart").get_by_role("link", name="Values").click()
    page.get_by_role("searchbox", name="Search the values").fill("password")
    page.keyboard.press("Enter")
    expect(page.locator(".values .line.hit").first).to_be_visible()
    visitor.link("Install").click()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.get_by_label("Namespace", exact=True).fill("apps")
    page.get_by_label("Release name").fill("scriptless")
    visitor.button("YAML").click()
    page.get_by_label("Your values as YAML").fill("plain: true\nlines: |\n  one\n  two\n")
    visitor.check()
    visitor.sees("This would be sent")
    visitor.picture("no-script-review")
    page.get_by_role("button", name="Install postgres-lite").click()
    visitor.heading("scriptless")
    assert room.helmrequest("scriptless")["spec"]["values"] == {"plain": True, "lines": "one\ntwo\n"}
