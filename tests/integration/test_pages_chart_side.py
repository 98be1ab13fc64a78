"""The head of a chart's page and what stands beside every tab: who runs it, where else it is, what may be copied."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_web import auth
from indexer.model import Revision
from tests.charts import folder_of, packed_chart
from tests.kube_api import KubeApi
from tests.pages import Browser
from tests.repository import index, repository
from tests.upstream import Site
from tests.web import Web, web

PAGE = "/charts/local/demo"


def runs(room: Web, name: str, version: str, chart: str = "redis", source: str = "shop") -> None:
    """Chartroom installed it, and the cluster took it."""
    revision = Revision(
        0, "home", "apps", name, "install", source, chart, version, "", "", {}, name, "me", datetime.now(UTC)
    )
    room.services.store.revisions.start(revision)
    room.services.store.revisions.sent(name, f"uid-{name}")


def shop(tmp_path: Path, site: Site, versions: tuple[str, ...]):
    repository({"redis": versions}).serve(site)
    return web(tmp_path / "room", [{"name": "shop", "url": site.url}])


def test_who_runs_it_is_told_with_how_far_behind_and_how_to_upgrade(tmp_path: Path, site: Site) -> None:
    with shop(tmp_path, site, ("3.0.0-rc.1", "2.1.0", "2.0.0", "1.0.0")) as room:
        room.sync()
        for name, version in (("old", "1.0.0"), ("new", "2.1.0")):
            runs(room, name, version)
        page = Browser(room).get("/charts/shop/redis")
    assert page.links["old"] == "/apps/home/apps/old"
    assert "home / apps · 1.0.0 · 2 versions behind" in page.text
    assert "home / apps · 2.1.0 ·" not in page.text
    upgrade = "/apps/home/apps/old/upgrade?version=2.1.0"
    assert page.links["Upgrade 1 install"] == page.links["Upgrade to 2.1.0 old"] == upgrade


def test_several_installs_are_upgraded_together(tmp_path: Path, site: Site) -> None:
    with shop(tmp_path, site, ("2.0.0", "1.0.0")) as room:
        room.sync()
        for name in ("one", "two"):
            runs(room, name, "1.0.0")
        page = Browser(room).get("/charts/shop/redis")
    together = "/apps/upgrade?version=2.0.0&app=home/apps/one&app=home/apps/two"
    assert page.links["Upgrade 2 installs"] == together


def test_who_runs_it_is_told_to_those_alone_who_may_see_apps(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shop(tmp_path, site, ("2.0.0", "1.0.0")) as room:
        room.sync()
        runs(room, "old", "1.0.0")
        monkeypatch.setattr(auth.guard, "LOCAL", auth.Person("reader", frozenset({"catalog.read"})))
        page = Browser(room).get("/charts/shop/redis")
    assert "old" not in page.links
    assert "Installed here" not in page.text


def test_where_nothing_is_behind_the_button_installs(tmp_path: Path, site: Site) -> None:
    with shop(tmp_path, site, ("2.0.0", "1.0.0")) as room:
        room.sync()
        runs(room, "new", "2.0.0")
        browser = Browser(room)
        assert browser.get("/charts/shop/redis").links["Install"] == "/charts/shop/redis/2.0.0/install"
        assert "behind" not in browser.get("/charts/shop/redis/1.0.0").text


def test_the_helmrequest_can_be_copied_and_carries_no_mark_of_chartroom(tmp_path: Path, site: Site) -> None:
    with shop(tmp_path, site, ("2.0.0",)) as room:
        room.sync()
        page = Browser(room).get("/charts/shop/redis")
    assert "kind: HelmRequest metadata: name: redis namespace: default spec: chart: shop/redis" in page.text
    assert "chartroom.dev" not in page.text


def test_a_library_offers_nothing_to_install(tmp_path: Path) -> None:
    with folder_of(tmp_path, {"Chart.yaml": "apiVersion: v2\nname: demo\nversion: 1.0.0\ntype: library\n"}) as room:
        page = Browser(room).get(PAGE)
    assert "HelmRequest" not in page.text
    assert "Install" not in page.links


def test_the_licence_is_told_by_its_annotation_or_looked_up_in_its_file(tmp_path: Path) -> None:
    chart = "apiVersion: v2\nname: demo\nversion: 1.0.0\nannotations: {artifacthub.io/license: MIT}\n"
    with folder_of(tmp_path, {"Chart.yaml": chart, "LICENSE": "Apache License\nVersion 2.0"}) as room:
        page = Browser(room).get(PAGE)
    assert "Licence MIT" in page.text
    assert "by its LICENSE file" not in page.text


def test_whether_the_known_clusters_fit_is_told(tmp_path: Path, kube: KubeApi) -> None:
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    chart = "apiVersion: v2\nname: demo\nversion: 1.0.0\nkubeVersion: '{}'\n"
    others = {"modest": {"Chart.yaml": "apiVersion: v2\nname: modest\nversion: 1.0.0\nkubeVersion: '>=1.20.0-0'\n"}}
    with folder_of(tmp_path, {"Chart.yaml": chart.format(">=1.99")}, others, clusters=clusters) as room:
        browser = Browser(room)
        assert "does not fit" not in browser.get(PAGE).text
        room.services.installs.health()
        version = room.services.installs.versions()[0]
        page = browser.get(PAGE)
        assert f"This version does not fit Kubernetes {version} of cluster home" in page.text
        assert f"fits home {version}" in browser.get("/charts/local/modest").text


def test_a_deprecated_chart_says_where_to_go(tmp_path: Path, site: Site) -> None:
    old = "apiVersion: v2\nname: redis\nversion: 1.0.0\ndeprecated: true\n"
    data = packed_chart(
        {"Chart.yaml": old, "README.md": "# Old\n\nDEPRECATED: moved to https://new.example.org/x.\n"}, "redis"
    )
    listed = index({"redis": ("1.0.0",)}, {"redis-1.0.0.tgz": data}).replace(
        "    version:", "    deprecated: true\n    version:"
    )
    site.put("/old/redis-1.0.0.tgz", data)
    site.put("/old/index.yaml", listed)
    repository({"redis": ("2.0.0",)}).serve(site)
    sources = [{"name": "old", "url": f"{site.url}/old"}, {"name": "fresh", "title": "Fresh", "url": site.url}]
    with web(tmp_path / "room", sources) as room:
        for name in ("old", "fresh"):
            room.sync(name)
        page = Browser(room).get("/charts/old/redis")
    assert "Its publisher points to: https://new.example.org/x" in page.text
    assert page.links["Fresh/redis"] == "/charts/fresh/redis"


def test_the_same_chart_in_another_source_is_named(tmp_path: Path, site: Site) -> None:
    made = repository({"redis": ("1.0.0",)})
    made.serve(site)
    site.put("/copy/index.yaml", made.index)
    sources = [
        {"name": "shop", "url": site.url},
        {"name": "copy", "title": "Copy", "url": f"{site.url}/copy", "content": "none"},
    ]
    with web(tmp_path / "room", sources) as room:
        for name in ("shop", "copy"):
            room.sync(name)
        page = Browser(room).get("/charts/shop/redis")
    assert "Also in Copy 1.0.0" in page.text
    assert page.links["Copy"] == "/charts/copy/redis"


def test_the_picker_leads_to_the_newest_of_each_major_version(tmp_path: Path, site: Site) -> None:
    versions = tuple(f"{major}.{minor}.0" for major in (3, 2, 1) for minor in range(9, 0, -1))
    with shop(tmp_path, site, versions) as room:
        room.sync()
        page = Browser(room).get("/charts/shop/redis?tab=values")
    assert "Newest of each major version" in page.text
    assert page.links["1.9.0"] == "/charts/shop/redis/1.9.0?tab=values"
    assert page.links["All 27 versions"].endswith("?tab=versions")
    assert "1.1.0" not in page.links
