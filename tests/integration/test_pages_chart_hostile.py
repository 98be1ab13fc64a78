"""Charts that mean harm, or are merely huge: their page comes, says what was left out, and nothing of them runs."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from tests.charts import folder_of, packed_chart
from tests.pages import Browser
from tests.repository import index, repository
from tests.upstream import Site
from tests.web import web

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"
PAGE = "/charts/local/demo"
TABS = ("readme", "values", "schema", "templates", "crds", "dependencies", "versions")


def bare(html: str) -> str:
    """The text of a page without any tag, as it stands."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_F1_markup_in_every_file_and_field_stays_text_on_every_tab(tmp_path: Path) -> None:
    quoted = json.dumps(EVIL)
    names = ("name", "version", "repository", "condition", "alias")
    dependency = ", ".join(f"{name}: {quoted}" for name in names)
    versions = f"versions: [{{name: {quoted}}}]"
    files = {
        "Chart.yaml": f"apiVersion: v2\nname: demo\nversion: 1.0.0\ndescription: {quoted}\nhome: {quoted}\n"
        f"kubeVersion: {quoted}\nannotations: {{artifacthub.io/license: {quoted}}}\nkeywords: [{quoted}]\n"
        f"maintainers: [{{name: {quoted}, email: {quoted}, url: {quoted}}}]\ndeprecated: true\n"
        f"dependencies: [{{{dependency}, tags: [{quoted}]}}]\n",
        "README.md": f"# {EVIL}\n\n> [!NOTE]\n> {EVIL}\n\n## b {EVIL}\n\n## c\n\n## d\n",
        "values.yaml": f"{quoted}: {quoted} # {EVIL}\nb: {{}}\nc: 1\n",
        "values.schema.json": json.dumps(
            {
                "title": EVIL,
                "properties": {EVIL: {"default": EVIL, "enum": [EVIL], "pattern": EVIL, "$ref": EVIL, "type": EVIL}},
            }
        ),
        f"templates/{EVIL.replace('/', '')}.yaml": f'{{{{ include "{EVIL}" . }}}} {{{{ .Values.c }}}} # {EVIL}\n',
        "templates/NOTES.txt": EVIL,
        "crds/a.yaml": "kind: CustomResourceDefinition\n"
        f"spec: {{group: {quoted}, names: {{kind: {quoted}, plural: x}}, {versions}}}\n",
        "LICENSE": EVIL,
    }
    with folder_of(tmp_path, files) as room:
        browser = Browser(room)
        for tab in TABS:
            for more in ("", "&find=script", f"&path={EVIL}", "&file=templates/NOTES.txt"):
                page = browser.get(f"{PAGE}?tab={tab}{more}")
                assert EVIL not in page.html
                assert all("src" in one for one in page.all("script"))
                assert [one["src"] for one in page.all("img")] == []


def test_G4_values_of_five_megabytes_are_shown_in_parts(tmp_path: Path) -> None:
    values = "".join(f"key{number}: value # {'x' * 20}\n" for number in range(120_000))
    assert 4_500_000 < len(values) < 5 * 1024 * 1024
    with folder_of(tmp_path, {"values.yaml": values}) as room:
        browser = Browser(room)
        page = browser.get(f"{PAGE}?tab=values")
        assert len(page.html) < 2_500_000
        assert len(page.all("span", class_="line")) == 6_000
        assert "longer than what is shown here" in page.text
        following = browser.get(page.links["From line 6,001"])
        assert following.all("span", id="L6001", class_="line")
        far = browser.get(f"{PAGE}?tab=values&line=118000")
        assert far.all("span", id="L120000", class_="line")
        assert "From line" not in far.text
        found = browser.get(f"{PAGE}?tab=values&find=key15000")
        assert [one["data-path"] for one in found.all("span", class_="hit")] == ["key15000"]
        assert "Only the first 20,000 lines" in found.text
        marked = browser.get(f"{PAGE}?tab=values&path=key15000")
        assert [one["data-path"] for one in marked.all("span", class_="hit")] == ["key15000"]
        assert room.ask("GET", f"{PAGE}/1.0.0/values.yaml").get_data(as_text=True) == values


@pytest.mark.parametrize(("key", "levels", "times"), [("y" * 900, 60, 20), ("y" * 7, 50, 120), ("", 2_500, 1)])
def test_G4_values_nested_deep_below_long_keys_are_shown_without_a_path_for_each(
    tmp_path: Path, key: str, levels: int, times: int
) -> None:
    """A path tells all keys above it, three times in a line: 1 MB of such values made a page of 93 MB."""
    values = "".join(f"{' ' * (level + 1)}a{level}{key}:\n" for level in range(levels))
    with folder_of(tmp_path, {"values.yaml": "".join(f"b{time}:\n{values}" for time in range(times))}) as room:
        page = Browser(room).get(f"{PAGE}?tab=values")
        assert len(page.html) < 6_000_000
        assert page.all("span", id="L2", class_="line")


def test_G4_values_in_one_line_of_megabytes_are_cut(tmp_path: Path) -> None:
    with folder_of(tmp_path, {"values.yaml": "a: [" + "1, " * 1_500_000 + "1]\n"}) as room:
        page = Browser(room).get(f"{PAGE}?tab=values")
        assert len(page.html) < 1_500_000
        assert "longer than what is shown here" in page.text


ODD = ["a:\t1\r\nb: [\r\n", "- 1\n- 2\n", "a: &x [*x]\n", "a: 1\na: 2\n", "\ufeffa: 1\n", "\n\n", "%YAML 9\n---\n!!x y"]


@pytest.mark.parametrize("values", ODD)
def test_G4_values_that_are_odd_yaml_are_shown_as_they_are(tmp_path: Path, values: str) -> None:
    with folder_of(tmp_path, {"values.yaml": values}) as room:
        page = Browser(room).get(f"{PAGE}?tab=values&path=a")
        assert values.replace("\r", "").removeprefix("\ufeff") in bare(page.html)
        assert room.ask("GET", f"{PAGE}/1.0.0/values.yaml").get_data(as_text=True) == values.removeprefix("\ufeff")


@pytest.mark.parametrize(
    "schema", ["null", "[]", '{"type": 5}', '{"pattern": "("}', "{", '{"$ref": "#"}', "[" * 50_000]
)
def test_G3_a_schema_that_is_none_is_shown_with_a_note(tmp_path: Path, schema: str) -> None:
    with folder_of(tmp_path, {"values.schema.json": schema}) as room:
        page = Browser(room).get(f"{PAGE}?tab=schema")
        assert page.all("code", id="schema-text")
        if schema not in ('{"$ref": "#"}',):
            assert page.all("div", class_="warn") or page.all("p", class_="note")


def test_G3_a_schema_of_megabytes_is_laid_out_in_part(tmp_path: Path) -> None:
    schema = json.dumps(
        {"properties": {f"key{number}": {"description": "x" * 20} for number in range(90_000)}}, indent=0
    )
    assert 4_500_000 < len(schema) < 5 * 1024 * 1024
    with folder_of(tmp_path, {"values.schema.json": schema}) as room:
        page = Browser(room).get(f"{PAGE}?tab=schema")
        assert "larger than what is laid out here" in page.text
        assert "longer than what is shown here" in page.text
        assert len(page.html) < 2_500_000


def test_G3_a_schema_of_ten_megabytes_is_refused_with_its_archive_and_the_page_stays(
    tmp_path: Path, site: Site
) -> None:
    repository({"redis": ("7.0.0",)}).serve(site)
    data = packed_chart({"values.schema.json": json.dumps({"title": "x" * 10_000_000})}, "redis", "7.0.0")
    site.put("/redis-7.0.0.tgz", data)
    site.put("/index.yaml", index({"redis": ("7.0.0",)}, {"redis-7.0.0.tgz": data}))
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as room:
        room.sync()
        page = Browser(room).get("/charts/shop/redis?tab=schema")
        assert "over the limit of 5 MiB" in page.text
        assert "What redis does" in page.text


def test_G1_a_schema_never_makes_the_page_ask_anybody(tmp_path: Path, site: Site) -> None:
    site.put("/schema.json", "{}")
    schema = {"$ref": f"{site.url}/schema.json", "properties": {"a": {"$ref": f"{site.url}/schema.json#/a"}}}
    with folder_of(tmp_path, {"values.schema.json": json.dumps(schema)}) as room:
        page = Browser(room).get(f"{PAGE}?tab=schema")
        assert "nothing outside the chart is asked" in page.text
    assert site.log == []


def test_templates_that_are_not_utf8_are_shown_with_what_was_replaced(tmp_path: Path) -> None:
    with folder_of(tmp_path, {"templates/a.yaml": b"caf\xe9: {{ .Values.x }}\n"}) as room:
        page = Browser(room).get(f"{PAGE}?tab=templates")
        assert "caf\ufffd" in bare(page.html)
        assert "no text in UTF-8" in page.text


def test_two_thousand_versions_leave_the_page_small(tmp_path: Path, site: Site) -> None:
    versions = tuple(f"{major}.{minor}.0" for major in range(20, 0, -1) for minor in range(100, 0, -1))
    made = repository({"redis": ("20.101.0",)})
    head, _, entry = made.index.partition("  redis:\n")
    block = entry.partition("generated:")[0]
    entries = block + "".join(re.sub(r"20\.101\.0", version, block) for version in versions)
    site.put("/index.yaml", f'{head}  redis:\n{entries}generated: "2026-11-01T00:00:00Z"\n')
    with web(tmp_path / "room", [{"name": "shop", "url": site.url, "content": "none"}]) as room:
        room.sync()
        page = Browser(room).get("/charts/shop/redis?tab=versions")
        assert "All 2,001 versions" in page.text
        assert page.links["19.100.0"] == "/charts/shop/redis/19.100.0?tab=versions"
        assert len(page.html) < 200_000


BIDI = "safe\u202egpj.exe\u200b"


def test_F10_what_cannot_be_seen_in_files_is_shown_visibly(tmp_path: Path) -> None:
    files = {"README.md": f"# a\n\n{BIDI}\n", "values.yaml": f"user: {BIDI}\n", "templates/a.yaml": f"a: {BIDI}\n"}
    with folder_of(tmp_path, files) as room:
        browser = Browser(room)
        assert "⟦U+202E⟧" in browser.get(PAGE).text
        for tab in ("values", "templates"):
            codes = [one["data-code"] for one in browser.get(f"{PAGE}?tab={tab}").all("bdi", class_="unseen")]
            assert codes == ["U+202E", "U+200B"]


def test_F10_controls_and_unseen_characters_of_a_description_are_gone(tmp_path: Path) -> None:
    chart = 'apiVersion: v2\nname: demo\nversion: 1.0.0\ndescription: "red \\e[31mtext\\e[0m \\u202eback\\u200b"\n'
    with folder_of(tmp_path, {"Chart.yaml": chart}) as room:
        page = Browser(room).get(PAGE)
        assert "red [31mtext[0m back" in page.text
        assert not {"\x1b", "\u202e", "\u200b"} & set(page.html)


def test_F10_two_charts_of_one_name_are_told_apart_by_their_source(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("7.0.0",)}).serve(site)
    site.put("/copy/index.yaml", repository({"redis": ("7.0.0",)}).index)
    sources = [
        {"name": "one", "title": "Shop", "url": site.url},
        {"name": "two", "title": "Shop", "url": f"{site.url}/copy", "content": "none"},
    ]
    with web(tmp_path / "room", sources) as room:
        for name in ("one", "two"):
            room.sync(name)
        browser = Browser(room)
        assert browser.get("/charts/one/redis").links["Shop (one)"] == "/?source=one"
        assert browser.get("/charts/two/redis").links["Shop (two)"] == "/?source=two"
