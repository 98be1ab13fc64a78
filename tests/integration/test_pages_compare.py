"""The tabs of versions and of comparisons, and what changed beside every tab."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.model import Revision
from tests.pages import Browser, Page
from tests.repository import index, repository
from tests.unit.chart_archives import packed, tar
from tests.upstream import Site
from tests.web import Web, web

EVIL = "<script>alert(1)</script>"
VALUES = f"# how many {EVIL}\nreplicas: 1\nserver:\n  port: 80\n  old: true\n  motd: |\n    one\n    two {EVIL}\n"
TEMPLATE = "kind: Deployment\nport: {{ .Values.server.port }}\nold: {{ .Values.server.old }}\n"
OLD = {"values.yaml": VALUES, "templates/a.yaml": TEMPLATE, "templates/b.yaml": "a\n"}
NEW = {
    "values.yaml": VALUES.replace("  old: true\n", "")
    .replace("80", "8080")
    .replace("two", "three")
    .replace("many", "few"),
    "templates/a.yaml": TEMPLATE.replace("old: {{ .Values.server.old }}\n", f"# {EVIL}\n"),
    "templates/c.yaml": "b\n",
}
CHART = """\
appVersion: "2.0"
annotations:
  artifacthub.io/changes: |
    - kind: removed
      description: "The old way <b>now</b>"
      links:
      - {name: more, url: 'https://x.example/1'}
      - {name: bad, url: 'javascript:alert(1)'}
      - {name: mail, url: 'mailto:a@x.example'}
"""


def archive(version: str, files: Mapping[str, str], chart: str = "") -> bytes:
    head = f"apiVersion: v2\nname: demo\nversion: {version}\n{chart}"
    return packed(tar([(f"demo/{name}", text.encode()) for name, text in {"Chart.yaml": head, **files}.items()]))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    folder = tmp_path_factory.mktemp("charts")
    for version, files, chart in (
        ("1.0.0", OLD, ""),
        ("1.1.0", OLD, ""),
        ("2.0.0-rc.1", OLD, ""),
        ("2.0.0", NEW, CHART),
        ("2.0.1", NEW, "appVersion: '2.1'\n"),
    ):
        (folder / f"demo-{version}.tgz").write_bytes(archive(version, files, chart))
    source = {"name": "local", "url": str(folder), "kind": "directory", "content": "all"}
    with web(tmp_path_factory.mktemp("room"), [source]) as opened:
        opened.sync("local")
        yield opened


@pytest.fixture
def browser(running: Web) -> Browser:
    return Browser(replace(running, client=running.app.test_client()))


def demo(browser: Browser, query: str = "", version: str = "/2.0.0", status: int = 200) -> Page:
    return browser.get(f"/charts/local/demo{version}{query}", status=status)


def test_a_version_is_compared_with_the_release_before_it_by_default(browser: Browser) -> None:
    page = demo(browser, "?tab=compare")
    assert "From 1.1.0 to 2.0.0 looks like a breaking change" in page.text
    assert page.form(having="from").fields == {"tab": "compare", "from": "1.1.0", "to": "2.0.0"}
    oldest = demo(browser, "?tab=compare", version="/1.0.0")
    assert "From 1.0.0 to 2.0.1" in oldest.text


def test_the_reasons_stand_first_and_lead_to_their_places(browser: Browser) -> None:
    page = demo(browser, "?tab=compare")
    assert "breaking server.old is gone, and no template reads it any more" in page.text
    assert page.text.index("server.old is gone") < page.text.index("With another default")
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    fragments = [one["href"][1:] for one in page.all("a") if one.get("href", "").startswith("#")]
    assert fragments
    assert set(fragments) <= ids
    assert page.links["show server.old"] == "#removed-1"


def test_numbers_of_the_summary_lead_to_their_sections(browser: Browser) -> None:
    page = demo(browser, "?tab=compare")
    assert page.links["values removed 1"] == "#values-removed"
    assert page.links["templates changed 1"] == "#templates"


def test_differences_have_signs_and_not_colours_alone(browser: Browser) -> None:
    page = demo(browser, "?tab=compare")
    assert "server.port: 80 → 8080" in page.text
    assert "- old: {{ .Values.server.old }}" in page.text
    assert "+ # <script>alert(1)</script>" in page.text
    assert page.all("del")
    assert page.all("ins")


def test_a_value_of_several_lines_is_shown_as_a_diff(browser: Browser) -> None:
    assert f"| one - two {EVIL} + three {EVIL}" in demo(browser, "?tab=compare").text


def test_F1_hostile_text_stays_text_in_a_comparison(browser: Browser) -> None:
    page = demo(browser, "?tab=compare")
    assert EVIL not in page.html
    assert all("src" in one for one in page.all("script"))


def test_two_other_versions_are_chosen_by_the_address(browser: Browser) -> None:
    page = demo(browser, "?tab=compare&from=1.0.0&to=1.1.0")
    assert "Nothing that is looked at changed" in page.text
    assert page.links["Swap"] == "/charts/local/demo/2.0.0?tab=compare&from=1.1.0&to=1.0.0"
    assert "values removed" not in page.text


def test_the_other_tabs_forget_the_chosen_versions(browser: Browser) -> None:
    page = demo(browser, "?tab=compare&from=1.0.0&to=1.1.0")
    assert page.links["Values"] == "/charts/local/demo/2.0.0?tab=values"


def test_a_version_that_is_not_there_is_told(browser: Browser) -> None:
    assert "no version 9.9.9" in demo(browser, "?tab=compare&from=9.9.9", status=404).text


def test_a_comparison_is_shown_in_chinese(running: Web) -> None:
    page = Browser(replace(running, client=running.app.test_client()), "zh").get("/charts/local/demo/2.0.0?tab=compare")
    assert "1.1.0" in page.text


def test_an_archive_that_cannot_be_had_is_told_with_its_reason(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("2.0.0", "1.0.0")}).serve(site)
    site.behave("/redis-1.0.0.tgz", "status", status=404)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as opened:
        opened.sync()
        opened.get("/api/v1/charts/shop/redis/compare")
        page = Browser(opened).get("/charts/shop/redis?tab=compare")
    assert "The archive of 1.0.0 is not at hand" in page.text
    assert "404" in page.text
    assert "What only archives tell is not compared" in page.text
    assert "another first number announces a breaking change" in page.text


def test_an_archive_that_is_being_fetched_is_waited_for_by_the_page_itself(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("2.0.0", "1.0.0")}).serve(site)
    site.behave("/redis-1.0.0.tgz", "pensive", seconds=2)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as opened:
        opened.sync()
        browser = Browser(opened)
        page = browser.get("/charts/shop/redis?tab=compare")
        assert "The archive of 1.0.0 was not read before" in page.text
        assert page.all("span", **{"hx-get": "/charts/shop/redis/1.0.0/fetching"})
        opened.get("/api/v1/charts/shop/redis/compare")
        whole = browser.get("/charts/shop/redis?tab=compare")
    assert "was not read before" not in whole.text
    assert "What only archives tell is not compared" not in whole.text


def test_a_chart_with_one_version_has_nothing_to_compare(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("2.0.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as opened:
        opened.sync()
        page = Browser(opened).get("/charts/shop/redis?tab=versions")
    assert "Compare" not in page.links
    assert page.all("input", type="radio") == []


# -- what changed


def test_F2_what_changed_stands_beside_every_tab_with_web_links_alone(browser: Browser) -> None:
    for tab in ("", "?tab=values", "?tab=compare"):
        page = demo(browser, tab)
        assert "What changed in 2.0.0 removed The old way <b>now</b> more" in page.text
        assert page.links["more"] == "https://x.example/1"
        assert {"bad", "mail"}.isdisjoint(page.links)


def test_where_nobody_says_what_changed_a_comparison_is_offered_and_loaded(browser: Browser) -> None:
    page = demo(browser, version="/2.0.1")
    assert page.links["Compare with 2.0.0"] == "/charts/local/demo/2.0.1?tab=compare"
    (later,) = (one["hx-get"] for one in page.all("div") if one.get("hx-trigger") == "load")
    assert browser.get(later).text == "facts changed 1"


# -- versions


def test_versions_are_marked_and_lead_to_comparisons_with_the_shown_one(browser: Browser) -> None:
    page = demo(browser, "?tab=versions", version="/1.1.0")
    assert "2.0.1 latest" in page.text
    assert "2.0.0-rc.1 pre-release" in page.text
    assert page.links["Compare with 2.0.0"].endswith("tab=compare&from=1.1.0&to=2.0.0")
    assert page.links["Compare with 1.0.0"].endswith("tab=compare&from=1.0.0&to=1.1.0")
    assert page.form(having="from").fields == {"tab": "compare", "from": "1.0.0", "to": "1.1.0"}


def test_versions_are_found_by_text_and_without_pre_releases(browser: Browser) -> None:
    def shown(query: str) -> list[str]:
        return [one["value"] for one in demo(browser, f"?tab=versions{query}").all("input", name="to")]

    assert shown("&find=2.0.0") == ["2.0.0", "2.0.0-rc.1"]
    assert shown("&find=2.0.0&releases=only") == ["2.0.0"]
    assert shown("&find=2.1") == ["2.0.1"]
    assert shown("&find=nothing") == []
    assert "No version is like that" in demo(browser, "?tab=versions&find=nothing").text


def test_a_version_that_is_installed_here_says_so(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("2.0.0", "1.0.0")}).serve(site)
    sent = Revision(
        number=0, cluster="dev", namespace="apps", name="cache", action="install", source="shop", chart="redis",
        version="1.0.0", chart_digest="", values_yaml="", manifest={}, request_id="1", person="local",
        at=datetime.now(UTC),
    )  # fmt: skip
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as opened:
        opened.sync()
        opened.services.store.revisions.start(sent)
        opened.services.store.revisions.sent("1", "a-uid")
        page = Browser(opened).get("/charts/shop/redis?tab=versions")
    assert "1.0.0 1 install here" in page.text


def test_what_is_known_of_an_archive_is_told(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("3.0.0", "2.0.0", "1.0.0")}).serve(site)
    site.behave("/redis-2.0.0.tgz", "status", status=404)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as opened:
        opened.sync()
        browser = Browser(opened)
        opened.get("/api/v1/charts/shop/redis/versions/2.0.0")
        text = browser.get("/charts/shop/redis?tab=versions").text
    assert [word for word in ("not read yet", "cannot be had") if word not in text] == []


def test_two_thousand_versions_are_shown_a_page_at_a_time(tmp_path: Path, site: Site) -> None:
    names = tuple(f"{number // 100}.{number % 100}.0" for number in range(2_000))
    site.put("/index.yaml", index({"redis": names}, {}))
    with web(tmp_path / "room", [{"name": "shop", "url": site.url, "content": "none"}]) as opened:
        opened.sync()
        browser = Browser(opened)
        page = browser.get("/charts/shop/redis?tab=versions&page=20")
        assert len(page.all("input", name="to")) == 100
        assert "2,000 versions" in page.text
        assert len(page.html) < 200_000
        assert len(browser.get("/charts/shop/redis?tab=versions&find=19.7").all("input", name="to")) == 11
        compared = browser.get("/charts/shop/redis?tab=compare&from=0.0.0")
    assert len(compared.all("option")) == 2 * 301
    assert compared.form(having="from").fields["from"] == "0.0.0"
