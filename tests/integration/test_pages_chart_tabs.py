"""What the tabs of a chart tell and where their links lead."""

from pathlib import Path

import pytest

from tests.charts import folder_of, packed_chart
from tests.pages import Browser
from tests.repository import index, repository
from tests.upstream import Site
from tests.web import web

PAGE = "/charts/local/demo"
README = """\
# Demo

## Install

See the [values](values.yaml), [a template](templates/web.yaml#L2) and [the docs](docs/x.md).

## Upgrade

> [!WARNING]
> Mind this.

## Remove

| a | b |
|---|---|
| 1 | 2 |
"""
FILES = {
    "README.md": README,
    "values.yaml": "# which image\nimage:\n  tag: v1 # a tag\n  pull: Always\nredis:\n  enabled: false\n",
    "values-production.yaml": "image:\n  tag: v2\n",
    "templates/web.yaml": 'kind: Deployment\nname: {{ include "demo.name" . }}\nimage: {{ .Values.image.tag }}\n',
    "templates/_helpers.tpl": '{{/* names */}}\n{{- define "demo.name" -}}demo{{- end }}\n',
    "templates/NOTES.txt": "Thank you for {{ .Values.nothing.here }}\n",
    "templates/tests/probe.yaml": "kind: Pod\n",
    "values.schema.json": '{"properties": {"image": {"properties": {"tag": {"type": "string", "default": "v1"}}}}}',
    "crds/widget.yaml": "kind: CustomResourceDefinition\nspec:\n  group: example.org\n  scope: Cluster\n"
    "  names: {kind: Widget, plural: widgets, shortNames: [wd]}\n  versions:\n"
    "  - name: v1\n    served: true\n    storage: true\n"
    "    schema: {openAPIV3Schema: {properties: {spec: {properties: {size: {type: integer, minimum: 1}}}}}}\n"
    "  - {name: v1alpha1, served: false, storage: false}\n",
}


@pytest.fixture
def browser(tmp_path: Path):
    with folder_of(tmp_path, FILES) as room:
        yield Browser(room)


def test_a_readme_has_a_table_of_contents_and_links_into_the_chart(browser: Browser) -> None:
    page = browser.get(PAGE)
    assert [one["href"] for one in page.all("a", class_="level-2")] == [
        "#readme-install",
        "#readme-upgrade",
        "#readme-remove",
    ]
    assert page.links["values"] == f"{PAGE}/1.0.0?tab=values"
    assert page.links["a template"] == f"{PAGE}/1.0.0?tab=templates&file=templates%2Fweb.yaml#L2"
    assert "the docs" not in page.links
    assert page.all("blockquote", class_="alert-warning")


def test_a_short_readme_has_no_table_of_contents(tmp_path: Path) -> None:
    with folder_of(tmp_path, {"README.md": "# Demo\n\n## One\n"}) as room:
        assert Browser(room).get(PAGE).all("details", class_="toc") == []


def test_the_presets_of_a_chart_can_be_chosen_and_had_as_files(browser: Browser) -> None:
    page = browser.get(f"{PAGE}?tab=values")
    preset = browser.get(page.links["values-production.yaml"])
    assert "v2" in preset.text
    answer = browser.running.ask("GET", f"{PAGE}/1.0.0/values.yaml?preset=values-production.yaml")
    assert answer.get_data(as_text=True) == FILES["values-production.yaml"]
    assert 'filename="values-production.yaml"' in answer.headers["Content-Disposition"]
    assert browser.running.ask("GET", f"{PAGE}/1.0.0/values.yaml?preset=../../etc/passwd").status_code == 200


def test_the_help_and_the_default_of_a_key_are_told(browser: Browser) -> None:
    page = browser.get(f"{PAGE}?tab=values&path=image.tag")
    assert "a tag" in page.text
    assert "Default: v1" in page.text
    assert page.all("button", **{"data-copy": "asked-path"})


def test_keys_with_something_below_them_can_be_folded(browser: Browser) -> None:
    lines = browser.get(f"{PAGE}?tab=values").all("span", class_="line")
    assert {one["id"]: one["data-last"] for one in lines if "data-last" in one} == {"L2": "4", "L5": "6"}


def test_a_value_in_a_template_leads_to_its_default_and_an_include_to_its_definition(browser: Browser) -> None:
    page = browser.get(f"{PAGE}?tab=templates&file=templates/web.yaml")
    assert page.links[".Values.image.tag"] == f"{PAGE}/1.0.0?tab=values&path=image.tag#values-image.tag"
    assert page.all("a", title="image.tag: v1")
    assert page.links['"demo.name"'] == f"{PAGE}/1.0.0?tab=templates&file=templates%2F_helpers.tpl#L2"
    notes = browser.get(f"{PAGE}?tab=templates&file=templates/NOTES.txt")
    assert ".Values.nothing.here" not in notes.links


def test_the_files_of_the_templates_are_a_tree_that_says_what_they_are_for(browser: Browser) -> None:
    page = browser.get(f"{PAGE}?tab=templates")
    assert "templates/tests/" in page.text
    for note in ("shown after an install", "named templates for the others", "run by “helm test” alone"):
        assert note in page.text


def test_the_templates_are_searched_all_at_once(browser: Browser) -> None:
    page = browser.get(f"{PAGE}?tab=templates&find=kind")
    assert "2 lines have “kind”" in page.text
    assert any(one["href"].endswith("file=templates%2Fweb.yaml#L1") for one in page.all("a"))


def test_the_schema_is_a_tree_with_an_address_for_each_property(browser: Browser) -> None:
    page = browser.get(f"{PAGE}?tab=schema")
    assert page.all("li", id="schema-image.tag")
    assert 'default "v1"' in page.text
    assert page.all("code", id="schema-text")


def test_a_crd_tells_what_it_defines_and_shows_its_schema(browser: Browser) -> None:
    page = browser.get(f"{PAGE}?tab=crds")
    for text in ("Widget", "example.org", "in the whole cluster", "wd", "not served", "never upgrades them"):
        assert text in page.text
    assert page.all("li", id="schema-spec.size")
    other = browser.get(f"{PAGE}?tab=crds&served=v1alpha1")
    assert "This version has no schema" in other.text


def needing(repository_url: str, version: str = ">=1.0.0 <2.0.0") -> str:
    return (
        "apiVersion: v2\nname: demo\nversion: 1.0.0\ndependencies:\n"
        f"- {{name: redis, version: '{version}', repository: '{repository_url}',\n"
        "   condition: redis.enabled, alias: cache}\n"
        "- {name: other, version: '1', repository: 'https://elsewhere.example.org/charts'}\n"
    )


def test_a_dependency_is_found_in_its_source_with_the_version_that_fits(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("2.0.0", "1.5.0", "1.4.0"), "other": ("1.0.0",)}).serve(site)
    files = {"Chart.yaml": needing(f"{site.url}/"), "values.yaml": "redis:\n  enabled: false\n"}
    data = packed_chart(files)
    site.put("/own/demo-1.0.0.tgz", data)
    site.put("/own/index.yaml", index({"demo": ("1.0.0",)}, {"demo-1.0.0.tgz": data}))
    sources = [{"name": "shop", "url": site.url, "content": "none"}, {"name": "own", "url": f"{site.url}/own"}]
    with web(tmp_path / "room", sources) as room:
        for name in ("shop", "own"):
            room.sync(name)
        page = Browser(room).get("/charts/own/demo?tab=dependencies")
    assert page.links["redis"] == "/charts/shop/redis"
    assert page.links["1.5.0"] == "/charts/shop/redis/1.5.0"
    assert "as cache" in page.text
    assert "Left out by default: redis.enabled is false." in page.text
    assert page.links["redis.enabled"].endswith("tab=values&path=redis.enabled#values-redis.enabled")
    assert page.links["https://elsewhere.example.org/charts"] == "https://elsewhere.example.org/charts"
    assert "not in this catalog; of the same name: shop/other" in page.text


def test_a_range_that_no_version_fits_is_told(tmp_path: Path) -> None:
    files = {"Chart.yaml": needing("file://../redis", "^9")}
    with folder_of(tmp_path, files, {"redis": {}}) as room:
        page = Browser(room).get(f"{PAGE}?tab=dependencies")
    assert "none of the catalog’s versions fits" in page.text
    assert "Installed unless redis.enabled is set to false." in page.text


def test_E15_hundreds_of_dependencies_beside_long_values_are_cut(tmp_path: Path) -> None:
    needed = "".join(
        f"- {{name: dep{number}, version: '1', repository: 'https://x.example.org'}}\n" for number in range(300)
    )
    chart = f"apiVersion: v2\nname: demo\nversion: 1.0.0\ndependencies:\n{needed}"
    values = "".join(f"key{number}: {'x' * 40}\n" for number in range(20_000))
    with folder_of(tmp_path, {"Chart.yaml": chart, "values.yaml": values}) as room:
        assert "200 more dependencies are not shown." in Browser(room).get(f"{PAGE}?tab=dependencies").text
