"""What is looked at before an install, against a small API server: each check with its cause, remedy and doors."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog_web.install.checks import Check, Facts, Publishing
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.service import Installs
from catalog_web.install.upgrade_form import UpgradeForm
from indexer.errors import ClusterRefused, phrase
from indexer.model import ArchiveContent, ArchiveFile, ChartMetadata, ClusterConfig
from indexer.store import Store
from tests.kube_api import KubeApi, Reply

FORM = InstallForm(
    source="shop",
    chart_repo="sample",
    chart="redis",
    version="1.0.0",
    cluster="home",
    namespace="apps",
    name="cache",
    values_yaml="replicas: 2\n",
    request_id="click-1",
    person="carol",
)


def look(installs: Installs, facts: Facts | None = None, **changes: Any) -> dict[str, Check]:
    return {one.id: one for one in installs.preview(replace(FORM, **changes), facts or Facts()).checks}


def doors(check: Check) -> list[str]:
    return [one.id for one in check.doors]


# -- rights


def test_L5_without_the_right_to_create_nothing_is_sent_and_the_role_to_apply_is_there(
    installs: Installs, kube: KubeApi
) -> None:
    kube.denied = {"create helmrequests"}
    check = look(installs)["rights"]
    assert check.state == "fail"
    assert "system:serviceaccount:tools:chartroom may not create helmrequests in namespace apps" in check.cause
    role, binding = list(yaml.safe_load_all(check.doors[0].text))[:2]
    assert role["metadata"]["namespace"] == "apps"
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "chartroom", "namespace": "tools"}]
    with pytest.raises(ClusterRefused) as caught:
        installs.install(FORM)
    assert "kind: RoleBinding" in caught.value.remedy
    assert kube.asked("POST") == []


def test_after_something_failed_there_is_no_dry_run(installs: Installs, kube: KubeApi) -> None:
    kube.denied = {"create helmrequests"}
    assert "dry-run" not in look(installs)


def test_a_cluster_that_answers_no_questions_about_rights_is_no_wall(installs: Installs, kube: KubeApi) -> None:
    def closed(asked: Any, _reply: Reply) -> Reply | None:
        return Reply(404, b"404 page not found", "text/plain") if "selfsubjectaccess" in asked.path else None

    kube.faults.append(closed)
    assert look(installs)["rights"].state == "unknown"
    assert installs.install(FORM).app.state == "waiting"


def test_secret_values_need_the_right_to_make_secrets(installs: Installs, kube: KubeApi) -> None:
    kube.denied = {"create secrets"}
    check = look(installs, secret_paths=("auth.password",))["secrets"]
    assert (check.state, doors(check)) == ("fail", ["role"])
    assert "resources:\n  - secrets" in check.doors[0].text
    assert "secrets" not in look(installs)
    kube.denied = {"delete secrets"}
    assert look(installs, secret_paths=("auth.password",))["secrets"].state == "warn"


# -- namespace


def test_a_missing_namespace_can_be_made_from_the_check(installs: Installs, kube: KubeApi) -> None:
    check = look(installs, namespace="new")["namespace-there"]
    assert (check.state, doors(check)) == ("fail", ["create-namespace"])
    assert check.doors[0].params["namespace"] == "new"
    kube.denied = {"create namespaces"}
    check = look(installs, namespace="new")["namespace-there"]
    assert (check.state, doors(check)) == ("fail", ["role"])
    assert "kind: ClusterRole\n" in check.doors[0].text


def test_a_namespace_that_is_to_be_made_with_the_install_does_not_fail(installs: Installs) -> None:
    found = look(installs, namespace="new", create_namespace=True)
    assert found["namespace-new"].state == "ok"
    assert found["dry-run"].state == "unknown"


def test_where_namespaces_may_not_be_read_the_dry_run_still_tells(installs: Installs, kube: KubeApi) -> None:
    kube.forbidden = {"namespaces"}
    found = look(installs, namespace="new")
    assert "namespace-there" not in found
    assert found["dry-run"].state == "fail"


# -- name


def test_a_taken_name_says_by_what_and_offers_to_upgrade_that(installs: Installs, kube: KubeApi) -> None:
    kube.put("cache", spec={"chart": "sample/redis", "version": "0.9.0"})
    check = look(installs)["name-free"]
    assert "it installs sample/redis 0.9.0" in check.cause
    assert doors(check) == ["upgrade"]
    assert {key: check.doors[0].params[key] for key in ("cluster", "namespace", "name")} == {
        "cluster": "home",
        "namespace": "apps",
        "name": "cache",
    }


# -- captain


MINUTE, HOURS = timedelta(minutes=1), timedelta(hours=3)


def read_by_captain(ago: timedelta, phase: str) -> dict[str, Any]:
    stamp = (datetime.now(UTC) - ago).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"metadata": {"name": "x", "annotations": {"cpaas.io/last-sync-at": stamp}}, "status": {"phase": phase}}


@pytest.mark.parametrize(
    ("reads", "state"),
    [
        ([(MINUTE, "Synced"), (HOURS, "Synced")], "ok"),
        ([(HOURS, "Synced")], "warn"),
        ([(HOURS, "Failed")], "unknown"),
        ([], "unknown"),
    ],
)
def test_whether_captain_works_shows_by_when_it_last_read_a_repository(
    installs: Installs, kube: KubeApi, reads: list[tuple[timedelta, str]], state: str
) -> None:
    kube.repos = {str(at): read_by_captain(*one) for at, one in enumerate(reads)}
    assert look(installs)["captain-alive"].state == state


@pytest.mark.parametrize(
    "repo",
    [
        {"metadata": {"annotations": {"cpaas.io/last-sync-at": "soon"}}, "status": {"phase": "Synced"}},
        {"metadata": None, "status": 5},
    ],
)
def test_a_repository_that_tells_nothing_of_it_proves_nothing(
    installs: Installs, kube: KubeApi, repo: dict[str, Any]
) -> None:
    kube.repos = {"0": repo}
    assert look(installs)["captain-alive"].state == "unknown"


@pytest.mark.parametrize(("ready", "state"), [(1, "ok"), (0, "warn"), (None, "warn")])
def test_or_by_its_pods_where_these_may_be_seen(
    installs: Installs, kube: KubeApi, ready: int | None, state: str
) -> None:
    kube.deployments = [{"metadata": {"name": "captain"}, "spec": {}, "status": {"readyReplicas": ready}}]
    assert look(installs)["captain-alive"].state == state


def hook(name: str, versions: list[str]) -> dict[str, Any]:
    rule = {"apiGroups": ["app.alauda.io"], "apiVersions": versions, "resources": ["helmrequests"]}
    return {"metadata": {"name": "captain"}, "webhooks": [{"name": name, "rules": [rule]}]}


def test_captains_webhook_for_v1alpha1_is_known_to_refuse_everything_written_so(
    installs: Installs, kube: KubeApi
) -> None:
    kube.webhooks = [hook("validate-helmrequest.app.alauda.io", ["v1", "v1alpha1"])]
    check = look(installs)["webhook"]
    assert (check.state, "api_version" in check.remedy) == ("warn", True)
    kube.webhooks = [hook("validate-helmrequest.app.alauda.io", ["v1"])]
    assert look(installs)["webhook"].state == "ok"


def test_other_webhooks_are_named_and_none_may_be_listed_is_no_trouble(installs: Installs, kube: KubeApi) -> None:
    kube.webhooks = [hook("policy.example.org", ["*"])]
    found = look(installs)
    assert ("webhook" in found, "policy.example.org" in found["webhooks"].cause) == (False, True)
    kube.forbidden = {"webhooks"}
    assert not {"webhook", "webhooks"} & look(installs).keys()


# -- can captain find the chart


def test_a_source_that_captain_does_not_know_can_be_published_in_one_click(installs: Installs, kube: KubeApi) -> None:
    kube.chart_repos = {}
    check = look(installs, Facts(publishing=Publishing()))["chart"]
    assert (check.state, doors(check)) == ("warn", ["publish", "source"])
    stuck = look(installs, Facts(publishing=Publishing(why_not=phrase("Nobody said how."))))["chart"]
    assert (doors(stuck), stuck.remedy.startswith("Nobody said how.")) == (["source"], True)


def test_a_version_that_captain_has_not_read_yet_can_be_had_by_a_sync_now(installs: Installs, kube: KubeApi) -> None:
    kube.charts = {"redis.sample": ("0.9.0",)}
    check = look(installs)["chart"]
    assert (check.state, doors(check)) == ("warn", ["sync", "source"])
    assert "not the version 1.0.0 yet" in check.cause
    kube.denied = {"patch chartrepos"}
    assert doors(look(installs)["chart"]) == ["role", "source"]
    kube.charts = {}
    assert "does not know the chart" in look(installs)["chart"].cause


def test_where_charts_may_not_be_read_it_is_unknown_and_the_role_is_there(installs: Installs, kube: KubeApi) -> None:
    kube.forbidden = {"charts"}
    check = look(installs)["chart"]
    assert (check.state, doors(check)) == ("unknown", ["role"])
    assert "namespace: captain" in check.doors[0].text


def test_an_archive_by_its_address_needs_no_chart_repo_and_is_warned_of(installs: Installs, kube: KubeApi) -> None:
    kube.chart_repos = {}
    found = look(installs, taking="http", source_url="https://charts.example.org/redis-1.0.0.tgz")
    assert {one: found[one].state for one in ("source-url", "chart", "source-change")} == {
        "source-url": "ok",
        "chart": "warn",
        "source-change": "warn",
    }


# -- does the chart fit the cluster


@pytest.mark.parametrize(
    ("wanted", "state"), [(">=1.25-0", "ok"), ("<1.30.0", "fail"), ("new ones", "warn"), ("^1.20", "ok")]
)
def test_helm_refuses_a_chart_whose_range_does_not_hold_the_clusters_version(
    installs: Installs, wanted: str, state: str
) -> None:
    assert look(installs, Facts(kube_version=wanted))["kube-version"].state == state


def content(*templates: str, crds: str = "") -> ArchiveContent:
    files = tuple(ArchiveFile(f"templates/{at}.yaml", text) for at, text in enumerate(templates))
    more = (ArchiveFile("crds/x.yaml", crds),) if crds else ()
    return ArchiveContent("0", 1, ChartMetadata("redis", "1.0.0"), "", "", "", files, more, ())


def test_kinds_that_the_cluster_does_not_serve_are_named_and_only_warned_of(installs: Installs) -> None:
    old = "apiVersion: extensions/v1beta1\nkind: Ingress\n"
    check = look(installs, Facts(content(old, "apiVersion: apps/v1\nkind: Deployment\n")))["kinds"]
    assert (check.state, "extensions/v1beta1/Ingress (templates/0.yaml)" in check.cause) == ("warn", True)
    assert "apps/v1" not in check.cause


def test_kinds_that_the_chart_brings_itself_are_no_news(installs: Installs) -> None:
    crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  group: shop.example.org\n"
    facts = Facts(content("apiVersion: shop.example.org/v1\nkind: Cart\n", crds=crd))
    assert look(installs, facts)["kinds"].state == "ok"


# -- bounds


def test_one_question_that_hangs_is_unknown_and_the_others_are_answered(
    kube: KubeApi, store: Store, tmp_path: Path
) -> None:
    installs = Installs(
        [ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path)))], store.revisions, total_seconds=1
    )
    never = threading.Event()
    kube.faults.append(lambda asked, reply: replace(reply, after=never) if asked.path == "/apis" else None)
    try:
        found = look(installs, Facts(content("apiVersion: apps/v1\nkind: Deployment\n")))
    finally:
        never.set()
        installs.close()
    assert (found["kinds"].state, found["rights"].state, found["dry-run"].state) == ("unknown", "ok", "ok")


def test_a_cluster_that_is_away_is_one_failed_check(installs: Installs, kube: KubeApi) -> None:
    kube.faults.append(lambda _asked, _reply: Reply(503, b"{}"))
    found = look(installs)
    assert [one.id for one in found.values() if one.state == "fail"] == ["cluster"]


# -- as the person


def test_as_the_person_rights_and_dry_run_are_asked_and_repositories_as_chartroom(
    kube: KubeApi, store: Store, tmp_path: Path
) -> None:
    config = ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path)), impersonate=True)
    installs = Installs([config], store.revisions)
    kube.denied = {"create deployments"}
    found = look(installs)
    installs.close()
    assert found["acting"].state == "warn"
    assert found["dry-run"].state == "ok"


# -- upgrades


def upgrade(**changes: Any) -> UpgradeForm:
    wish = UpgradeForm(
        cluster="home",
        namespace="apps",
        name="cache",
        source="shop",
        chart_repo="sample",
        chart="redis",
        version="1.2.0",
        values_yaml="replicas: 3\n",
        request_id="click-2",
        person="carol",
    )
    return replace(wish, **changes)


def look_at_upgrade(installs: Installs, facts: Facts | None = None, **changes: Any) -> dict[str, Check]:
    return {one.id: one for one in installs.preview_upgrade(upgrade(**changes), facts or Facts()).checks}


def test_an_upgrade_is_checked_like_an_install_and_tried_on_the_cluster(installs: Installs, kube: KubeApi) -> None:
    installs.install(FORM)
    found = look_at_upgrade(installs)
    assert {one for one, check in found.items() if check.state != "ok"} == {"captain-alive"}
    assert {"rights", "chart", "fixed", "dry-run"} < found.keys()
    assert not {"name-free", "release-free"} & found.keys()
    assert kube.objects["apps", "cache"]["spec"]["version"] == "1.0.0"


def test_without_the_right_to_change_it_the_role_for_upgrades_is_there(installs: Installs, kube: KubeApi) -> None:
    installs.install(FORM)
    kube.denied = {"update helmrequests"}
    check = look_at_upgrade(installs)["rights"]
    assert (check.state, "update" in check.doors[0].text) == ("fail", True)


def test_custom_resources_that_changed_are_to_be_applied_by_hand(installs: Installs) -> None:
    installs.install(FORM)
    check = look_at_upgrade(installs, Facts(changed_crds=("crds/cart.yaml",)))["crds"]
    assert (check.state, "crds/cart.yaml" in check.cause) == ("warn", True)


def test_L5_a_release_in_another_namespace_is_only_changed_by_who_may_install_there(
    installs: Installs, kube: KubeApi
) -> None:
    installs.install(FORM)
    kube.objects["apps", "cache"]["spec"]["namespace"] = "payments"
    assert look_at_upgrade(installs)["release-namespace"].state == "ok"
    kube.denied = {"create helmrequests"}
    check = look_at_upgrade(installs)["release-namespace"]
    assert (check.state, "payments" in check.cause) == ("fail", True)
