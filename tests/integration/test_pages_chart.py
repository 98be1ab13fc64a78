"""The chart page: every tab, every banner, and hostile content that stays text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pages import Browser, Page
from tests.repository import repository
from tests.unit.chart_archives import packed, tar
from tests.upstream import Site
from tests.web import Web, web

EVIL = "<script>alert(1)</script>"
LONG = "x" * 300
CHART = f"""\
apiVersion: v2
name: demo
version: 2.0.0
appVersion: "1.0 {EVIL}"
description: "A demo {EVIL} {LONG}"
type: application
kubeVersion: ">=1.25.0"
home: javascript:alert(1)
icon: icons/demo.svg
keywords: [one, "{EVIL}", 监控]
sources: ["https://git.example.org/demo", "data:text/html,x"]
maintainers:
- name: "Ada {EVIL}"
  email: ada@example.org
- name: Bob
  url: "vbscript:x"
annotations:
  artifacthub.io/license: Apache-2.0
dependencies:
- name: redis
  version: ">= 7"
  repository: https://charts.example.org/other
  condition: redis.enabled
  alias: ../cache
"""
FILES = {
    "Chart.yaml": CHART,
    "README.md": f"# Demo\n\n{EVIL}\n\n[x](javascript:alert(1)) ![p](http://evil.example/p.png)\n\nplain *words*\n",
    "values.yaml": f"# how many, {EVIL}\nreplicas: 1 # of them\nserver:\n  image:\n    tag: '{LONG}'\n",
    "values.schema.json": '{"type": "object", "title": "</code><script>"}',
    "templates/deployment.yaml": "kind: Deployment # {{ .Values.x }}\n",
    "templates/a/b.yaml": "kind: Service\n",
    "crds/crd.yaml": "kind: CustomResourceDefinition\n",
}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def packed_chart(files: Mapping[str, str]) -> bytes:
    return packed(tar([(f"demo/{name}", text.encode()) for name, text in files.items()]))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One folder with two versions of one chart, for all tests that only read."""
    folder = tmp_path_factory.mktemp("charts")
    (folder / "demo-2.0.0.tgz").write_bytes(packed_chart(FILES))
    older = {"Chart.yaml": "apiVersion: v2\nname: demo\nversion: 1.0.0\ndeprecated: true\n"}
    (folder / "demo-1.0.0.tgz").write_bytes(packed_chart(older))
    (folder / "icons").mkdir()
    (folder / "icons" / "demo.svg").write_bytes(SVG)
    with web(tmp_path_factory.mktemp("room"), [{"name": "local", "url": str(folder), "kind": "directory"}]) as opened:
        opened.sync("local")
        yield opened


@pytest.fixture
def browser(running: Web) -> Browser:
    return Browser(replace(running, client=running.app.test_client()))


def demo(browser: Browser, query: str = "", version: str = "") -> Page:
    return browser.get(f"/charts/local/demo{version}{query}")


def test_the_readme_is_shown_and_nothing_in_it_runs_or_loads(browser: Browser) -> None:
    page = demo(browser)
    assert "plain words" in page.text
    assert "<em>words</em>" in page.html
    pictures = [one["src"] for one in page.all("img", alt="p")]
    assert [one.partition("?")[0] for one in pictures] == ["/charts/local/demo/picture"]
    assert "javascript:" not in " ".join(one.get("href", "") for _, one in page.tags)


@pytest.mark.parametrize("tab", ["readme", "values", "schema", "templates", "crds", "dependencies", "versions"])
def test_F1_hostile_text_stays_text_on_every_tab(browser: Browser, tab: str) -> None:
    page = demo(browser, f"?tab={tab}")
    assert all("src" in one for one in page.all("script"))
    assert EVIL not in page.html


def test_F2_only_web_and_mail_addresses_become_links(browser: Browser) -> None:
    page = demo(browser)
    foreign = {href for href in page.links.values() if not href.startswith(("/", "#"))}
    assert foreign == {"https://git.example.org/demo", "mailto:ada@example.org"}
    assert "javascript:alert(1)" in page.text
    assert "vbscript" not in page.html.replace("vbscript:x", "")


def test_values_keep_their_comments_and_every_line_has_an_address(browser: Browser) -> None:
    page = demo(browser, "?tab=values")
    assert re.sub("<[^>]*>", "", page.html).count("replicas: 1 # of them") == 1
    assert [one["id"] for one in page.all("span", class_="line")] == ["L1", "L2", "L3", "L4", "L5"]


def test_values_are_searched_by_text_and_by_path(browser: Browser) -> None:
    assert "1 line has “of them”" in demo(browser, "?tab=values&find=of+them").text
    page = demo(browser, "?tab=values&find=image.tag")
    shown = [one.get("data-path") for one in page.all("span", class_="line")]
    assert shown == ["server", "server.image", "server.image.tag"]
    assert [one["id"] for one in page.all("span", class_="hit")] == ["L5"]
    assert page.all("a", href="/charts/local/demo?tab=values")


def test_a_search_without_a_hit_says_what_can_be_searched(browser: Browser) -> None:
    assert "No line has these words" in demo(browser, "?tab=values&find=nosuch").text


def test_a_key_has_an_address_that_shows_and_marks_it(browser: Browser) -> None:
    page = demo(browser, "?tab=values&path=replicas")
    assert "Default: 1" in page.text
    assert [one["data-path"] for one in page.all("span", class_="hit")] == ["replicas"]
    assert page.all("a", id="values-replicas", href="#values-replicas", autofocus="")
    other = demo(browser, "?tab=values&path=server.image.nothing")
    assert "do not name “server.image.nothing”" in other.text
    assert other.links["server.image"].endswith("path=server.image")


def test_values_can_be_had_as_a_file_byte_for_byte(browser: Browser) -> None:
    answer = browser.running.ask("GET", "/charts/local/demo/2.0.0/values.yaml")
    assert answer.get_data(as_text=True) == FILES["values.yaml"]
    assert answer.mimetype == "text/plain"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_templates_are_chosen_by_the_address(browser: Browser) -> None:
    assert "kind: Service" in demo(browser, "?tab=templates&file=templates/a/b.yaml").text
    assert "kind: " in demo(browser, "?tab=templates&file=../../etc/passwd").text


def test_facts_and_keywords_stand_at_the_side(browser: Browser) -> None:
    page = demo(browser)
    for fact in (">=1.25.0", "Apache-2.0", "Ada", "application"):
        assert fact in page.text
    assert page.links["监控"] == "/?keyword=%E7%9B%91%E6%8E%A7"


def test_dependencies_are_text_with_what_switches_them_on(browser: Browser) -> None:
    text = demo(browser, "?tab=dependencies").text
    assert "redis" in text
    assert "as ../cache" in text
    assert "redis.enabled" in text


def test_the_version_picker_leads_to_every_version_and_keeps_the_tab(browser: Browser) -> None:
    page = demo(browser, "?tab=values")
    assert "/charts/local/demo/1.0.0?tab=values" in page.links.values()
    older = demo(browser, version="/1.0.0")
    assert "the latest is 2.0.0" in older.text
    assert "This chart is deprecated" in older.text
    assert "This chart has no README." in older.text


def test_the_page_has_one_first_heading_whatever_the_readme_begins_with(browser: Browser) -> None:
    page = demo(browser)
    assert len(page.all("h1")) == 1
    assert page.all("h2", id="readme-demo")


def test_which_kind_of_version_is_not_the_latest_is_told(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("8.0.0-rc.1", "7.0.0", "6.0.0"), "young": ("0.1.0-beta.2", "0.1.0-beta.1")}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as opened:
        opened.sync()
        browser = Browser(opened)
        page = browser.get("/charts/shop/redis/8.0.0-rc.1")
        assert "a pre-release; the latest release is 7.0.0" in page.text
        assert any(text.startswith("8.0.0-rc.1 pre-release") for text in page.links)
        assert "an older release; the latest is 7.0.0" in browser.get("/charts/shop/redis/6.0.0").text
        young = browser.get("/charts/shop/young/0.1.0-beta.1").text
        assert "an older pre-release; the latest is 0.1.0-beta.2" in young


def test_a_dependency_that_the_catalog_has_leads_to_its_chart(tmp_path: Path) -> None:
    folder = tmp_path / "charts"
    folder.mkdir()
    wanted = "\n".join(f"- {{name: {name}, version: '1', repository: 'https://x.example.org'}}" for name in ("a", "b"))
    demo_chart = f"apiVersion: v2\nname: demo\nversion: 1.0.0\ndependencies:\n{wanted}\n"
    (folder / "demo-1.0.0.tgz").write_bytes(packed_chart({"Chart.yaml": demo_chart}))
    other = packed(tar([("a/Chart.yaml", b"apiVersion: v2\nname: a\nversion: 1.0.0\n")]))
    (folder / "a-1.0.0.tgz").write_bytes(other)
    with web(tmp_path / "room", [{"name": "local", "url": str(folder), "kind": "directory"}]) as opened:
        opened.sync("local")
        page = demo(Browser(opened), "?tab=dependencies")
    assert page.links["a"] == "/charts/local/a"
    assert "b" not in page.links


def test_a_suggestion_shows_the_icon_of_its_chart(browser: Browser) -> None:
    assert browser.get("/suggest?q=dem").all("img", src="/charts/local/demo/icon")


def test_install_leads_to_the_very_version(browser: Browser) -> None:
    assert demo(browser, version="/1.0.0").links["Install"] == "/charts/local/demo/1.0.0/install"


def test_what_is_not_there_is_told_in_words(browser: Browser) -> None:
    assert "no chart named “nosuch”" in browser.get("/charts/local/nosuch", status=404).text
    assert "no version 9.9.9" in browser.get("/charts/local/demo/9.9.9", status=404).text
    assert "no chart named" in browser.get("/charts/elsewhere/demo", status=404).text


def test_F7_an_icon_is_served_as_a_picture_that_cannot_run(browser: Browser) -> None:
    assert demo(browser).all("img", src="/charts/local/demo/icon")
    answer = browser.running.ask("GET", "/charts/local/demo/icon")
    assert answer.mimetype == "image/png"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_long_file_is_cut_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "charts"
    folder.mkdir()
    values = "".join(f"key{number}: {number}\n" for number in range(20_000))
    chart = "apiVersion: v2\nname: demo\nversion: 1.0.0\n"
    (folder / "demo-1.0.0.tgz").write_bytes(packed_chart({"Chart.yaml": chart, "values.yaml": values}))
    with web(tmp_path / "room", [{"name": "local", "url": str(folder), "kind": "directory"}]) as opened:
        opened.sync("local")
        page = demo(Browser(opened), "?tab=values")
    assert len(page.all("span", class_="line")) == 6000
    assert "longer than what is shown here" in page.text


def test_an_archive_that_cannot_be_had_leaves_the_rest_of_the_page(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("7.0.0",)}).serve(site)
    site.behave("/redis-7.0.0.tgz", "status", status=404)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as opened:
        opened.sync()
        page = Browser(opened).get("/charts/shop/redis")
    assert "The archive of this version cannot be had" in page.text
    assert "404" in page.text
    assert "Chartroom tries again:" in page.text
    assert "What redis does" in page.text


def test_a_version_that_came_again_with_other_content_is_told(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("7.0.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as opened:
        opened.sync()
        repository({"redis": ("7.0.0",)}, salt="other").serve(site)
        opened.sync()
        browser = Browser(opened)
        assert "published again with other content" in browser.get("/charts/shop/redis").text
        assert "published twice" in browser.get("/charts/shop/redis?tab=versions").text


def test_the_helm_commands_name_the_repository_and_the_version(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("7.0.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as opened:
        opened.sync()
        text = Browser(opened).get("/charts/shop/redis").text
    assert f"helm repo add shop {site.url}" in text
    assert "helm install my-redis shop/redis --version 7.0.0" in text
