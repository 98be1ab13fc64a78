"""Upgrading an app: one write over what the person saw, told apart from captain's own, and never twice."""

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog_web.install.recorded import token
from catalog_web.install.service import Installs
from indexer.errors import (
    AppChanged,
    ClusterError,
    ClusterRefused,
    ClusterTimedOut,
    Conflict,
    InstallNotFound,
    ManagedElsewhere,
    ObjectInvalid,
    SecretValuesGone,
    UsageError,
)
from indexer.model import ClusterConfig
from indexer.store import Store
from tests.apps import FORM, LABELS, SPEC, installed
from tests.kube_api import Asked, Fault, KubeApi, Reply, html, refusal

SECRET_FORM = replace(FORM, values_yaml="replicas: 3\nauth: {password: hunter22}\n", secret_paths=("auth.password",))


def written(asked: Asked) -> bool:
    return asked.method == "PUT" and "dryRun" not in asked.query


def once(answer: Any) -> Fault:
    """A fault of the first write; ``answer`` is one, or makes one of the request."""
    seen: list[Asked] = []

    def fault(asked: Asked, reply: Reply) -> Reply | None:
        if not written(asked) or seen:
            return None
        seen.append(asked)
        return answer(reply) if callable(answer) else answer

    return fault


def before_the_write(kube: KubeApi, change: Any) -> None:
    """Have ``change`` happen between the last look and the first write."""
    plain, done = kube.answer, []

    def answer(asked: Asked) -> Reply:
        if written(asked) and not done:
            done.append(asked)
            change()
        return plain(asked)

    kube.answer = answer  # type: ignore[method-assign]


def writes(kube: KubeApi) -> list[Asked]:
    return [one for one in kube.asked("PUT") if written(one)]


# -- the good case


def test_an_upgrade_puts_the_whole_object_with_the_new_spec(installs: Installs, kube: KubeApi, store: Store) -> None:
    metadata = {"finalizers": ["captain.cpaas.io", "other/one"], "annotations": {"team": "blue"}}
    installed(kube, store, metadata={**metadata, "labels": {**LABELS, "foreign": "label"}})
    made = installs.upgrade(FORM)
    now = kube.objects["apps", "beacon"]
    assert now["spec"] == {
        "chart": "sample/lighthouse",
        "version": "1.3.0",
        "namespace": "apps",
        "releaseName": "beacon",
        "values": {"replicas": 3, "probe": None},
    }
    assert now["metadata"]["finalizers"] == ["captain.cpaas.io", "other/one"]
    assert now["metadata"]["annotations"] == {"team": "blue"}
    assert now["metadata"]["labels"] == {**LABELS, "foreign": "label", "chartroom.dev/request": "request-2"}
    assert (made.revision, made.app.state, made.app.status.id) == (2, "upgrading", "change-not-seen")
    assert len(writes(kube)) == 1


def test_an_upgrade_is_a_revision_with_who_and_why(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    installs.upgrade(replace(FORM, chart_digest="d2"))
    kept = store.revisions.history("home", "apps", "beacon")[0]
    assert (kept.number, kept.action, kept.version, kept.person, kept.why, kept.chart_digest) == (
        2, "upgrade", "1.3.0", "ann", "more room", "d2",
    )  # fmt: skip
    assert kept.values_yaml == FORM.values_yaml
    assert kept.manifest["spec"] == kube.objects["apps", "beacon"]["spec"]
    assert (kept.generation, kept.spec_hash, kept.outcome) == (2, "11", "")


def test_what_the_namespace_and_the_release_were_they_stay(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store, spec={**SPEC, "namespace": "elsewhere", "releaseName": "older", "dependencies": ["db"]})
    installs.upgrade(FORM)
    spec = kube.objects["apps", "beacon"]["spec"]
    assert (spec["namespace"], spec["releaseName"], spec["dependencies"]) == ("elsewhere", "older", ["db"])


def test_a_dry_run_keeps_and_writes_nothing(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    found = installs.preview_upgrade(FORM).helmrequest
    assert found is not None
    assert found["spec"]["version"] == "1.3.0"
    assert kube.objects["apps", "beacon"]["spec"]["version"] == "1.2.0"
    assert len(store.revisions.history("home", "apps", "beacon")) == 1
    assert writes(kube) == []


def test_the_outcome_is_kept_once_captain_has_another_hash(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    installs.upgrade(FORM)
    assert installs.status("home", "apps", "beacon").history[0].outcome == ""
    kube.change("beacon", status={"version": "1.3.0", "lastSpecHash": "12"})
    assert installs.status("home", "apps", "beacon").history[0].outcome == "synced"
    assert store.revisions.history("home", "apps", "beacon")[0].outcome == "synced"


def test_another_process_does_not_take_the_old_synced_for_the_new_one(
    installs: Installs, kube: KubeApi, store: Store, tmp_path: Path
) -> None:
    installed(kube, store)
    installs.upgrade(FORM)
    other = Installs([ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path)))], store.revisions)
    found = other.status("home", "apps", "beacon")
    assert (found.app.state, found.history[0].outcome) == ("upgrading", "")
    other.close()


def test_a_failure_is_kept_with_its_reason_and_may_still_come_right(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    installs.upgrade(FORM)
    kube.change("beacon", status={"phase": "Failed", "reason": "cannot patch"})
    newest = installs.status("home", "apps", "beacon").history[0]
    assert (newest.outcome, newest.outcome_reason) == ("failed", "cannot patch")
    kube.change("beacon", status={"phase": "Synced", "reason": None, "lastSpecHash": "12"})
    assert installs.status("home", "apps", "beacon").history[0].outcome == "synced"


def test_a_later_upgrade_says_that_the_one_before_never_had_its_turn(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    installs.upgrade(FORM)
    installs.upgrade(replace(FORM, version="1.4.0", request_id="request-3"))
    assert [one.outcome for one in store.revisions.history("home", "apps", "beacon")] == ["", "replaced", "synced"]


def test_outcomes_are_kept_although_nobody_looks(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    installs.upgrade(FORM)
    store_now = store.revisions.unsettled(installs.status("home", "apps", "beacon").history[0].at.replace(year=2000))
    assert [one.number for one in store_now] == [2]
    kube.change("beacon", status={"version": "1.3.0", "lastSpecHash": "12"})
    assert installs.catch_up() == 1
    assert store.revisions.history("home", "apps", "beacon")[0].outcome == "synced"
    assert installs.catch_up() == 0


# -- somebody else


def test_captains_own_writes_of_the_status_are_no_conflict(installs: Installs, kube: KubeApi, store: Store) -> None:
    looked_at = token(installed(kube, store))
    kube.change("beacon", status={"phase": "Pending"})
    before_the_write(kube, lambda: kube.change("beacon", status={"phase": "Synced"}))
    installs.upgrade(replace(FORM, resource_version=looked_at))
    assert kube.objects["apps", "beacon"]["spec"]["version"] == "1.3.0"


def test_a_finalizer_that_captain_adds_meanwhile_stays(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store, metadata={"finalizers": []})
    before_the_write(kube, lambda: kube.change("beacon", metadata={"finalizers": ["captain.cpaas.io"]}))
    installs.upgrade(FORM)
    assert kube.objects["apps", "beacon"]["metadata"]["finalizers"] == ["captain.cpaas.io"]


def test_of_two_people_one_wins_and_the_other_is_told_what_changed(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    looked_at = token(installed(kube, store))
    installs.upgrade(replace(FORM, resource_version=looked_at))
    mine = replace(FORM, version="1.2.5", request_id="request-3", person="bob", resource_version=looked_at)
    with pytest.raises(AppChanged, match="“beacon” was changed meanwhile by ann") as caught:
        installs.upgrade(mine)
    assert {"path": "version", "before": "1.2.0", "after": "1.3.0"} in caught.value.params["changes"]
    assert {"path": "values.gone.soon", "before": "true", "after": ""} in caught.value.params["changes"]
    assert kube.objects["apps", "beacon"]["spec"]["version"] == "1.3.0"
    assert len(store.revisions.history("home", "apps", "beacon")) == 2
    again = replace(mine, request_id="request-4", resource_version=caught.value.params["resource_version"])
    assert installs.upgrade(again).app.version == "1.2.5"


def test_somebody_who_is_faster_by_a_moment_wins(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    before_the_write(kube, lambda: kube.change("beacon", spec={"version": "9.9.9"}))
    with pytest.raises(AppChanged, match="by somebody else: version"):
        installs.upgrade(FORM)
    assert kube.objects["apps", "beacon"]["spec"]["version"] == "9.9.9"
    assert [one.action for one in store.revisions.history("home", "apps", "beacon")] == ["seen", "install"]


def test_G6_a_conflict_tells_no_secret(installs: Installs, kube: KubeApi, store: Store) -> None:
    looked_at = token(installed(kube, store))
    kube.change("beacon", spec={"values": {"db": {"password": "hunter22"}}})
    with pytest.raises(AppChanged) as caught:
        installs.upgrade(replace(FORM, resource_version=looked_at))
    assert "hunter22" not in json.dumps(caught.value.params)
    assert "hunter22" not in repr(store.revisions.history("home", "apps", "beacon"))


def test_an_upgrade_from_another_source_is_refused(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    with pytest.raises(Conflict, match="installed from the source “sample”"):
        installs.upgrade(replace(FORM, source="other"))
    assert writes(kube) == []


def test_one_that_is_being_removed_is_not_upgraded(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store, metadata={"deletionTimestamp": "2026-11-23T07:18:39Z"})
    with pytest.raises(Conflict, match="is being removed"):
        installs.upgrade(FORM)


def test_one_whose_chart_cannot_be_seen_is_managed_elsewhere(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store, spec={"values": {"a": 1}})
    with pytest.raises(ManagedElsewhere):
        installs.upgrade(FORM)
    assert writes(kube) == []


def test_one_that_is_not_there_is_not_found(installs: Installs) -> None:
    with pytest.raises(InstallNotFound):
        installs.upgrade(FORM)


def test_values_that_cannot_be_read_are_refused_before_anything_is_kept(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    with pytest.raises(UsageError, match="line 2"):
        installs.upgrade(replace(FORM, values_yaml="a: [\n"))
    assert len(store.revisions.history("home", "apps", "beacon")) == 1


# -- faults


def test_L1_an_answer_that_is_cut_off_is_read_back(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    kube.faults.append(once(lambda reply: replace(reply, cut=5)))
    assert installs.upgrade(FORM).app.version == "1.3.0"
    assert (len(writes(kube)), store.revisions.history("home", "apps", "beacon")[0].generation) == (1, 2)


def test_L1_the_same_request_sent_twice_writes_once(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    first, second = installs.upgrade(FORM), installs.upgrade(FORM)
    assert (first.revision, second.revision, len(writes(kube))) == (2, 2, 1)


def test_L1_a_retry_finds_what_the_lost_request_did(
    installs: Installs, kube: KubeApi, store: Store, tmp_path: Path
) -> None:
    installed(kube, store)
    home = ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path)))
    hasty = Installs([home], store.revisions, total_seconds=1)
    never = threading.Event()
    after_the_write = [False]

    def hang(asked: Asked, reply: Reply) -> Reply | None:
        after_the_write[0] = after_the_write[0] or written(asked)
        return replace(reply, after=never) if after_the_write[0] else None

    kube.faults.append(hang)
    with pytest.raises(ClusterTimedOut):
        hasty.upgrade(FORM)
    never.set()
    kube.faults.clear()
    assert store.revisions.history("home", "apps", "beacon")[0].uid == ""
    assert installs.upgrade(FORM).history[0].generation == 2
    assert len(writes(kube)) == 1
    hasty.close()


def test_L1_a_lost_answer_is_also_noticed_by_whoever_looks_next(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    cut = [False]

    def dead(asked: Asked, reply: Reply) -> Reply | None:
        cut[0] = cut[0] or written(asked)
        return replace(reply, cut=3) if cut[0] else None

    kube.faults.append(dead)
    with pytest.raises(ClusterError):
        installs.upgrade(FORM)
    kube.faults.clear()
    newest = installs.status("home", "apps", "beacon").history[0]
    assert (newest.number, newest.action, newest.generation) == (2, "upgrade", 2)


def test_L1_a_write_that_did_not_arrive_can_be_sent_again(installs: Installs, kube: KubeApi, store: Store) -> None:
    thing = installed(kube, store)

    def lost(_reply: Reply) -> Reply:
        kube.objects["apps", "beacon"] = thing
        return html(502)

    kube.faults.append(once(lost))
    with pytest.raises(ClusterError, match="502"):
        installs.upgrade(FORM)
    assert installs.upgrade(FORM).app.version == "1.3.0"
    assert len(store.revisions.history("home", "apps", "beacon")) == 2


def test_the_same_request_with_other_content_is_refused(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    installs.upgrade(FORM)
    with pytest.raises(Conflict, match="already sent with another content"):
        installs.upgrade(replace(FORM, values_yaml="replicas: 9\n"))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal(403, "Forbidden", "cannot update"), ClusterRefused),
        (refusal(422, "Invalid", "spec.version: Invalid value"), ObjectInvalid),
    ],
)
def test_L2_what_the_cluster_refuses_leaves_no_revision(
    installs: Installs, kube: KubeApi, store: Store, answer: Reply, error: type[Exception]
) -> None:
    installed(kube, store)
    kube.faults.append(once(answer))
    with pytest.raises(error):
        installs.upgrade(SECRET_FORM)
    assert len(store.revisions.history("home", "apps", "beacon")) == 1
    assert kube.secrets == {}


# -- secrets


def test_G6_secret_values_go_to_a_secret_and_stand_nowhere_else(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    installs.upgrade(SECRET_FORM)
    (name,) = [one for _, one in kube.secrets]
    now = kube.objects["apps", "beacon"]
    assert now["spec"]["valuesFrom"] == [{"secretKeyRef": {"name": name, "key": "values.yaml"}}]
    assert now["spec"]["values"]["replicas"] == 3
    assert "hunter22" not in json.dumps(now)
    kept = store.revisions.history("home", "apps", "beacon")[0]
    assert (kept.secret, kept.secret_paths) == (name, ("auth.password",))
    assert "hunter22" not in repr(kept)


def test_a_secret_value_that_is_not_typed_again_stays_as_it_was(
    installs: Installs, kube: KubeApi, store: Store
) -> None:
    installed(kube, store)
    installs.upgrade(SECRET_FORM)
    form = replace(FORM, version="1.4.0", request_id="request-3", kept_secrets=("auth.password",))
    installs.upgrade(form)
    spec = kube.objects["apps", "beacon"]["spec"]
    (entry,) = spec["valuesFrom"]
    newest = entry["secretKeyRef"]["name"]
    first, second = (kube.secrets["apps", one]["data"] for one in sorted({name for _, name in kube.secrets}))
    assert first == second
    assert newest == store.revisions.history("home", "apps", "beacon")[0].secret
    assert len(kube.secrets) == 2


def test_a_kept_secret_that_is_gone_is_asked_for(installs: Installs, kube: KubeApi, store: Store) -> None:
    installed(kube, store)
    installs.upgrade(SECRET_FORM)
    kube.secrets.clear()
    with pytest.raises(SecretValuesGone):
        installs.upgrade(replace(FORM, request_id="request-3", kept_secrets=("auth.password",)))


def test_what_others_named_in_values_from_stays_first(installs: Installs, kube: KubeApi, store: Store) -> None:
    foreign = {"configMapKeyRef": {"name": "common", "key": "values.yaml"}}
    installed(kube, store, spec={**SPEC, "valuesFrom": [foreign]})
    installs.upgrade(SECRET_FORM)
    assert kube.objects["apps", "beacon"]["spec"]["valuesFrom"][0] == foreign
