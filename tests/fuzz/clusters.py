"""What a cluster answers: HelmRequests, ChartRepos, Releases; whatever was written into them."""

import base64
import gzip
import json
from datetime import UTC, datetime
from typing import Any

from catalog_web.captain.chartrepo import belongs, is_ours, seen, texts_of
from catalog_web.install import recorded, release_record
from catalog_web.install.status import app_of, marker, spec_digest, status_of
from tests.fuzz.mutation import damaged_object
from tests.fuzz.targets import target

NOW = datetime(2026, 11, 26, tzinfo=UTC)
META = {
    "name": "redis", "namespace": "apps", "uid": "u-1", "generation": 2, "resourceVersion": "77", "labels": {"a": "b"},
    "creationTimestamp": "2026-11-25T10:00:00Z", "finalizers": ["captain.cpaas.io"], "annotations": {"a": "b"},
    "managedFields": [{"manager": "kubectl", "operation": "Update", "time": "2026-11-25T10:00:00Z",
                       "fieldsV1": {"f:spec": {"f:version": {}}}}]}  # fmt: skip
CONDITION = {
    "type": "Initialized",
    "status": "True",
    "reason": "ChartLoaded",
    "lastTransitionTime": "2026-11-25T10:00:00Z",
}
HELMREQUEST = {
    "apiVersion": "app.alauda.io/v1alpha1", "kind": "HelmRequest", "metadata": META,
    "spec": {"chart": "shop/redis", "version": "7.0.0", "values": {"a": 1.0, "b": [1, {"c": None}]},
             "releaseName": "r", "namespace": "apps", "clusterName": "", "dependencies": ["x"],
             "installToAllClusters": False},
    "status": {"phase": "Failed", "reason": "no repo named shop", "version": "7.0.0", "notes": "Thanks",
               "lastSpecHash": "5",
               "conditions": [CONDITION], "syncedClusters": ["home"]}}  # fmt: skip
EVENT = {"reason": "FailedSync", "message": "chart not found", "lastTimestamp": "2026-11-25T10:00:00Z", "count": 3,
         "involvedObject": {"name": "redis"}, "type": "Warning"}  # fmt: skip
CHARTREPO = {
    "metadata": {**META, "labels": {"app.kubernetes.io/managed-by": "chartroom", "chartroom.dev/source": "shop"}},
    "spec": {"url": "https://x.example", "type": "Chart", "secret": {"name": "s", "namespace": "captain"}},
    "status": {"phase": "Failed", "reason": "cannot reach"}}  # fmt: skip
SECRET = {"metadata": META, "data": {"username": "YQ==", "password": "/w=="}}


def _packed(value: Any) -> str:
    return base64.b64encode(gzip.compress(json.dumps(value).encode(), mtime=0)).decode()


RELEASE = {
    "metadata": META,
    "spec": {"name": "redis", "version": 3, "chartData": _packed({"metadata": {"name": "redis", "version": "7.0.0"}}),
             "configData": _packed({"a": 1}), "manifestData": _packed("kind: A\n---\nkind: B\n"),
             "hooksData": _packed([{"name": "h", "kind": "Job", "manifest": "kind: Job", "events": ["pre-install"]}])},
    "status": {"status": "deployed", "Description": "done", "notes": "n",
               "first_deployed": "2026-11-25T10:00:00Z"}}  # fmt: skip


@target("helmrequest", damaged_object([HELMREQUEST, EVENT]))
def helmrequest(both: Any) -> None:
    """Told in words, with an app for the list, and the same again."""
    thing, event = both if isinstance(both, list) and len(both) == 2 else (both, both)
    before = marker(status_of(thing, now=NOW))
    status = status_of(thing, now=NOW, before=before, events=[event], busy_with="other")
    assert status == status_of(thing, now=NOW, before=before, events=[event], busy_with="other")
    assert status.headline
    assert isinstance(status.detail, str)
    app_of("home", thing, status)
    assert spec_digest(thing) == spec_digest(thing)


@target("helmrequest-kept", damaged_object(HELMREQUEST))
def kept(thing: Any) -> None:
    """What revisions keep of it."""
    if isinstance(thing, dict):
        manifest = recorded.manifest_of(thing)
        recorded.values_of(manifest)
        recorded.captain_annotations(thing)
        assert recorded.is_still(recorded.token(thing), thing) in (True, False)
        recorded.last_writer(
            thing.get("metadata", {}).get("managedFields") if isinstance(thing.get("metadata"), dict) else 1
        )


@target("chartrepo", damaged_object(CHARTREPO))
def chart_repo(thing: Any) -> None:
    """Read whatever it is."""
    if isinstance(thing, dict):
        assert seen(thing) == seen(thing)
        is_ours(thing)
        belongs(thing, "shop")


@target("secret", damaged_object(SECRET))
def secret(thing: Any) -> None:
    """Texts, and nothing else."""
    if isinstance(thing, dict):
        assert all(isinstance(one, str) for one in texts_of(thing).values())


@target("release", damaged_object(RELEASE, [RELEASE, RELEASE]))
def release(things: Any) -> None:
    """Read in the order of their versions."""
    records = release_record.newest_first(things if isinstance(things, list) else [things])
    assert [one.version for one in records] == sorted((one.version for one in records), reverse=True)
    release_record.running(records)
