"""What captain has done to a HelmRequest, in plain words: played along the recorded timelines of captain 1.5.0."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.install.status import (
    GIVE_UP,
    SENTENCES,
    AppStatus,
    Marker,
    advance,
    app_of,
    busy_with,
    marker,
    seen,
    status_of,
)

BORN = datetime(2026, 11, 23, 6, 55, 42, tzinfo=UTC)
SOON = BORN + timedelta(seconds=2)
LOADED = [{"type": "Initialized", "status": "True", "reason": "ChartLoaded", "message": "chart tiny:0.1.0 loaded"}]
SYNCED = {"phase": "Synced", "version": "0.1.0", "lastSpecHash": "11", "notes": "Hello", "conditions": LOADED}
ERROR = "cannot find version 9.9.9 for chart tiny.open"


def thing(status: Any = ..., finalizers: Any = ("captain.cpaas.io",), spec: Any = (), **meta: Any) -> dict[str, Any]:
    whole = {
        "metadata": {
            "name": "web",
            "namespace": "apps",
            "uid": "u1",
            "generation": 1,
            "resourceVersion": "7",
            "creationTimestamp": "2026-11-23T06:55:42Z",
            "finalizers": list(finalizers),
            **meta,
        },
        "spec": {"chart": "open/tiny", "version": "0.1.0", "releaseName": "web", "namespace": "apps", **dict(spec)},
    }
    return whole if status is ... else {**whole, "status": status}


def look(*args: Any, now: datetime = SOON, **options: Any) -> AppStatus:
    return status_of(thing(*args, **options), now=now)


def event(reason: str, message: str, at: str = "2026-11-23T06:55:43Z", uid: str = "u1") -> dict[str, Any]:
    return {"reason": reason, "message": message, "lastTimestamp": at, "involvedObject": {"uid": uid}}


def follow(*sights: Any, now: datetime = SOON) -> AppStatus:
    status: AppStatus | None = None
    for sight in sights:
        status = advance(status, sight, now=now)
    assert status is not None
    return status


# -- one look


def test_a_new_one_waits_until_captain_has_seen_it() -> None:
    found = look(finalizers=[])
    assert (found.state, found.id, found.phase) == ("waiting", "not-seen", "")


def test_after_minutes_it_says_that_captain_may_be_busy_or_down() -> None:
    found = look(finalizers=[], now=BORN + timedelta(minutes=4))
    assert (found.state, found.id) == ("waiting", "not-taken-up")
    assert "4 min" in found.headline


def test_it_names_the_helmrequest_that_captain_is_busy_with() -> None:
    found = status_of(thing(finalizers=[]), now=SOON, busy_with="apps/slow")
    assert (found.state, found.id) == ("waiting", "busy")
    assert "apps/slow" in found.detail


def test_one_with_dependencies_says_which_it_waits_for_and_what_captain_said() -> None:
    told = "dependency db of web is not synced to cluster  yet"
    waits = thing(spec={"dependencies": ["db", "cache"]})
    found = status_of(waits, now=SOON, events=[event("FailedSync", told)])
    assert (found.state, found.id) == ("waiting", "dependency")
    assert found.headline == "Waiting for db, cache"
    assert told in found.detail


def test_with_captains_finalizer_and_no_dependency_it_was_just_taken_up() -> None:
    assert look().id == "taken-up"


def test_one_that_was_taken_up_and_no_more_says_so_after_minutes() -> None:
    found = look(now=BORN + timedelta(minutes=4))
    assert (found.state, found.id, found.settled) == ("waiting", "stuck", False)
    assert "4 min" in found.headline


def test_what_captain_could_not_begin_with_is_told_from_the_events() -> None:
    told = event("FailedSync", "cannot find the cluster moon")
    early = status_of(thing(), now=SOON, events=[told])
    late = status_of(thing(), now=BORN + timedelta(minutes=4), events=[told])
    assert [(one.id, one.reason) for one in (early, late)] == [
        ("taken-up", told["message"]),
        ("stuck", told["message"]),
    ]


def test_the_first_pending_is_an_install_and_tells_when_the_chart_is_there() -> None:
    assert look({"phase": "Pending"}).id == "installing"
    loaded = look({"phase": "Pending", "conditions": LOADED})
    assert (loaded.state, loaded.id, loaded.phase) == ("installing", "installing-loaded", "Pending")


def test_synced_is_running_with_version_and_notes_and_nothing_left_to_wait_for() -> None:
    found = look(SYNCED)
    assert (found.state, found.version, found.notes, found.settled) == ("running", "0.1.0", "Hello", True)
    assert "not watched" in found.detail


def test_failed_shows_captains_reason() -> None:
    found = look({"phase": "Failed", "reason": ERROR})
    assert (found.state, found.reason, found.settled) == ("failed", ERROR, False)


def test_a_reason_of_several_lines_keeps_its_lines_and_loses_control_characters() -> None:
    assert look({"phase": "Failed", "reason": "tiny:\n- a\x1b[31m\x00"}).reason == "tiny:\n- a[31m"


def test_pending_after_an_earlier_success_is_an_upgrade() -> None:
    found = look({**SYNCED, "phase": "Pending"}, spec={"version": "0.2.0"})
    assert (found.state, found.detail) == ("upgrading", "captain goes from version 0.1.0 to 0.2.0.")


def test_the_events_tell_that_a_pending_one_is_a_retry() -> None:
    events = [event("Synced", "ok", "2026-11-23T06:55:40Z"), event("FailedSync", ERROR)]
    found = status_of(thing({"phase": "Pending"}), now=SOON, events=events)
    assert (found.state, found.reason) == ("retrying", ERROR)


def test_events_of_an_earlier_object_of_the_same_name_are_not_its_own() -> None:
    assert status_of(thing({"phase": "Pending"}), now=SOON, events=[event("FailedSync", ERROR, uid="old")]).reason == ""


def test_a_deleted_one_is_being_removed_though_its_phase_still_says_synced() -> None:
    found = look(SYNCED, deletionTimestamp="2026-11-23T06:55:43Z")
    assert (found.state, found.id, found.phase) == ("deleting", "deleting", "Synced")


def test_a_removal_that_takes_minutes_says_why_that_may_be() -> None:
    found = look(SYNCED, deletionTimestamp="2026-11-23T06:55:43Z", now=BORN + timedelta(minutes=3))
    assert (found.state, found.id) == ("deleting", "deleting-slowly")


def test_a_release_name_that_captain_can_never_remove_is_told() -> None:
    found = look(SYNCED, deletionTimestamp="2026-11-23T06:55:43Z", spec={"releaseName": "n" * 54})
    assert (found.state, found.id) == ("deleting", "deleting-never")
    assert "54" in found.detail


def test_partly_synced_is_a_failure_that_names_the_clusters() -> None:
    found = look({"phase": "PartialSynced", "syncedClusters": ["edge"]})
    assert (found.state, "edge" in found.detail) == ("failed", True)


@pytest.mark.parametrize(
    "status", [None, [], "Synced", {"phase": 3}, {"phase": "Synced", "version": {}}, {"phase": "Odd"}]
)
def test_L3_a_status_of_a_wrong_type_is_shown_as_unknown(status: Any) -> None:
    assert look(status).state == "unknown"


@pytest.mark.parametrize("whole", [None, [], 3, {}, {"metadata": None, "spec": None, "status": None}])
def test_L3_an_object_of_nulls_is_shown_as_unknown(whole: Any) -> None:
    assert status_of(whole, now=SOON).state == "unknown"
    assert app_of("home", whole, status_of(whole, now=SOON)).name == ""


def test_L3_labels_and_finalizers_of_wrong_types_count_as_absent() -> None:
    one = seen({"metadata": {"name": "web", "labels": {"a": 1, "b": "2"}, "finalizers": [1, "x"]}, "spec": {}})
    assert (one.labels, one.finalizers) == ({"b": "2"}, ("x",))


# -- after a change


def test_after_a_change_the_old_synced_is_not_taken_for_the_new_one() -> None:
    before = Marker(generation=1, spec_hash="11", failed=False)
    found = status_of(thing(SYNCED, generation=2), now=SOON, before=before)
    assert (found.state, found.id, found.settled) == ("upgrading", "change-not-seen", False)


def test_after_a_change_synced_with_another_hash_is_done() -> None:
    before = Marker(generation=1, spec_hash="11", failed=False)
    found = status_of(thing({**SYNCED, "lastSpecHash": "12"}, generation=2), now=SOON, before=before)
    assert (found.state, found.settled) == ("running", True)


def test_a_failed_one_put_back_to_its_last_good_spec_is_done_with_the_hash_it_had() -> None:
    before = Marker(generation=2, spec_hash="11", failed=True)
    assert status_of(thing(SYNCED, generation=3), now=SOON, before=before).settled


def test_with_an_unchanged_generation_there_is_nothing_to_wait_for() -> None:
    before = Marker(generation=1, spec_hash="11", failed=False)
    assert status_of(thing(SYNCED), now=SOON, before=before).settled


def test_a_failed_that_captain_wrote_before_the_change_is_not_the_answer_to_it() -> None:
    failing = {"phase": "Failed", "reason": ERROR}
    before = Marker(generation=1, spec_hash="", failed=True, resource_version="9")
    assert status_of(thing(failing, generation=2, resourceVersion="9"), now=SOON, before=before).id == "change-not-seen"
    assert status_of(thing(failing, generation=2, resourceVersion="10"), now=SOON, before=before).state == "failed"


def test_a_marker_remembers_hash_generation_and_failure() -> None:
    status = look({"phase": "Failed", "reason": ERROR, "lastSpecHash": "11"})
    assert marker(status, "9") == Marker(1, "11", True, "9")


# -- following


def test_the_last_reason_stays_visible_while_captain_tries_again() -> None:
    failing, pending = thing({"phase": "Failed", "reason": ERROR}), thing({"phase": "Pending"})
    found = follow(pending, failing, pending, pending)
    assert (found.state, found.phase, found.reason) == ("retrying", "Pending", ERROR)
    assert follow(failing, pending, failing).state == "failed"
    assert follow(failing, pending, thing(SYNCED)).reason == ""


def test_a_corrected_spec_is_a_new_try_without_the_old_reason() -> None:
    found = follow(thing({"phase": "Failed", "reason": ERROR}), thing({"phase": "Pending"}, generation=2))
    assert (found.state, found.reason) == ("installing", "")


def test_another_object_of_the_same_name_inherits_nothing() -> None:
    found = follow(thing({"phase": "Failed", "reason": ERROR}), thing({"phase": "Pending"}, uid="u2"))
    assert (found.state, found.reason) == ("installing", "")


def test_a_change_made_by_somebody_else_is_followed_to_its_end() -> None:
    changed = thing(SYNCED, generation=2, spec={"version": "0.2.0"})
    assert follow(thing(SYNCED), changed, changed).id == "change-not-seen"
    assert follow(thing(SYNCED), changed, thing({**SYNCED, "phase": "Pending"}, generation=2)).state == "upgrading"
    assert follow(thing(SYNCED), changed, thing({**SYNCED, "lastSpecHash": "12"}, generation=2)).settled


def test_a_change_that_was_taken_back_is_not_waited_for_without_end() -> None:
    changed = thing(SYNCED, generation=3)
    waiting = follow(thing(SYNCED), changed)
    assert advance(waiting, changed, now=SOON + GIVE_UP).settled


def test_what_is_no_longer_there_is_gone() -> None:
    found = follow(thing(SYNCED), None)
    assert (found.state, found.version, found.settled) == ("gone", "0.1.0", True)
    assert advance(None, None, now=SOON).state == "gone"


def test_captain_is_busy_with_what_is_pending_or_being_deleted() -> None:
    slow = thing({"phase": "Pending"}, name="slow", uid="u9")
    going = thing(SYNCED, name="going", uid="u8", deletionTimestamp="2026-11-23T06:55:43Z")
    assert busy_with([thing(finalizers=[]), slow], "u1") == "apps/slow"
    assert busy_with([going], "u1") == "apps/going"
    assert busy_with([thing(SYNCED, uid="u7"), None], "u1") == ""
    assert busy_with([thing({"phase": "Pending"})], "u1") == ""


# -- lists


def test_a_line_of_the_list_says_whose_it_is_and_what_was_asked_for() -> None:
    labels = {"app.kubernetes.io/managed-by": "chartroom", "chartroom.dev/source": "open-source"}
    whole = thing(SYNCED, labels=labels, spec={"version": "0.2.0"})
    app = app_of("home", whole, status_of(whole, now=SOON))
    assert (app.managed, app.source, app.chart_repo, app.chart) == (True, "open-source", "open", "tiny")
    assert (app.version, app.status.version, app.state, app.phase) == ("0.2.0", "0.1.0", "running", "Synced")
    assert app.created == BORN


def test_one_made_by_others_is_shown_as_such() -> None:
    whole = thing(SYNCED, spec={"chart": None})
    app = app_of("home", whole, status_of(whole, now=SOON))
    assert (app.managed, app.source, app.chart) == (False, "", "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
FIELDS = ["phase", "reason", "version", "notes", "lastSpecHash", "conditions", "syncedClusters"]
META = ["name", "namespace", "uid", "generation", "labels", "finalizers", "creationTimestamp", "deletionTimestamp"]
PHASE = st.sampled_from(["Pending", "Synced", "Failed", "PartialSynced", "Unknown"])
OBJECTS = JSON | st.fixed_dictionaries(
    {
        "metadata": JSON | st.dictionaries(st.sampled_from(META), JSON),
        "spec": JSON | st.dictionaries(st.sampled_from(["chart", "version", "releaseName", "dependencies"]), JSON),
        "status": JSON | st.dictionaries(st.sampled_from(FIELDS), JSON | PHASE),
    }
)


@given(st.lists(OBJECTS | st.none(), min_size=1, max_size=3), st.lists(JSON, max_size=2))
def test_L3_whatever_a_cluster_returns_has_a_state_and_a_sentence(sights: list[Any], events: list[Any]) -> None:
    status: AppStatus | None = None
    for sight in sights:
        status = advance(status, sight, now=SOON, events=events)
        app_of("home", sight, status)
    assert status is not None
    assert status.state == SENTENCES[status.id].state
    assert status.headline
    assert "?" not in status.detail or "?" in str(status.params)


def test_a_failed_upgrade_says_what_still_runs() -> None:
    status = follow(thing(SYNCED), thing({**SYNCED, "phase": "Failed", "reason": ERROR}, spec={"version": "9.9.9"}))
    assert (status.id, status.state) == ("upgrade-failed", "failed")
    assert status.headline == "The upgrade failed, 0.1.0 is still running"
    assert "could not go from 0.1.0 to 9.9.9" in status.detail


def test_a_failed_change_of_values_says_what_still_runs() -> None:
    status = look({**SYNCED, "phase": "Failed", "reason": ERROR})
    assert status.headline == "The change failed, 0.1.0 still runs as before"


def test_captains_own_clusters_are_told_apart() -> None:
    elsewhere = look(SYNCED, spec={"clusterName": "edge"})
    assert elsewhere.headline == "Installed in edge"
    everywhere = look({**SYNCED, "syncedClusters": ["edge", "global"]}, spec={"installToAllClusters": True})
    assert everywhere.headline == "Installed in edge, global"


def test_installed_in_all_of_no_clusters_is_not_installed() -> None:
    status = look(SYNCED, spec={"installToAllClusters": True})
    assert (status.state, status.headline) == ("unknown", "Installed in no cluster at all")


def test_no_sync_is_told() -> None:
    frozen = {"annotations": {"captain-no-sync": "true"}}
    assert look(SYNCED, **frozen).headline == "Installed, and captain is told not to touch it"
    assert (
        look(SYNCED, **frozen, deletionTimestamp="2026-11-23T06:55:43Z").headline == "captain is told not to remove it"
    )
