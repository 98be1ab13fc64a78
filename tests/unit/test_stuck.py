"""Why an app is stuck: captain's reason, what is seen around it, and what to try, each said once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.install.health import health_of
from catalog_web.install.release_record import read
from catalog_web.install.status import seen, status_of
from catalog_web.install.stuck import Around, Clue, Stuck, why
from indexer.errors import ClusterRefused, Phrase, fill, phrase
from tests.unit.test_release_record import release

BORN = datetime(2026, 11, 23, 6, 55, 42, tzinfo=UTC)
NO_CHART = 'charts.app.alauda.io "tiny.open" not found'


def thing(status: Any = None, **meta: Any) -> dict[str, Any]:
    about = {
        "name": "web",
        "namespace": "apps",
        "uid": "u1",
        "generation": 1,
        "creationTimestamp": "2026-11-23T06:55:42Z",
        "finalizers": ["captain.cpaas.io"],
        **meta,
    }
    return {"metadata": about, "spec": {"chart": "open/tiny", "version": "0.1.0"}, "status": status or {}}


def stuck(one: dict[str, Any], around: Around | None = None, after: float = 2, **options: Any) -> Stuck:
    now = BORN + timedelta(seconds=after)
    return why(seen(one), status_of(one, now=now), around or Around(), now, **options)


def words(phrase: Phrase | None) -> str:
    return fill(phrase["text"], phrase["params"]) if phrase else ""


def only(found: Stuck, clue_id: str) -> Clue:
    (clue,) = [one for one in found.clues if one.id == clue_id]
    return clue


def event(reason: str = "FailedScheduling", name: str = "web-1", kind: str = "Pod", **more: Any) -> dict[str, Any]:
    return {
        "type": "Warning",
        "reason": reason,
        "message": "0/3 nodes are available",
        "lastTimestamp": "2026-11-23T06:55:43Z",
        "count": 3,
        "involvedObject": {"kind": kind, "name": name},
        **more,
    }


def test_all_well_has_no_clues() -> None:
    assert stuck(thing({"phase": "Synced", "version": "0.1.0"})) == Stuck(())


def test_captains_reason_comes_first_with_its_doors() -> None:
    found = stuck(thing({"phase": "Failed", "reason": NO_CHART}), Around(repo={}, repo_known=True))
    assert found.clues[0].id == "chart-unknown"
    assert [one.id for one in found.clues[0].doors] == ["sync", "publish", "source"]
    assert found.is_serious


def test_a_repository_that_captain_cannot_read_is_told_without_its_login() -> None:
    repo = {
        "status": {
            "phase": "Failed",
            "reason": "failed to fetch http://me:pw@charts.test/index.yaml : 401 Unauthorized",
        }
    }
    found = stuck(thing({"phase": "Failed", "reason": NO_CHART}), Around(repo=repo, repo_known=True))
    told = words(only(found, "repo-failing").cause)
    assert "captain cannot read its ChartRepo open" in told
    assert "401 Unauthorized" in told
    assert "pw" not in told


def test_the_repository_is_not_spoken_of_where_it_has_nothing_to_do_with_it() -> None:
    repo = {"status": {"phase": "Failed", "reason": "401"}}
    found = stuck(thing({"phase": "Failed", "reason": 'namespaces "x" not found'}), Around(repo=repo, repo_known=True))
    assert [one.id for one in found.clues] == ["namespace-missing"]


def test_captains_absence_is_told_with_who_may_hold_it() -> None:
    waiting = thing(finalizers=[])
    assert words(only(stuck(waiting, after=250), "absent").cause) == "captain has not looked at this for 4 minutes."
    found = stuck(waiting, Around(busy_with="other/app"), after=250)
    assert "and now on other/app" in words(only(found, "busy").cause)
    assert only(found, "busy").doors[0].params["other"] == "other/app"


def test_captain_that_does_not_run_is_told() -> None:
    down = {"kind": "Deployment", "metadata": {"name": "captain"}, "spec": {"replicas": 0}, "status": {}}
    found = stuck(thing(finalizers=[]), Around(controller=[down]))
    assert "captain itself does not run" in words(only(found, "captain-down").cause)


def test_a_moment_of_waiting_is_nothing_to_speak_of() -> None:
    assert stuck(thing(finalizers=[])).clues == ()


def test_when_captain_tries_again_is_told() -> None:
    failing = thing({"phase": "Failed", "reason": NO_CHART})
    times = {"firstTimestamp": "2026-11-23T06:55:42Z", "lastTimestamp": "2026-11-23T06:56:23Z"}
    events = [{"reason": "FailedSync", **times, "involvedObject": {"uid": "u1"}}]
    found = stuck(failing, Around(events=events), after=45)
    assert found.next_try == BORN + timedelta(seconds=82)
    assert stuck(failing, Around(events=events), after=90).next_try is None


def test_after_a_reverted_failed_upgrade_a_resync_is_offered() -> None:
    synced = thing({"phase": "Synced", "version": "0.1.0", "lastSpecHash": "1"})
    found = stuck(synced, Around(records=[read(release(2, "failed")), read(release(1))]))
    assert [one.id for one in only(found, "reverted").doors] == ["resync"]
    assert stuck(synced, Around(records=[read(release(2)), read(release(1, "superseded"))])).clues == ()


def test_a_release_that_was_left_in_the_middle_is_told_with_the_command() -> None:
    found = stuck(thing({"phase": "Pending"}), Around(records=[read(release(3, "pending-upgrade"))]), after=600)
    command = only(found, "pending-release").doors[0].text
    assert command == "kubectl delete releases.app.alauda.io -n apps sh.helm.release.v1.web.v3"
    assert stuck(thing({"phase": "Pending"}), Around(records=[read(release(3, "pending-upgrade"))])).clues == ()


def test_an_object_in_trouble_is_told_although_captain_is_content() -> None:
    bound = {"kind": "PersistentVolumeClaim", "status": {"phase": "Lost"}}
    around = Around(trouble=("PersistentVolumeClaim data", health_of(bound)))
    found = stuck(thing({"phase": "Synced", "version": "0.1.0"}), around)
    assert words(only(found, "object").cause) == "PersistentVolumeClaim data: Its volume is gone."


def test_warnings_about_the_releases_objects_are_told_once_each() -> None:
    others = [
        event(),
        event(),
        event(name="other-1"),
        event(type="Normal"),
        event(lastTimestamp="2026-11-23T05:00:00Z"),
    ]
    found = stuck(thing({"phase": "Synced"}), Around(others=others))
    assert words(only(found, "event").cause) == "Pod web-1: FailedScheduling: 0/3 nodes are available (3 times)"


def test_captains_bogus_failed_delete_is_never_told() -> None:
    bogus = event("FailedDelete", name="web", kind="HelmRequest", message='helmrequests "web" not found')
    assert stuck(thing({"phase": "Synced"}), Around(others=[bogus], events=[bogus])).clues == ()


def test_no_sync_offers_the_way_out() -> None:
    frozen = thing({"phase": "Synced", "version": "0.1.0"}, annotations={"captain-no-sync": "true"})
    assert [one.id for one in only(stuck(frozen), "frozen").doors] == ["resume"]


def test_a_deletion_that_hangs_is_explained_with_its_danger() -> None:
    going = thing({"phase": "Synced"}, deletionTimestamp="2026-11-23T06:55:50Z")
    found = stuck(going, after=300)
    clue = only(found, "finalizer")
    assert "objects of the release then stay behind" in words(clue.remedy)
    assert clue.doors[0].text == (
        """kubectl patch helmrequest -n apps web --type merge -p '{"metadata":{"finalizers":null}}'"""
    )
    assert "has not looked at this" in words(only(found, "absent").cause)


def test_a_name_that_captain_cannot_delete_is_shortened_by_a_command() -> None:
    going = thing({"phase": "Failed"}, name="n" * 60, deletionTimestamp="2026-11-23T06:55:50Z")
    assert '"releaseName":"nnnnnnnnnnnnnnnnnnnn"' in only(stuck(going), "name-long").doors[0].text


def test_what_could_not_be_looked_at_is_said() -> None:
    refused = ClusterRefused(cluster="home", status=403, detail="no")
    around = Around(missing=[phrase("Chartroom may not list pods.")], errors=[refused])
    found = stuck(thing({"phase": "Synced"}), around)
    assert [one.state for one in found.clues] == ["info", "info"]
    assert not found.is_serious


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(["type", "reason", "message", "lastTimestamp", "involvedObject", "count", "status", "phase"])
odd_events = st.lists(odd | st.dictionaries(keys, odd | st.just("Warning")), max_size=3)


@pytest.mark.parametrize("phase", ["", "Pending", "Failed", "Synced"])
@given(events=odd_events, repo=odd, status=odd, meta=st.dictionaries(st.text(), odd))
def test_L3_odd_surroundings_never_raise(
    phase: str, events: list[Any], repo: Any, status: Any, meta: dict[str, Any]
) -> None:
    one = {**thing({"phase": phase, "reason": NO_CHART, "conditions": status}), "x": meta}
    around = Around(repo=repo, repo_known=True, events=events, others=events, controller=events, records=[read(repo)])
    for clue in stuck(one, around, after=400).clues:
        assert words(clue.cause)
        words(clue.remedy)
