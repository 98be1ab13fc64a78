"""Plays captain on a real API server: writes what captain 1.5.0 was recorded to write, and installs nothing.

The first half is pure: what a HelmRequest's status becomes at each step, from the status before it. The second half
writes those steps through `app.alauda.io/v1`, the version that captain itself writes through, as the user `captain`.

    create -> accept (finalizer, Pending) -> load (condition ChartLoaded) -> Synced, or Failed and Pending for ever
    delete -> the finalizer stays until `uninstall`
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kubernetes import client

from tests.parts.control_plane import ControlPlane

GROUP = "app.alauda.io"
FINALIZER = "captain.cpaas.io"
LAST_SYNC = "cpaas.io/last-sync-at"
NOTES = "1. Get the application URL by running these commands:\n  kubectl get services\n"

Status = Mapping[str, Any]
"""What stands under `status` of a HelmRequest; empty where captain has not seen it yet."""


def pending(before: Status) -> dict[str, Any]:
    """A try begins: the reason of the last failure is dropped, hash, version, notes and conditions are kept."""
    return {**{key: value for key, value in before.items() if key != "reason"}, "phase": "Pending"}


def loaded(before: Status, chart: str, version: str, now: datetime) -> dict[str, Any]:
    """The chart was found and read. `chart` is its bare name; the one condition is stamped anew at each try."""
    condition = {
        "type": "Initialized",
        "status": "True",
        "reason": "ChartLoaded",
        "message": f"chart {chart}:{version} loaded",
        "lastTransitionTime": stamp(now),
    }
    return {**before, "conditions": [condition]}


def synced(before: Status, version: str, spec_hash: str, notes: str) -> dict[str, Any]:
    """The release is installed or upgraded."""
    return {**pending(before), "phase": "Synced", "version": version, "lastSpecHash": spec_hash, "notes": notes}


def failed(before: Status, reason: str) -> dict[str, Any]:
    """The try failed; what the last success left stays."""
    return {**before, "phase": "Failed", "reason": reason}


def hash_of(request: Mapping[str, Any]) -> str:
    """A decimal 64-bit hash over spec and annotations. Captain's own is another one, but changes when this does."""
    hashed = [request["spec"], request["metadata"].get("annotations") or {}]
    digest = hashlib.blake2b(json.dumps(hashed, sort_keys=True).encode(), digest_size=8).digest()
    return str(int.from_bytes(digest))


def stamp(now: datetime) -> str:
    """A moment as Kubernetes writes it, in whole seconds UTC."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def captain_on(plane: ControlPlane) -> Iterator["FakeCaptain"]:
    """A fake captain with the rights of captain: it may do everything."""
    settings = client.Configuration(host=plane.url, api_key={"authorization": f"Bearer {plane.tokens['captain']}"})
    settings.ssl_ca_cert = str(plane.ca)
    with client.ApiClient(settings) as api:
        yield FakeCaptain(client.CustomObjectsApi(api), client.CoreV1Api(api))


@dataclass(frozen=True, slots=True)
class FakeCaptain:
    """Each method is one thing that captain does to one HelmRequest, given by namespace and name."""

    objects: client.CustomObjectsApi
    core: client.CoreV1Api

    def accept(self, namespace: str, name: str) -> None:
        """Takes a request up: the finalizer, then `Pending`."""
        self.set_finalizers(namespace, name, [FINALIZER])
        self.move(namespace, name, pending)

    def load(self, namespace: str, name: str) -> None:
        """Reports that the chart was read."""
        self.move(namespace, name, _loaded_now(self.read(namespace, name)))

    def sync(self, namespace: str, name: str, *, notes: str = NOTES) -> None:
        """All of an install or upgrade that goes well.

        A failed request put back to what was last installed becomes Synced at once, as nothing is left to do.
        """
        request = self.read(namespace, name)
        spec_hash = hash_of(request)
        if request.get("status", {}).get("lastSpecHash") != spec_hash:
            self.accept(namespace, name)
            self.load(namespace, name)
        version = request["spec"].get("version", "")
        self.move(namespace, name, lambda before: synced(before, version, spec_hash, notes))

    def fail(self, namespace: str, name: str, reason: str, *, chart_loaded: bool = True) -> None:
        """One try that fails: with `chart_loaded=False` already at finding the chart."""
        self.accept(namespace, name)
        if chart_loaded:
            self.load(namespace, name)
        self.move(namespace, name, lambda before: failed(before, reason))

    def flap(self, namespace: str, name: str, reason: str, *, times: int, gap: float = 0.1) -> None:
        """A request that keeps failing: Pending and Failed in turn, `gap` seconds apart; ends with Failed."""
        for _ in range(times):
            self.move(namespace, name, pending)
            self.move(namespace, name, lambda before: failed(before, reason))
            time.sleep(gap)

    def wait_for_dependency(self, namespace: str, name: str, dependency: str) -> None:
        """A request whose dependency is not there: a finalizer, no status, and a warning event."""
        self.set_finalizers(namespace, name, [FINALIZER])
        message = f'helmrequests.{GROUP} "{dependency}" not found'
        self.tell(namespace, name, "Warning", "FailedSync", message)

    def uninstall(self, namespace: str, name: str, *, timeout: float = 30.0) -> None:
        """Waits until somebody deletes the request, then lets it go as captain does after an uninstall.

        Like captain it writes the whole list of finalizers, but leaves the garbage collector the time for its own.
        Raises `TimeoutError` after `timeout` seconds without a delete.
        """
        self.wait_until(namespace, name, _is_only_captains, timeout=timeout)
        self.set_finalizers(namespace, name, [])

    def find(self, namespace: str, name: str) -> dict[str, Any] | None:
        """The request through v1, or None where it is not there."""
        field_selector = f"metadata.name={name}"
        answer: Any = self.objects.list_namespaced_custom_object(
            GROUP, "v1", namespace, "helmrequests", field_selector=field_selector
        )
        return next(iter(answer["items"]), None)

    def read(self, namespace: str, name: str) -> dict[str, Any]:
        """The request through v1. Raises `LookupError` where it is not there."""
        if (request := self.find(namespace, name)) is None:
            raise LookupError(f"there is no HelmRequest {namespace}/{name}")
        return request

    def wait_until(
        self, namespace: str, name: str, holds: Callable[[dict[str, Any]], object] = bool, *, timeout: float = 30.0
    ) -> dict[str, Any]:
        """The request as soon as it is there and `holds` is true of it. Raises `TimeoutError` after `timeout` s."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if (request := self.find(namespace, name)) is not None and holds(request):
                return request
            time.sleep(0.05)
        raise TimeoutError(f"HelmRequest {namespace}/{name} is not there or not so after {timeout:.0f} s")

    def tell(self, namespace: str, name: str, kind: str, reason: str, message: str) -> None:
        """An event about a request; `kind` is `Normal` or `Warning`."""
        self.tell_about(self.read(namespace, name), kind, reason, message)

    def tell_about(self, request: Mapping[str, Any], kind: str, reason: str, message: str) -> str:
        """The same about one that may be gone already; returns the event's name."""
        meta, now = request["metadata"], stamp(datetime.now(UTC))
        where = {key: meta[key] for key in ("namespace", "name", "uid")}
        event: Any = {
            "metadata": {"generateName": f"{meta['name']}."},
            "involvedObject": {"kind": "HelmRequest", "apiVersion": f"{GROUP}/v1", **where},
            "type": kind,
            "reason": reason,
            "message": message,
            "source": {"component": "captain"},
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
        }
        made: Any = self.core.create_namespaced_event(meta["namespace"], event)
        return str(made.metadata.name)

    def publish(self, namespace: str, repo: str, url: str, charts: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """A ChartRepo that was synced, with a Chart for each of `charts`: name to index entries, newest first."""
        manifest = chart_repo(namespace, repo, url, datetime.now(UTC))
        owner: Any = self.objects.create_namespaced_custom_object(GROUP, "v1beta1", namespace, "chartrepos", manifest)
        for name, versions in charts.items():
            chart = chart_of(owner, name, versions)
            self.objects.create_namespaced_custom_object(GROUP, "v1beta1", namespace, "charts", chart)

    def move(self, namespace: str, name: str, step: Callable[[Status], dict[str, Any]]) -> None:
        """Writes the next status."""
        # Captain replaces the status, which a newer write of somebody else refuses: then it reads again.
        for _ in range(5):
            request = self.read(namespace, name)
            request["status"] = step(request.get("status", {}))
            try:
                self.objects.replace_namespaced_custom_object_status(
                    GROUP, "v1", namespace, "helmrequests", name, request, field_manager="captain"
                )
            except client.ApiException as refusal:
                if refusal.status != 409:
                    raise
            else:
                return
        raise RuntimeError(f"the status of HelmRequest {namespace}/{name} changed five times while it was written")

    def set_finalizers(self, namespace: str, name: str, finalizers: Sequence[str]) -> None:
        """Writes the whole list, so that those of others go."""
        self.objects.patch_namespaced_custom_object(
            GROUP,
            "v1",
            namespace,
            "helmrequests",
            name,
            {"metadata": {"finalizers": list(finalizers)}},
            field_manager="captain",
            _content_type="application/merge-patch+json",
        )


def chart_repo(namespace: str, name: str, url: str, now: datetime) -> dict[str, Any]:
    """A ChartRepo (v1beta1) as captain leaves it after a sync; its status is no subresource."""
    return {
        "apiVersion": f"{GROUP}/v1beta1",
        "kind": "ChartRepo",
        "metadata": {"name": name, "namespace": namespace, "annotations": {LAST_SYNC: stamp(now)}},
        "spec": {"type": "Chart", "url": url},
        "status": {"phase": "Synced"},
    }


def chart_of(repo: Mapping[str, Any], name: str, versions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The Chart (v1beta1) that captain writes for one chart of a stored ChartRepo."""
    meta = repo["metadata"]
    owner = {
        "apiVersion": f"{GROUP}/v1alpha1",
        "kind": "ChartRepo",
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    return {
        "apiVersion": f"{GROUP}/v1beta1",
        "kind": "Chart",
        "metadata": {
            "name": f"{name.lower()}.{meta['name']}",
            "namespace": meta["namespace"],
            "labels": {"repo": meta["name"]},
            "ownerReferences": [owner],
        },
        "spec": {"versions": [dict(version) for version in versions]},
    }


def _loaded_now(request: Mapping[str, Any]) -> Callable[[Status], dict[str, Any]]:
    chart = request["spec"].get("chart", "").rpartition("/")[2]
    return lambda before: loaded(before, chart, request["spec"].get("version", ""), datetime.now(UTC))


def _is_only_captains(request: Mapping[str, Any]) -> bool:
    meta = request["metadata"]
    return "deletionTimestamp" in meta and meta.get("finalizers") == [FINALIZER]
