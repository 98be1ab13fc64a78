"""Installing while the cluster misbehaves: every fault is a clear error, and nothing is ever sent twice or lost."""

import json
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog_web.install.cluster import MAX_BODY, MAX_OBJECTS, Cluster
from catalog_web.install.helmrequest import InstallForm
from catalog_web.install.service import Installs
from indexer.errors import (
    CaptainAbsent,
    ClusterBusy,
    ClusterError,
    ClusterNotFound,
    ClusterRefused,
    ClusterTimedOut,
    ClusterUnreachable,
    Conflict,
    InstallNotFound,
    ObjectConflict,
    ObjectInvalid,
    UsageError,
)
from indexer.model import ClusterConfig
from indexer.store import Store
from tests.kube_api import GROUP, TOKEN, Asked, Fault, KubeApi, Reply, html, kube_api, ok, refusal

FORM = InstallForm(
    source="sample",
    chart_repo="sample",
    chart="lighthouse",
    version="1.2.0",
    cluster="home",
    namespace="apps",
    name="beacon",
    values_yaml="replicas: 2\n",
    request_id="request-1",
    person="local",
)


@pytest.fixture
def cluster(kube: KubeApi, tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path))))
    yield made
    made.close()


def really(asked: Asked) -> bool:
    return asked.method == "POST" and "dryRun" not in asked.query and "/selfsubject" not in asked.path


def once(answer: Reply, when: Any = really) -> Fault:
    """A fault of the first request that `when` is true of."""
    seen: list[Asked] = []

    def fault(asked: Asked, _reply: Reply) -> Reply | None:
        if not when(asked) or seen:
            return None
        seen.append(asked)
        return answer

    return fault


def always(answer: Reply) -> Fault:
    return lambda _asked, _reply: answer


# -- the good case


def test_an_install_is_checked_kept_and_then_sent_once(installs: Installs, kube: KubeApi, store: Store) -> None:
    made = installs.install(FORM)
    assert made.helmrequest is not None
    assert made.helmrequest["spec"]["values"] == {"replicas": 2}
    assert (made.revision, made.app.state, made.app.managed) == (1, "waiting", True)
    assert [one.query.get("dryRun") for one in kube.asked("POST")] == [["All"], None]
    kept = store.revisions.history("home", "apps", "beacon")[0]
    assert (kept.number, kept.action, kept.values_yaml) == (1, "install", "replicas: 2\n")
    assert kept.uid == made.app.uid
    assert kept.manifest["spec"] == made.helmrequest["spec"]


def test_a_preview_sends_nothing_and_keeps_nothing(installs: Installs, kube: KubeApi, store: Store) -> None:
    preview = installs.preview(FORM)
    assert preview.sendable
    assert {"rights", "namespace-there", "name-free", "release-free", "chart"} < {one.id for one in preview.checks}
    assert preview.checks[-1].id == "dry-run"
    assert kube.objects == {}
    assert store.revisions.history("home", "apps", "beacon") == ()


@pytest.mark.parametrize(
    ("repos", "forbidden", "state", "told"),
    [
        ({"sample": {"phase": "Synced"}}, set(), "ok", "captain has the ChartRepo sample"),
        ({"sample": {"phase": "Failed", "reason": "401 Unauthorized"}}, set(), "warn", "401 Unauthorized"),
        ({"sample": {}}, set(), "warn", "has not read"),
        ({"sample": []}, set(), "warn", "has not read"),
        ({}, set(), "warn", "no ChartRepo sample in namespace captain"),
        ({}, {"chartrepos"}, "unknown", "could not be looked up"),
    ],
)
def test_the_check_of_the_chart_says_what_is_known_of_captains_repository(
    installs: Installs, kube: KubeApi, repos: dict[str, Any], forbidden: set[str], state: str, told: str
) -> None:
    kube.chart_repos, kube.forbidden = repos, forbidden
    found = installs.preview(FORM)
    rows = [one for one in found.checks if one.id == "chart"]
    assert [one.state for one in rows] == [state]
    assert told in rows[0].cause
    assert bool(rows[0].remedy) == (state != "ok")
    assert found.sendable


def test_a_captain_without_v1beta1_is_asked_in_v1alpha1(installs: Installs, kube: KubeApi) -> None:
    def older(asked: Asked, _reply: Reply) -> Reply | None:
        if "chartrepos" not in asked.path:
            return None
        if "v1beta1" in asked.path:
            return Reply(404, b"404 page not found\n", "text/plain")
        return ok({"metadata": {"name": "sample"}, "status": {"phase": "Synced"}})

    kube.faults.append(older)
    assert next(one.state for one in installs.preview(FORM).checks if one.id == "chart") == "ok"


def test_what_the_cluster_is_shown_first_is_what_it_gets(installs: Installs, kube: KubeApi) -> None:
    installs.install(FORM)
    tried, sent = kube.asked("POST")
    assert tried.body == sent.body


def test_a_form_with_mistakes_never_reaches_the_cluster(installs: Installs, kube: KubeApi, store: Store) -> None:
    for change in ({"name": "Beacon"}, {"version": "^1.0"}, {"values_yaml": "a: [1"}, {"values_yaml": "- a"}):
        with pytest.raises(UsageError):
            installs.install(replace(FORM, **change))
    assert kube.log == []
    assert store.revisions.find_request(FORM.request_id) is None


def test_L4_values_that_make_too_large_a_request_never_reach_the_cluster(installs: Installs, kube: KubeApi) -> None:
    text = f"a: &a {'x' * 600_000}\nb: *a\nc: *a\n"
    with pytest.raises(UsageError):
        installs.install(replace(FORM, values_yaml=text))
    assert kube.log == []


def test_an_unknown_cluster_is_told(installs: Installs) -> None:
    with pytest.raises(ClusterNotFound):
        installs.install(replace(FORM, cluster="moon"))


def test_without_a_name_the_first_cluster_is_meant(installs: Installs) -> None:
    assert installs.install(replace(FORM, cluster="")).app.cluster == "home"


# -- names that are taken


def test_L1_a_name_that_is_taken_is_refused_and_the_other_one_untouched(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    other = kube.put("beacon", spec={"chart": "shop/other", "version": "3.0.0"})
    with pytest.raises(Conflict, match=r"shop/other 3\.0\.0"):
        installs.install(FORM)
    assert kube.objects == {("apps", "beacon"): other}
    assert store.revisions.find_request(FORM.request_id) is None


def test_a_name_that_is_still_being_removed_is_refused_as_that(installs: Installs, kube: KubeApi) -> None:
    kube.put("beacon", metadata={"deletionTimestamp": "2026-11-23T07:18:39Z"})
    with pytest.raises(Conflict, match="still being removed"):
        installs.install(FORM)


def test_a_release_that_another_helmrequest_owns_is_refused(installs: Installs, kube: KubeApi) -> None:
    kube.put("other", namespace="ops", spec={"releaseName": "beacon", "namespace": "apps"})
    with pytest.raises(Conflict, match="“other” in namespace ops"):
        installs.install(FORM)


def test_where_not_all_namespaces_may_be_listed_the_check_says_partly_checked(
    installs: Installs, kube: KubeApi
) -> None:
    kube.forbidden.add("list-all")
    preview = installs.preview(FORM)
    check = next(one for one in preview.checks if one.id == "release-free")
    assert (check.state, check.cause.startswith("Partly checked")) == ("warn", True)
    assert installs.install(FORM).revision == 1


def test_a_list_that_is_too_long_to_be_read_whole_is_no_proof(installs: Installs, kube: KubeApi) -> None:
    def many(asked: Asked, _reply: Reply) -> Reply | None:
        if not asked.path.endswith("v1alpha1/helmrequests"):
            return None
        return ok({"metadata": {"continue": "more"}, "items": [{"metadata": {"name": "x"}}] * MAX_OBJECTS})

    kube.faults.append(many)
    check = next(one for one in installs.preview(FORM).checks if one.id == "release-free")
    assert (check.state, check.cause.partition(":")[0]) == ("warn", "Partly checked")
    kube.put("other", spec={"releaseName": "beacon"})
    check = next(one for one in installs.preview(FORM).checks if one.id == "release-free")
    assert check.state == "fail"


def test_an_owner_in_the_same_namespace_is_found_even_then(installs: Installs, kube: KubeApi) -> None:
    kube.forbidden.add("list-all")
    kube.put("other", spec={"releaseName": "beacon"})
    with pytest.raises(Conflict, match="already owns the release"):
        installs.install(FORM)


# -- L1: sent, but was it?


def test_L1_a_connection_cut_after_201_is_read_back_and_adopted(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    def cut(asked: Asked, reply: Reply) -> Reply | None:
        return replace(reply, cut=10) if really(asked) else None

    kube.faults.append(cut)
    made = installs.install(FORM)
    assert made.app.uid == store.revisions.history("home", "apps", "beacon")[0].uid == "uid-1"
    assert len(kube.objects) == 1


def test_L1_a_balancers_502_after_the_write_is_read_back_and_adopted(installs: Installs, kube: KubeApi) -> None:
    kube.faults.append(once(html(502)))
    assert installs.install(FORM).app.uid == "uid-1"


def test_L1_a_time_out_after_the_write_is_read_back_and_adopted(kube: KubeApi, store: Store, tmp_path: Path) -> None:
    home = ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path)))
    installs = Installs([home], store.revisions, total_seconds=1)
    never = threading.Event()
    kube.faults.append(lambda asked, reply: replace(reply, after=never) if really(asked) else None)
    try:
        assert installs.install(FORM).app.uid == "uid-1"
    finally:
        never.set()
        installs.close()
    assert len([one for one in kube.asked("POST") if really(one)]) == 1


def test_L1_a_write_that_did_not_arrive_is_an_error_and_can_be_sent_again(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    def lost(asked: Asked, _reply: Reply) -> Reply | None:
        if really(asked) and len([one for one in kube.asked("POST") if really(one)]) == 1:
            kube.objects.clear()
            return html(504)
        return None

    kube.faults.append(lost)
    with pytest.raises(ClusterError, match="504"):
        installs.install(FORM)
    assert store.revisions.history("home", "apps", "beacon")[0].uid == ""
    made = installs.install(FORM)
    assert (made.revision, made.app.uid) == (1, store.revisions.history("home", "apps", "beacon")[0].uid)
    assert len(store.revisions.history("home", "apps", "beacon")) == 1


def test_L1_the_same_request_sent_twice_makes_one_helmrequest(installs: Installs, kube: KubeApi, store: Store) -> None:
    first, second = installs.install(FORM), installs.install(FORM)
    assert first.app.uid == second.app.uid
    assert len([one for one in kube.asked("POST") if really(one)]) == 1
    assert len(store.revisions.history("home", "apps", "beacon")) == 1


def test_L1_a_double_click_makes_one_helmrequest(installs: Installs, kube: KubeApi, store: Store) -> None:
    results: list[Any] = []

    def click() -> None:
        try:
            results.append(installs.install(FORM).app.uid)
        except Exception as error:
            results.append(error)

    clicks = [threading.Thread(target=click) for _ in range(6)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert results == ["uid-1"] * 6
    assert len(kube.objects) == 1
    assert len(store.revisions.history("home", "apps", "beacon")) == 1


def test_L1_the_checks_of_a_second_click_do_not_take_the_first_for_somebody_else(
    installs: Installs, kube: KubeApi
) -> None:
    clicks: list[str] = []

    def first_click(asked: Asked, _reply: Reply) -> Reply | None:
        if "dryRun" not in asked.query or clicks:
            return None
        clicks.append("first")
        installs.install(FORM)
        return refusal(409, "AlreadyExists", 'helmrequests.app.alauda.io "beacon" already exists', name="beacon")

    kube.faults.append(first_click)
    assert installs.install(FORM).app.uid == "uid-1"
    assert len(kube.objects) == 1


def test_L1_somebody_who_was_faster_keeps_the_name(installs: Installs, kube: KubeApi) -> None:
    def faster(asked: Asked, _reply: Reply) -> Reply | None:
        if not really(asked):
            return None
        kube.put("beacon", spec={"chart": "shop/other"})
        return refusal(409, "AlreadyExists", 'helmrequests.app.alauda.io "beacon" already exists', name="beacon")

    kube.faults.append(faster)
    with pytest.raises(ObjectConflict):
        installs.install(FORM)
    assert kube.objects["apps", "beacon"]["spec"] == {"chart": "shop/other"}
    assert installs.status("home", "apps", "beacon").history == ()


def test_what_never_arrived_is_not_called_removed(installs: Installs, kube: KubeApi) -> None:
    def lost(asked: Asked, _reply: Reply) -> Reply | None:
        return html(504) if really(asked) and kube.objects.pop(("apps", "beacon"), None) else None

    kube.faults.append(lost)
    with pytest.raises(ClusterError, match="504"):
        installs.install(FORM)
    with pytest.raises(InstallNotFound):
        installs.status("home", "apps", "beacon")


def test_a_request_id_cannot_be_used_for_something_else(installs: Installs) -> None:
    installs.install(FORM)
    with pytest.raises(Conflict, match="another content"):
        installs.install(replace(FORM, values_yaml="replicas: 3\n"))


def test_a_request_that_was_done_long_ago_is_not_done_again(installs: Installs, kube: KubeApi) -> None:
    installs.install(FORM)
    kube.objects.clear()
    assert installs.install(FORM).app.state == "gone"
    assert kube.objects == {}


def test_a_request_without_an_id_gets_one(installs: Installs, kube: KubeApi) -> None:
    installs.install(replace(FORM, request_id=""))
    assert kube.objects["apps", "beacon"]["metadata"]["labels"]["chartroom.dev/request"]


# -- L2: what a cluster may answer


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(401, "Unauthorized", "Unauthorized"), ClusterRefused),
        (refusal(403, "Forbidden", "cannot create resource"), ClusterRefused),
        (Reply(404, b"404 page not found\n", "text/plain"), CaptainAbsent),
        (refusal(422, "Invalid", "bad", causes=[{"field": "spec.chart", "message": "bad"}]), ObjectInvalid),
        (refusal(413, "RequestEntityTooLarge", "limit is 3145728"), ObjectInvalid),
        (refusal(410, "Expired", "too old"), ClusterError),
        (refusal(429, "TooManyRequests", "later"), ClusterBusy),
        (refusal(500, "InternalError", "etcd"), ClusterError),
        (html(502), ClusterError),
        (html(503), ClusterError),
        (Reply(302, b"", "text/html"), ClusterError),
        (Reply(200, b"<html>sign in</html>", "text/html"), ClusterError),
        (Reply(200, b"[]"), ClusterError),
        (Reply(200, b"[" * 100_000), ClusterError),
        (Reply(200, b'{"a": 1', cut=3), ClusterUnreachable),
    ],
)
def test_L2_whatever_the_cluster_answers_is_an_error_of_its_kind(
    cluster: Cluster, kube: KubeApi, answer: Reply, kind: type[ClusterError]
) -> None:
    kube.faults.append(always(answer))
    with pytest.raises(kind) as caught:
        cluster.get("apps", "beacon")
    assert type(caught.value) is kind
    assert "<html" not in str(caught.value)


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_L2_nothing_is_retried_by_itself(cluster: Cluster, kube: KubeApi, status: int) -> None:
    kube.faults.append(always(refusal(status, "No", "no")))
    with pytest.raises(ClusterError):
        cluster.create({"metadata": {"name": "a", "namespace": "apps"}}, dry_run=False)
    assert len(kube.log) == 1


def test_L2_the_token_is_sent_and_never_told(
    cluster: Cluster, kube: KubeApi, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    kube.faults.append(lambda asked, _: refusal(403, "Forbidden", f"no: {asked.authorization}"))
    with pytest.raises(ClusterRefused) as caught:
        cluster.get("apps", "beacon")
    assert kube.log[0].authorization == f"Bearer {TOKEN}"
    told = capfd.readouterr()
    assert TOKEN not in f"{caught.value} {caught.value.params} {caplog.text} {told.out} {told.err}"


def test_a_body_without_end_is_not_read_to_its_end(cluster: Cluster, kube: KubeApi) -> None:
    kube.faults.append(always(Reply(200, b'{"a": "' + b"x" * MAX_BODY + b'"}')))
    with pytest.raises(ClusterError, match=str(MAX_BODY)):
        cluster.get("apps", "beacon")


def test_a_list_whose_pages_are_too_large_is_read_in_smaller_ones(cluster: Cluster, kube: KubeApi) -> None:
    kube.put("web", spec={"chart": "a/b"})

    def heavy(asked: Asked, _reply: Reply) -> Reply | None:
        large = int(asked.query.get("limit", ["0"])[0]) > 5
        return Reply(200, b" " * (MAX_BODY + 1)) if large else None

    kube.faults.append(heavy)
    assert len(cluster.list()) == 1


def test_a_long_list_is_read_page_by_page(cluster: Cluster, kube: KubeApi) -> None:
    def paged(asked: Asked, _reply: Reply) -> Reply:
        page = int(asked.query.get("continue", ["0"])[0])
        following = {"continue": str(page + 1)} if page < 2 else {}
        return ok({"metadata": following, "items": [{"metadata": {"name": f"n{page}"}}, None, 3]})

    kube.faults.append(paged)
    assert [one["metadata"]["name"] for one in cluster.list("apps")] == ["n0", "n1", "n2"]


@pytest.mark.parametrize("items", [None, [None, 3, "x"], [{"metadata": None, "spec": None, "status": 3}]])
def test_L3_a_list_with_odd_objects_goes_on(installs: Installs, kube: KubeApi, items: Any) -> None:
    kube.faults.append(lambda *_: ok({"metadata": None, "items": items}))
    assert {one.state for one in installs.apps().apps} <= {"unknown"}


def test_a_hanging_cluster_is_given_up(kube: KubeApi, tmp_path: Path) -> None:
    cluster = Cluster(ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path))), total_seconds=0.5)
    never = threading.Event()
    kube.faults.append(lambda _asked, reply: replace(reply, after=never))
    try:
        with pytest.raises(ClusterTimedOut, match=r"0\.5 seconds"):
            cluster.get("apps", "beacon")
    finally:
        never.set()
        cluster.close()


def test_a_hanging_cluster_holds_up_a_few_requests_at_most(cluster: Cluster, kube: KubeApi) -> None:
    never, errors = threading.Event(), list[Exception]()
    kube.faults.append(lambda _asked, reply: replace(reply, after=never))

    def ask() -> None:
        try:
            cluster.get("apps", "web")
        except Exception as error:
            errors.append(error)

    asking = [threading.Thread(target=ask) for _ in range(5)]
    for one in asking:
        one.start()
    try:
        while not errors:
            time.sleep(0.01)
        assert [one.is_alive() for one in asking].count(True) == 4
        assert (type(errors[0]), len(kube.log)) == (ClusterTimedOut, 4)
    finally:
        never.set()
        for one in asking:
            one.join()


def test_a_cluster_that_is_down_is_told(tmp_path: Path, kube: KubeApi) -> None:
    cluster = Cluster(ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path, "http://127.0.0.1:9"))))
    with pytest.raises(ClusterUnreachable, match="connection refused"):
        cluster.get("apps", "beacon")
    cluster.close()


def test_a_server_that_hangs_up_is_told(cluster: Cluster, kube: KubeApi) -> None:
    kube.faults.append(lambda _asked, reply: replace(reply, cut=0))
    with pytest.raises(ClusterUnreachable, match="cut off"):
        cluster.list()


# -- kubeconfigs


def test_a_kubeconfig_is_never_picked_up_unasked(
    kube: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kube.kubeconfig(tmp_path)))
    with pytest.raises(ClusterUnreachable, match="neither a kubeconfig"):
        Cluster(ClusterConfig("home")).list()
    assert kube.log == []


@pytest.mark.parametrize(
    "content", ["", "a: [", "- 1", "{}", "3", '{"current-context": "x", "contexts": [{"name": "x"}]}']
)
def test_a_broken_kubeconfig_is_told_by_its_path(tmp_path: Path, content: str) -> None:
    path = tmp_path / "broken"
    path.write_text(content)
    with pytest.raises(ClusterUnreachable, match="broken"):
        Cluster(ClusterConfig("home", kubeconfig=str(path))).list()


def test_a_credential_helper_that_hangs_does_not_hold_up_the_end(kube: KubeApi, tmp_path: Path) -> None:
    path = kube.kubeconfig(tmp_path)
    config = json.loads(path.read_text())
    helper = {"apiVersion": "client.authentication.k8s.io/v1", "command": "sleep", "args": ["5"]}
    config["users"][0]["user"] = {"exec": {**helper, "interactiveMode": "Never"}}
    path.write_text(json.dumps(config))
    cluster = Cluster(ClusterConfig("home", kubeconfig=str(path)))
    assert isinstance(cluster.health(0.2).error, ClusterTimedOut)
    waiting = [one for one in threading.enumerate() if one.name == "cluster-home"]
    cluster.close()
    assert all(one.is_alive() for one in waiting)
    assert waiting


def test_a_missing_context_is_named_and_no_token_is(kube: KubeApi, tmp_path: Path) -> None:
    config = ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path)), context="moon")
    with pytest.raises(ClusterUnreachable, match="moon") as caught:
        Cluster(config).list()
    assert TOKEN not in str(caught.value)


def test_after_a_401_a_renewed_token_is_read(cluster: Cluster, kube: KubeApi, tmp_path: Path) -> None:
    expired = refusal(401, "Unauthorized", "Unauthorized")
    kube.faults.append(lambda asked, _: expired if TOKEN in asked.authorization else None)
    with pytest.raises(ClusterRefused):
        cluster.list()
    path = kube.kubeconfig(tmp_path)
    path.write_text(path.read_text().replace(TOKEN, "renewed"))
    assert cluster.list() == ()


# -- health, lists, status


def test_health_tells_version_and_what_is_served(cluster: Cluster, kube: KubeApi) -> None:
    health = cluster.health()
    assert (health.state, health.version, health.serves) == ("ok", "v1.36.3", ("v1alpha1",))


def test_the_version_is_remembered_from_the_last_look_and_asked_for_by_nobody_else(
    cluster: Cluster, kube: KubeApi
) -> None:
    assert (cluster.version, kube.log) == ("", [])
    cluster.health()
    asked = len(kube.log)
    assert (cluster.version, len(kube.log)) == ("1.36.3", asked)


def test_health_of_a_cluster_without_captain_says_so(cluster: Cluster, kube: KubeApi) -> None:
    absent = Reply(404, b"404 page not found\n", "text/plain")
    kube.faults.append(lambda asked, _: absent if asked.path == GROUP else None)
    health = cluster.health()
    assert (health.reachable, health.serves, type(health.error)) == (True, (), CaptainAbsent)


def test_health_of_a_dead_cluster_is_an_answer_too(kube: KubeApi, tmp_path: Path) -> None:
    cluster = Cluster(ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path, "http://127.0.0.1:9"))))
    assert (cluster.health().reachable, cluster.health().state) == (False, "problem")
    cluster.close()


def test_namespaces_are_listed_where_that_is_allowed(cluster: Cluster, kube: KubeApi) -> None:
    assert cluster.namespaces() == ("apps", "default")
    kube.forbidden.add("namespaces")
    assert cluster.namespaces() is None


def test_L7_one_hanging_cluster_leaves_the_others_alone(kube: KubeApi, store: Store, tmp_path: Path) -> None:
    never = threading.Event()
    with kube_api() as slow:
        slow.faults.append(lambda _asked, reply: replace(reply, after=never))
        kube.put("web")
        configs = [
            ClusterConfig("slow", kubeconfig=str(slow.kubeconfig(tmp_path, name="slow"))),
            ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path))),
        ]
        installs = Installs(configs, store.revisions)
        try:
            found = installs.apps(patience=0.5)
            health = installs.health(patience=0.5)
        finally:
            never.set()
            installs.close()
    assert [(one.cluster, one.name) for one in found.apps] == [("home", "web")]
    assert {name: type(error) for name, error in found.errors.items()} == {"slow": ClusterTimedOut}
    assert [one.state for one in health] == ["problem", "ok"]


def test_apps_lists_all_whoever_made_them(installs: Installs, kube: KubeApi) -> None:
    kube.put("theirs", namespace="ops", spec={"chart": "shop/x", "version": "1.0.0"})
    installs.install(FORM)
    apps = installs.apps().apps
    assert [(one.namespace, one.name, one.managed) for one in apps] == [
        ("apps", "beacon", True),
        ("ops", "theirs", False),
    ]
    assert [one.name for one in installs.apps("home", "ops").apps] == ["theirs"]


def test_where_not_all_may_be_listed_the_namespaces_of_our_own_installs_are(installs: Installs, kube: KubeApi) -> None:
    kube.put("theirs", namespace="ops")
    installs.install(FORM)
    kube.forbidden.add("list-all")
    found = installs.apps()
    assert ([one.name for one in found.apps], found.partial) == (["beacon"], ("home",))


def test_a_namespace_that_may_no_longer_be_listed_costs_only_its_own_rows(installs: Installs, kube: KubeApi) -> None:
    kube.namespaces.add("ops")
    installs.install(FORM)
    installs.install(replace(FORM, namespace="ops", request_id="request-2"))
    kube.forbidden.add("list-all")
    kube.faults.append(lambda asked, _: html(403) if asked.path.endswith("/namespaces/ops/helmrequests") else None)
    found = installs.apps()
    assert [(one.namespace, one.name) for one in found.apps] == [("apps", "beacon")]
    assert (found.partial, found.errors) == (("home",), {})


def test_a_token_that_is_no_longer_valid_is_told_and_not_taken_for_an_empty_list(
    installs: Installs, kube: KubeApi
) -> None:
    kube.faults.append(always(refusal(401, "Unauthorized", "Unauthorized")))
    found = installs.apps()
    assert [type(one) for one in found.errors.values()] == [ClusterRefused]
    assert found.partial == ()


def test_many_namespaces_take_no_longer_than_one(kube: KubeApi, installs: Installs) -> None:
    kube.namespaces.update(f"team-{number}" for number in range(8))
    for number in range(8):
        installs.install(replace(FORM, namespace=f"team-{number}", request_id=f"request-{number}"))
    kube.forbidden.add("list-all")
    kube.log.clear()
    kube.faults.append(lambda _asked, _reply: time.sleep(0.2))
    assert [type(one) for one in installs.apps(patience=0.5).errors.values()] == [ClusterTimedOut]
    assert len(kube.log) < 8


def test_the_reason_of_a_failure_stays_while_captain_tries_again(installs: Installs, kube: KubeApi) -> None:
    installs.install(FORM)
    thing = kube.objects["apps", "beacon"]
    for status, state in (
        ({"phase": "Pending"}, "installing"),
        ({"phase": "Failed", "reason": "cannot find version"}, "failed"),
        ({"phase": "Pending"}, "retrying"),
    ):
        kube.objects["apps", "beacon"] = {**thing, "status": status}
        found = installs.status("home", "apps", "beacon").app
        assert found.state == state
    assert found.reason == "cannot find version"


def test_a_reason_that_was_never_seen_is_taken_from_the_events(installs: Installs, kube: KubeApi) -> None:
    thing = kube.put("web", spec={"chart": "a/b"}, status={"phase": "Pending"})
    about = {"uid": thing["metadata"]["uid"]}
    kube.events = [{"reason": "FailedSync", "message": "no such chart", "lastTimestamp": "1", "involvedObject": about}]
    found = installs.status("home", "apps", "web").app
    assert (found.state, found.reason) == ("retrying", "no such chart")
    kube.forbidden.add("events")
    assert installs.status("home", "apps", "web").app.reason == "no such chart"


def test_the_reason_of_one_that_captain_could_not_begin_with_is_taken_from_the_events(
    installs: Installs, kube: KubeApi
) -> None:
    made = kube.put("web", spec={"chart": "shop/x"}, metadata={"finalizers": ["captain.cpaas.io"]})
    about = {"uid": made["metadata"]["uid"]}
    kube.events.append({"reason": "FailedSync", "message": "no cluster moon", "involvedObject": about})
    status = installs.status("home", "apps", "web").app.status
    assert (status.state, status.reason) == ("waiting", "no cluster moon")


def test_one_that_waits_names_what_captain_is_busy_with(installs: Installs, kube: KubeApi) -> None:
    kube.put("slow", metadata={"finalizers": ["captain.cpaas.io"]}, status={"phase": "Pending"})
    found = installs.install(FORM)
    assert (found.app.state, found.app.status.id) == ("waiting", "busy")
    assert "apps/slow" in found.app.status.detail


def test_status_of_what_never_was_is_not_found(installs: Installs) -> None:
    with pytest.raises(InstallNotFound):
        installs.status("home", "apps", "nothing")


# -- uninstall


def test_uninstall_deletes_this_very_object_with_all_options_in_the_body(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    made = installs.install(FORM)
    kube.objects["apps", "beacon"]["metadata"]["finalizers"] = ["captain.cpaas.io"]
    going = installs.uninstall("home", "apps", "beacon", "local")
    asked = kube.asked("DELETE")[0]
    assert asked.query == {}
    assert asked.body["gracePeriodSeconds"] == 0
    assert asked.body["propagationPolicy"] == "Foreground"
    assert asked.body["preconditions"]["uid"] == made.app.uid
    assert "dryRun" not in asked.body
    assert going.app.state == "deleting"
    assert [one.action for one in store.revisions.history("home", "apps", "beacon")] == ["uninstall", "install"]


def test_after_captain_let_it_go_it_is_gone_and_its_history_stays(installs: Installs, kube: KubeApi) -> None:
    installs.install(FORM)
    gone = installs.uninstall("home", "apps", "beacon", "local")
    assert (gone.app.state, gone.helmrequest, gone.app.chart, gone.revision) == ("gone", None, "lighthouse", 2)


def test_a_removed_name_can_be_used_again(installs: Installs) -> None:
    installs.install(FORM)
    installs.uninstall("home", "apps", "beacon", "local")
    again = installs.install(replace(FORM, request_id="request-2"))
    assert (again.revision, again.app.state) == (3, "waiting")


def test_one_that_chartroom_did_not_make_can_be_removed_too(installs: Installs, kube: KubeApi) -> None:
    kube.put("theirs", spec={"chart": "shop/x", "version": "1.0.0"})
    gone = installs.uninstall("home", "apps", "theirs", "local")
    assert (gone.app.state, gone.app.chart, gone.app.managed) == ("gone", "x", False)


def test_removing_it_twice_sends_one_delete(installs: Installs, kube: KubeApi) -> None:
    kube.put("theirs", metadata={"finalizers": ["captain.cpaas.io"]})
    installs.uninstall("home", "apps", "theirs", "local")
    assert installs.uninstall("home", "apps", "theirs", "local").app.state == "deleting"
    assert len(kube.asked("DELETE")) == 1


def test_I9_several_who_remove_it_at_once_make_one_revision(installs: Installs, kube: KubeApi, store: Store) -> None:
    installs.install(FORM)
    kube.objects["apps", "beacon"]["metadata"]["finalizers"] = ["captain.cpaas.io"]
    together = threading.Barrier(4)

    def remove(_number: int) -> str:
        together.wait(10)
        return installs.uninstall("home", "apps", "beacon", "local").app.state

    with ThreadPoolExecutor(4) as people:
        assert set(people.map(remove, range(4))) == {"deleting"}
    assert [one.action for one in store.revisions.history("home", "apps", "beacon")] == ["uninstall", "install"]


@pytest.mark.parametrize("answer", [refusal(403, "Forbidden", "no"), refusal(409, "Conflict", "another uid")])
def test_a_removal_that_the_cluster_refuses_is_no_part_of_the_history(
    installs: Installs, kube: KubeApi, store: Store, answer: Reply
) -> None:
    installs.install(FORM)
    kube.faults.append(once(answer, lambda asked: asked.method == "DELETE"))
    with pytest.raises(ClusterError):
        installs.uninstall("home", "apps", "beacon", "local")
    assert [one.action for one in store.revisions.history("home", "apps", "beacon")] == ["install"]


def test_a_release_name_that_captain_cannot_remove_is_told_and_nothing_is_sent(
    installs: Installs, kube: KubeApi
) -> None:
    kube.put("n" * 60)
    with pytest.raises(Conflict, match="60 characters"):
        installs.uninstall("home", "apps", "n" * 60, "local")
    assert kube.asked("DELETE") == []


def test_another_object_of_the_same_name_is_not_deleted(cluster: Cluster, kube: KubeApi) -> None:
    kube.put("web")
    with pytest.raises(ObjectConflict):
        cluster.delete("apps", "web", "uid-of-another")
    assert ("apps", "web") in kube.objects


def test_a_dry_run_of_a_delete_stands_in_the_body(cluster: Cluster, kube: KubeApi) -> None:
    thing = kube.put("web")
    cluster.delete("apps", "web", thing["metadata"]["uid"], dry_run=True)
    asked = kube.asked("DELETE")[0]
    assert (asked.query, asked.body["dryRun"]) == ({}, ["All"])
    assert ("apps", "web") in kube.objects
