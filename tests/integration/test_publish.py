"""Publishing to captain and taking its ChartRepos over, through the API and the command line, against a small API
server."""

import json
import time
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog_web import publishing
from indexer.model import Source
from tests.command import chartroom, write_config
from tests.integration.test_cli_serve import running
from tests.kube_api import Asked, KubeApi, Reply, html, refusal
from tests.repository import repository
from tests.upstream import Site
from tests.web import Web, web

pytestmark = pytest.mark.usefixtures("captain_without_repositories")

URL = "/api/v1/sources/shop/publications"
HELM_URL = "http://chartroom.example.org:8081"
LABELS = {"app.kubernetes.io/managed-by": "chartroom", "chartroom.dev/source": "shop"}


@pytest.fixture
def room(tmp_path: Path, kube: KubeApi, site: Site) -> Iterator[Web]:
    repository({"redis": ("1.0.0",)}).serve(site)
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    (tmp_path / "password").write_text("s3cret\n")
    login = {"username": "reader", "password_file": str(tmp_path / "password")}
    sources = [{"name": "shop", "url": site.url, **login}, {"name": "local", "url": str(tmp_path), "kind": "directory"}]
    with web(tmp_path, sources, clusters=clusters, helm_url=HELM_URL) as running:
        yield running


def publish(room: Web, status: int = 201, source: str = "shop", **body: Any) -> Any:
    return room.send("POST", f"/api/v1/sources/{source}/publications", body, status)


def only(room: Web, source: str = "shop") -> Any:
    (one,) = room.get(f"/api/v1/sources/{source}/publications")["items"]
    return one


def writes(kube: KubeApi) -> list[str]:
    return [one.method for one in kube.log if one.method != "GET"]


def texts(secret: dict[str, Any]) -> dict[str, str]:
    return {key: b64decode(value).decode() for key, value in secret["data"].items()}


def test_a_source_with_a_password_becomes_a_chart_repo_and_its_secret(room: Web, kube: KubeApi, site: Site) -> None:
    made = publish(room)
    assert (made["cluster"], made["mode"], made["state"], made["repo"]) == ("home", "direct", "waiting", "shop")
    assert kube.repos["shop"]["spec"] == {
        "type": "Chart",
        "url": site.url,
        "secret": {"name": "chartroom-shop", "namespace": "captain"},
    }
    assert kube.repos["shop"]["metadata"]["labels"] == LABELS
    assert texts(kube.secrets["captain", "chartroom-shop"]) == {"username": "reader", "password": "s3cret"}
    assert "s3cret" not in json.dumps(made)
    assert [one.method for one in kube.log if one.method != "GET"] == ["POST", "POST"]
    assert [one.path.rpartition("/")[2] for one in kube.asked("POST")] == ["secrets", "chartrepos"]


def test_a_cluster_that_knows_only_v1alpha1_gets_that(room: Web, kube: KubeApi) -> None:
    kube.repo_versions = ("v1alpha1",)
    publish(room)
    assert kube.repos["shop"]["apiVersion"] == "app.alauda.io/v1alpha1"
    assert "type" not in kube.repos["shop"]["spec"]


def test_publishing_again_changes_nothing_but_lets_captain_read_at_once(room: Web, kube: KubeApi) -> None:
    publish(room)
    kube.repos["shop"]["metadata"]["annotations"] = {"cpaas.io/last-sync-at": "2026-11-25T11:59:00Z"}
    kube.log.clear()
    publish(room)
    (patch,) = kube.asked("PATCH")
    assert patch.body == {
        "metadata": {"uid": kube.repos["shop"]["metadata"]["uid"], "annotations": {"cpaas.io/last-sync-at": None}}
    }
    assert "cpaas.io/last-sync-at" not in kube.repos["shop"]["metadata"]["annotations"]


def test_captains_own_phase_and_reason_stand_beside_ours_with_a_remedy(room: Web, kube: KubeApi) -> None:
    publish(room)
    kube.repos["shop"]["status"] = {"phase": "Synced"}
    kube.repos["shop"]["metadata"]["annotations"] = {"cpaas.io/last-sync-at": "2026-11-25T11:59:00Z"}
    assert (only(room)["state"], only(room)["last_sync"]) == ("published", "2026-11-25T11:59:00Z")
    reason = f"failed to fetch {kube.repos['shop']['spec']['url']}/index.yaml : 401 Unauthorized"
    kube.repos["shop"]["status"] = {"phase": "Failed", "reason": reason}
    shown = only(room)
    assert (shown["state"], shown["phase"], shown["reason"]) == ("failing", "Failed", reason)
    assert reason in shown["cause"]
    assert "user name and password" in shown["remedy"]
    assert "deletes its Charts" in shown["warning"]
    assert "exact-versions" in [one["id"] for one in shown["limits"]]


def test_drift_is_repaired_and_nothing_is_written_where_there_is_none(room: Web, kube: KubeApi) -> None:
    publish(room)
    good = json.dumps([kube.repos["shop"]["spec"], kube.secrets["captain", "chartroom-shop"]["data"]])
    kube.log.clear()
    row = room.services.store.publications.find("home", "shop")
    assert row is not None

    def long_ago() -> None:
        room.services.store.publications.tried(row, {**row.state, "checked": "2026-11-25T00:00:00+00:00"})

    long_ago()
    publishing.keep_in_step(room.services)
    assert writes(kube) == []
    kube.repos["shop"]["spec"]["url"] = "http://elsewhere.example.org"
    kube.secrets["captain", "chartroom-shop"]["data"]["password"] = "bm9wZQ=="
    long_ago()
    publishing.keep_in_step(room.services)
    assert json.dumps([kube.repos["shop"]["spec"], kube.secrets["captain", "chartroom-shop"]["data"]]) == good
    del kube.repos["shop"], kube.secrets["captain", "chartroom-shop"]
    long_ago()
    publishing.keep_in_step(room.services)
    assert set(kube.repos) == {"shop"}
    assert set(kube.secrets) == {("captain", "chartroom-shop")}


def test_what_changed_in_the_catalog_makes_captain_read_at_once(room: Web, kube: KubeApi) -> None:
    publish(room)
    kube.repos["shop"]["metadata"]["annotations"] = {"cpaas.io/last-sync-at": "2026-11-25T11:59:00Z"}
    publishing.keep_in_step(room.services)
    assert kube.repos["shop"]["metadata"]["annotations"] != {}
    room.sync()
    publishing.keep_in_step(room.services)
    assert kube.repos["shop"]["metadata"]["annotations"] == {}


def test_changed_settings_are_told_at_the_next_round(room: Web, kube: KubeApi, tmp_path: Path, site: Site) -> None:
    publish(room)
    source = room.services.store.sources.get("shop").source
    room.services.store.sources.change(replace(source, url=f"{site.url}/moved"), datetime.now(UTC))
    publishing.keep_in_step(room.services)
    assert kube.repos["shop"]["spec"]["url"] == f"{site.url}/moved"
    room.services.store.sources.change(replace(source, username="", password_file=""), datetime.now(UTC))
    publishing.keep_in_step(room.services)
    assert "secret" not in kube.repos["shop"]["spec"]
    assert kube.secrets == {}


def test_a_source_that_is_removed_is_forgotten_by_captain_too(room: Web, kube: KubeApi) -> None:
    publish(room)
    room.services.store.sources.remove("shop", datetime.now(UTC))
    publishing.keep_in_step(room.services)
    assert (kube.repos, kube.secrets) == ({}, {})
    assert room.services.store.publications.all() == ()


def test_a_chart_repo_or_secret_of_somebody_else_is_never_touched(room: Web, kube: KubeApi) -> None:
    theirs = kube.put_repo("shop", "http://theirs.example.org", {"phase": "Synced"})
    problem = publish(room, 409)
    assert problem["id"] == "foreign-chart-repo"
    assert "captain_repo" in problem["remedy"]
    assert room.get(URL)["items"] == []
    assert kube.repos == {"shop": theirs}
    assert writes(kube) == []
    kube.repos.clear()
    secret = kube.put_secret("chartroom-shop", username="x", password="y")
    assert publish(room, 409)["id"] == "foreign-chart-repo"
    assert (kube.repos, kube.secrets) == ({}, {("captain", "chartroom-shop"): secret})
    assert writes(kube) == []


def test_one_that_lost_our_label_is_left_alone_and_that_is_told(room: Web, kube: KubeApi) -> None:
    publish(room)
    kube.repos["shop"]["metadata"]["labels"] = {}
    kube.repos["shop"]["spec"]["url"] = "http://theirs.example.org"
    assert only(room)["state"] == "refused"
    publish(room)
    assert kube.repos["shop"]["spec"]["url"] == "http://theirs.example.org"
    room.send("DELETE", f"{URL}/home", status=204)
    assert "shop" in kube.repos


def test_unpublishing_deletes_this_very_object_and_its_secret(room: Web, kube: KubeApi) -> None:
    publish(room)
    uid = kube.repos["shop"]["metadata"]["uid"]
    kube.log.clear()
    room.send("DELETE", f"{URL}/home", status=204)
    assert (kube.repos, kube.secrets) == ({}, {})
    deletes = kube.asked("DELETE")
    assert deletes[0].body["preconditions"] == {"uid": uid}
    assert room.get(URL)["items"] == []
    assert room.send("DELETE", f"{URL}/home", status=409)["id"] == "conflict"


def test_a_cluster_that_does_not_answer_is_told_later(room: Web, kube: KubeApi) -> None:
    def away(_asked: Asked, _reply: Reply) -> Reply:
        return Reply(200, b"{}", cut=1)

    kube.faults.append(away)
    assert publish(room)["state"] == "unknown"
    publishing.keep_in_step(room.services)
    assert only(room)["state"] == "unknown"
    kube.faults.clear()
    row = room.services.store.publications.find("home", "shop")
    assert row is not None
    room.services.store.publications.tried(row, {})
    publishing.keep_in_step(room.services)
    assert set(kube.repos) == {"shop"}
    kube.faults.append(away)
    room.send("DELETE", f"{URL}/home", status=204)
    assert only(room)["state"] == "leaving"
    kube.faults.clear()
    room.services.store.publications.tried(replace(row, wanted=False), {})
    publishing.keep_in_step(room.services)
    assert (kube.repos, room.get(URL)["items"]) == ({}, [])


def test_a_cluster_that_refuses_to_let_go_is_not_asked_again_and_again(room: Web, kube: KubeApi) -> None:
    publish(room)
    kube.faults.append(lambda asked, _: refusal(403, "Forbidden", "no", name="x") if asked.method == "DELETE" else None)
    room.send("DELETE", f"{URL}/home", status=403)
    kube.log.clear()
    publishing.keep_in_step(room.services)
    assert kube.log == []
    kube.faults.clear()
    (row,) = room.services.store.publications.all()
    room.services.store.publications.tried(row, {**row.state, "checked": "2026-11-25T00:00:00+00:00"})
    publishing.keep_in_step(room.services)
    assert (kube.repos, room.get(URL)["items"]) == ({}, [])


def test_two_who_publish_at_once_both_succeed(room: Web, kube: KubeApi) -> None:
    def faster(asked: Asked, reply: Reply) -> Reply | None:
        """The other one's object is there by the time that ours arrives."""
        if asked.method != "POST" or reply.status != 201:
            return None
        return refusal(409, "AlreadyExists", "already exists", name="x")

    kube.faults.append(lambda asked, reply: faster(asked, reply) if len(kube.asked("POST")) == 1 else None)
    assert publish(room)["state"] == "waiting"
    assert set(kube.repos) == {"shop"}
    assert room.get(URL)["total"] == 1


def test_a_refusal_comes_with_the_role_to_apply(room: Web, kube: KubeApi) -> None:
    kube.forbidden = {"secrets"}
    problem = publish(room, 403)
    assert problem["id"] == "publishing-refused"
    role, binding = yaml.safe_load_all(problem["remedy"].partition("\n")[2])
    assert {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "create", "patch", "delete"]} in role["rules"]
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "chartroom", "namespace": "tools"}]
    assert room.get(URL)["items"] == []
    kube.forbidden = {"chartrepos"}
    assert room.get("/api/v1/clusters/home/chartrepos", 403)["id"] == "publishing-refused"


def test_a_proxy_in_between_is_told_as_what_it_is(room: Web, kube: KubeApi) -> None:
    kube.faults.append(lambda _asked, _reply: html(502))
    assert publish(room, 502)["id"] == "cluster"


def test_what_captain_cannot_read_itself_it_reads_from_chartroom(room: Web, kube: KubeApi) -> None:
    problem = publish(room, 409, source="local", mode="direct")
    assert problem["id"] == "captain-cannot-follow"
    assert "folder" in problem["cause"]
    made = publish(room, source="local")
    assert (made["mode"], made["url"]) == ("helm", f"{HELM_URL}/helm/local")
    assert kube.repos["local"]["spec"]["url"] == f"{HELM_URL}/helm/local"
    login = texts(kube.secrets["captain", "chartroom-local"])
    assert login["username"] == "captain"
    assert login["password"] == room.services.helm_credentials.password("local")


def test_without_an_address_of_its_own_nothing_can_be_read_from_chartroom(tmp_path: Path, kube: KubeApi) -> None:
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    with web(tmp_path, [{"name": "local", "url": str(tmp_path), "kind": "directory"}], clusters=clusters) as room:
        assert publish(room, 409, source="local")["id"] == "helm-url-unknown"


def test_a_name_for_captain_is_used_for_the_chart_repo_and_for_installs(room: Web, kube: KubeApi) -> None:
    source = replace(room.services.store.sources.get("shop").source, captain_repo="ours")
    room.services.store.sources.change(source, datetime.now(UTC))
    room.sync()
    publish(room)
    assert set(kube.repos) == {"ours"}
    body = {"source": "shop", "chart": "redis", "namespace": "apps", "name": "cache"}
    made = room.send("POST", "/api/v1/installs", body, 201)
    assert made["helmrequest"]["spec"]["chart"] == "ours/redis"


def test_one_that_turns_out_to_be_a_harbor_gives_way_to_its_projects(room: Web, kube: KubeApi) -> None:
    store, now = room.services.store, datetime.now(UTC)
    guessed = Source("reg", "https://harbor.example.org", kind_given=False)
    store.sources.add(guessed, now)
    publish(room, source="reg")
    assert set(kube.repos) == {"reg"}
    parent = replace(guessed, kind="harbor", kind_given=True)
    store.sources.change(parent, now)
    store.sources.add(replace(parent, name="reg.team", parent="reg", project="team"), now)
    publishing.keep_in_step(room.services)
    publishing.keep_in_step(room.services)
    assert set(kube.repos) == {"reg.team"}


def test_each_project_of_a_harbor_is_a_chart_repo_of_its_own(room: Web, kube: KubeApi) -> None:
    store, now = room.services.store, datetime.now(UTC)
    parent = Source("reg", "https://harbor.example.org", kind="harbor")
    store.sources.add(parent, now)
    for project in ("team_a", "team-b"):
        child = replace(parent, name=f"reg.{project}", parent="reg", project=project)
        store.sources.add(child, now)
    publish(room, source="reg")
    publishing.keep_in_step(room.services)
    assert {name: one["spec"]["url"] for name, one in kube.repos.items()} == {
        "reg.team-a": f"{HELM_URL}/helm/reg.team_a",
        "reg.team-b": f"{HELM_URL}/helm/reg.team-b",
    }
    assert only(room, "reg")["state"] == "waiting"
    for name in ("reg.team-a", "reg.team-b"):
        kube.repos[name]["status"] = {"phase": "Synced"}
        publish(room, source={"reg.team-a": "reg.team_a"}.get(name, name), mode="helm")
    assert only(room, "reg")["state"] == "published"
    assert "Each project is a ChartRepo of its own" in only(room, "reg")["cause"]
    refused = room.send("DELETE", "/api/v1/sources/reg.team-b/publications/home", status=409)
    assert "because all of “reg” is" in refused["cause"]
    assert len(kube.repos) == 2
    store.sources.remove("reg.team-b", now)
    publishing.keep_in_step(room.services)
    assert set(kube.repos) == {"reg.team-a"}
    room.send("DELETE", "/api/v1/sources/reg/publications/home", status=204)
    assert (kube.repos, kube.secrets, store.publications.all()) == ({}, {}, ())


# -- the other way round


def basic_of(site: Site) -> tuple[str, str]:
    """User name and password of the last request for the index."""
    packed = site.asked("/index.yaml")[-1].headers["authorization"].partition(" ")[2]
    username, _, password = b64decode(packed).decode().partition(":")
    return username, password


CHARTREPOS = "/api/v1/clusters/home/chartrepos"


def test_chart_repos_of_others_are_offered_and_ours_are_not(room: Web, kube: KubeApi) -> None:
    publish(room)
    kube.put_repo("open", "https://charts.example.org", {"phase": "Synced"})
    kube.put_repo("userinurl", "https://reader:s3cret@charts.example.org/a")
    kube.put_repo("built", "", type="Git", source={"url": "https://git.example.org/x"})
    found = {one["repo"]: one for one in room.get(CHARTREPOS)["items"]}
    assert {name: one["state"] for name, one in found.items()} == {
        "open": "offered", "userinurl": "offered", "built": "impossible",
    }  # fmt: skip
    assert found["built"]["cause"]
    assert (found["userinurl"]["url"], found["userinurl"]["with_credentials"]) == ("https://charts.example.org/a", True)
    assert "s3cret" not in json.dumps(found)


@pytest.mark.parametrize("version", ["v1beta1", "v1alpha1"])
def test_one_is_registered_and_installs_through_it_resolve(room: Web, kube: KubeApi, version: str) -> None:
    kube.repo_versions = (version,)
    kube.put_repo("open", "https://charts.example.org", {"phase": "Synced"})
    made = room.send("POST", f"{CHARTREPOS}/open/register", {}, 201)
    assert (made["name"], made["url"]) == ("open", "https://charts.example.org")
    assert room.services.store.sources.get("open").source.chart_repo == "open"
    assert room.get(CHARTREPOS)["items"][0]["state"] == "registered"
    assert room.send("POST", f"{CHARTREPOS}/open/register", {}, 409)["id"] == "conflict"
    assert room.send("POST", f"{CHARTREPOS}/absent/register", {}, 404)["id"] == "object-not-found"


def test_the_secret_of_one_goes_along_and_a_new_password_in_it_counts(room: Web, kube: KubeApi, site: Site) -> None:
    kube.put_secret("museum-auth", "apps", username="reader", password="s3cret")
    kube.put_repo("authed.museum", site.url, secret={"name": "museum-auth", "namespace": "apps"})
    made = publishing.register(room.services, "home", "authed.museum", operator=True)
    assert (made.source.name, made.source.chart_repo) == ("authed-museum", "authed.museum")
    assert made.source.is_private
    room.sync("authed-museum")
    assert basic_of(site) == ("reader", "s3cret")
    kube.put_secret("museum-auth", "apps", username="reader", password="fresh")
    room.sync("authed-museum")
    assert basic_of(site) == ("reader", "fresh")


def test_a_login_in_the_address_of_one_is_kept_encrypted(room: Web, kube: KubeApi, site: Site) -> None:
    kube.put_repo("userinurl", site.url.replace("://", "://reader:s3cret@"))
    made = publishing.register(room.services, "home", "userinurl", operator=True)
    assert made.source.url == site.url
    assert made.source.stored_secrets == ("password",)
    room.sync("userinurl")
    assert basic_of(site) == ("reader", "s3cret")


def test_one_whose_secret_is_gone_fails_with_its_name(room: Web, kube: KubeApi, site: Site) -> None:
    kube.put_repo("authed", site.url, secret={"name": "absent"})
    publishing.register(room.services, "home", "authed", operator=True)
    result = room.services.syncer.sync("authed")
    assert result.error is not None
    assert result.error.id == "secret-unreadable"
    assert "absent" in result.error.cause


def test_one_that_cannot_be_a_source_is_refused_with_its_reason(room: Web, kube: KubeApi) -> None:
    kube.put_repo("built", "", type="Git")
    problem = room.send("POST", f"{CHARTREPOS}/built/register", {}, 409)
    assert problem["id"] == "chart-repo-not-adoptable"
    assert "Git" in problem["cause"]


def test_a_cluster_may_have_its_chart_repos_registered_by_themselves(tmp_path: Path, kube: KubeApi) -> None:
    kube.put_repo("open", "https://charts.example.org", {"phase": "Synced"})
    kube.put_repo("built", "", type="Git")
    stolen = {"name": "of-somebody-else", "namespace": "kube-system"}
    kube.put_repo("sly", "https://evil.example.org", secret=stolen)
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path)), "discover": "register"}]
    with web(tmp_path, clusters=clusters) as room:
        for _ in range(2):
            publishing.take_over(room.services)
            assert [one.source.name for one in room.services.store.sources.all()] == ["open"]
    with web(tmp_path / "fixed", clusters=clusters, sources_only_configured=True) as room:
        publishing.take_over(room.services)
        assert room.services.store.sources.all() == ()
    clusters[0]["discover"] = "offer"
    with web(tmp_path / "offered", clusters=clusters) as room:
        publishing.take_over(room.services)
        assert room.services.store.sources.all() == ()


def test_the_pages_say_beforehand_in_which_mode_and_why(room: Web) -> None:
    told = room.get("/api/v1/sources/local/publications")
    assert (told["items"], told["default_mode"]) == ([], "helm")
    assert [one["id"] for one in told["why_not_direct"]] == ["directory"]
    assert room.get(URL)["default_mode"] == "direct"


# -- on the command line


@pytest.fixture
def ship(tmp_path: Path, kube: KubeApi, site: Site) -> Path:
    repository({"redis": ("1.0.0",)}).serve(site)
    clusters = [{"name": "home", "kubeconfig": str(kube.kubeconfig(tmp_path))}]
    return write_config(tmp_path / "room", [{"name": "shop", "url": site.url}], clusters=clusters, helm_url=HELM_URL)


def test_the_command_line_publishes_warns_and_takes_back(ship: Path, kube: KubeApi) -> None:
    done = chartroom(ship, "source", "publish", "shop")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("captain of home knows shop as the ChartRepo shop now (direct).\n")
    assert set(kube.repos) == {"shop"}
    asked = chartroom(ship, "source", "unpublish", "shop")
    assert asked.returncode == 2
    assert "deletes its Charts" in asked.stdout
    assert set(kube.repos) == {"shop"}
    assert chartroom(ship, "source", "unpublish", "shop", "--yes").returncode == 0
    assert kube.repos == {}


def test_the_command_line_warns_before_it_removes_what_captain_knows(ship: Path, kube: KubeApi) -> None:
    assert chartroom(ship, "source", "add", "typed", "https://charts.example.org").returncode == 0
    assert chartroom(ship, "source", "publish", "typed").returncode == 0
    asked = chartroom(ship, "source", "remove", "typed")
    assert asked.returncode == 2
    assert "deletes its Charts" in asked.stdout
    assert chartroom(ship, "source", "remove", "typed", "--yes").returncode == 0


def test_doctor_tells_what_captain_cannot_read(ship: Path, kube: KubeApi) -> None:
    chartroom(ship, "source", "publish", "shop")
    kube.repos["shop"]["status"] = {"phase": "Failed", "reason": "failed to fetch x/index.yaml : 404 Not Found"}
    told = json.loads(chartroom(ship, "doctor", "--json").stdout)
    (one,) = [one for one in told if one["what"] == "source shop for captain of home"]
    assert one["state"] == "problem"
    assert "404 Not Found" in one["cause"]
    assert "index.yaml" in one["remedy"]


def test_a_running_chartroom_keeps_in_step_by_itself(ship: Path, kube: KubeApi) -> None:
    assert chartroom(ship, "source", "add", "other", "https://charts.example.org").returncode == 0
    assert chartroom(ship, "source", "publish", "other").returncode == 0
    with running(ship, "serve"):
        assert chartroom(ship, "source", "remove", "other", "--yes").returncode == 0
        for _ in range(300):
            if not kube.repos:
                break
            time.sleep(0.1)
    assert kube.repos == {}


def test_the_command_line_lists_chart_repos_and_registers_one(ship: Path, kube: KubeApi) -> None:
    kube.put_repo("open", "https://charts.example.org", {"phase": "Synced"})
    listed = chartroom(ship, "source", "discover")
    assert listed.stdout.splitlines()[1].split()[:5] == [
        "open",
        "offered",
        "open",
        "Synced",
        "https://charts.example.org",
    ]
    assert chartroom(ship, "source", "discover", "--register", "open").stdout == "Added open.\n"
    assert json.loads(chartroom(ship, "source", "discover", "--json").stdout)["items"][0]["state"] == "registered"
