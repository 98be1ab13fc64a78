"""The fake captain writes the shapes that captain 1.5.0 was recorded to write on a real API server."""

from datetime import UTC, datetime
from typing import Any

from tests.parts import fake_captain

NOW = datetime(2026, 11, 23, 6, 55, 42, tzinfo=UTC)
LOADED = {
    "lastTransitionTime": "2026-11-23T06:55:42Z",
    "message": "chart tiny:0.1.0 loaded",
    "reason": "ChartLoaded",
    "status": "True",
    "type": "Initialized",
}
RECORDED_PENDING = {"phase": "Pending"}
RECORDED_LOADED = {"conditions": [LOADED], "phase": "Pending"}
HASH = "5753622718576359488"
NOTES = "1. Get the application URL by running these commands:\n"
RECORDED_SYNCED = {
    "conditions": [LOADED],
    "lastSpecHash": HASH,
    "notes": NOTES,
    "phase": "Synced",
    "version": "0.1.0",
}
RECORDED_CHART_NOT_FOUND = {"phase": "Failed", "reason": 'charts.app.alauda.io "nothere.open" not found'}
UPGRADE_REASON = 'UPGRADE FAILED: cannot patch "upd-tiny" with kind Service: Service "upd-tiny" is invalid'
RECORDED_UPGRADE_FAILED = {**RECORDED_SYNCED, "phase": "Failed", "reason": UPGRADE_REASON}


def installed() -> dict[str, Any]:
    begun = fake_captain.loaded(fake_captain.pending({}), "tiny", "0.1.0", NOW)
    return fake_captain.synced(begun, "0.1.0", HASH, NOTES)


def test_an_install_goes_through_the_recorded_steps() -> None:
    first = fake_captain.pending({})
    second = fake_captain.loaded(first, "tiny", "0.1.0", NOW)
    assert [first, second, installed()] == [RECORDED_PENDING, RECORDED_LOADED, RECORDED_SYNCED]


def test_an_upgrade_keeps_the_last_success_until_it_is_done() -> None:
    assert fake_captain.pending(installed()) == {**RECORDED_SYNCED, "phase": "Pending"}


def test_a_failure_before_the_chart_was_found_has_only_a_reason() -> None:
    reason = RECORDED_CHART_NOT_FOUND["reason"]
    assert fake_captain.failed(fake_captain.pending({}), reason) == RECORDED_CHART_NOT_FOUND


def test_a_failed_upgrade_keeps_hash_version_and_notes_of_the_last_success() -> None:
    assert fake_captain.failed(fake_captain.pending(installed()), UPGRADE_REASON) == RECORDED_UPGRADE_FAILED


def test_a_retry_drops_the_reason() -> None:
    assert fake_captain.pending(RECORDED_UPGRADE_FAILED) == {**RECORDED_SYNCED, "phase": "Pending"}
    assert fake_captain.pending(RECORDED_CHART_NOT_FOUND) == RECORDED_PENDING


def test_going_back_to_the_last_success_leaves_no_reason() -> None:
    assert fake_captain.synced(RECORDED_UPGRADE_FAILED, "0.1.0", HASH, NOTES) == RECORDED_SYNCED


def test_the_hash_is_a_decimal_number_that_follows_spec_and_annotations_and_not_labels() -> None:
    request = {"metadata": {"name": "upd"}, "spec": {"chart": "open/tiny", "version": "0.1.0"}}
    labelled = {**request, "metadata": {"name": "upd", "labels": {"a": "b"}}}
    annotated = {**request, "metadata": {"name": "upd", "annotations": {"a": "b"}}}
    upgraded = {**request, "spec": {"chart": "open/tiny", "version": "0.2.0"}}
    hashes = [fake_captain.hash_of(each) for each in (request, annotated, upgraded)]
    assert fake_captain.hash_of(labelled) == hashes[0]
    assert len(set(hashes)) == 3
    assert all(each.isdecimal() and int(each) < 2**64 for each in hashes)


def test_a_synced_chart_repo_has_the_recorded_shape() -> None:
    assert fake_captain.chart_repo("captain", "open", "http://127.0.0.1:28081/", NOW) == {
        "apiVersion": "app.alauda.io/v1beta1",
        "kind": "ChartRepo",
        "metadata": {
            "annotations": {"cpaas.io/last-sync-at": "2026-11-23T06:55:42Z"},
            "name": "open",
            "namespace": "captain",
        },
        "spec": {"type": "Chart", "url": "http://127.0.0.1:28081/"},
        "status": {"phase": "Synced"},
    }


def test_a_chart_has_the_recorded_shape() -> None:
    repo = {"metadata": {"name": "open", "namespace": "captain", "uid": "d3706a2d"}}
    entry = {"name": "Tiny", "version": "0.2.0", "urls": ["charts/tiny-0.2.0.tgz"]}
    assert fake_captain.chart_of(repo, "Tiny", [entry]) == {
        "apiVersion": "app.alauda.io/v1beta1",
        "kind": "Chart",
        "metadata": {
            "labels": {"repo": "open"},
            "name": "tiny.open",
            "namespace": "captain",
            "ownerReferences": [
                {
                    "apiVersion": "app.alauda.io/v1alpha1",
                    "blockOwnerDeletion": True,
                    "controller": True,
                    "kind": "ChartRepo",
                    "name": "open",
                    "uid": "d3706a2d",
                }
            ],
        },
        "spec": {"versions": [entry]},
    }
