"""A developer of certain sources brings their charts, and no others, to where that very role holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from indexer.people import Binding
from tests.kube_api import KubeApi, kube_api
from tests.pages import Browser
from tests.people import person, signed_in
from tests.repository import repository
from tests.upstream import upstream
from tests.web import Web, web

APP = "/api/v1/installs/home/apps/cache"


@dataclass(frozen=True)
class Room:
    """dan installs from ``mine`` into ``apps`` and from ``lab`` into ``lab``, and sees everything."""

    kube: KubeApi
    admin: Web
    dan: Web

    def install(self, who: Web, source: str, namespace: str, status: int, query: str = "", **more: Any) -> Any:
        body = {"source": source, "chart": "redis", "version": "1.0.0", "namespace": namespace, "name": "cache"}
        return who.send("POST", f"/api/v1/installs{query}", {**body, **more}, status)

    def running(self, source: str, *versions: str) -> None:
        """The app ``apps/cache`` of an administrator."""
        self.install(self.admin, source, "apps", 201)
        self.synced("1.0.0")
        for one in versions:
            self.admin.send("PUT", APP, {"version": one}, 202)
            self.synced(one)

    def synced(self, version: str) -> None:
        self.kube.change("cache", status={"phase": "Synced", "version": version, "lastSpecHash": version})


def give(running: Web, **places: tuple[str, ...]) -> None:
    running.services.store.bindings.add(Binding("developer", "user", "dan", "test", datetime.now(UTC), **places))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with upstream() as site, kube_api() as kube:
        repository({"redis": ("2.0.0", "1.0.0")}).serve(site)
        kube.namespaces |= {"lab"}
        clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
        sources = [{"name": name, "url": site.url} for name in ("mine", "lab")]
        sources.append({"name": "asking", "url": site.url, "approval": True})
        with web(tmp_path / "room", sources, clusters=clusters, sign_in=["local"]) as running:
            for one in sources:
                running.sync(str(one["name"]))
            person(running, "dan", "viewer")
            give(running, sources=("mine", "asking"), namespaces=("apps",))
            give(running, sources=("lab",), namespaces=("lab",))
            yield Room(kube, signed_in(running, "ada", "admin"), signed_in(running, "dan"))


def test_a_chart_goes_only_where_the_role_that_names_its_source_holds(room: Room) -> None:
    refused = room.install(room.dan, "lab", "apps", 403)
    assert refused["id"] == "source-not-yours"
    assert "source “lab”" in refused["cause"] and "not with those of “lab”" in refused["remedy"]
    assert room.kube.objects == {}
    room.install(room.dan, "mine", "apps", 201)
    room.install(room.dan, "lab", "lab", 201)


def test_a_dry_run_says_it_as_a_check(room: Room) -> None:
    looked = room.install(room.dan, "lab", "apps", 200, "?dry_run=true")
    [failed] = [one for one in looked["checks"] if one["state"] == "fail"]
    assert failed["id"] == "source-right" and "source “lab”" in failed["cause"]


def test_an_app_is_upgraded_and_rolled_back_with_charts_of_ones_own_sources_alone(room: Room) -> None:
    room.running("lab", "2.0.0")
    looked = room.dan.send("PUT", f"{APP}?dry_run=true", {"version": "1.0.0"})
    assert [one["id"] for one in looked["checks"] if one["state"] == "fail"] == ["source-right"]
    assert room.dan.send("PUT", APP, {"version": "1.0.0"}, 403)["id"] == "source-not-yours"
    assert room.dan.send("POST", f"{APP}/rollback", {"revision": 1}, 403)["id"] == "source-not-yours"
    assert room.kube.objects["apps", "cache"]["spec"]["version"] == "2.0.0"
    room.admin.send("POST", f"{APP}/rollback", {"revision": 1}, 202)


def test_an_app_of_ones_own_source_is_upgraded_and_rolled_back(room: Room) -> None:
    room.running("mine")
    assert room.dan.send("PUT", APP, {"version": "2.0.0"}, 202)["version"] == "2.0.0"
    room.synced("2.0.0")
    room.dan.send("POST", f"{APP}/rollback", {"revision": 1}, 202)


@pytest.mark.parametrize("apply", [True, False])
def test_of_several_upgrades_the_source_of_each_is_asked(room: Room, apply: bool) -> None:
    room.running("lab")
    body = {"apps": [{"cluster": "home", "namespace": "apps", "name": "cache"}], "apply": apply}
    [line] = room.dan.send("POST", "/api/v1/upgrades", body)["items"]
    assert line["error"]["id"] == "source-not-yours" and line["install"] is None
    assert "not with those of “lab”" in Browser(room.dan).get("/apps/upgrade?app=home/apps/cache").text


def test_an_app_of_which_nobody_knows_the_source_wants_a_role_for_all_sources(room: Room) -> None:
    room.kube.put("cache", spec={"chart": "elsewhere/redis", "version": "1.0.0"})
    room.admin.send("POST", f"{APP}/adopt", {}, 201)
    room.kube.change("cache", spec={"chart": "elsewhere/redis", "version": "2.0.0"})
    assert room.dan.send("POST", f"{APP}/rollback", {"revision": 1}, 403)["id"] == "source-not-yours"
    give(room.admin, namespaces=("apps",))
    room.dan.send("POST", f"{APP}/rollback", {"revision": 1}, 202)


def test_the_pages_offer_what_the_api_allows_and_name_the_source(room: Room) -> None:
    room.running("lab", "2.0.0")
    page = Browser(room.dan).get("/apps/home/apps/cache")
    assert "not with those of “lab”" in page.text
    assert "/rollback/1" not in page.html and "/rollback/1" in Browser(room.admin).get("/apps/home/apps/cache").html
    assert "Upgrade to 2.0.0" not in Browser(room.dan).get("/charts/lab/redis").links


def test_the_page_of_an_install_says_it_before_anything_is_sent(room: Room) -> None:
    browser = Browser(room.dan)
    form = browser.get("/charts/lab/redis/1.0.0/install").form("/install")
    there = browser.sent(form, namespace="apps", name="cache", step="send", status=200)
    assert "source “lab”" in there.text
    assert room.kube.objects == {}


def test_an_address_that_was_typed_may_be_of_any_source(room: Room) -> None:
    browser = Browser(room.dan)
    page = browser.get("/charts/mine/redis/1.0.0/install")
    typed = {"namespace": "apps", "name": "cache", "step": "check", "taking": "http"}
    other = browser.sent(
        page.form("/install"), source_url="https://charts.example.org/any-1.0.0.tgz", **typed, status=200
    )
    assert "which source this one is from is not known" in other.text
    listed = room.admin.services.store.sources.get("mine").source.shown_url.rstrip("/")
    own = browser.sent(page.form("/install"), source_url=f"{listed}/redis-1.0.0.tgz", **typed, status=200)
    assert "which source this one is from" not in own.text


def test_an_address_that_was_typed_is_no_way_around_an_approval(room: Room) -> None:
    give(room.admin, namespaces=("apps",))
    typed = {"namespace": "apps", "name": "cache", "taking": "http", "source_url": "https://charts.example.org/any.tgz"}
    for who, refused in ((room.dan, True), (room.admin, False)):
        browser = Browser(who)
        page = browser.get("/charts/mine/redis/1.0.0/install").form("/install")
        answer = browser.sent(page, **typed, step="send" if refused else "check", status=200)
        assert ("may not install from an address that was typed" in answer.text) is refused
    assert room.kube.objects == {}


def test_what_was_asked_for_is_not_sent_once_the_role_names_the_source_no_more(room: Room) -> None:
    asked = room.install(room.dan, "asking", "apps", 202)
    [given] = [one for one in room.admin.services.store.bindings.all() if "asking" in one.sources]
    room.admin.send("DELETE", f"/api/v1/bindings/{given.id}", status=204)
    give(room.admin, sources=("mine",), namespaces=("apps",))
    refused = room.admin.send("POST", f"/api/v1/approvals/{asked['id']}/approve", {}, 403)
    assert refused["id"] == "source-not-yours"
    assert room.kube.objects == {}
