"""What the members of a team find, see and may use of the catalog."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.kube_api import KubeApi
from tests.people import Asking, People, browser_of
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

CHARTS = {
    "redis": ("3.0.0", "2.1.0", "2.0.0", "1.0.0"),
    "nginx": ("1.0.0",),
    "redis-ui": ("0.2.0", "0.1.0"),
    "canary": ("1.0.0",),
}
INSTALL = {"source": "shop", "chart": "redis", "namespace": "apps", "name": "cache"}
SEARCH = "/api/v1/charts?limit=100"


@dataclass(frozen=True)
class Room:
    """A catalog; ``ann`` is in the team, ``bob`` is in none, ``eve`` is in it and in another one."""

    web: Web
    kube: KubeApi

    def rule(self, kind: str, chart: str, versions: str = "", note: str = "", team: str = "payments") -> None:
        """Let the team decide something."""
        body = {"kind": kind, "source": "shop", "chart": chart, "versions": versions, "note": note}
        self.web.send("POST", f"/api/v1/teams/{team}/rules", body, 201)

    def as_(self, name: str) -> Asking:
        """Somebody at the API."""
        return Asking(self.web, name)

    def names(self, person: str, query: str = "") -> list[str]:
        """What a search of this person finds."""
        return [one["name"] for one in self.as_(person).get(SEARCH + query)["items"]]


@pytest.fixture
def room(tmp_path: Path, site: Site, kube: KubeApi) -> Iterator[Room]:
    repository(CHARTS).serve(site)
    cluster = {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}], clusters=[cluster]) as running:
        running.sync()
        people = People().install(running.app)
        people.add("ann", groups=("pay",))
        people.add("bob")
        people.add("eve", groups=("pay", "ops"))
        for name, group in (("payments", "pay"), ("platform", "ops")):
            running.send("POST", "/api/v1/teams", {"name": name, "title": name.title(), "groups": [group]}, 201)
        yield Room(running, kube)


# -- hidden


def test_H6_a_hidden_chart_is_found_counted_and_suggested_nowhere(room: Room) -> None:
    room.rule("hide", "canary")
    ann, bob = room.as_("ann"), room.as_("bob")
    assert "canary" in room.names("bob") and "canary" not in room.names("ann")
    assert [one["count"] for one in ann.get(SEARCH)["facets"]["source"]] == [3]
    assert [one["count"] for one in bob.get(SEARCH)["facets"]["source"]] == [4]
    assert ann.get("/api/v1/charts/suggest?q=cana")["items"] == []
    assert bob.get("/api/v1/charts/suggest?q=cana")["items"] != []
    told = ann.get("/api/v1/charts?q=canari")
    assert (told["total"], told["corrected"], told["did_you_mean"]) == (0, None, None)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/charts/{source}/{name}",
        "/api/v1/charts/{source}/{name}/versions/1.0.0",
        "/api/v1/charts/{source}/{name}/compare?from=1.0.0&to=1.0.0",
        "/api/v1/presets/{source}/{name}",
    ],
)
def test_I2_a_hidden_chart_answers_as_one_that_is_not_there(room: Room, path: str) -> None:
    room.rule("hide", "canary")
    there, absent = (room.as_("ann").get(path.format(source="shop", name=name), 404) for name in ("canary", "nobody"))
    assert str(there).replace("canary", "nobody") == str(absent)
    room.web.get(path.format(source="shop", name="canary"))


def test_a_hidden_chart_stands_on_no_page_of_a_member(room: Room) -> None:
    room.rule("hide", "canary")
    ann, bob = browser_of(room.web, "ann"), browser_of(room.web, "bob")
    for path in ("/", "/activity", "/sources/shop"):
        assert "canary" not in ann.get(path).html, path
    assert "What canary does" not in ann.get("/?q=canary").text
    assert "canary" in bob.get("/").html
    ann.get("/charts/shop/canary", 404)
    ann.get("/charts/shop/canary/1.0.0/install", 404)
    assert "canary" not in ann.running.client.get("/feeds/all.atom", headers={"Host": "127.0.0.1"}).get_data(True)


def test_a_hidden_chart_cannot_be_installed(room: Room) -> None:
    room.rule("hide", "redis")
    refused = room.as_("ann").send("POST", "/api/v1/installs", INSTALL, 404)
    assert refused["id"] == "chart-not-found"
    assert room.kube.objects == {}


def test_an_allow_list_shows_only_what_it_names(room: Room) -> None:
    room.rule("allow", "redis*")
    assert sorted(room.names("ann")) == ["redis", "redis-ui"]
    assert len(room.names("bob")) == len(CHARTS)


def test_what_another_team_shows_is_seen(room: Room) -> None:
    room.rule("hide", "*")
    assert room.names("ann") == []
    assert len(room.names("eve")) == len(CHARTS)
    room.rule("allow", "nginx", team="platform")
    assert room.names("eve") == ["nginx"]


def test_hidden_versions_are_missing_and_the_latest_is_one_that_is_left(room: Room) -> None:
    room.rule("hide", "redis*", ">=3 || <1")
    ann = room.as_("ann")
    chart = ann.get("/api/v1/charts/shop/redis")
    assert (chart["version"], [one["version"] for one in chart["versions"]]) == ("2.1.0", ["2.1.0", "2.0.0", "1.0.0"])
    assert ann.get("/api/v1/charts/shop/redis/versions/3.0.0", 404)["id"] == "version-not-found"
    assert {one["name"]: one["version"] for one in ann.get(SEARCH)["items"]}["redis"] == "2.1.0"
    assert "redis-ui" not in room.names("ann")
    made = ann.send("POST", "/api/v1/installs", INSTALL, 201)
    assert made["version"] == "2.1.0"


def test_a_rule_holds_from_the_next_request_on_and_ends_with_it(room: Room) -> None:
    assert "canary" in room.names("ann")
    room.rule("hide", "canary")
    assert "canary" not in room.names("ann")
    (rule,) = room.web.get("/api/v1/teams/payments")["rules"]
    room.web.send("DELETE", f"/api/v1/teams/payments/rules/{rule['id']}", status=204)
    assert "canary" in room.names("ann")


def test_an_administrator_sees_everything_and_for_whom_it_is_hidden(room: Room) -> None:
    room.rule("hide", "canary")
    assert "hidden for team Payments" in browser_of(room.web, "admin").get("/charts/shop/canary").text
    assert "hidden for team" not in browser_of(room.web, "bob").get("/charts/shop/canary").text


# -- the ceiling


def test_a_version_above_the_ceiling_is_shown_with_the_reason_and_not_offered(room: Room) -> None:
    room.rule("ceiling", "redis", "2.0.0", "3 needs new disks")
    ann = room.as_("ann")
    chart = ann.get("/api/v1/charts/shop/redis")
    assert (chart["version"], len(chart["versions"])) == ("2.0.0", 4)
    newer = ann.get("/api/v1/charts/shop/redis/versions/3.0.0")
    assert newer["not_yet"] == {"team": "Payments", "ceiling": "2.0.0", "note": "3 needs new disks"}
    page = browser_of(room.web, "ann").get("/charts/shop/redis/3.0.0")
    assert "Not yet for your team" in page.text and "3 needs new disks" in page.text
    assert "/charts/shop/redis/3.0.0/install" not in page.html
    assert "older release" not in page.text
    assert "not yet for your team" in browser_of(room.web, "ann").get("/charts/shop/redis?tab=versions").text
    assert "Not yet" not in browser_of(room.web, "bob").get("/charts/shop/redis/3.0.0").text


def test_a_version_above_the_ceiling_cannot_be_installed_or_upgraded_to(room: Room) -> None:
    room.rule("ceiling", "redis", "2.0.0", "3 needs new disks")
    ann = room.as_("ann")
    refused = ann.send("POST", "/api/v1/installs", {**INSTALL, "version": "3.0.0"}, 403)
    assert refused["id"] == "version-not-yet" and "3 needs new disks" in refused["cause"]
    looked = ann.send("POST", "/api/v1/installs?dry_run=true", {**INSTALL, "version": "3.0.0"})
    assert [one["id"] for one in looked["checks"] if one["state"] == "fail"] == ["not-yet"]
    ann.send("POST", "/api/v1/installs", {**INSTALL, "version": "1.0.0"}, 201)
    room.kube.change("cache", status={"phase": "Synced", "version": "1.0.0", "lastSpecHash": "11"})
    app = "/api/v1/installs/home/apps/cache"
    proposal = ann.send("PUT", f"{app}?dry_run=true", {})
    assert (proposal["to_version"], proposal["newer"]) == ("2.0.0", ["2.0.0"])
    assert ann.send("PUT", app, {"version": "3.0.0"}, 403)["id"] == "version-not-yet"
    assert room.kube.objects["apps", "cache"]["spec"]["version"] == "1.0.0"
    assert ann.send("PUT", app, {}, 202)["version"] == "2.0.0"


def test_an_administrator_may_go_above_the_ceiling(room: Room) -> None:
    room.rule("ceiling", "redis", "2.0.0")
    assert room.web.send("POST", "/api/v1/installs", {**INSTALL, "version": "3.0.0"}, 201)["version"] == "3.0.0"


def counted(room: Room, name: str) -> tuple[int, list[str]]:
    """How many charts, and which apps, the lists of this person say can be upgraded."""
    asking = room.as_(name)
    facet = {one["value"]: one["count"] for one in asking.get(SEARCH)["facets"]["upgradeable"]}
    charts = asking.get(f"{SEARCH}&upgradeable=true")["items"]
    assert len(charts) == facet.get("true", 0)
    return len(charts), [one["name"] for one in asking.get("/api/v1/installs?upgradeable=true")["items"]]


def row_of(room: Room, name: str) -> dict[str, Any]:
    """The one app as this person's list tells of it."""
    (found,) = room.as_(name).get("/api/v1/installs")["items"]
    return {"behind": found["behind"], "newest": found["newest"]}


@pytest.fixture
def app(room: Room) -> str:
    """An app on version 2.0.0; the page of it."""
    room.web.send("POST", "/api/v1/installs", {**INSTALL, "version": "2.0.0"}, 201)
    room.kube.change("cache", status={"phase": "Synced", "version": "2.0.0", "lastSpecHash": "11"})
    return "/apps/home/apps/cache"


@pytest.mark.parametrize(("kind", "versions"), [("ceiling", "2.0.0"), ("hide", ">2.0.0")])
def test_an_app_whose_newer_versions_may_not_be_used_is_not_counted_as_upgradeable(
    room: Room, app: str, kind: str, versions: str
) -> None:
    room.rule(kind, "redis", versions)
    assert counted(room, "bob") == (1, ["cache"])
    assert counted(room, "ann") == (0, [])
    assert row_of(room, "bob") == {"behind": 2, "newest": "3.0.0"}
    assert row_of(room, "ann") == {"behind": 0, "newest": ""}
    assert "Upgrade to" not in browser_of(room.web, "ann").get(app).text


@pytest.mark.parametrize(("kind", "versions"), [("ceiling", "2.1.0"), ("hide", ">=3")])
def test_the_upgrade_that_is_offered_is_the_newest_that_may_be_used(
    room: Room, app: str, kind: str, versions: str
) -> None:
    room.rule(kind, "redis", versions)
    assert counted(room, "ann") == (1, ["cache"])
    assert row_of(room, "ann") == {"behind": 1, "newest": "2.1.0"}
    assert "Upgrade to 2.1.0" in browser_of(room.web, "ann").get(app).links
    assert "1 behind 2.1.0" in browser_of(room.web, "ann").get("/apps").text
    assert "Upgrade to 3.0.0" in browser_of(room.web, "bob").get(app).links


def test_the_page_of_an_app_tells_of_a_newer_version_above_the_ceiling_and_whom_to_ask(room: Room, app: str) -> None:
    room.rule("ceiling", "redis", "2.0.0", "3 needs <new> disks")
    told = browser_of(room.web, "ann").get(app)
    assert "Version 3.0.0 is there, and not yet for your team" in told.text
    assert "Payments uses this chart up to version 2.0.0. 3 needs <new> disks" in told.text
    assert "Ask an administrator to raise it." in told.text
    assert "versions behind" not in browser_of(room.web, "ann").get("/charts/shop/redis/3.0.0").text
    assert "2 versions behind" in browser_of(room.web, "bob").get("/charts/shop/redis/3.0.0").text
    for name in ("bob", "admin"):
        assert "not yet for your team" not in browser_of(room.web, name).get(app).text


def test_H6_a_hidden_version_is_not_told_of_by_the_page_of_an_app(room: Room, app: str) -> None:
    room.rule("hide", "redis", ">2.0.0")
    assert "3.0.0" not in browser_of(room.web, "ann").get(app).text


def test_H6_an_app_of_a_hidden_chart_tells_nothing_of_its_newer_versions(room: Room, app: str) -> None:
    assert row_of(room, "bob") == {"behind": 2, "newest": "3.0.0"}
    room.rule("hide", "redis")
    assert row_of(room, "ann") == {"behind": 0, "newest": ""}


# -- recommended


def test_recommended_charts_come_first_among_equals_and_can_be_filtered(room: Room) -> None:
    before = room.names("ann")
    last = before[-1]
    room.rule("recommend", last, note="our standard")
    assert room.names("ann")[0] == last
    assert room.names("ann", "&sort=name") == sorted(CHARTS)
    found = room.as_("ann").get(f"{SEARCH}&recommended=true")
    assert [one["name"] for one in found["items"]] == [last]
    assert found["items"][0]["recommended"] == {"team": "Payments", "note": "our standard", "versions": ""}
    facets: Any = {one["value"]: one["count"] for one in found["facets"]["recommended"]}
    assert facets["true"] == 1
    assert room.names("bob") == before and room.names("bob", "&recommended=true") == []


def test_a_recommendation_is_told_on_the_card_and_on_the_chart(room: Room) -> None:
    room.rule("recommend", "nginx", note="<i>ours</i>")
    ann = browser_of(room.web, "ann")
    card = ann.get("/?recommended=true")
    assert "recommended" in card.text and "Payments: &lt;i&gt;ours" in card.html
    page = ann.get("/charts/shop/nginx")
    assert "recommended by Payments" in page.text and "&lt;i&gt;ours&lt;/i&gt;" in page.html
    assert "recommended by" not in browser_of(room.web, "bob").get("/charts/shop/nginx").text
