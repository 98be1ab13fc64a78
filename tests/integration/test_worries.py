"""What should worry an administrator, on its page and over the API."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_web.auth import ACTIONS, LOCAL, Person
from indexer.model import Revision
from tests.pages import Browser
from tests.repository import Repository, archive, index, repository
from tests.unit.chart_archives import packed, tar
from tests.upstream import Site
from tests.web import Web, web

CHARTS = {"redis": ("1.0.0",), "old": ("2.0.0",), "loose": ("3.0.0",), "lost": ("4.0.0",)}
LOOSE = {
    "Chart.yaml": "apiVersion: v2\nname: loose\nversion: 3.0.0\n",
    "values.yaml": "image:\n  repository: example.org/loose\n  tag: latest\n",
    "templates/one.yaml": 'image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n',
}


def shop_of(salt: str = "") -> Repository:
    archives = dict(repository(CHARTS).archives)
    archives["loose-3.0.0.tgz"] = packed(tar([(f"loose/{path}", text.encode()) for path, text in LOOSE.items()]))
    archives["redis-1.0.0.tgz"] = archive("redis", "1.0.0", salt)
    listed = index(CHARTS, archives).replace("    name: old\n", "    deprecated: true\n    name: old\n")
    return Repository(archives, listed)


def install(running: Web, chart: str, version: str, name: str) -> None:
    running.services.store.revisions.start(
        Revision(
            number=0, cluster="dev", namespace="team-a", name=name, action="install", source="shop", chart=chart,
            version=version, chart_digest="ab" * 32, values_yaml="", manifest={}, request_id=name, person="local",
            at=datetime.now(UTC), uid=f"uid-{name}",
        )
    )  # fmt: skip


@pytest.fixture
def running(tmp_path: Path, site: Site) -> Iterator[Web]:
    """One of each worry; the deprecated chart and the one pushed again run here."""
    shop_of().serve(site)
    site.remove("/lost-4.0.0.tgz")
    with web(tmp_path / "room", [{"name": "shop", "title": "The shop", "url": site.url}]) as opened:
        opened.sync()
        shop_of("again").serve(site)
        site.remove("/lost-4.0.0.tgz")
        opened.sync()
        install(opened, "old", "1.9.0", "legacy")
        install(opened, "redis", "1.0.0", "cache")
        yield opened


def test_every_kind_is_counted_and_told_with_what_to_do(running: Web) -> None:
    browser = Browser(running)
    page = browser.get("/admin/catalog")
    assert all(f"{title}1" in page.text for title in ("use", "pushed again", "be had", "fixed version"))
    assert "old The shop 2.0.0 team-a/legacy 1.9.0" in page.text
    assert "Look for a successor" in page.text
    assert page.links["team-a/legacy"] == "/apps/dev/team-a/legacy"
    again = browser.get("/admin/catalog?tab=repushed")
    assert re.search(r"redis The shop 1\.0\.0 \d+ \w+ ago team-a/cache 1\.0\.0", again.text)
    lost = browser.get("/admin/catalog?tab=archives")
    assert "lost The shop 4.0.0" in lost.text
    assert "404" in lost.text
    loose = browser.get("/admin/catalog?tab=images")
    assert "example.org/loose:latest" in loose.text
    assert loose.links["3.0.0"] == "/charts/shop/loose/3.0.0?tab=images"


def test_the_api_tells_the_same(running: Web) -> None:
    found = running.get("/api/v1/worries")
    assert found["counts"] == {"deprecated": 1, "repushed": 1, "archives": 1, "images": 1}
    assert found["total"] == 4
    assert [(one["kind"], one["name"]) for one in found["items"]] == [
        ("deprecated", "old"),
        ("repushed", "redis"),
        ("archives", "lost"),
        ("images", "loose"),
    ]
    assert found["items"][0]["apps"] == [
        {"cluster": "dev", "namespace": "team-a", "name": "legacy", "version": "1.9.0"}
    ]
    assert found["items"][1]["at"]
    assert found["items"][2]["error"]["id"] == "archive-absent"
    assert found["items"][3]["images"] == ["example.org/loose:latest"]


def test_worries_are_paged_over_all_kinds(running: Web) -> None:
    pages = [running.get(f"/api/v1/worries?limit=3&offset={offset}")["items"] for offset in (0, 3, 6)]
    assert [[one["name"] for one in page] for page in pages] == [["old", "redis", "lost"], ["loose"], []]
    only = running.get("/api/v1/worries?kind=images&limit=1")
    assert (only["total"], [one["name"] for one in only["items"]]) == (1, ["loose"])


@pytest.mark.parametrize("path", ["/admin/catalog?tab=x", "/admin/catalog?page=x", "/api/v1/worries?kind=x"])
def test_H5_a_value_that_cannot_be_meant_is_refused(running: Web, path: str) -> None:
    assert running.ask("GET", path).status_code == 400


def test_a_catalog_without_worries_says_so(tmp_path: Path, site: Site) -> None:
    repository({"redis": ("1.0.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        assert "There is nothing to worry about" in Browser(running).get("/admin/catalog").text
        assert running.get("/api/v1/worries") == {
            "total": 0,
            "counts": {"deprecated": 0, "repushed": 0, "archives": 0, "images": 0},
            "items": [],
        }


def test_only_who_may_look_after_the_catalog_sees_them(running: Web) -> None:
    assert "admin.read" in ACTIONS
    reader = Person("reader", LOCAL.rights - {"admin.read"})

    def as_reader() -> None:
        from flask import g

        g.person = reader

    running.app.before_request_funcs.setdefault(None, []).insert(0, as_reader)
    browser = Browser(replace(running, client=running.app.test_client()))
    browser.get("/admin/catalog", status=403)
    assert running.ask("GET", "/api/v1/worries").status_code == 403
    assert "What should worry you" not in browser.get("/activity").text
