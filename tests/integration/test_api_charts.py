"""Charts over HTTP: search, suggestions, one chart, one version, the archive."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

CHARTS = {
    "redis": ("2.0.0", "1.10.0", "1.9.0"),
    "redis-cluster": ("1.0.0",),
    "nginx": ("1.2.3-beta.1", "1.2.2"),
    "blog": ("0.1.0",),
}


@pytest.fixture
def shop(tmp_path: Path, site: Site) -> Iterator[Web]:
    repository(CHARTS).serve(site)
    with web(tmp_path, [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        yield running


def test_it_finds_a_chart_by_a_word(shop: Web) -> None:
    page = shop.get("/api/v1/charts?q=redis")
    assert page["total"] == 2
    assert [one["name"] for one in page["items"]] == ["redis", "redis-cluster"]
    first = page["items"][0]
    assert (first["source"], first["version"], first["description"]) == ("shop", "2.0.0", "What redis does")
    assert first["also_in"] == []
    assert page["facets"]["source"] == [{"value": "shop", "count": 2}]
    assert page["did_you_mean"] is None
    assert page["took_ms"] >= 0


def test_without_a_text_it_lists_everything_in_the_order_asked_for(shop: Web) -> None:
    names = [one["name"] for one in shop.get("/api/v1/charts?sort=name")["items"]]
    assert names == sorted(CHARTS)


def test_a_list_is_read_page_by_page(shop: Web) -> None:
    found = [shop.get(f"/api/v1/charts?sort=name&limit=1&offset={at}")["items"][0]["name"] for at in range(4)]
    assert found == sorted(CHARTS)
    assert shop.get("/api/v1/charts?offset=4")["items"] == []


def test_filters_are_or_within_one_and_and_between(shop: Web) -> None:
    assert shop.get("/api/v1/charts?source=shop&source=other")["total"] == 4
    assert shop.get("/api/v1/charts?source=other")["total"] == 0
    assert shop.get("/api/v1/charts?source=shop&keyword=tests&deprecated=false")["total"] == 4
    assert shop.get("/api/v1/charts?deprecated=true")["total"] == 0


@pytest.mark.parametrize(
    "query",
    ["sort=password", "sort=name%20desc", "colour=red", "deprecated=maybe", "limit=many", "sort=name&sort=name"],
)
def test_H5_an_unknown_parameter_or_value_is_a_400(shop: Web, query: str) -> None:
    problem = shop.get(f"/api/v1/charts?{query}", 400)
    assert problem["id"] == "bad-query"
    assert problem["remedy"]


@pytest.mark.parametrize("query", ["limit=1000000000", "limit=-1", "offset=-1", "offset=" + "9" * 400])
def test_H5_a_number_out_of_range_is_moved_into_it(shop: Web, query: str) -> None:
    assert len(shop.get(f"/api/v1/charts?{query}")["items"]) <= 100


@pytest.mark.parametrize("text", ["field%3D~x", "name:redis", "%27%20OR%201=1", "*a*", "a~9", "%F0%9F%98%80"])
def test_H3_a_search_language_has_no_meaning(shop: Web, text: str) -> None:
    shop.get(f"/api/v1/charts?q={text}")


@pytest.mark.parametrize("text", ["x" * 257, "%00", "a%00b"])
def test_H1_a_text_that_nobody_types_is_a_400(shop: Web, text: str) -> None:
    assert shop.get(f"/api/v1/charts?q={text}", 400)["id"] == "bad-query"
    assert shop.get(f"/api/v1/charts/suggest?q={text}", 400)["id"] == "bad-query"


def test_it_suggests_names(shop: Web) -> None:
    items = shop.get("/api/v1/charts/suggest?q=red")["items"]
    assert [one["name"] for one in items] == ["redis", "redis-cluster"]
    assert items[0]["source"] == "shop"


def test_a_chart_has_its_versions_newest_first(shop: Web) -> None:
    chart = shop.get("/api/v1/charts/shop/redis")
    assert [one["version"] for one in chart["versions"]] == ["2.0.0", "1.10.0", "1.9.0"]
    nginx = shop.get("/api/v1/charts/shop/nginx")
    assert nginx["version"] == "1.2.2"
    assert nginx["versions"][0] == {**nginx["versions"][0], "version": "1.2.3-beta.1", "prerelease": True}


def test_a_version_has_what_its_archive_holds(shop: Web) -> None:
    version = shop.get("/api/v1/charts/shop/redis/versions/1.9.0")
    assert version["readme"].startswith("# redis")
    assert version["values"] == "# how many\nreplicas: 1 # of redis\n"
    assert version["schema"] == ""
    assert version["templates"] == [{"path": "templates/deployment.yaml", "text": "kind: Deployment\n"}]
    assert version["crds"] == []
    assert version["urls"] == ["redis-1.9.0.tgz"]
    assert version["archive"]["state"] == "ready"
    assert version["archive"]["digest"] == version["digest"]
    assert version["images"] == []
    assert (version["changes"], version["changes_from"]) == ([], "")


def test_a_version_whose_archive_cannot_be_had_says_why(shop: Web, site: Site) -> None:
    site.remove("/redis-1.9.0.tgz")
    version = shop.get("/api/v1/charts/shop/redis/versions/1.9.0")
    assert version["readme"] is None
    assert version["archive"]["state"] == "failed"
    assert version["archive"]["error"]["id"] == "archive-absent"
    assert "404" in version["archive"]["error"]["cause"]


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/api/v1/charts/shop/absent", "chart-not-found"),
        ("/api/v1/charts/absent/redis", "chart-not-found"),
        ("/api/v1/charts/shop/redis/versions/9.9.9", "version-not-found"),
        ("/api/v1/charts/shop/%2e%2e", "chart-not-found"),
        ("/api/v1/charts/shop/redis/versions/%00", "version-not-found"),
    ],
)
def test_what_is_not_there_is_a_problem_with_a_stable_id(shop: Web, path: str, error: str) -> None:
    problem = shop.get(path, 404)
    assert problem["id"] == error
    assert problem["title"] == "Not Found"
    assert problem["type"] == f"urn:chartroom:problem:{error}"
    assert problem["detail"] == problem["cause"]


# -- the archive


def test_the_archive_is_the_one_that_was_published(shop: Web) -> None:
    wanted = repository(CHARTS).archives["redis-1.10.0.tgz"]
    answer = shop.ask("GET", "/charts/shop/redis-1.10.0.tgz")
    assert answer.status_code == 200
    assert answer.get_data() == wanted
    assert answer.mimetype == "application/gzip"
    assert answer.headers["Content-Disposition"] == "attachment; filename=redis-1.10.0.tgz"
    assert answer.headers["ETag"] == f'"{hashlib.sha256(wanted).hexdigest()}"'
    answer.close()


@pytest.mark.parametrize("name", ["redis-cluster-1.0.0", "nginx-1.2.3-beta.1"])
def test_a_name_and_a_version_may_both_have_hyphens(shop: Web, name: str) -> None:
    answer = shop.ask("GET", f"/charts/shop/{name}.tgz")
    assert answer.get_data() == repository(CHARTS).archives[f"{name}.tgz"]
    answer.close()


def test_a_copy_that_is_still_right_is_not_sent_again(shop: Web) -> None:
    first = shop.ask("GET", "/charts/shop/blog-0.1.0.tgz")
    first.close()
    again = shop.ask("GET", "/charts/shop/blog-0.1.0.tgz", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert "private" in again.headers["Cache-Control"]
    again.close()


def test_an_archive_that_was_removed_from_the_cache_is_fetched_again(shop: Web) -> None:
    digest = shop.get("/api/v1/charts/shop/blog/versions/0.1.0")["digest"]
    shop.services.cache.path(digest).unlink()  # type: ignore[union-attr]
    answer = shop.ask("GET", "/charts/shop/blog-0.1.0.tgz")
    assert hashlib.sha256(answer.get_data()).hexdigest() == digest
    answer.close()


@pytest.mark.parametrize("name", ["redis-9.9.9", "redis", "absent-1.0.0", "-", "a-" * 300, "..%2f..%2fetc-1"])
def test_an_archive_that_is_not_listed_is_a_404(shop: Web, name: str) -> None:
    answer = shop.ask("GET", f"/charts/shop/{name}.tgz")
    assert answer.status_code == 404


def test_an_archive_that_upstream_no_longer_has_is_a_502_that_says_why(shop: Web, site: Site) -> None:
    site.remove("/redis-1.9.0.tgz")
    answer = shop.ask("GET", "/charts/shop/redis-1.9.0.tgz")
    assert answer.status_code == 502
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json(force=True)["id"] == "archive-absent"


# -- changes


def test_the_change_log_is_read_from_where_one_was(shop: Web, site: Site) -> None:
    first = shop.get("/api/v1/changes?limit=5")
    assert len(first["items"]) == 5
    rest = shop.get(f"/api/v1/changes?since={first['next']}&limit=100")
    told = [(one["name"], one["version"], one["kind"]) for one in (*first["items"], *rest["items"])]
    assert sorted(told) == sorted((name, one, "added") for name, some in CHARTS.items() for one in some)
    assert shop.get(f"/api/v1/changes?since={rest['next']}") == {"items": [], "next": rest["next"]}
    repository({**CHARTS, "blog": ("0.2.0", "0.1.0")}).serve(site)
    shop.sync()
    news = shop.get(f"/api/v1/changes?since={rest['next']}")["items"]
    assert [(one["name"], one["version"], one["kind"]) for one in news] == [("blog", "0.2.0", "added")]


@pytest.mark.parametrize("since", ["-1", "9" * 300])
def test_H5_a_row_out_of_range_is_moved_into_it(shop: Web, since: str) -> None:
    shop.get(f"/api/v1/changes?since={since}")
