"""What the catalog says of what it found: other sources, installs, corrections, where it matched."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog_web import auth
from tests.integration.test_store import REVISION
from tests.kube_api import kube_api
from tests.pages import Browser, Page
from tests.repository import repository
from tests.upstream import Site, upstream
from tests.web import Web, web

CHARTS = {"prometheus": ("2.0.0", "1.0.0"), "grafana": ("3.0.0-rc.1", "2.0.0"), "redis": ("1.0.0",)}


@pytest.fixture
def shop(tmp_path: Path, site: Site) -> Iterator[Web]:
    """The same charts in two sources."""
    with upstream() as other:
        for one in (site, other):
            repository(CHARTS).serve(one)
        sources = [{"name": "shop", "title": "The shop", "url": site.url}, {"name": "mirror", "url": other.url}]
        with web(tmp_path / "room", sources) as running:
            for name in ("shop", "mirror"):
                running.sync(name)
            yield running


def card(page: Page, chart: str) -> str:
    """The text of a chart's card."""
    return next(part for part in page.text.split("What ") if chart in part)


def installed(shop: Web, name: str, chart: str, version: str, action: str = "install") -> None:
    """Note in the store that a cluster took this."""
    kept = shop.services.store.revisions
    request = f"{name}-{version}-{action}"
    kept.start(
        replace(
            REVISION,
            name=name,
            source="shop",
            chart=chart,
            version=version,
            action=action,
            request_id=request,
            at=datetime.now(UTC),
        )
    )
    kept.sent(request, "uid")


def test_a_chart_of_two_sources_is_shown_once_with_the_way_to_the_other(shop: Web) -> None:
    page = Browser(shop).get("/?q=redis")
    assert "1 chart for redis" in page.text
    first, other = [one["href"] for one in page.all("a") if one.get("href", "").endswith("/redis")]
    assert {first, other} == {"/charts/shop/redis", "/charts/mirror/redis"}
    assert "also in" in page.text
    item = shop.get("/api/v1/charts?q=redis")["items"][0]
    assert [one["name"] for one in item["also_in"]] == ["redis"]
    assert {item["source"], item["also_in"][0]["source"]} == {"shop", "mirror"}


def test_a_misspelt_search_says_what_it_searched_instead_and_offers_the_way_back(shop: Web) -> None:
    page = Browser(shop).get("/?q=promethues&source=shop")
    assert "1 chart for prometheus" in page.text
    assert "Nothing is called “promethues”: these are for prometheus." in page.text
    back = page.links["Search for “promethues” as typed"]
    assert back == "/?q=promethues&source=shop&exact=1"
    assert "No chart matches" in Browser(shop).get(back).text
    answer = shop.get("/api/v1/charts?q=promethues")
    assert (answer["corrected"], answer["total"]) == ("prometheus", 1)
    assert shop.get("/api/v1/charts?q=promethues&exact=true")["total"] == 0


def test_what_a_person_saves_from_a_corrected_search_is_what_was_found(shop: Web) -> None:
    form = Browser(shop).get("/?q=promethues").form("/searches")
    assert form.fields["query"] == "q=prometheus"


def test_what_was_typed_wrong_makes_the_right_word_popular(shop: Web) -> None:
    for _ in range(3):
        Browser(shop).get("/?q=promethues", Referer="http://127.0.0.1/")
    shop.services.popular.write()
    assert Browser(shop).get("/suggest?q=").all("li")[0]["data-href"] == "/?q=prometheus"


def test_charts_that_run_here_are_marked_and_can_be_filtered(shop: Web) -> None:
    installed(shop, "web", "prometheus", "1.0.0")
    page = Browser(shop).get("/?source=shop")
    assert page.all("a", id="installed-true")[0]["href"] == "/?source=shop&installed=true"
    marked = Browser(shop).get("/?q=prometheus&source=shop")
    assert "installed" in card(marked, "prometheus")
    assert "upgrade" in card(marked, "prometheus")
    assert marked.links["installed"] == "/apps/dev/team-a/web"
    for query, names in {
        "installed=true": ["prometheus"],
        "upgradeable=true": ["prometheus"],
        "installed=false": ["grafana", "prometheus", "redis"],
    }.items():
        found = shop.get(f"/api/v1/charts?sort=name&{query}")
        assert [one["name"] for one in found["items"]] == names, query


def test_the_version_of_a_known_cluster_is_offered_as_a_filter(tmp_path: Path, site: Site) -> None:
    repository(CHARTS).serve(site)
    with kube_api() as kube:
        cluster = {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}
        sources = [{"name": "shop", "url": site.url}]
        with web(tmp_path / "room", sources, clusters=[cluster]) as running:
            running.sync()
            assert not Browser(running).get("/").all("a", id="kube-1.36.3")
            running.services.installs.health()
            link = Browser(running).get("/").all("a", id="kube-1.36.3")[0]
            assert link["href"] == "/?kube=1.36.3"
            chosen = Browser(running).get(link["href"])
            assert chosen.all("a", id="kube-1.36.3")[0]["href"] == "/"
            assert len(chosen.all("li", class_="card")) == 3


def test_the_newest_release_can_not_be_upgraded_and_a_prerelease_is_no_reason(shop: Web) -> None:
    installed(shop, "web", "grafana", "2.0.0")
    assert shop.get("/api/v1/charts?upgradeable=true")["total"] == 0
    assert shop.get("/api/v1/charts?installed=true")["total"] == 1


def test_what_was_removed_is_installed_no_more_at_once(shop: Web) -> None:
    installed(shop, "web", "redis", "1.0.0")
    assert shop.get("/api/v1/charts?installed=true")["total"] == 1
    installed(shop, "web", "redis", "1.0.0", "uninstall")
    assert shop.get("/api/v1/charts?installed=true")["total"] == 0


def test_an_answer_that_is_kept_changes_with_the_catalog(shop: Web, site: Site) -> None:
    path = "/api/v1/charts?q=redis&source=shop"
    assert [shop.get(path)["items"][0]["version"] for _ in range(2)] == ["1.0.0"] * 2
    repository({**CHARTS, "redis": ("1.1.0", "1.0.0")}).serve(site)
    shop.sync()
    assert shop.get(path)["items"][0]["version"] == "1.1.0"


def test_a_person_without_the_right_sees_no_installs(shop: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(shop, "web", "redis", "1.0.0")
    monkeypatch.setattr(auth.guard, "LOCAL", auth.Person("guest", frozenset({"catalog.read", "open"})))
    page = Browser(shop).get("/?q=redis")
    assert "installed" not in page.text.lower()
    assert not [form for form in page.forms if "/searches" in form.action]
