"""What a request names beside its address, the guard of routes does not see: it is asked of every object by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog_web.registration import add_source
from indexer.people import Binding, Role
from tests.kube_api import KubeApi, kube_api
from tests.pages import Browser
from tests.people import person, signed_in, token_of
from tests.repository import repository
from tests.upstream import upstream
from tests.web import Web, web

CANARY = "zanzibarite"
ASK = "platform@example.org"
THERE = {"cluster": "home", "namespace": "theirs", "name": "redis"}
ELSEWHERE = ("theirs", "THEIRS", "..", "apps/theirs", "apps2", "")


@dataclass(frozen=True)
class Room:
    """A developer of the namespace ``apps`` of the cluster ``home``, and what others have beside it."""

    kube: KubeApi
    admin: Web
    developer: Web


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with upstream() as shop, upstream() as vault, kube_api() as kube:
        repository({"redis": ("7.0.0", "7.1.0")}).serve(shop)
        repository({CANARY: ("1.0.0", "9.9.9"), "redis": ("8.0.0",)}).serve(vault)
        kube.namespaces |= {"theirs"}
        redis = {"chart": "shop/redis", "version": "7.0.0"}
        kube.put("redis", spec=redis, metadata=made_from("shop"))
        kube.put("redis", namespace="theirs", spec={**redis, "values": {"x": CANARY}}, metadata=made_from("shop"))
        kube.put("gem", spec={"chart": f"vault/{CANARY}", "version": "1.0.0"}, metadata=made_from("vault"))
        clusters = [{"name": name, "kubeconfig": str(kube.kubeconfig(tmp_path))} for name in ("home", "hidden")]
        sources = [{"name": "shop", "url": shop.url}, {"name": "vault", "url": vault.url, "private": True}]
        with web(tmp_path / "room", sources, clusters=clusters, sign_in=["local"], ask_for_access=ASK) as running:
            running.sync("shop")
            running.sync("vault")
            person(running, "dan")
            give(running, "dan", "developer", clusters=("home",), namespaces=("apps",))
            yield Room(kube, signed_in(running, "ada", "admin"), signed_in(running, "dan"))


def made_from(source: str) -> dict[str, Any]:
    return {"labels": {"app.kubernetes.io/managed-by": "chartroom", "chartroom.dev/source": source}}


def give(running: Web, name: str, role: Role, **places: tuple[str, ...]) -> None:
    running.services.store.bindings.add(Binding(role, "user", name, "test", datetime.now(UTC), **places))


def wanted(namespace: str, **more: Any) -> dict[str, Any]:
    return {"source": "shop", "chart": "redis", "namespace": namespace, "name": "cache", **more}


def writes(kube: KubeApi) -> int:
    return len(kube.asked("POST")) + len(kube.asked("PUT"))


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
@pytest.mark.parametrize("namespace", ELSEWHERE)
def test_L5_an_install_into_a_namespace_of_others_is_refused(room: Room, namespace: str, query: str) -> None:
    asked = len(room.kube.log)
    told = room.developer.send("POST", f"/api/v1/installs{query}", wanted(namespace), 403)
    assert told["id"] == "forbidden"
    assert len(room.kube.log) == asked


def test_L5_an_install_into_a_cluster_that_is_not_seen_is_one_into_none(room: Room) -> None:
    unseen = room.developer.send("POST", "/api/v1/installs", wanted("apps", cluster="hidden"), 404)
    absent = room.developer.send("POST", "/api/v1/installs", wanted("apps", cluster="hiddex"), 404)
    assert str(unseen).replace("hidden", "hiddex") == str(absent)
    assert writes(room.kube) == 0


def test_an_install_into_ones_own_namespace_is_sent(room: Room) -> None:
    room.developer.send("POST", "/api/v1/installs", wanted("apps", cluster="home"), 201)
    assert ("apps", "cache") in room.kube.objects


def test_H6_an_install_from_a_source_that_is_not_seen_is_one_from_none(room: Room) -> None:
    unseen = room.developer.send("POST", "/api/v1/installs", wanted("apps", source="vault"), 404)
    absent = room.developer.send("POST", "/api/v1/installs", wanted("apps", source="vaulx"), 404)
    assert str(unseen).replace("vault", "vaulx") == str(absent)


@pytest.mark.parametrize("apply", [True, False])
def test_I2_of_several_upgrades_each_app_is_asked_by_itself(room: Room, apply: bool) -> None:
    mine = {"cluster": "home", "namespace": "apps", "name": "redis"}
    body = {"apps": [THERE, mine, {**THERE, "name": "absent"}], "apply": apply}
    theirs, own, absent = room.developer.send("POST", "/api/v1/upgrades", body)["items"]
    assert (theirs["error"]["id"], absent["error"]["id"], own["error"]) == ("forbidden", "forbidden", None)
    assert theirs["proposal"] is None and theirs["install"] is None
    assert room.kube.objects["theirs", "redis"]["spec"]["version"] == "7.0.0"
    assert room.kube.objects["apps", "redis"]["spec"]["version"] == ("7.1.0" if apply else "7.0.0")


@pytest.mark.parametrize("page", ["/apps/upgrade?app=", "/installs?app="])
def test_I2_a_page_of_several_apps_tells_nothing_of_those_of_others(room: Room, page: str) -> None:
    browser = Browser(room.developer)
    there = browser.get(f"{page}home/theirs/redis").text
    absent = browser.get(f"{page}home/theirs/rudis").text
    assert "here (app." in there
    assert there == absent.replace("rudis", "redis")


def test_L5_a_namespace_is_made_only_where_one_may_install(room: Room) -> None:
    room.developer.send("POST", "/api/v1/clusters/home/namespaces", {"name": "fresh"}, 403)
    give(room.admin, "dan", "developer", clusters=("home",), namespaces=("dan-*",))
    room.developer.send("POST", "/api/v1/clusters/home/namespaces", {"name": "dan-x"}, 201)
    assert {"dan-x"} == room.kube.namespaces - {"default", "apps", "theirs"}


def test_I2_clusters_and_apps_of_others_stand_in_no_list(room: Room) -> None:
    assert [one["name"] for one in room.developer.get("/api/v1/clusters")["items"]] == ["home"]
    assert {one["namespace"] for one in room.developer.get("/api/v1/installs")["items"]} == {"apps"}
    for path in ("/clusters", "/apps", "/apps.csv", "/charts/shop/redis", "/charts/shop/redis/7.0.0/install"):
        text = room.developer.ask("GET", path).get_data(as_text=True)
        assert "hidden</" not in text and "theirs" not in text, path


def test_H6_an_app_from_a_source_that_is_not_seen_is_told_without_what_the_catalog_knows(room: Room) -> None:
    [gem] = [one for one in room.developer.get("/api/v1/installs")["items"] if one["name"] == "gem"]
    known = next(one for one in room.admin.get("/api/v1/installs")["items"] if one["name"] == "gem")
    assert (known["newest"], known["behind"]) == ("9.9.9", 1)
    assert (gem["newest"], gem["behind"]) == ("", 0)
    for path in ("/apps", "/apps/home/apps/gem", "/apps/home/apps/gem/brings", "/apps/upgrade?app=home/apps/gem"):
        assert "9.9.9" not in room.developer.ask("GET", path).get_data(as_text=True), path
    assert "9.9.9" not in str(room.developer.send("PUT", "/api/v1/installs/home/apps/gem?dry_run=true", {}, 200))


def test_H6_no_page_of_a_chart_names_its_namesakes_in_a_source_that_is_not_seen(room: Room) -> None:
    for part in ("", "?tab=dependencies", "?tab=versions", "?tab=changes"):
        text = room.developer.ask("GET", f"/charts/shop/redis{part}").get_data(as_text=True)
        assert "vault" not in text and "8.0.0" not in text, part


def test_I2_the_feed_of_somebody_elses_search_is_not_there(room: Room) -> None:
    kept = room.admin.send("POST", "/api/v1/searches", {"name": f"for {CANARY}", "query": "q=redis"}, 201)
    assert room.admin.ask("GET", kept["feed"]).status_code == 200
    assert room.developer.ask("GET", kept["feed"]).status_code == 404
    assert room.developer.ask("DELETE", f"/api/v1/searches/{kept['id']}").status_code == 404
    assert room.developer.get("/api/v1/searches")["items"] == []


def test_H6_a_source_that_is_made_private_is_gone_at_once_for_all_whom_no_role_names(room: Room) -> None:
    url = room.admin.services.store.sources.get("shop").source.url
    add_source(room.admin.services, {"name": "own", "url": url}, operator=True, base=Path.cwd())
    room.admin.sync("own")
    assert room.developer.get("/api/v1/sources/own")["settings"]["private"] is False
    assert room.admin.send("PUT", "/api/v1/sources/own", {"private": True})["settings"]["private"] is True
    room.developer.get("/api/v1/sources/own", 404)
    assert "own" not in str(room.developer.get("/api/v1/charts"))
    assert "private" in Browser(room.admin).get("/sources").text
    give(room.admin, "dan", "viewer", sources=("own",), clusters=(), namespaces=())
    assert room.developer.get("/api/v1/sources/own")["charts"] == 1


def test_whoever_may_not_install_reads_why_and_whom_to_ask(room: Room) -> None:
    page = Browser(signed_in(room.admin, "vic", "viewer")).get("/charts/shop/redis")
    install = next(one for one in page.all("span", class_="button") if one.get("aria-describedby") == "may-not")
    assert install["aria-disabled"] == "true"
    assert page.links["Request access"].startswith("mailto:platform@example.org?subject=Access%20to%20shop/redis")
    assert "Request access" not in Browser(room.developer).get("/charts/shop/redis").links


def test_an_administrator_of_one_source_changes_that_one_and_adds_none(room: Room) -> None:
    url = room.admin.services.store.sources.get("shop").source.url
    add_source(room.admin.services, {"name": "own", "url": url}, operator=True, base=Path.cwd())
    person(room.admin, "sue")
    give(room.admin, "sue", "admin", sources=("own",), clusters=(), namespaces=())
    sue = signed_in(room.admin, "sue")
    assert "/sources/own/edit" in Browser(sue).get("/sources/own").html
    assert "/sources/own/edit" not in Browser(signed_in(room.admin, "vic", "viewer")).get("/sources/own").html
    sue.send("POST", "/api/v1/sources", {"name": "more", "url": "https://charts.example.org"}, 403)
    assert sue.ask("GET", "/clusters/home/chartrepos").status_code == 403


def limited(room: Room) -> Web:
    """An administrator of the cluster ``home`` and of all sources that are not private."""
    person(room.admin, "lin")
    give(room.admin, "lin", "admin", clusters=("home",))
    return signed_in(room.admin, "lin")


@pytest.mark.parametrize("more", [{}, {"title": "x"}, {"url": "https://charts.example.org:9/x"}])
def test_H6_a_test_of_a_source_that_is_not_seen_is_one_of_none(room: Room, more: dict[str, str]) -> None:
    tester = limited(room)
    answers = []
    for name in ("vault", "vaulx"):
        told = tester.ask("POST", "/api/v1/sources/test", json={"name": name, **more})
        answers.append((told.status_code, _steps(told.get_json())))
    unseen, absent = answers
    assert str(unseen).replace("vault", "vaulx") == str(absent)


def _steps(told: Any) -> Any:
    """Of a ladder only how its steps ended: they take different times."""
    return [(one["id"], one["state"]) for one in told["rungs"]] if "rungs" in told else told


def test_a_secret_of_captain_is_named_by_administrators_of_everything_alone(room: Room) -> None:
    """Whoever names one has its password sent to an address of the own choice."""
    tester, namespace = limited(room), room.admin.services.installs.cluster("home").captain_namespace
    mine = {"name": "mine", "url": "https://charts.example.org/mine"}
    secret = {"secret": f"home/{namespace}/vault"}
    assert tester.send("POST", "/api/v1/sources", {**mine, **secret}, 403)["id"] == "others-secret"
    assert tester.send("POST", "/api/v1/sources/test", {**mine, **secret}, 403)["id"] == "others-secret"
    tester.send("POST", "/api/v1/sources", mine, 201)
    assert tester.send("PUT", "/api/v1/sources/mine", secret, 403)["id"] == "others-secret"
    room.admin.send("PUT", "/api/v1/sources/mine", secret, 200)
    assert tester.send("PUT", "/api/v1/sources/mine", {"title": "x", **secret}, 200)["title"] == "x"


def test_L5_captain_of_a_cluster_of_others_is_told_nothing_and_read_by_nobody(room: Room) -> None:
    owner, asked = limited(room), len(room.kube.log)
    body = {"cluster": "hidden"}
    assert owner.send("POST", "/api/v1/sources/shop/publications", body, 403)["id"] == "forbidden"
    owner.send("DELETE", "/api/v1/sources/shop/publications/hidden", status=403)
    owner.get("/api/v1/clusters/hidden/chartrepos", 403)
    owner.send("POST", "/api/v1/clusters/hidden/chartrepos/any/register", {}, 403)
    browser = Browser(owner)
    assert "hidden" not in browser.get("/sources/shop/captain").text + browser.get("/sources/shop/inside").text
    assert owner.get("/api/v1/sources/shop/inside?cluster=hidden")["items"] == []
    browser.get("/clusters/hidden/chartrepos", status=403)
    form = browser.get("/sources/shop/captain").form("/captain")
    assert browser.send(form, cluster="hidden").status_code == 403
    assert not [one for one in room.kube.log[asked:] if one.method != "GET"]


def test_who_is_told_of_a_cluster_may_know_what_is_published_there(room: Room) -> None:
    room.admin.services.store.publications.want("hidden", "shop", "direct")
    assert [one["cluster"] for one in room.admin.get("/api/v1/sources/shop/publications")["items"]] == ["hidden"]
    assert room.developer.get("/api/v1/sources/shop/publications")["items"] == []


def demanding(room: Room) -> None:
    """Let there be a source ``asking`` from which nothing is installed without an approval."""
    services = room.admin.services
    url = services.store.sources.get("shop").source.url
    add_source(services, {"name": "asking", "url": url, "approval": True}, operator=True, base=Path.cwd())
    room.admin.sync("asking")


def test_a_program_follows_what_it_asked_for_with_the_token_that_asked(room: Room) -> None:
    demanding(room)
    token = {"headers": token_of(room.admin, "dan", "install")}
    asked = room.admin.ask("POST", "/api/v1/installs", json=wanted("apps", source="asking"), **token).get_json()
    mine = room.admin.ask("GET", f"/api/v1/approvals/{asked['id']}", **token)
    assert (mine.status_code, mine.get_json()["state"]) == (200, "waiting")
    room.admin.send("POST", f"/api/v1/approvals/{asked['id']}/approve", {}, 202)
    listed = room.admin.ask("GET", "/api/v1/approvals?mine=true&show=settled", **token).get_json()
    assert [one["state"] for one in listed["items"]] == ["done"]
    assert room.admin.ask("GET", "/api/v1/tokens", **token).status_code == 403


@pytest.mark.parametrize("how", ["role", "account"])
def test_K7_what_somebody_asked_for_is_not_sent_once_the_right_to_it_is_gone(room: Room, how: str) -> None:
    demanding(room)
    services = room.admin.services
    asked = room.developer.send("POST", "/api/v1/installs", wanted("apps", source="asking"), 202)
    if how == "role":
        [given] = [one for one in services.store.bindings.all() if one.subject == "dan"]
        room.admin.send("DELETE", f"/api/v1/bindings/{given.id}", status=204)
    else:
        services.store.users.set_disabled("dan", True)
    refused = room.admin.send("POST", f"/api/v1/approvals/{asked['id']}/approve", {}, 403)
    assert "dan may not install an app here (app.install on app/home/apps/cache)" in refused["detail"]
    page = Browser(room.admin).get(f"/admin/requests/{asked['id']}")
    text = Browser(room.admin).sent(page.form(f"/admin/requests/{asked['id']}/approve"), status=403).text
    assert "dan may not install an app here" in text
    assert ("apps", "cache") not in room.kube.objects
    assert room.admin.get(f"/api/v1/approvals/{asked['id']}")["state"] == "waiting"
