"""What a cluster can be asked, beside installing: each verb with its good case, and with what may go wrong."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kubernetes.client import Configuration

from catalog_web.install.cluster import Access, Cluster, ObjectRef
from catalog_web.install.cluster.kubeconfig import without_credentials
from indexer.errors import (
    AdmissionDenied,
    CaptainAbsent,
    ChartroomError,
    ClusterBusy,
    ClusterError,
    ClusterRefused,
    ClusterTimedOut,
    ClusterUnreachable,
    ImpersonationRefused,
    InstallNotFound,
    NotServed,
    ObjectConflict,
    ObjectInvalid,
    ObjectNotFound,
    OwnTokenAbsent,
    OwnTokenRefused,
    OwnTokenUnavailable,
    ProviderDown,
    WebhookDown,
)
from indexer.model import ClusterConfig
from tests.kube_api import TOKEN, Asked, KubeApi, Reply, html, kube_api, ok, refusal

Verb = Callable[[Cluster], Any]

THING = {"metadata": {"name": "web", "namespace": "apps", "resourceVersion": "1"}, "spec": {}}
SECRET = {"metadata": {"name": "web", "namespace": "apps"}}
REF = ObjectRef("v1", "ConfigMap", "apps", "web")
READS: dict[str, Verb] = {
    "get": lambda one: one.get("apps", "web"),
    "list": lambda one: one.list("apps"),
    "chart_repo": lambda one: one.chart_repo("shop"),
    "chart_repos": lambda one: one.chart_repos(),
    "chart": lambda one: one.chart("shop", "tiny"),
    "secret": lambda one: one.secret("apps", "web"),
    "namespace": lambda one: one.namespace("apps"),
    "may": lambda one: one.may("create", "helmrequests"),
    "served": lambda one: one.served(),
    "namespace_events": lambda one: one.namespace_events("apps"),
    "releases": lambda one: one.releases("apps", "web"),
    "pods": lambda one: one.pods("apps", "app=web"),
    "controller": lambda one: one.controller(),
    "webhooks": lambda one: one.webhooks(),
    "snapshot": lambda one: one.snapshot("apps", 10),
    "watch": lambda one: one.watch("apps", "1", 1),
}
WRITES: dict[str, Verb] = {
    "create": lambda one: one.create(THING, dry_run=False),
    "replace": lambda one: one.replace(THING),
    "annotate": lambda one: one.annotate("apps", "web", {"a": "b"}, "uid-1"),
    "delete": lambda one: one.delete("apps", "web", "uid-1"),
    "create_secret": lambda one: one.create_secret(SECRET),
    "patch_secret": lambda one: one.patch_secret("apps", "web", SECRET),
    "delete_secret": lambda one: one.delete_secret("apps", "web", "uid-1"),
    "create_namespace": lambda one: one.create_namespace("apps"),
    "create_chart_repo": lambda one: one.create_chart_repo("shop", lambda _version: SECRET),
    "patch_chart_repo": lambda one: one.patch_chart_repo("shop", SECRET),
    "resync_chart_repo": lambda one: one.resync_chart_repo("shop"),
    "delete_chart_repo": lambda one: one.delete_chart_repo("shop", "uid-1"),
}
VERBS = READS | WRITES
every_verb = pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
every_write = pytest.mark.parametrize("verb", WRITES.values(), ids=WRITES)


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    with kube_api() as running:
        yield running
        running.watches_until.set()


@pytest.fixture
def cluster(kube: KubeApi, tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(config(kube, tmp_path))
    yield made
    made.close()


def config(kube: KubeApi, folder: Path, **more: Any) -> ClusterConfig:
    return ClusterConfig("home", kubeconfig=str(kube.kubeconfig(folder)), captain_namespace="captain", **more)


def always(reply: Reply) -> Callable[[Asked, Reply], Reply]:
    return lambda _asked, _reply: reply


# -- whatever the cluster does, whichever verb it is


def failure(cluster: Cluster, verb: Verb) -> ChartroomError:
    with pytest.raises(ChartroomError) as caught:
        verb(cluster)
    assert TOKEN not in f"{caught.value} {caught.value.params}"
    return caught.value


@every_verb
def test_L2_429_tells_how_long_to_wait_and_is_not_tried_again(cluster: Cluster, kube: KubeApi, verb: Verb) -> None:
    kube.faults.append(always(replace(refusal(429, "TooManyRequests", "later"), headers={"Retry-After": "7"})))
    error = failure(cluster, verb)
    assert isinstance(error, ClusterBusy)
    assert error.params["retry_after"] == 7
    assert "in 7 seconds" in error.cause
    assert len(kube.log) == 1


@pytest.mark.parametrize(("header", "seconds"), [("", 0), ("soon", 0), ("-3", 0), ("9999999", 3600), ("٣", 0)])
def test_L2_a_strange_retry_after_is_bounded(cluster: Cluster, kube: KubeApi, header: str, seconds: int) -> None:
    headers = {"Retry-After": header} if header.isascii() else {}
    kube.faults.append(always(replace(refusal(429, "TooManyRequests", "later"), headers=headers)))
    assert failure(cluster, READS["get"]).params["retry_after"] == seconds


@every_verb
def test_L2_an_expired_token_is_told_and_read_anew_the_next_time(
    cluster: Cluster, kube: KubeApi, tmp_path: Path, verb: Verb
) -> None:
    expired = refusal(401, "Unauthorized", f"Unauthorized: {TOKEN}")
    kube.faults.append(lambda asked, _: expired if TOKEN in asked.authorization else ok({"kind": "x", "items": []}))
    error = _or_answer(cluster, verb)
    assert error is None or isinstance(error, ClusterRefused)
    path = kube.kubeconfig(tmp_path)
    path.write_text(path.read_text().replace(TOKEN, "renewed"))
    assert _or_answer(cluster, verb) is None


def _or_answer(cluster: Cluster, verb: Verb) -> ChartroomError | None:
    try:
        verb(cluster)
    except ChartroomError as error:
        assert TOKEN not in str(error)
        return error
    return None


@every_verb
def test_L2_a_page_of_a_balancer_is_told_and_never_quoted(cluster: Cluster, kube: KubeApi, verb: Verb) -> None:
    kube.faults.append(always(html(502)))
    assert "nginx" not in failure(cluster, verb).cause


@every_verb
def test_a_server_that_stops_in_the_middle_is_told(cluster: Cluster, kube: KubeApi, verb: Verb) -> None:
    kube.faults.append(lambda _asked, reply: replace(ok({"items": [], "status": {}}), cut=5, stream=None))
    if verb is READS["watch"]:
        with pytest.raises(ClusterUnreachable), verb(cluster) as watch:
            next(watch)
    else:
        assert isinstance(failure(cluster, verb), ClusterUnreachable)


@every_verb
def test_a_server_that_is_stopped_is_told(kube: KubeApi, tmp_path: Path, verb: Verb) -> None:
    kubeconfig = str(kube.kubeconfig(tmp_path, "http://127.0.0.1:9"))
    cluster = Cluster(ClusterConfig("home", kubeconfig=kubeconfig, captain_namespace="captain"))
    assert isinstance(failure(cluster, verb), ClusterUnreachable)
    cluster.close()


@every_verb
def test_a_server_that_hangs_is_given_up(kube: KubeApi, tmp_path: Path, verb: Verb) -> None:
    if verb is READS["watch"]:
        return  # whoever watches waits: see test_watching
    cluster, never = Cluster(config(kube, tmp_path), total_seconds=0.3), threading.Event()
    kube.faults.append(lambda _asked, reply: replace(reply, after=never))
    try:
        assert isinstance(failure(cluster, verb), ClusterTimedOut)
    finally:
        never.set()
        cluster.close()


@every_write
def test_L2_a_rule_of_the_cluster_is_told_as_one_and_not_as_a_missing_right(
    cluster: Cluster, kube: KubeApi, verb: Verb
) -> None:
    for status in (403, 422):
        denied = 'admission webhook "validate.app.alauda.io" denied the request: the chart may not change'
        kube.faults[:] = [always(refusal(status, denied, denied))]
        error = failure(cluster, verb)
        assert isinstance(error, AdmissionDenied)
        assert "the chart may not change" in error.cause
        assert isinstance(error, ObjectInvalid)


@every_write
def test_L2_a_webhook_that_is_down_is_told_as_that(cluster: Cluster, kube: KubeApi, verb: Verb) -> None:
    down = 'Internal error occurred: failed calling webhook "validate.app.alauda.io": connection refused'
    kube.faults.append(always(refusal(500, "InternalError", down)))
    assert isinstance(failure(cluster, verb), WebhookDown)
    assert len(kube.log) == 1


@every_write
def test_L2_no_write_is_sent_twice(cluster: Cluster, kube: KubeApi, verb: Verb) -> None:
    for status in (401, 403, 409, 410, 422, 429, 500, 503):
        kube.log.clear()
        kube.faults[:] = [always(refusal(status, "No", "no"))]
        failure(cluster, verb)
        assert len(kube.log) == 1


@pytest.mark.parametrize("name", ["..", ".", "", "../../../api/v1/secrets", "a/b"])
def test_L5_a_name_that_would_lead_elsewhere_is_told_as_not_there_and_never_asked_for(
    cluster: Cluster, kube: KubeApi, name: str
) -> None:
    for verb in (
        lambda: cluster.get("apps", name),
        lambda: cluster.get(name, "web"),
        lambda: cluster.delete(name, "web", "uid-1"),
        lambda: cluster.replace({**THING, "metadata": {**THING["metadata"], "name": name}}),
    ):
        with pytest.raises(InstallNotFound):
            verb()
    assert (cluster.namespace(name), cluster.secret("captain", name)) == (None, None)
    with pytest.raises(ObjectNotFound):
        cluster.delete_secret(name, "web", "uid-1")
    assert kube.log == []


def test_L5_a_name_with_signs_of_an_address_stays_a_name(cluster: Cluster, kube: KubeApi) -> None:
    with pytest.raises(ClusterError):
        cluster.get("apps", "web?dryRun=All#x%2e%2e")
    assert kube.log[0].path.endswith("/helmrequests/web%3FdryRun%3DAll%23x%252e%252e")
    assert kube.log[0].query == {}


# -- replacing


def test_a_replaced_object_has_nothing_that_was_not_sent_and_keeps_its_nulls(cluster: Cluster, kube: KubeApi) -> None:
    kube.put("web", spec={"chart": "a/b", "values": {"old": 1}}, metadata={"finalizers": ["captain.cpaas.io"]})
    thing = cluster.get("apps", "web")
    made = cluster.replace({**thing, "spec": {"chart": "a/b", "values": {"image": None}}})
    assert made["spec"] == {"chart": "a/b", "values": {"image": None}}
    assert made["metadata"]["finalizers"] == ["captain.cpaas.io"]
    assert "managedFields" not in made["metadata"]
    sent = kube.asked("PUT")[0]
    assert (sent.query["fieldManager"], sent.query["fieldValidation"]) == (["chartroom"], ["Strict"])


def test_a_replace_of_what_somebody_else_has_changed_is_a_conflict_that_says_so(
    cluster: Cluster, kube: KubeApi
) -> None:
    kube.put("web", spec={"version": "1"})
    mine = cluster.get("apps", "web")
    kube.change("web", spec={"version": "2"})
    with pytest.raises(ObjectConflict) as caught:
        cluster.replace({**mine, "spec": {"version": "3"}})
    why = caught.value.params
    assert (why["stale"], why["taken"], why["deleting"]) == (True, False, False)
    assert kube.objects["apps", "web"]["spec"] == {"version": "2"}


def test_a_replace_that_does_not_say_what_it_was_made_from_is_refused(cluster: Cluster, kube: KubeApi) -> None:
    kube.put("web")
    with pytest.raises(ObjectInvalid):
        cluster.replace({"metadata": {"name": "web", "namespace": "apps"}, "spec": {}})
    with pytest.raises(ObjectConflict) as caught:
        cluster.replace({**THING, "metadata": {**THING["metadata"], "name": "nobody"}})
    assert caught.value.params["stale"]


def test_a_dry_run_of_a_replace_says_what_would_be_and_changes_nothing(cluster: Cluster, kube: KubeApi) -> None:
    before = kube.put("web", spec={"version": "1"})
    would = cluster.replace({**cluster.get("apps", "web"), "spec": {"version": "2"}}, dry_run=True)
    assert would["spec"] == {"version": "2"}
    assert kube.objects["apps", "web"] == before


def test_an_object_is_written_in_the_version_that_it_says(kube: KubeApi, cluster: Cluster) -> None:
    kube.faults.append(lambda _asked, reply: ok({}))
    cluster.create({"apiVersion": "app.alauda.io/v1", **THING}, dry_run=False)
    cluster.replace({"apiVersion": "app.alauda.io/v1", **THING})
    cluster.replace(THING, api_version="v1")
    cluster.get("apps", "web", "v1")
    assert {one.path.split("/")[3] for one in kube.log} == {"v1"}
    assert kube.log[2].body["apiVersion"] == "app.alauda.io/v1"


# -- annotations


def test_annotations_are_set_and_removed_through_the_version_that_knows_all_of_the_spec(
    cluster: Cluster, kube: KubeApi
) -> None:
    kube.faults.append(lambda _asked, reply: ok({}))
    cluster.annotate("apps", "web", {"captain-no-sync": "true", "old": None}, "uid-1")
    sent = kube.log[0]
    assert (sent.method, sent.path.split("/")[3]) == ("PATCH", "v1")
    assert sent.body == {"metadata": {"uid": "uid-1", "annotations": {"captain-no-sync": "true", "old": None}}}


def test_an_older_captain_is_annotated_through_the_version_that_it_has(cluster: Cluster, kube: KubeApi) -> None:
    kube.put("web", metadata={"annotations": {"old": "1", "kept": "2"}})
    uid = kube.objects["apps", "web"]["metadata"]["uid"]
    made = cluster.annotate("apps", "web", {"captain-no-sync": "true", "old": None}, uid)
    assert made["metadata"]["annotations"] == {"kept": "2", "captain-no-sync": "true"}


def test_another_one_of_the_same_name_is_not_annotated(cluster: Cluster, kube: KubeApi) -> None:
    kube.put("web")
    with pytest.raises(ObjectConflict, match="another HelmRequest has the name") as caught:
        cluster.annotate("apps", "web", {"a": "b"}, "of-another")
    assert caught.value.params["stale"]


# -- who asks, and what may be done


def test_rights_are_asked_of_the_cluster_itself(cluster: Cluster, kube: KubeApi) -> None:
    kube.denied.add("create namespaces")
    assert cluster.may("create", "helmrequests", group="app.alauda.io", namespace="apps").allowed
    assert cluster.may("create", "namespaces") == Access(allowed=False)
    asked = kube.log[0].body["spec"]["resourceAttributes"]
    assert asked == {"verb": "create", "resource": "helmrequests", "group": "app.alauda.io", "namespace": "apps"}


@pytest.mark.parametrize("status", [None, {}, {"allowed": "true"}, {"allowed": False}, [], "allowed"])
def test_L3_only_a_clear_yes_is_a_yes(cluster: Cluster, kube: KubeApi, status: Any) -> None:
    kube.faults.append(always(ok({"status": status}, 201)))
    assert cluster.may("create", "helmrequests") == Access(allowed=False)


def test_the_cluster_tells_who_asks_unless_it_is_too_old(cluster: Cluster, kube: KubeApi) -> None:
    assert cluster.whoami() == kube.user
    kube.faults.append(always(Reply(404, b"404 page not found\n", "text/plain")))
    assert cluster.whoami() == ""


def test_L5_with_impersonation_every_request_is_the_persons(kube: KubeApi, tmp_path: Path) -> None:
    cluster = Cluster(config(kube, tmp_path, impersonate=True))
    alice, julia = cluster.acting_as("alice"), cluster.acting_as("Jülia 李")
    alice.may("create", "helmrequests")
    julia.list("apps")
    cluster.list("apps")
    assert [one.person.encode("latin-1").decode() for one in kube.log] == ["alice", "Jülia 李", ""]
    assert {one.authorization for one in kube.log} == {f"Bearer {TOKEN}"}
    assert (alice.person, alice.name, alice.acting_as("bob").person) == ("alice", "home", "bob")
    cluster.close()


def test_L5_with_impersonation_the_persons_groups_are_told(kube: KubeApi, tmp_path: Path) -> None:
    groups = {"alice": ["web", "Jülia's 李", "web"], "bob": []}
    cluster = Cluster(config(kube, tmp_path, impersonate=True), groups_of=lambda name: groups[name])
    cluster.acting_as("alice").list("apps")
    cluster.acting_as("alice").acting_as("bob").list("apps")
    cluster.list("apps")
    told = [[one.encode("latin-1").decode() for one in asked.groups] for asked in kube.log]
    assert told == [["Jülia's 李", "web"], [], []]
    cluster.close()


@pytest.mark.parametrize("group", ["", "system:masters", "system:nodes", "a\r\nImpersonate-User: root", "a\x00"])
def test_L5_nobody_is_put_into_a_group_of_the_cluster_itself(kube: KubeApi, tmp_path: Path, group: str) -> None:
    cluster = Cluster(config(kube, tmp_path, impersonate=True), groups_of=lambda _: ("web", group))
    cluster.acting_as("alice").list("apps")
    assert kube.log[0].groups == ("web",)
    cluster.close()


def test_L5_without_impersonation_chartroom_asks_as_itself(cluster: Cluster, kube: KubeApi) -> None:
    cluster.acting_as("alice").list("apps")
    assert kube.log[0].person == ""


@pytest.mark.parametrize(
    "person", ["", "system:admin", "system:serviceaccount:a:b", "a\r\nImpersonate-Group: x", "a\x00"]
)
def test_L5_nobody_is_taken_for_the_cluster_itself(kube: KubeApi, tmp_path: Path, person: str) -> None:
    cluster = Cluster(config(kube, tmp_path, impersonate=True))
    with pytest.raises(ImpersonationRefused):
        cluster.acting_as(person)
    assert kube.log == []


def own(kube: KubeApi, folder: Path, tokens: dict[str, str]) -> Cluster:
    return Cluster(config(kube, folder, own_token=True), token_of=lambda name: tokens.get(name, ""))


def test_L5_with_a_token_of_their_own_people_are_asked_for_by_that_alone(kube: KubeApi, tmp_path: Path) -> None:
    cluster = own(kube, tmp_path, {"alice": "of-alice", "bob": "of-bob"})
    cluster.acting_as("alice").list("apps")
    cluster.acting_as("alice").acting_as("bob").create(THING, dry_run=True)
    cluster.list("apps")
    assert [one.authorization for one in kube.log] == ["Bearer of-alice", "Bearer of-bob", f"Bearer {TOKEN}"]
    assert {(one.person, one.groups) for one in kube.log} == {("", ())}
    cluster.close()


def test_L5_without_a_token_of_their_own_nobody_asks_as_chartroom(kube: KubeApi, tmp_path: Path) -> None:
    cluster = own(kube, tmp_path, {"alice": "of-alice"})
    for person in ("bob", "", "system:admin"):
        with pytest.raises(OwnTokenAbsent, match="has none that counts: the provider has not signed them in"):
            cluster.acting_as(person)
    assert kube.log == []
    cluster.close()


def test_L5_why_a_token_could_not_be_renewed_is_said(kube: KubeApi, tmp_path: Path) -> None:
    def down(_person: str) -> str:
        raise ProviderDown(issuer="https://login.example.org", detail="its name could not be resolved")

    cluster = Cluster(config(kube, tmp_path, own_token=True), token_of=down)
    with pytest.raises(OwnTokenUnavailable, match=r"login\.example\.org .*could not be resolved"):
        cluster.acting_as("alice")
    cluster.close()


def test_L3_a_token_that_the_cluster_does_not_take_is_told_and_never_quoted(kube: KubeApi, tmp_path: Path) -> None:
    cluster = own(kube, tmp_path, {"alice": "of-alice"})
    kube.faults.append(lambda asked, _: refusal(401, "Unauthorized", f"what is {asked.authorization}?"))
    with pytest.raises(OwnTokenRefused, match=r"does not accept the sign-in of alice \(401\)") as caught:
        cluster.acting_as("alice").get("apps", "web")
    assert "of-alice" not in f"{caught.value.cause}{caught.value.params}"
    kube.faults[:] = [lambda asked, _: refusal(403, "Forbidden", f"what is {asked.authorization}?")]
    with pytest.raises(ClusterRefused, match="what is Bearer …"):
        cluster.acting_as("alice").get("apps", "web")
    cluster.close()


def test_L5_whoever_brings_a_token_does_not_show_chartrooms_certificate() -> None:
    """An API server looks at a certificate first, and would take the request as Chartroom's own."""
    settings = Configuration(
        host="https://127.0.0.1:1", api_key={"authorization": "s3cret"}, username="u", password="p"
    )
    settings.cert_file, settings.key_file, settings.ssl_ca_cert = "own.crt", "own.key", "authority.crt"
    settings.refresh_api_key_hook = lambda _: None
    bare = without_credentials(SimpleNamespace(configuration=settings), "home").configuration
    assert (bare.host, bare.ssl_ca_cert) == ("https://127.0.0.1:1", "authority.crt")
    assert (bare.api_key, bare.username, bare.password, bare.refresh_api_key_hook) == ({}, None, None, None)
    assert (bare.cert_file, bare.key_file) == (None, None)
    assert (settings.cert_file, settings.api_key) == ("own.crt", {"authorization": "s3cret"})


@pytest.mark.parametrize(
    ("host", "verify"), [("http://10.0.0.1:6443", True), ("http://localhost.evil", True), ("https://10.0.0.1", False)]
)
def test_L5_a_token_goes_to_no_server_that_could_be_anybody(host: str, verify: bool) -> None:
    settings = Configuration(host=host)
    settings.verify_ssl = verify
    with pytest.raises(ClusterUnreachable, match="certificate is checked"):
        without_credentials(SimpleNamespace(configuration=settings), "home")


def test_L5_after_the_kubeconfig_was_read_anew_people_are_sent_to_the_same_server(
    kube: KubeApi, tmp_path: Path
) -> None:
    cluster = own(kube, tmp_path, {"alice": "of-alice"})
    cluster.acting_as("alice").list("apps")
    with kube_api() as other:
        other.kubeconfig(tmp_path)
        kube.faults.append(lambda *_: refusal(401, "Unauthorized", "renewed"))
        with pytest.raises(ClusterRefused):
            cluster.list("apps")
        cluster.list("apps")
        cluster.acting_as("alice").list("apps")
        assert [one.authorization for one in other.log] == [f"Bearer {TOKEN}", "Bearer of-alice"]
    cluster.close()


def test_L5_one_persons_turn_is_shared_with_all_others(kube: KubeApi, tmp_path: Path) -> None:
    cluster, never = Cluster(config(kube, tmp_path, impersonate=True), total_seconds=2), threading.Event()
    kube.faults.append(lambda _asked, reply: replace(reply, after=never))
    asking = [
        threading.Thread(target=lambda n=n: _or_answer(cluster.acting_as(f"p{n}"), READS["get"])) for n in range(6)
    ]
    try:
        for one in asking:
            one.start()
        for one in asking:
            one.join()
        assert len(kube.log) == 4
    finally:
        never.set()
        cluster.close()


# -- namespaces, charts, captain


def test_a_namespace_is_looked_up_and_made(cluster: Cluster, kube: KubeApi) -> None:
    assert cluster.namespace("apps") is not None
    assert cluster.namespace("moon") is None
    assert cluster.create_namespace("moon")["metadata"]["name"] == "moon"
    with pytest.raises(ObjectConflict) as caught:
        cluster.create_namespace("moon")
    assert caught.value.params["taken"]


def test_captains_chart_is_found_by_its_name_in_small_letters(cluster: Cluster, kube: KubeApi) -> None:
    kube.charts = {"tiny.shop": ("1.0.0",)}
    found = cluster.chart("shop", "Tiny")
    assert found is not None
    assert found["spec"]["versions"] == [{"version": "1.0.0"}]
    assert cluster.chart("shop", "nothere") is None


def test_captain_is_made_to_sync_by_taking_its_note_away(cluster: Cluster, kube: KubeApi) -> None:
    repo = kube.put_repo("shop", "https://x.example")
    repo["metadata"]["annotations"] = {"cpaas.io/last-sync-at": "2026-11-23T06:55:42Z", "mine": "1"}
    cluster.resync_chart_repo("shop")
    assert kube.repos["shop"]["metadata"]["annotations"] == {"mine": "1"}


def test_captains_own_deployment_is_told_by_its_name_or_image(cluster: Cluster, kube: KubeApi) -> None:
    def deployment(name: str, image: str) -> dict[str, Any]:
        return {"metadata": {"name": name}, "spec": {"template": {"spec": {"containers": [{"image": image}]}}}}

    listed = [
        deployment("captain", "x"),
        deployment("captain-controller-manager", "x"),
        deployment("renamed", "registry:5000/alauda/captain:v1.5.0"),
        deployment("by-digest", "alauda/captain@sha256:12"),
        deployment("captain-chartmuseum", "chartmuseum:1"),
        deployment("captains-log", "captains-log"),
        {"metadata": None, "spec": []},
    ]
    kube.faults.append(always(ok({"items": listed})))
    found = cluster.controller()
    assert found is not None
    assert [one["metadata"]["name"] for one in found] == [
        "captain",
        "captain-controller-manager",
        "renamed",
        "by-digest",
    ]


def test_only_webhooks_that_look_at_captains_objects_count(cluster: Cluster, kube: KubeApi) -> None:
    def hook(name: str, *groups: str) -> dict[str, Any]:
        return {"metadata": {"name": name}, "webhooks": [{"rules": [{"apiGroups": list(groups)}]}]}

    kube.webhooks = [hook("ours", "app.alauda.io"), hook("all", "*"), hook("other", "apps"), {"webhooks": 3}]
    found = cluster.webhooks()
    assert found is not None
    assert [(one["kind"], one["metadata"]["name"]) for one in found] == [
        ("ValidatingWebhookConfiguration", "ours"),
        ("ValidatingWebhookConfiguration", "all"),
    ]


def test_releases_come_newest_first(cluster: Cluster, kube: KubeApi) -> None:
    listed: list[Any] = [{"spec": {"version": number}} for number in (1, 10, 9)] + [{"spec": None}, 3]
    kube.faults.append(always(ok({"items": listed})))
    found = cluster.releases("apps", "web")
    assert found is not None
    assert [one["spec"] and one["spec"]["version"] for one in found] == [10, 9, 1, None]
    assert kube.log[0].query["labelSelector"] == ["name=web"]


@pytest.mark.parametrize("name", ["served", "releases", "pods", "controller", "webhooks"])
def test_what_may_not_be_read_is_none_and_no_error(cluster: Cluster, kube: KubeApi, name: str) -> None:
    kube.faults.append(always(refusal(403, "Forbidden", "no")))
    assert VERBS[name](cluster) is None


def test_what_another_group_does_not_serve_is_not_called_a_missing_captain(cluster: Cluster, kube: KubeApi) -> None:
    kube.faults.append(always(Reply(404, b"404 page not found\n", "text/plain")))
    assert isinstance(failure(cluster, READS["controller"]), NotServed)
    assert isinstance(failure(cluster, READS["releases"]), CaptainAbsent)


# -- objects of any kind


def test_objects_of_any_kind_are_found_by_what_the_cluster_serves(cluster: Cluster, kube: KubeApi) -> None:
    def things(asked: Asked, _reply: Reply) -> Reply | None:
        kind, _, name = asked.path.partition("/namespaces/apps/")[2].partition("/")
        if not name:
            return None
        missing = refusal(404, "NotFound", "not found", name=name, kind=kind)
        return missing if name == "gone" else ok({"metadata": {"name": name}})

    kube.faults.append(things)
    refs = [
        ObjectRef("apps/v1", "Deployment", "apps", "web"),
        ObjectRef("v1", "ConfigMap", "apps", "gone"),
        ObjectRef("example.com/v1", "Moon", "apps", "luna"),
        REF,
    ]
    deployment, gone, unknown, config_map = cluster.objects(refs)
    assert deployment == config_map == {"metadata": {"name": "web"}}
    assert gone is None
    assert isinstance(unknown, NotServed)
    assert "/apis/apps/v1/namespaces/apps/deployments/web" in [one.path for one in kube.log]
    assert len([one for one in kube.log if one.path in ("/api", "/apis")]) == 2
    cluster.objects(refs)
    assert len([one for one in kube.log if one.path in ("/api", "/apis")]) == 2


def test_of_a_secret_only_the_metadata_is_asked_for(cluster: Cluster, kube: KubeApi) -> None:
    cluster.objects([ObjectRef("v1", "Secret", "apps", "web"), REF])
    accept = {one.path.split("/")[5]: one.accept for one in kube.log if "/namespaces/" in one.path}
    assert "PartialObjectMetadata" in accept["secrets"]
    assert accept["configmaps"] == "application/json"


def test_one_object_that_may_not_be_read_costs_no_other(cluster: Cluster, kube: KubeApi) -> None:
    no = refusal(403, "Forbidden", "no")
    kube.faults.append(
        lambda asked, reply: no if "configmaps" in asked.path else ok({}) if "pods" in asked.path else None
    )
    first, second = cluster.objects([REF, ObjectRef("v1", "Pod", "apps", "web")])
    assert isinstance(first, ClusterRefused)
    assert second == {}


def test_L7_objects_of_a_hanging_cluster_are_told_as_late_and_those_found_stay(kube: KubeApi, tmp_path: Path) -> None:
    cluster, never = Cluster(config(kube, tmp_path), total_seconds=0.5), threading.Event()
    kube.faults.append(
        lambda asked, reply: (
            replace(ok({}), after=never if "slow" in asked.path else None) if "/namespaces/" in asked.path else None
        )
    )
    try:
        quick, slow, never_asked = cluster.objects([REF, replace(REF, name="slow"), REF])
    finally:
        never.set()
        cluster.close()
    assert quick == {}
    assert {type(slow), type(never_asked)} == {ClusterTimedOut}


def test_what_is_served_is_told_as_helm_tells_it(cluster: Cluster, kube: KubeApi) -> None:
    served = cluster.served()
    assert served is not None
    assert {"v1", "v1/ConfigMap", "apps/v1", "apps/v1/Deployment"} <= served


def test_an_older_cluster_is_asked_group_by_group(cluster: Cluster, kube: KubeApi) -> None:
    def older(asked: Asked, _reply: Reply) -> Reply | None:
        broken = Reply(503, b"", "text/plain")
        answers = {
            "/api": ok({"kind": "APIVersions", "versions": ["v1"]}),
            "/apis": ok({"groups": [{"versions": [{"groupVersion": "apps/v1"}, {"groupVersion": "down/v1"}]}]}),
            "/api/v1": ok({"resources": [{"name": "pods", "kind": "Pod", "namespaced": True}, {"name": "pods/log"}]}),
            "/apis/apps/v1": ok({"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": True}]}),
            "/apis/down/v1": broken,
        }
        return answers.get(asked.path)

    kube.faults.append(older)
    assert cluster.served() == {"v1", "v1/Pod", "apps/v1", "apps/v1/Deployment"}


@pytest.mark.parametrize(
    "answer", [{}, {"items": 3}, {"items": [{"versions": [{"resources": [3, {}]}]}]}, {"groups": {}}]
)
def test_L3_a_strange_answer_to_what_is_served_serves_nothing(cluster: Cluster, kube: KubeApi, answer: Any) -> None:
    kube.faults.append(always(ok(answer)))
    assert isinstance(cluster.objects([REF])[0], NotServed)


# -- kubeconfigs


def test_L6_the_operators_own_kubeconfig_may_name_a_program(kube: KubeApi, tmp_path: Path) -> None:
    path = kube.kubeconfig(tmp_path)
    helper = tmp_path / "helper"
    credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": TOKEN}}
    helper.write_text(f"#!/bin/sh\necho '{json.dumps(credential)}'\n")
    helper.chmod(0o700)
    content = json.loads(path.read_text())
    spec = {"apiVersion": credential["apiVersion"], "command": str(helper), "interactiveMode": "Never"}
    content["users"][0]["user"] = {"exec": spec}
    path.write_text(json.dumps(content))
    cluster = Cluster(ClusterConfig("home", kubeconfig=str(path)))
    assert cluster.list("apps") == ()
    assert kube.log[0].authorization == f"Bearer {TOKEN}"
    cluster.close()
