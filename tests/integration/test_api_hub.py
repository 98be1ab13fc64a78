"""What ``helm search hub --endpoint`` reads, and the filters of the change log."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

CHARTS = {"redis": ("2.0.0", "1.0.0"), "redis-cluster": ("1.0.0",), "nginx": ("15.2.5",)}
HUB = "/api/chartsvc/v1/charts/search"


@pytest.fixture
def running(tmp_path: Path, site: Site) -> Iterator[Web]:
    repository(CHARTS).serve(site)
    sources = [{"name": "shop", "url": site.url}]
    with web(tmp_path / "room", sources, public_url="https://charts.example.org") as opened:
        opened.sync()
        yield opened


def test_a_hub_search_answers_as_monocular_does(running: Web) -> None:
    found = running.get(f"{HUB}?q=redis")["data"]
    assert [one["id"] for one in found] == ["shop/redis", "shop/redis-cluster"]
    first = found[0]
    assert first["attributes"]["name"] == "redis"
    assert first["attributes"]["description"] == "What redis does"
    assert first["attributes"]["repo"] == {"name": "shop", "url": "https://charts.example.org/helm/shop"}
    assert first["artifactHub"] == {"packageUrl": "https://charts.example.org/charts/shop/redis"}
    version = first["relationships"]["latestChartVersion"]["data"]
    assert (version["version"], version["created"]) == ("2.0.0", "2026-11-01T00:00:00Z")
    assert version["urls"] == ["https://charts.example.org/charts/shop/redis-2.0.0.tgz"]


def test_without_words_all_charts_are_told_and_what_is_too_long_is_refused(running: Web) -> None:
    assert len(running.get(HUB)["data"]) == 3
    running.get(f"{HUB}?q={'x' * 300}", status=400)


def test_the_change_log_can_be_read_by_kind_and_source(running: Web, site: Site) -> None:
    start = running.get("/api/v1/changes?limit=100")["next"]
    repository({name: CHARTS[name] for name in ("redis", "redis-cluster")}).serve(site)
    running.sync()
    removed = running.get("/api/v1/changes?kind=removed&since=0")
    assert [(one["kind"], one["name"]) for one in removed["items"]] == [("removed", "nginx")]
    assert removed["next"] >= removed["items"][-1]["id"]
    assert running.get(f"/api/v1/changes?kind=added&since={start}") == {"items": [], "next": removed["next"]}
    assert running.get("/api/v1/changes?source=nowhere")["items"] == []
    both = running.get("/api/v1/changes?kind=added&kind=removed&source=shop&limit=100")
    assert {one["kind"] for one in both["items"]} == {"added", "removed"}


def test_no_change_is_missed_when_filtered_pages_are_followed(running: Web) -> None:
    seen, row = [], 0
    for _ in range(10):
        page = running.get(f"/api/v1/changes?kind=added&limit=1&since={row}")
        seen += [(one["name"], one["version"]) for one in page["items"]]
        row = page["next"]
    assert sorted(seen) == sorted((name, version) for name, some in CHARTS.items() for version in some)


def test_a_kind_that_does_not_exist_is_refused(running: Web) -> None:
    running.get("/api/v1/changes?kind=content", status=400)
