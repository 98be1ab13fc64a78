"""The history of an app: what others did is noticed once, and every revision can be rolled back to."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog_web.install.recorded import FORCE_ADOPT, KEEP_RESOURCES, NO_SYNC, RESYNC
from catalog_web.install.service import Installs
from indexer.errors import (
    AppChanged,
    ClusterError,
    ClusterUnreachable,
    Conflict,
    InstallNotFound,
    SecretsNeeded,
    UsageError,
)
from indexer.model import ClusterConfig
from indexer.store import Store
from tests.apps import FORM, LABELS, SPEC, SYNCED, installed
from tests.kube_api import GROUP, Asked, KubeApi, Reply, refusal

HOME = ("home", "apps", "beacon")
SECRET_FORM = replace(FORM, values_yaml="replicas: 3\nauth: {password: hunter22}\n", secret_paths=("auth.password",))


def actions(store: Store) -> list[str]:
    return [one.action for one in store.revisions.history(*HOME)]


def patched(asked: Asked) -> bool:
    """v1 is tried first, and not served here."""
    return asked.method == "PATCH" and asked.path.startswith(GROUP)


# -- noticing


def test_a_change_with_kubectl_becomes_one_revision(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    kube.change("beacon", spec={"version": "1.2.9"})
    for _ in range(3):
        installs.status(*HOME)
        installs.apps()
    newest = store.revisions.history(*HOME)[0]
    assert actions(store) == ["seen", "install"]
    assert (newest.version, newest.source, newest.person, newest.outcome) == ("1.2.9", "sample", "", "synced")
    assert newest.manifest["spec"]["version"] == "1.2.9"


def test_a_status_or_a_foreign_annotation_is_no_change(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    kube.change("beacon", status={"phase": "Pending"}, metadata={"annotations": {"team": "blue"}})
    installs.status(*HOME)
    assert actions(store) == ["install"]


def test_an_annotation_of_captains_is_a_change(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    kube.change("beacon", metadata={"annotations": {NO_SYNC: "true"}})
    installs.status(*HOME)
    assert store.revisions.history(*HOME)[0].manifest["metadata"]["annotations"] == {NO_SYNC: "true"}
    assert actions(store) == ["seen", "install"]


def test_a_list_notices_too(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    kube.change("beacon", spec={"version": "1.2.9"})
    found = installs.apps()
    assert actions(store) == ["seen", "install"]
    assert found.marks["home", "apps", "beacon"].number == 1


def test_G6_what_looks_like_a_secret_in_a_change_by_others_is_not_kept(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    kube.change("beacon", spec={"values": {"db": {"password": "hunter22", "user": "app"}}})
    installs.status(*HOME)
    newest = store.revisions.history(*HOME)[0]
    assert "hunter22" not in repr(newest)
    assert newest.secret_paths == ("db.password",)
    assert newest.manifest["spec"]["values"]["db"] == {"user": "app"}


def test_a_removal_by_others_is_kept_once(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    kube.objects.clear()
    for _ in range(2):
        assert installs.status(*HOME).app.state == "gone"
        installs.apps()
    newest = store.revisions.history(*HOME)[0]
    assert (actions(store), newest.outcome, newest.is_removal) == (["seen", "install"], "gone", True)
    assert store.revisions.installed() == ()


def test_a_list_notices_what_is_missing(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    kube.objects.clear()
    assert installs.apps().apps == ()
    assert actions(store) == ["seen", "install"]


def test_one_that_others_made_anew_is_seen(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    kube.put("beacon", spec=SPEC, status=SYNCED)
    installs.status(*HOME)
    assert actions(store) == ["seen", "install"]
    assert store.revisions.history(*HOME)[0].uid == kube.objects["apps", "beacon"]["metadata"]["uid"]


def test_one_that_nobody_installed_here_gets_no_history(installs: Installs, kube: KubeApi, store: Store) -> None:
    kube.put("beacon", spec=SPEC, status=SYNCED)
    assert installs.status(*HOME).history == ()
    installs.apps()
    assert actions(store) == []


def test_a_revision_from_before_generations_were_kept_is_no_change(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    thing = installed(kube, store)
    store.revisions.sent("request-1", thing["metadata"]["uid"])
    installs.status(*HOME)
    assert (actions(store), store.revisions.history(*HOME)[0].generation) == (["install"], 1)


def test_a_history_is_told_while_the_cluster_is_away(
    installs: Installs, kube: KubeApi, store: Store, tmp_path: Path
) -> None:
    installed(kube, store)
    config = ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path, "http://127.0.0.1:9", "dead")))
    away = Installs([config], store.revisions)
    assert [one.number for one in away.history(*HOME)] == [1]
    with pytest.raises(ClusterUnreachable):
        away.history("home", "apps", "other")
    away.close()


# -- roll back


def test_a_roll_back_sends_the_earlier_spec_and_is_itself_a_revision(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    installs.upgrade(FORM)
    installs.roll_back(*HOME, 1, person="bob", why="2 is broken")
    assert kube.objects["apps", "beacon"]["spec"] == SPEC
    newest = store.revisions.history(*HOME)[0]
    assert (newest.action, newest.based_on, newest.person, newest.why) == ("rollback", 1, "bob", "2 is broken")
    assert (newest.version, newest.chart_digest, newest.values_yaml) == (
        "1.2.0",
        "d1",
        "replicas: 2\ngone: {soon: true}\n",
    )
    assert kube.objects["apps", "beacon"]["metadata"]["finalizers"] == ["captain.cpaas.io"]


def test_a_roll_back_after_a_failed_upgrade_offers_to_sync_again(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    installs.upgrade(FORM)
    kube.change("beacon", status={"phase": "Failed", "reason": "broken"})
    assert installs.status(*HOME).history[0].outcome == "failed"
    installs.roll_back(*HOME, 1, person="bob")
    kube.change("beacon", status={"phase": "Synced", "reason": None})  # the hash of the first one, never left
    found = installs.status(*HOME)
    assert (found.history[0].outcome, found.offers_resync) == ("synced", True)


def test_a_roll_back_makes_a_removed_app_anew(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store, metadata={"finalizers": []})
    installs.uninstall(*HOME, "ann")
    assert installs.status(*HOME).app.state == "gone"
    made = installs.roll_back(*HOME, 1, person="bob")
    now = kube.objects["apps", "beacon"]
    assert now["spec"] == SPEC
    assert now["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "chartroom"
    assert "finalizers" not in now["metadata"]
    assert (made.app.state, actions(store)) == ("waiting", ["rollback", "uninstall", "install"])


def test_a_roll_back_of_a_removed_app_does_not_take_the_release_of_another(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store, metadata={"finalizers": []})
    installs.uninstall(*HOME, "ann")
    kube.put("other", spec={**SPEC, "releaseName": "beacon"})
    with pytest.raises(Conflict, match="“other” in namespace apps owns the release"):
        installs.roll_back(*HOME, 1, person="bob")


@pytest.mark.parametrize("number", [0, 9, 2])
def test_what_is_no_state_of_the_app_cannot_be_rolled_back_to(
    installs: Installs, kube: KubeApi, store: Store, number: int
) -> None:
    installed(kube, store, metadata={"finalizers": []})
    installs.uninstall(*HOME, "ann")
    with pytest.raises(UsageError):
        installs.roll_back(*HOME, number, person="bob")


def test_a_roll_back_over_what_somebody_changed_meanwhile_is_refused(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    looked_at = installs.upgrade(FORM).resource_version
    kube.change("beacon", spec={"version": "7.0.0"})
    with pytest.raises(AppChanged, match="version"):
        installs.roll_back(*HOME, 1, person="bob", resource_version=looked_at)


def test_L1_a_roll_back_sent_twice_is_one(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    installs.upgrade(FORM)
    for _ in range(2):
        installs.roll_back(*HOME, 1, person="bob", request_id="back")
    assert actions(store) == ["rollback", "upgrade", "install"]
    with pytest.raises(Conflict):
        installs.roll_back(*HOME, 2, person="bob", request_id="back")


def test_a_roll_back_uses_the_secret_of_its_revision(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    installs.upgrade(SECRET_FORM)
    secret = kube.objects["apps", "beacon"]["spec"]["valuesFrom"]
    installs.upgrade(replace(FORM, request_id="request-3", values_yaml=""))
    assert "valuesFrom" not in kube.objects["apps", "beacon"]["spec"]
    installs.roll_back(*HOME, 2, person="bob")
    assert kube.objects["apps", "beacon"]["spec"]["valuesFrom"] == secret


def test_a_roll_back_whose_secret_is_gone_asks_for_its_values(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    installs.upgrade(SECRET_FORM)
    installs.upgrade(replace(FORM, request_id="request-3", values_yaml=""))
    kube.secrets.clear()
    with pytest.raises(SecretsNeeded) as caught:
        installs.roll_back(*HOME, 2, person="bob")
    assert caught.value.params["paths"] == ["auth.password"]
    installs.roll_back(*HOME, 2, person="bob", secret_values="auth: {password: hunter33}\n")
    ((_, name),) = kube.secrets
    newest = store.revisions.history(*HOME)[0]
    assert kube.objects["apps", "beacon"]["spec"]["valuesFrom"] == [
        {"secretKeyRef": {"name": name, "key": "values.yaml"}}
    ]
    assert (newest.secret, "hunter33" in repr(newest)) == (name, False)


def test_a_roll_back_to_what_was_only_seen_asks_for_what_was_not_kept(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    kube.change("beacon", spec={"values": {"db": {"password": "hunter22"}}})
    installs.status(*HOME)
    installs.upgrade(FORM)
    with pytest.raises(SecretsNeeded, match=r"db\.password"):
        installs.roll_back(*HOME, 2, person="bob")
    installs.roll_back(*HOME, 2, person="bob", secret_values="db: {password: hunter22}\n")
    assert actions(store) == ["rollback", "upgrade", "seen", "install"]


# -- captain's annotations


def test_each_annotation_of_captains_is_a_revision(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    installs.annotate(*HOME, {KEEP_RESOURCES: "true"}, "ann")
    installs.annotate(*HOME, {KEEP_RESOURCES: "true"}, "ann")
    installs.annotate(*HOME, {KEEP_RESOURCES: None, FORCE_ADOPT: "true"}, "ann", "they are ours")
    assert kube.objects["apps", "beacon"]["metadata"]["annotations"] == {FORCE_ADOPT: "true"}
    assert [(one.action, one.why) for one in store.revisions.history(*HOME)] == [
        ("annotate", "they are ours"), ("annotate", f"{KEEP_RESOURCES}: true"), ("install", ""),
    ]  # fmt: skip
    installs.status(*HOME)
    assert len(actions(store)) == 3


def test_a_resync_is_a_new_annotation_each_time(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    installs.resync(*HOME, "ann")
    first = kube.objects["apps", "beacon"]["metadata"]["annotations"][RESYNC]
    installs.resync(*HOME, "ann")
    assert kube.objects["apps", "beacon"]["metadata"]["annotations"][RESYNC] != first
    assert actions(store) == ["annotate", "annotate", "install"]


def test_an_annotation_that_is_not_captains_is_refused(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    with pytest.raises(UsageError, match="no annotation that captain looks for"):
        installs.annotate(*HOME, {"kubectl.kubernetes.io/restartedAt": "now"}, "ann")
    assert kube.asked("PATCH") == []


def test_an_annotation_that_the_cluster_refuses_is_no_revision(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    forbidden = refusal(403, "Forbidden", "cannot patch")
    kube.faults.append(lambda asked, _reply: forbidden if asked.method == "PATCH" else None)
    with pytest.raises(ClusterError):
        installs.resync(*HOME, "ann")
    assert actions(store) == ["install"]


def test_L1_an_annotation_whose_answer_is_lost_is_read_back(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    kube.faults.append(lambda asked, reply: replace(reply, cut=3) if patched(asked) else None)
    installs.annotate(*HOME, {NO_SYNC: "true"}, "ann")
    assert (actions(store), len(list(filter(patched, kube.log)))) == (["annotate", "install"], 1)


# -- import


def test_a_foreign_helmrequest_gets_its_first_revision(installs: Installs, kube: KubeApi, store: Store) -> None:
    kube.put("beacon", spec={**SPEC, "values": {"token": "hunter22", "replicas": 4}}, status=SYNCED)
    made = installs.adopt(*HOME, "ann", source="sample")
    (first,) = made.history
    assert (first.action, first.source, first.person, first.outcome) == ("seen", "sample", "ann", "synced")
    assert (first.values_yaml, first.secret_paths) == ("replicas: 4\n", ("token",))
    assert "labels" not in kube.objects["apps", "beacon"]["metadata"]
    with pytest.raises(Conflict, match="has a history already"):
        installs.adopt(*HOME, "ann")


def test_an_import_marks_the_object_only_if_asked(installs: Installs, kube: KubeApi, store: Store) -> None:
    kube.put("beacon", spec=SPEC, status=SYNCED)
    made = installs.adopt(*HOME, "ann", source="sample", labels=True)
    labels = kube.objects["apps", "beacon"]["metadata"]["labels"]
    assert labels == {key: value for key, value in LABELS.items() if key != "chartroom.dev/request"}
    assert (made.app.managed, made.app.source, actions(store)) == (True, "sample", ["seen"])
    installs.status(*HOME)
    assert actions(store) == ["seen"]


# -- removal


def test_a_removal_says_why_and_how_it_ended(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    installs.uninstall(*HOME, "ann", why="no longer used")
    assert store.revisions.history(*HOME)[0].outcome == ""
    assert kube.asked("DELETE")[0].body["propagationPolicy"] == "Foreground"
    kube.objects.clear()
    assert installs.catch_up() == 1
    newest = store.revisions.history(*HOME)[0]
    assert (newest.action, newest.why, newest.outcome) == ("uninstall", "no longer used", "gone")
    assert actions(store) == ["uninstall", "install"]


def test_a_removal_that_keeps_the_objects_tells_captain_first(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    installs.uninstall(*HOME, "ann", keep_resources=True)
    assert kube.objects["apps", "beacon"]["metadata"]["annotations"] == {KEEP_RESOURCES: "true"}
    assert [one.method for one in kube.log if patched(one) or one.method == "DELETE"] == ["PATCH", "DELETE"]
    assert actions(store) == ["uninstall", "annotate", "install"]


def test_where_captain_cannot_be_told_to_keep_them_nothing_is_removed(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    forbidden = refusal(403, "Forbidden", "cannot patch")
    kube.faults.append(lambda asked, _reply: forbidden if asked.method == "PATCH" else None)
    with pytest.raises(ClusterError):
        installs.uninstall(*HOME, "ann", keep_resources=True)
    assert kube.asked("DELETE") == []


@pytest.mark.parametrize(("keep", "left"), [(False, 0), (True, 1)])
def test_the_secrets_with_values_go_or_stay(
    installs: Installs, kube: KubeApi, store: Store, keep: bool, left: int
) -> None:
    installed(kube, store)
    installs.upgrade(SECRET_FORM)
    installs.uninstall(*HOME, "ann", keep_secrets=keep)
    assert len(kube.secrets) == left


def test_a_foreign_secret_is_never_removed(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    installs.upgrade(SECRET_FORM)
    for secret in kube.secrets.values():
        secret["metadata"]["labels"] = {}
    installs.uninstall(*HOME, "ann")
    assert len(kube.secrets) == 1


def test_L1_a_removal_whose_answer_is_lost_is_looked_for(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    kube.faults.append(lambda asked, reply: replace(reply, cut=3) if asked.method == "DELETE" else None)
    assert installs.uninstall(*HOME, "ann").app.state == "deleting"
    assert (actions(store), len(kube.asked("DELETE"))) == (["uninstall", "install"], 1)


def test_L1_a_removal_whose_answer_is_lost_is_not_forgotten(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store, metadata={"finalizers": []})
    dead = [False]

    def cut(asked: Asked, reply: Reply) -> Reply | None:
        dead[0] = dead[0] or asked.method == "DELETE"
        return replace(reply, cut=3) if dead[0] else None

    kube.faults.append(cut)
    with pytest.raises(ClusterError):
        installs.uninstall(*HOME, "ann")
    kube.faults.clear()
    found: Any = installs.status(*HOME)
    assert (found.app.state, [one.action for one in found.history]) == ("gone", ["uninstall", "install"])
    assert found.history[0].outcome == "gone"


def test_one_that_is_not_there_has_no_verbs(installs: Installs) -> None:
    for verb in (installs.resync, installs.uninstall, installs.adopt):
        with pytest.raises(InstallNotFound):
            verb(*HOME, "ann")


def test_what_others_did_is_kept_before_it_is_written_over(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    kube.change("beacon", spec={"version": "1.2.9"})
    installs.upgrade(FORM)
    assert [(one.action, one.version) for one in store.revisions.history(*HOME)] == [
        ("upgrade", "1.3.0"), ("seen", "1.2.9"), ("install", "1.2.0"),
    ]  # fmt: skip


def test_a_removal_by_others_is_kept_before_the_app_is_made_anew(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    kube.objects.clear()
    installs.roll_back(*HOME, 1, person="bob")
    assert [(one.action, one.outcome) for one in store.revisions.history(*HOME)] == [
        ("rollback", ""), ("seen", "gone"), ("install", "synced"),
    ]  # fmt: skip


def test_what_captain_made_of_the_last_revision_is_kept_before_the_next(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    installs.upgrade(FORM)
    kube.change("beacon", status={"version": "1.3.0", "lastSpecHash": "12"})
    installs.upgrade(replace(FORM, version="1.4.0", request_id="request-3"))
    assert [one.outcome for one in store.revisions.history(*HOME)] == ["", "synced", "synced"]


def test_a_change_by_others_tells_the_program_that_wrote_it(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    fields = [
        {"manager": "captain", "time": "2026-11-25T08:00:00Z", "fieldsV1": {"f:metadata": {"f:finalizers": {}}}},
        {"manager": "flux", "time": "2026-11-25T07:00:00Z", "fieldsV1": {"f:spec": {}}},
        {"manager": "chartroom", "time": "2026-11-23T07:00:00Z", "fieldsV1": {"f:spec": {}}},
        {"manager": "x", "subresource": "status", "time": "2026-11-25T09:00:00Z", "fieldsV1": {"f:spec": {}}},
        "odd",
    ]
    kube.change("beacon", spec={"version": "1.2.9"}, metadata={"managedFields": fields})
    assert installs.status(*HOME).history[0].person == "flux"


def test_an_app_whose_source_was_renamed_is_imported_under_the_new_name(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    with pytest.raises(Conflict):
        installs.adopt(*HOME, "ann", source="sample")
    installs.adopt(*HOME, "ann", source="renamed")
    newest = store.revisions.history(*HOME)[0]
    assert (newest.action, newest.source, newest.values_yaml) == (
        "seen",
        "renamed",
        "replicas: 2\ngone: {soon: true}\n",
    )
    assert installs.upgrade(replace(FORM, source="renamed")).app.version == "1.3.0"
