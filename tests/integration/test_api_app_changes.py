"""Upgrade, roll back, import and the rest over HTTP: what a program sends, and what it is told."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kube_api import KubeApi
from tests.people import signed_in
from tests.repository import Repository, index
from tests.unit.chart_archives import packed, tar
from tests.upstream import Site
from tests.web import Web, web

OLD = "# how many\nreplicas: 1\nimage: {tag: '1', pullPolicy: Always}\ngone: {soon: x}\n"
NEW = "# how many\nreplicas: 2\nimage: {tag: '2', pullPolicy: Always}\nextra: true\n"
DEFAULTS = {"1.0.0": OLD, "1.1.0": OLD, "2.0.0": NEW, "3.0.0-rc.1": NEW}
APP = "/api/v1/installs/home/apps/cache"
MINE = "# mine\nreplicas: 5 # because\nimage:\n  tag: '1-mine'\n"


def charts(defaults: Mapping[str, str]) -> Repository:
    """The chart `redis` with these values.yaml by version."""
    archives = {f"redis-{version}.tgz": _archive(version, values) for version, values in defaults.items()}
    return Repository(archives, index({"redis": tuple(defaults)}, archives))


def _archive(version: str, values: str) -> bytes:
    chart = f"apiVersion: v2\nname: redis\nversion: {version}\n"
    return packed(tar([("redis/Chart.yaml", chart.encode()), ("redis/values.yaml", values.encode())]))


@pytest.fixture
def shop(tmp_path: Path, site: Site, kube: KubeApi) -> Iterator[Web]:
    charts(DEFAULTS).serve(site)
    source = {"name": "shop", "url": site.url}
    cluster = {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}
    with web(tmp_path / "room", [source], clusters=[cluster], public_url="http://charts.test") as running:
        running.sync()
        install(running, kube)
        yield running


def install(running: Web, kube: KubeApi, **changes: Any) -> None:
    body = {"source": "shop", "chart": "redis", "version": "1.0.0", "namespace": "apps", "name": "cache"}
    running.send("POST", "/api/v1/installs", {**body, "values_yaml": MINE, **changes}, 201)
    kube.change("cache", status={"phase": "Synced", "version": "1.0.0", "lastSpecHash": "11"})


def spec(kube: KubeApi) -> Any:
    return kube.objects["apps", "cache"]["spec"]


def revisions(running: Web) -> list[tuple[int, str]]:
    return [(one["revision"], one["action"]) for one in running.get(f"{APP}/history")["items"]]


def read(running: Web, path: str) -> bytes:
    with running.ask("GET", path) as answer:
        assert answer.status_code == 200
        return answer.get_data()


# -- looking


def test_a_dry_run_tells_what_the_upgrade_means(shop: Web, kube: KubeApi) -> None:
    found = shop.send("PUT", f"{APP}?dry_run=true", {})
    assert (found["from_version"], found["to_version"], found["behind"]) == ("1.0.0", "2.0.0", 2)
    assert found["newer"] == ["2.0.0", "1.1.0"]
    assert [(one["path"], one["kind"], one["mine"]["value"], one["new"]["value"]) for one in found["conflicts"]] == [
        ("replicas", "default-changed", 5, 2),
        ("image.tag", "default-changed", "1-mine", "2"),
    ]
    assert found["values_yaml"] == MINE
    assert found["helmrequest"]["spec"]["version"] == "2.0.0"
    assert spec(kube)["version"] == "1.0.0"
    assert revisions(shop) == [(1, "install")]


def test_a_decision_takes_the_new_default_and_leaves_all_else_of_the_text(shop: Web) -> None:
    found = shop.send("PUT", f"{APP}?dry_run=true", {"decisions": {"image.tag": "new"}})
    assert found["values_yaml"] == "# mine\nreplicas: 5 # because\n"
    assert found["helmrequest"]["spec"]["values"] == {"replicas": 5}


def test_a_pre_release_counts_only_for_who_runs_one(shop: Web, kube: KubeApi) -> None:
    assert shop.send("PUT", f"{APP}?dry_run=true", {})["newer"][0] == "2.0.0"
    kube.change("cache", spec={"version": "3.0.0-rc.0"})
    assert shop.send("PUT", f"{APP}?dry_run=true", {})["newer"] == ["3.0.0-rc.1"]


# -- upgrading


def test_an_upgrade_without_values_keeps_those_that_are_there(shop: Web, kube: KubeApi) -> None:
    made = shop.send("PUT", APP, {"why": "new features"}, 202)
    assert (made["version"], made["revision"], made["state"]) == ("2.0.0", 2, "upgrading")
    assert spec(kube)["values"] == {"replicas": 5, "image": {"tag": "1-mine"}}
    newest = shop.get(f"{APP}/history")["items"][0]
    assert (newest["action"], newest["why"], newest["outcome"]) == ("upgrade", "new features", "")


def test_values_are_whole_and_only_what_differs_is_sent_of_an_object(shop: Web, kube: KubeApi) -> None:
    shop.send("PUT", APP, {"version": "2.0.0", "values": {"replicas": 2, "extra": False}}, 202)
    assert spec(kube)["values"] == {"extra": False}


def test_values_that_are_all_defaults_take_all_own_ones_away(shop: Web, kube: KubeApi) -> None:
    shop.send("PUT", APP, {"version": "1.0.0", "values": {}}, 202)
    assert "values" not in spec(kube)


def test_a_stale_resource_version_is_a_conflict_that_says_what_changed(shop: Web, kube: KubeApi) -> None:
    looked_at = shop.get(APP)["resource_version"]
    shop.send("PUT", APP, {"version": "1.1.0", "resource_version": looked_at}, 202)
    told = shop.send("PUT", APP, {"resource_version": looked_at}, 409)
    assert (told["id"], told["cause"]) == ("app-changed", "“cache” was changed meanwhile by local: version.")
    assert spec(kube)["version"] == "1.1.0"


def test_the_same_request_id_upgrades_once(shop: Web, kube: KubeApi) -> None:
    body = {"version": "2.0.0", "request_id": "mine", "values_yaml": "replicas: 9\n"}
    shop.send("PUT", APP, body, 202)
    shop.send("PUT", APP, body, 202)
    assert revisions(shop) == [(2, "upgrade"), (1, "install")]
    assert len([one for one in kube.asked("PUT") if "dryRun" not in one.query]) == 1


def test_G6_what_looks_like_a_secret_goes_to_a_secret(shop: Web, kube: KubeApi) -> None:
    shop.send("PUT", APP, {"version": "2.0.0", "values_yaml": "auth:\n  password: hunter22\n"}, 202)
    assert "hunter22" not in json.dumps(spec(kube))
    assert len(kube.secrets) == 1
    assert "hunter22" not in json.dumps(shop.get(f"{APP}/history"))
    assert shop.send("PUT", f"{APP}?dry_run=true", {})["kept_secrets"] == ["auth.password"]


def test_G6_a_secret_that_stands_in_the_open_is_in_no_answer_and_goes_to_a_secret(shop: Web, kube: KubeApi) -> None:
    kube.put("well", spec={"chart": "shop/redis", "version": "1.0.0", "values": {"auth": {"token": "hunter22"}}})
    app = "/api/v1/installs/home/apps/well"
    shop.send("POST", f"{app}/adopt", {"source": "shop"}, 201)
    answers = [shop.get(app), shop.get(f"{app}/history"), shop.send("PUT", f"{app}?dry_run=true", {})]
    assert "hunter22" not in json.dumps(answers)
    assert answers[2]["kept_secrets"] == ["auth.token"]
    made = shop.send("PUT", app, {}, 202)
    assert "hunter22" not in json.dumps([made, kube.objects["apps", "well"]])
    assert len(kube.secrets) == 1


def with_a_schema(shop: Web, site: Site) -> None:
    """The source has a version 4.0.0 that allows three replicas."""
    schema = '{"properties": {"replicas": {"type": "integer", "maximum": 3}}}'
    files = {"Chart.yaml": "apiVersion: v2\nname: redis\nversion: 4.0.0\n", "values.yaml": NEW}
    packed_ = packed(tar([(f"redis/{n}", t.encode()) for n, t in {**files, "values.schema.json": schema}.items()]))
    archives = {"redis-4.0.0.tgz": packed_, "redis-1.0.0.tgz": _archive("1.0.0", OLD)}
    Repository(archives, index({"redis": ("4.0.0", "1.0.0")}, archives)).serve(site)
    shop.sync()


def test_values_are_held_against_the_new_schema(shop: Web, site: Site) -> None:
    with_a_schema(shop, site)
    found = shop.send("PUT", f"{APP}?dry_run=true", {})
    assert [(one["path"], one["line"]) for one in found["problems"]] == [("replicas", 2)]


def test_values_that_the_new_schema_refuses_are_named_and_not_sent(shop: Web, site: Site, kube: KubeApi) -> None:
    with_a_schema(shop, site)
    told = shop.send("PUT", APP, {}, 400)
    assert "replicas: " in told["cause"]
    decided = {
        "cluster": "home",
        "namespace": "apps",
        "name": "cache",
        "decisions": {"replicas": "mine", "image.tag": "mine"},
    }
    several = shop.send("POST", "/api/v1/upgrades", {"apps": [decided], "apply": True})["items"]
    assert (several[0]["error"]["id"], several[0]["error"]["cause"]) == (told["id"], told["cause"])
    assert spec(kube)["version"] == "1.0.0"
    assert revisions(shop) == [(1, "install")]
    assert shop.send("PUT", APP, {"values_yaml": "replicas: 3"}, 202)["version"] == "4.0.0"


def test_a_version_that_is_not_there_is_not_found(shop: Web) -> None:
    assert shop.send("PUT", APP, {"version": "7.7.7"}, 404)["id"] == "version-not-found"


def test_an_app_that_nobody_installed_from_here_is_not_upgraded(shop: Web, kube: KubeApi) -> None:
    kube.put("well", spec={"chart": "shop/redis", "version": "1.0.0"})
    found = shop.send("PUT", "/api/v1/installs/home/apps/well?dry_run=true", {})
    assert found["error"]["id"] == "source-unknown"
    assert shop.send("PUT", "/api/v1/installs/home/apps/well", {}, 409)["id"] == "source-unknown"
    shop.send("POST", "/api/v1/installs/home/apps/well/adopt", {"source": "shop"}, 201)
    assert shop.send("PUT", "/api/v1/installs/home/apps/well", {}, 202)["version"] == "2.0.0"


def test_an_import_names_a_source_that_there_is(shop: Web, kube: KubeApi) -> None:
    kube.put("well", spec={"chart": "shop/redis", "version": "1.0.0"})
    told = shop.send("POST", "/api/v1/installs/home/apps/well/adopt", {"source": "nothere"}, 404)
    assert told["id"] == "source-not-found"


# -- back, and captain's annotations


def test_a_roll_back_says_what_it_is_based_on(shop: Web, kube: KubeApi) -> None:
    shop.send("PUT", APP, {"version": "2.0.0"}, 202)
    shop.send("POST", f"{APP}/rollback", {"revision": 1}, 202)
    assert spec(kube)["version"] == "1.0.0"
    newest = shop.get(f"{APP}/history")["items"][0]
    assert (newest["revision"], newest["action"], newest["based_on"]) == (3, "rollback", 1)


def test_a_revision_that_there_is_not_is_refused(shop: Web) -> None:
    assert shop.send("POST", f"{APP}/rollback", {"revision": 9}, 400)["id"] == "bad-request"


def test_annotations_are_set_and_removed(shop: Web, kube: KubeApi) -> None:
    shop.send("POST", f"{APP}/annotations", {"no_sync": True, "keep_resources": True}, 202)
    shop.send("POST", f"{APP}/annotations", {"no_sync": False}, 202)
    assert kube.objects["apps", "cache"]["metadata"]["annotations"] == {"captain-keep-resources": "true"}
    shop.send("POST", f"{APP}/resync", {"why": "it hangs"}, 202)
    assert "kubectl-captain.resync" in kube.objects["apps", "cache"]["metadata"]["annotations"]
    assert [action for _, action in revisions(shop)] == ["annotate", "annotate", "annotate", "install"]


def test_a_removal_may_keep_the_objects(shop: Web, kube: KubeApi) -> None:
    shop.send("DELETE", f"{APP}?keep_resources=true&why=moved", status=202)
    assert [action for _, action in revisions(shop)] == ["uninstall", "annotate", "install"]
    assert shop.get(f"{APP}/history")["items"][0]["why"] == "moved"


# -- a version that has left its source, and a source that is gone


def leave(running: Web, site: Site) -> None:
    """All versions but the newest leave the repository."""
    charts({"2.0.0": NEW}).serve(site)
    running.sync()


def test_the_old_defaults_are_known_after_the_version_has_left(shop: Web, site: Site) -> None:
    leave(shop, site)
    found = shop.send("PUT", f"{APP}?dry_run=true", {})
    assert [one["path"] for one in found["conflicts"]] == ["replicas", "image.tag"]


def test_a_kept_version_is_listed_and_served_on_for_a_roll_back(shop: Web, site: Site, kube: KubeApi) -> None:
    shop.send("PUT", APP, {"version": "2.0.0"}, 202)
    leave(shop, site)
    listed = yaml.safe_load(read(shop, "/helm/shop/index.yaml"))["entries"]["redis"]
    assert [one["version"] for one in listed] == ["2.0.0", "1.0.0"]
    assert read(shop, "/helm/shop/redis-1.0.0.tgz") == _archive("1.0.0", OLD)
    assert shop.ask("GET", "/helm/shop/redis-1.1.0.tgz").status_code == 404
    kube.put_repo("shop", "http://charts.test/helm/shop", {"phase": "Synced"})
    shop.send("POST", f"{APP}/rollback", {"revision": 1}, 202)
    assert (spec(kube)["version"], "source" in spec(kube)) == ("1.0.0", False)


def test_captain_is_given_the_address_where_it_reads_the_source_elsewhere(shop: Web, site: Site, kube: KubeApi) -> None:
    kube.serve_v1 = True
    shop.send("PUT", APP, {"version": "2.0.0"}, 202)
    leave(shop, site)
    shop.send("POST", f"{APP}/rollback", {"revision": 1}, 202)
    assert spec(kube)["source"] == {"http": {"url": "http://charts.test/helm/shop/redis-1.0.0.tgz"}}
    shop.send("PUT", APP, {"version": "2.0.0"}, 202)
    assert "source" not in spec(kube)


def test_a_version_whose_archive_was_not_kept_is_told(shop: Web, site: Site) -> None:
    shop.send("PUT", APP, {"version": "2.0.0"}, 202)
    leave(shop, site)
    for path in shop.services.config.data_dir.glob("archives/??/*.tgz"):
        path.unlink()
    assert shop.send("POST", f"{APP}/rollback", {"revision": 1}, 409)["id"] == "archive-not-kept"


@contextmanager
def behind_a_sign_in(tmp_path: Path, site: Site, kube: KubeApi, **options: Any) -> Iterator[Web]:
    """The same shop with a sign-in, asked by an administrator."""
    kube.serve_v1 = True
    charts(DEFAULTS).serve(site)
    source, cluster = {"name": "shop", "url": site.url}, {"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}
    with web(tmp_path / "room", [source], clusters=[cluster], sign_in=["local"], **options) as running:
        running.sync()
        boss = signed_in(running, "boss", "admin")
        if not kube.objects:
            install(boss, kube)
        yield boss


def leave_behind(running: Web, site: Site, kube: KubeApi) -> None:
    """The app is upgraded, and its old version leaves the repository."""
    running.send("PUT", APP, {"version": "2.0.0"}, 202)
    leave(running, site)


def test_captain_is_given_no_address_that_asks_for_a_sign_in(tmp_path: Path, site: Site, kube: KubeApi) -> None:
    with behind_a_sign_in(tmp_path, site, kube, public_url="http://charts.test") as room:
        leave_behind(room, site, kube)
        told = room.send("POST", f"{APP}/rollback", {"revision": 1}, 409)
    assert told["id"] == "archive-out-of-reach"
    assert "helm_listen" in told["remedy"]
    assert "source" not in spec(kube)


def test_captain_is_given_the_address_of_a_listener_that_asks_nobody(tmp_path: Path, site: Site, kube: KubeApi) -> None:
    own = {"helm_listen": "127.0.0.1:18081", "helm_url": "http://room.test:18081"}
    with behind_a_sign_in(tmp_path, site, kube, **own) as room:
        leave_behind(room, site, kube)
        room.send("POST", f"{APP}/rollback", {"revision": 1}, 202)
    assert spec(kube)["source"] == {"http": {"url": "http://room.test:18081/helm/shop/redis-1.0.0.tgz"}}


def test_captain_reads_a_published_source_behind_a_sign_in(tmp_path: Path, site: Site, kube: KubeApi) -> None:
    with behind_a_sign_in(tmp_path, site, kube, public_url="http://charts.test") as room:
        leave_behind(room, site, kube)
        kube.put_repo("shop", "http://charts.test/helm/shop", {"phase": "Synced"})
        room.send("POST", f"{APP}/rollback", {"revision": 1}, 202)
    assert (spec(kube)["version"], "source" in spec(kube)) == ("1.0.0", False)


def test_an_address_from_before_the_sign_in_is_not_sent_again(tmp_path: Path, site: Site, kube: KubeApi) -> None:
    own = {"helm_listen": "127.0.0.1:18081", "helm_url": "http://room.test:18081"}
    with behind_a_sign_in(tmp_path, site, kube, **own) as room:
        leave_behind(room, site, kube)
        room.send("POST", f"{APP}/rollback", {"revision": 1}, 202)
        room.send("PUT", APP, {"version": "2.0.0"}, 202)
    with behind_a_sign_in(tmp_path, site, kube, helm_url="http://room.test:18081") as room:
        room.send("POST", f"{APP}/rollback", {"revision": 3}, 202)
        assert (spec(kube)["version"], "source" in spec(kube)) == ("1.0.0", False), "it is in its repository again"
        room.send("PUT", APP, {"version": "2.0.0"}, 202)
        leave(room, site)
        assert room.send("POST", f"{APP}/rollback", {"revision": 3}, 409)["id"] == "archive-out-of-reach"


def test_an_app_whose_source_is_gone_keeps_its_history_and_says_so(shop: Web) -> None:
    shop.services.store.sources.remove("shop", shop.services.catalog.source("shop").next_due)
    found = shop.send("PUT", f"{APP}?dry_run=true", {})
    assert found["error"]["id"] == "source-not-found"
    assert revisions(shop) == [(1, "install")]


# -- several


def test_several_are_proposed_and_upgraded_with_one_report(shop: Web, kube: KubeApi) -> None:
    install(shop, kube, name="cache2", values_yaml="")
    places = [{"cluster": "home", "namespace": "apps", "name": name} for name in ("cache", "cache2", "nothere")]
    looked = shop.send("POST", "/api/v1/upgrades", {"apps": places})["items"]
    assert [one["proposal"] and one["proposal"]["behind"] for one in looked] == [2, 2, None]
    done = shop.send("POST", "/api/v1/upgrades", {"apps": places, "apply": True, "request_id": "r"})["items"]
    assert [one["error"] and one["error"]["id"] for one in done] == ["decisions-needed", None, "install-not-found"]
    assert kube.objects["apps", "cache2"]["spec"]["version"] == "2.0.0"
    decided = {**places[0], "decisions": {"replicas": "mine", "image.tag": "new"}}
    again = {"apps": [decided, places[1]], "apply": True, "request_id": "r"}
    assert [one["install"]["version"] for one in shop.send("POST", "/api/v1/upgrades", again)["items"]] == ["2.0.0"] * 2
    assert kube.objects["apps", "cache"]["spec"]["values"] == {"replicas": 5}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", APP, {"values": {}, "values_yaml": ""}),
        ("PUT", APP, {"source": "other"}),
        ("PUT", APP, {"decisions": {"a": "theirs"}}),
        ("POST", f"{APP}/rollback", {"revision": 0}),
        ("POST", f"{APP}/annotations", {"team": "blue"}),
        ("POST", "/api/v1/upgrades", {"apps": []}),
    ],
)
def test_what_cannot_be_meant_is_refused(shop: Web, method: str, path: str, body: Any) -> None:
    assert shop.send(method, path, body, 400)["id"] == "bad-request"


def test_a_dry_run_of_an_upgrade_answers_all_checks_with_their_doors(shop: Web, kube: KubeApi) -> None:
    kube.denied = {"update helmrequests"}
    found = {one["id"]: one for one in shop.send("PUT", f"{APP}?dry_run=true", {})["checks"]}
    assert found["rights"]["state"] == "fail"
    assert "kind: RoleBinding" in found["rights"]["doors"][0]["text"]
    kube.denied = set()
    found = {one["id"]: one for one in shop.send("PUT", f"{APP}?dry_run=true", {})["checks"]}
    assert (found["rights"]["state"], found["dry-run"]["state"]) == ("ok", "ok")
