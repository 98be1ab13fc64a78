"""Two versions of a chart compared over the API and on the command line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.command import chartroom, write_config
from tests.repository import repository
from tests.unit.chart_archives import packed, tar
from tests.upstream import Site
from tests.web import Web, web

VALUES = "# how many\nreplicas: 1\nserver:\n  port: 80\n  old: true\n"
IMAGE = "image: example.org/demo:{{ .Chart.Version }}\n"
FILES = {
    "values.yaml": VALUES,
    "templates/image.yaml": IMAGE,
    "templates/a.yaml": "kind: Deployment\nport: {{ .Values.server.port }}\nold: {{ .Values.server.old }}\n",
}
CHANGED = {
    "templates/image.yaml": IMAGE,
    "values.yaml": VALUES.replace("  old: true\n", "").replace("80", "8080"),
    "templates/a.yaml": "kind: Deployment\nport: {{ .Values.server.port }}\n",
}
CHART = """\
dependencies:
- {name: redis, version: '1'}
annotations:
  artifacthub.io/changes: |
    - kind: removed
      description: The old way
      links: [{name: more, url: 'https://x.example/1'}]
"""
COMPARE = "/api/v1/charts/local/demo/compare"


def archive(version: str, files: Mapping[str, str], chart: str = "") -> bytes:
    head = f"apiVersion: v2\nname: demo\nversion: {version}\n{chart}"
    return packed(tar([(f"demo/{name}", text.encode()) for name, text in {"Chart.yaml": head, **files}.items()]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("charts")
    (made / "demo-1.0.0.tgz").write_bytes(archive("1.0.0", FILES))
    (made / "demo-1.1.0.tgz").write_bytes(archive("1.1.0", FILES, "appVersion: '2'\n"))
    log = {"CHANGELOG.md": "## 1.1.1\n### Fixed\n- A leak ([more](https://x.example/2))\n"}
    (made / "demo-1.1.1.tgz").write_bytes(archive("1.1.1", FILES | log))
    (made / "demo-2.0.0.tgz").write_bytes(archive("2.0.0", CHANGED, CHART))
    return made


@pytest.fixture(scope="module")
def running(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    source = {"name": "local", "url": str(folder), "kind": "directory", "content": "all"}
    with web(tmp_path_factory.mktemp("room"), [source]) as opened:
        opened.sync("local")
        yield opened


def test_two_versions_are_compared(running: Web) -> None:
    found = running.get(f"{COMPARE}?from=1.0.0&to=2.0.0")
    assert (found["from"]["version"], found["to"]["version"], found["verdict"]) == ("1.0.0", "2.0.0", "breaking")
    assert [(one["change"], one["path"]) for one in found["values"]["items"]] == [
        ("removed", "server.old"),
        ("default", "server.port"),
    ]
    assert found["values"]["items"][1]["before"] == {
        "path": "server.port",
        "line": 4,
        "type": "number",
        "text": "80",
        "comment": "",
    }
    (template,) = found["templates"]["items"]
    assert template["hunks"][0]["lines"][-1] == "-old: {{ .Values.server.old }}"
    assert [one["name"] for one in found["dependencies"]] == ["redis"]
    assert [(one["repository"], one["before"], one["after"]) for one in found["images"]] == [
        ("example.org/demo", ["1.0.0"], ["2.0.0"])
    ]
    assert [(one["severity"], one["id"], one["place"]) for one in found["reasons"]][:2] == [
        ("breaking", "major-version", "version"),
        ("breaking", "values-removed", "server.old"),
    ]


def test_the_latest_version_is_compared_with_the_one_before_it_by_default(running: Web) -> None:
    found = running.get(COMPARE)
    assert (found["from"]["version"], found["to"]["version"]) == ("1.1.1", "2.0.0")
    assert running.get(f"{COMPARE}?to=1.1.0")["from"]["version"] == "1.0.0"


def test_a_version_does_not_differ_from_itself(running: Web) -> None:
    found = running.get(f"{COMPARE}?from=2.0.0&to=2.0.0")
    assert found["values"] == {"items": [], "left_out": 0, "notes": [], "file": None}
    assert (found["reasons"], found["facts"], found["verdict"]) == ([], [], None)


@pytest.mark.parametrize("query", ["?from=9.9.9", "?to=9.9.9", "?from=1.0.0&to=x", "?to=1.0.0"])
def test_a_version_that_is_not_there_is_not_found(running: Web, query: str) -> None:
    assert running.get(COMPARE + query, status=404)["id"] == "version-not-found"
    assert running.get("/api/v1/charts/local/absent/compare", status=404)["id"] == "chart-not-found"


def test_an_archive_that_cannot_be_had_is_told_and_the_rest_is_compared(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("2.0.0", "1.0.0")}).serve(site)
    site.behave("/redis-1.0.0.tgz", "status", status=404)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as opened:
        opened.sync()
        found = opened.get("/api/v1/charts/shop/redis/compare")
    assert found["from"]["archive"]["state"] == "failed"
    assert "404" in found["from"]["archive"]["error"]["cause"]
    assert (found["values"], found["templates"], found["images"]) == (None, None, None)
    assert [one["id"] for one in found["reasons"]] == ["major-version"]


def test_an_old_version_is_fetched_when_it_is_compared_first(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("2.0.0", "1.0.0")}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as opened:
        opened.sync()
        found = opened.get("/api/v1/charts/shop/redis/compare")
        assert found["from"]["archive"]["state"] == "ready"
        versions = opened.services.catalog.chart("shop", "redis")[1]
    assert [one.archive for one in versions] == ["ready", "ready"]


def changes(running: Web, version: str) -> Any:
    found = running.get(f"/api/v1/charts/local/demo/versions/{version}")
    return found["changes_from"], found["changes"]


def test_a_version_says_what_changed_in_it(running: Web) -> None:
    origin, (note,) = changes(running, "2.0.0")
    assert origin == "annotation"
    assert note == {
        "kind": "removed",
        "description": "The old way",
        "links": [{"name": "more", "url": "https://x.example/1"}],
    }


def test_a_changelog_in_the_archive_says_it_too(running: Web) -> None:
    origin, (note,) = changes(running, "1.1.1")
    assert (origin, note["kind"], note["description"]) == ("changelog", "fixed", "A leak (more)")


def test_where_nobody_says_what_changed_the_version_before_is_compared(running: Web) -> None:
    origin, (note,) = changes(running, "1.1.0")
    assert (origin, note["description"]) == ("comparison", "Compared with 1.0.0: images changed: 1; facts changed: 1.")
    assert changes(running, "1.0.0") == ("", [])


def test_the_command_line_says_the_same(folder: Path, tmp_path: Path) -> None:
    source = {"name": "local", "url": str(folder), "kind": "directory", "content": "all"}
    config = write_config(tmp_path / "room", [source])
    assert chartroom(config, "sync").returncode == 0
    told = chartroom(config, "compare", "local/demo", "1.0.0", "2.0.0")
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("It looks like a breaking change:\n  breaking: The version goes from 1.0.0 to 2.0.0")
    assert "server.old" in told.stdout
    shown = json.loads(chartroom(config, "compare", "local/demo", "1.0.0", "2.0.0", "--json").stdout)
    assert shown["verdict"] == "breaking"
    same = chartroom(config, "compare", "local/demo", "1.0.0", "1.0.0")
    assert same.stdout == "Nothing looks like a breaking change.\nWhat is compared is the same in both.\n"
    absent = chartroom(config, "compare", "local/demo", "1.0.0", "9.9.9")
    assert (absent.returncode, absent.stdout) == (1, "")


def test_a_comparison_that_others_keep_from_its_turn_is_not_waited_for(running: Web) -> None:
    """Each waited for a thread of the server: a few slow ones held all eight."""
    comparisons = running.services.comparisons
    with comparisons.in_turn():
        answer = running.get(f"{COMPARE}?from=1.0.0&to=1.1.1", status=503)
        assert answer["detail"] == "Other versions are being compared just now."
        assert running.get("/api/v1/charts/local/demo/versions/2.0.0")["version"] == "2.0.0"
    assert running.get(f"{COMPARE}?from=1.0.0&to=2.0.0")["to"]["version"] == "2.0.0"
