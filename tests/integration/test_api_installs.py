"""Installs over HTTP, against a small API server."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.kube_api import KubeApi
from tests.repository import index, repository
from tests.unit.chart_archives import packed, tar
from tests.upstream import Site
from tests.web import Web, web

INSTALL = {"source": "shop", "chart": "redis", "version": "1.0.0", "namespace": "apps", "name": "cache"}
APP = "/api/v1/installs/home/apps/cache"


@pytest.fixture
def shop(tmp_path: Path, site: Site, kube: KubeApi) -> Iterator[Web]:
    repository({"redis": ("1.0.0", "0.9.0")}).serve(site)
    source = {"name": "shop", "url": site.url, "captain_repo": "shop-charts"}
    cluster = {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}
    with web(tmp_path / "room", [source], clusters=[cluster]) as running:
        running.sync()
        yield running


@pytest.fixture
def alone(tmp_path: Path, site: Site) -> Iterator[Web]:
    repository({"redis": ("1.0.0",)}).serve(site)
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}]) as running:
        running.sync()
        yield running


def install(running: Web, status: int = 201, query: str = "", **changes: Any) -> Any:
    return running.send("POST", f"/api/v1/installs{query}", {**INSTALL, **changes}, status)


def states(preview: Any) -> dict[str, str]:
    return {one["id"]: one["state"] for one in preview["checks"]}


def test_an_install_makes_the_helmrequest_that_was_asked_for(shop: Web, kube: KubeApi) -> None:
    made = install(shop, values={"replicas": 2, "on": "yes"})
    assert (made["cluster"], made["namespace"], made["name"]) == ("home", "apps", "cache")
    assert (made["revision"], made["phase"], made["state"], made["version"]) == (1, "", "waiting", "1.0.0")
    thing = kube.objects["apps", "cache"]
    assert thing["spec"] == {
        "chart": "shop-charts/redis",
        "version": "1.0.0",
        "namespace": "apps",
        "releaseName": "cache",
        "values": {"replicas": 2, "on": "yes"},
    }
    assert "annotations" not in thing["metadata"]
    assert made["helmrequest"]["spec"] == thing["spec"]


def test_values_may_be_yaml_text(shop: Web, kube: KubeApi) -> None:
    install(shop, values_yaml="replicas: 3 # three\n")
    assert kube.objects["apps", "cache"]["spec"]["values"] == {"replicas": 3}


def test_without_a_version_the_latest_is_pinned(shop: Web, kube: KubeApi) -> None:
    install(shop, version="")
    assert kube.objects["apps", "cache"]["spec"]["version"] == "1.0.0"


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(shop: Web, kube: KubeApi) -> None:
    preview = install(shop, 200, "?dry_run=true")
    assert preview["helmrequest"]["spec"]["chart"] == "shop-charts/redis"
    assert {one for one, state in states(preview).items() if state != "ok"} == {"captain-alive"}
    assert states(preview)["dry-run"] == "ok"
    assert kube.objects == {}


def test_a_dry_run_tells_the_same_for_other_tools_and_as_a_request(shop: Web, kube: KubeApi) -> None:
    values = {"auth": {"password": "s3cret"}, "replicas": 2}
    preview = install(shop, 200, "?dry_run=true&exports=true&http_request=true", values=values)
    made = preview["exports"]
    assert list(made) == ["captain", "kubectl", "helm", "flux", "k3s", "argocd"]
    assert all(one["error"] is None and one["text"] for one in made.values())
    assert "auth.password" in made["flux"]["notes"][0]
    request = preview["http_request"]
    assert (request["method"], request["url"].startswith(kube.url)) == ("POST", True)
    assert "s3cret" not in json.dumps([made, request])
    assert not kube.objects


def test_a_dry_run_without_helm_says_how_to_get_it(shop: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    rendered = install(shop, 200, "?dry_run=true&rendered=true")["rendered"]
    assert (rendered["objects"], rendered["error"]["id"]) == ([], "helm-absent")


def test_a_dry_run_tells_what_speaks_against_it(shop: Web, kube: KubeApi) -> None:
    preview = install(shop, 200, "?dry_run=true", name="Not A Name", values_yaml="a: [")
    assert (states(preview)["name"], states(preview)["values"]) == ("fail", "fail")
    assert preview["helmrequest"] is None
    assert all(one["remedy"] for one in preview["checks"] if one["state"] == "fail")


def test_a_dry_run_says_what_only_the_archive_tells(shop: Web, site: Site) -> None:
    site.put("/redis-0.9.0.tgz", "not an archive")
    preview = install(shop, 200, "?dry_run=true", version="0.9.0")
    row = next(one for one in preview["checks"] if one["id"] == "archive")
    assert row["state"] == "warn"
    assert row["cause"]


def test_a_library_chart_is_not_installed(tmp_path: Path, site: Site, kube: KubeApi) -> None:
    made = repository({"parts": ("1.0.0",)})
    replace(made, index=made.index.replace("    version:", "    type: library\n    version:")).serve(site)
    cluster = {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}
    with web(tmp_path / "room", [{"name": "shop", "url": site.url}], clusters=[cluster]) as running:
        running.sync()
        assert "library" in install(running, 400, chart="parts")["cause"]
        assert states(install(running, 200, "?dry_run=true", chart="parts"))["type"] == "fail"
    assert kube.objects == {}


def test_a_request_that_is_sent_twice_installs_once(shop: Web, kube: KubeApi) -> None:
    first = install(shop, request_id="once")
    again = install(shop, request_id="once")
    assert first["revision"] == again["revision"] == 1
    assert len(kube.objects) == 1


def test_a_name_that_is_taken_is_a_409(shop: Web, kube: KubeApi) -> None:
    kube.put("cache", spec={"chart": "other/thing", "version": "1.0.0"})
    assert install(shop, 409)["id"] in ("conflict", "object-conflict")


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"source": "absent"}, 404, "source-not-found"),
        ({"chart": "absent"}, 404, "chart-not-found"),
        ({"version": "9.9.9"}, 404, "version-not-found"),
        ({"cluster": "absent"}, 404, "cluster-not-found"),
        ({"name": "Not A Name"}, 400, "bad-request"),
        ({"name": "a" * 54}, 400, "bad-request"),
        ({"values_yaml": "a: ["}, 400, "bad-request"),
        ({"values": {"a": 1}, "values_yaml": "a: 1"}, 400, "bad-request"),
        ({"owner": "me"}, 400, "bad-request"),
        ({"values": [1]}, 400, "bad-request"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    shop: Web, kube: KubeApi, changes: dict[str, Any], status: int, error: str
) -> None:
    assert install(shop, status, **changes)["id"] == error
    assert kube.objects == {}


def test_installs_are_listed_whoever_made_them(shop: Web, kube: KubeApi) -> None:
    install(shop)
    kube.put("theirs", namespace="default", spec={"chart": "x/y", "version": "2"}, status={"phase": "Synced"})
    page = shop.get("/api/v1/installs")
    assert [(one["namespace"], one["name"], one["managed"]) for one in page["items"]] == [
        ("apps", "cache", True),
        ("default", "theirs", False),
    ]
    assert page["total"] == 2
    assert [one["name"] for one in shop.get("/api/v1/installs?namespace=apps")["items"]] == ["cache"]
    assert shop.get("/api/v1/installs?cluster=absent", 404)["id"] == "cluster-not-found"


def test_an_install_tells_what_captain_says(shop: Web, kube: KubeApi) -> None:
    install(shop)
    kube.objects["apps", "cache"]["status"] = {"phase": "Failed", "reason": "no such repo"}
    app = shop.get(APP)
    assert (app["phase"], app["state"], app["reason"]) == ("Failed", "failed", "no such repo")
    assert app["headline"]
    assert shop.get("/api/v1/installs/home/apps/absent", 404)["id"] == "install-not-found"


def test_an_install_is_removed_and_remembered(shop: Web, kube: KubeApi) -> None:
    install(shop)
    assert shop.send("DELETE", APP, status=202)["state"] == "gone"
    assert kube.objects == {}
    assert shop.get(APP)["state"] == "gone"
    assert [one["action"] for one in shop.get(f"{APP}/history")["items"]] == ["uninstall", "install"]


def test_the_history_holds_no_values(shop: Web, kube: KubeApi) -> None:
    install(shop, values={"password": "canary-51c2"})
    answer = shop.ask("GET", f"{APP}/history").get_data(as_text=True)
    assert "canary" not in answer
    (sent,) = shop.get(f"{APP}/history")["items"]
    assert (sent["revision"], sent["version"], sent["person"]) == (1, "1.0.0", "local")
    assert "canary" not in shop.ask("GET", "/api/v1/installs").get_data(as_text=True)


def test_the_history_is_told_while_the_cluster_is_away(shop: Web, kube: KubeApi) -> None:
    install(shop)
    kube.faults.append(lambda asked, reply: None if False else type(reply)(503, b"", "text/plain"))
    assert len(shop.get(f"{APP}/history")["items"]) == 1
    assert shop.ask("GET", APP).status_code in (502, 503)
    assert shop.get("/api/v1/installs")["errors"][0]["cluster"] == "home"


def test_clusters_tell_their_health(shop: Web, kube: KubeApi) -> None:
    (home,) = shop.get("/api/v1/clusters")["items"]
    assert (home["name"], home["default"], home["state"], home["version"]) == ("home", True, "ok", "v1.36.3")
    assert home["serves"] == ["v1alpha1"]
    answer = shop.ask("GET", "/api/v1/clusters").get_data(as_text=True)
    assert "kubeconfig" not in answer


# -- no cluster


def test_without_a_cluster_a_dry_run_still_shows_the_helmrequest(alone: Web) -> None:
    assert alone.get("/api/v1/clusters") == {"items": []}
    assert alone.get("/api/v1/installs")["items"] == []
    preview = install(alone, 200, "?dry_run=true")
    assert preview["helmrequest"]["spec"]["chart"] == "shop/redis"
    assert states(preview)["cluster"] == "unknown"


def test_without_a_cluster_an_install_says_how_to_connect_one(alone: Web) -> None:
    problem = install(alone, 404)
    assert problem["id"] == "no-cluster"
    assert "clusters" in problem["remedy"]


# -- the doors of checks


def test_a_missing_namespace_is_made_by_the_request_that_the_check_names(shop: Web, kube: KubeApi) -> None:
    preview = install(shop, 200, "?dry_run=true", namespace="fresh")
    check = next(one for one in preview["checks"] if one["id"] == "namespace-there")
    assert check["state"] == "fail"
    (door,) = check["doors"]
    assert shop.send(door["method"], door["path"], door["body"], 201) == {"cluster": "home", "name": "fresh"}
    assert "fresh" in kube.namespaces
    assert install(shop, namespace="fresh")["namespace"] == "fresh"


def test_the_namespace_is_made_with_the_install_where_that_is_asked(shop: Web, kube: KubeApi) -> None:
    install(shop, namespace="fresh", create_namespace=True)
    assert ("fresh" in kube.namespaces, ("fresh", "cache") in kube.objects) == (True, True)


@pytest.mark.parametrize("name", ["", "Upper", "..", "a/b", "x" * 64])
def test_L5_what_can_be_no_namespace_is_never_asked_of_the_cluster(shop: Web, kube: KubeApi, name: str) -> None:
    assert shop.send("POST", "/api/v1/clusters/home/namespaces", {"name": name}, 400)["id"] == "bad-request"
    assert kube.asked("POST") == []


def test_a_namespace_that_is_there_or_may_not_be_made_says_so(shop: Web, kube: KubeApi) -> None:
    assert shop.send("POST", "/api/v1/clusters/home/namespaces", {"name": "apps"}, 409)["id"] == "object-conflict"
    kube.denied = {"create namespaces"}
    assert shop.send("POST", "/api/v1/clusters/home/namespaces", {"name": "new"}, 403)["id"] == "cluster-refused"
    assert shop.send("POST", "/api/v1/clusters/absent/namespaces", {"name": "new"}, 404)["id"] == "cluster-not-found"


def test_captain_is_made_to_read_a_repository_by_the_request_that_the_check_names(shop: Web, kube: KubeApi) -> None:
    kube.put_repo("shop-charts", "http://127.0.0.1:1", status={"phase": "Synced"})
    kube.repos["shop-charts"]["metadata"]["annotations"] = {"cpaas.io/last-sync-at": "2026-11-23T06:54:29Z"}
    kube.charts = {"redis.shop-charts": ("0.9.0",)}
    preview = install(shop, 200, "?dry_run=true")
    check = next(one for one in preview["checks"] if one["id"] == "chart")
    door = next(one for one in check["doors"] if one["id"] == "sync")
    assert shop.send(door["method"], door["path"], door["body"], 202) == {"cluster": "home", "repo": "shop-charts"}
    assert "cpaas.io/last-sync-at" not in kube.repos["shop-charts"]["metadata"]["annotations"]
    assert shop.send("POST", "/api/v1/clusters/home/chartrepos/absent/sync", {}, 404)["id"] == "object-not-found"


def test_a_source_that_captain_does_not_know_is_published_by_the_request_that_the_check_names(
    shop: Web, kube: KubeApi
) -> None:
    kube.chart_repos = {}
    preview = install(shop, 200, "?dry_run=true")
    check = next(one for one in preview["checks"] if one["id"] == "chart")
    door = next(one for one in check["doors"] if one["id"] == "publish")
    shop.send(door["method"], door["path"], door["body"], 201)
    assert set(kube.repos) == {"shop-charts"}


def test_a_role_for_the_admin_comes_as_text_to_copy(shop: Web, kube: KubeApi) -> None:
    kube.denied = {"create helmrequests"}
    preview = install(shop, 200, "?dry_run=true")
    check = next(one for one in preview["checks"] if one["id"] == "rights")
    assert "kind: RoleBinding" in check["doors"][0]["text"]
    problem = install(shop, 403)
    assert (problem["id"], "kind: RoleBinding" in problem["remedy"]) == ("right-missing", True)


# -- values against the schema


def with_schema(site: Site, schema: str) -> None:
    made = repository({"redis": ("1.0.0",)})
    files = {
        "Chart.yaml": "apiVersion: v2\nname: redis\nversion: 1.0.0\n",
        "values.yaml": "replicas: 1\n",
        "values.schema.json": schema,
    }
    data = packed(tar([(f"redis/{path}", text.encode()) for path, text in files.items()]))
    archives = {"redis-1.0.0.tgz": data}
    replace(made, archives=archives, index=index({"redis": ("1.0.0",)}, archives)).serve(site)


def schema_check(running: Web, values: str) -> Any:
    running.sync()
    preview = install(running, 200, "?dry_run=true", values_yaml=values)
    return next(one for one in preview["checks"] if one["id"] == "schema")


def test_values_that_the_schema_refuses_are_told_with_path_and_line(shop: Web, kube: KubeApi, site: Site) -> None:
    with_schema(site, '{"properties": {"replicas": {"type": "integer"}}}')
    check = schema_check(shop, "# how many\nreplicas: many\n")
    assert check["state"] == "fail"
    (problem,) = check["problems"]
    assert (problem["path"], problem["line"]) == ("replicas", 2)
    assert "many" not in problem["message"]
    assert install(shop, 400, values_yaml="replicas: many\n")["id"] == "bad-request"
    assert kube.objects == {}


def test_what_only_a_newer_draft_says_is_a_warning_for_captain_may_not_know_it(shop: Web, site: Site) -> None:
    draft = "https://json-schema.org/draft/2020-12/schema"
    with_schema(site, f'{{"$schema": "{draft}", "properties": {{"replicas": {{"type": "integer"}}}}}}')
    assert schema_check(shop, "replicas: many\n")["state"] == "warn"
    assert schema_check(shop, "replicas: 3\n")["state"] == "ok"


def test_G2_a_schema_that_never_ends_is_given_up_and_no_wall(shop: Web, site: Site) -> None:
    with_schema(site, '{"properties": {"name": {"type": "string", "pattern": "^(a+)+$"}}}')
    check = schema_check(shop, f"name: {'a' * 60}b\n")
    assert check["state"] == "unknown"
    assert "took too long" in check["cause"]
    assert install(shop, values_yaml=f"name: {'a' * 60}b\n")["state"] == "waiting"


@pytest.mark.parametrize("schema", ["null", "[]", '{"type": 5}', "{", '{"pattern": "("}'])
def test_G3_a_schema_that_is_none_is_passed_over_with_a_note(shop: Web, site: Site, schema: str) -> None:
    with_schema(site, schema)
    assert schema_check(shop, "replicas: 3\n")["state"] in ("unknown", "ok")
