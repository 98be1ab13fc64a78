"""HelmRequests from Python: for programs that do by hand what Chartroom does on its pages.

A library by itself: it needs neither a store nor a web server, only a kubeconfig or a pod's service account. Whatever
fails leaves as an error of `indexer.errors`; calls are bounded in time and in the bytes they read, and nothing is sent
again that may have arrived. docs/python-client.md has examples.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, Self

from catalog_web.install.cluster import Cluster, Object
from catalog_web.install.helmrequest import GROUP, KIND, SOURCE_VERSION
from catalog_web.install.recorded import spec_of
from catalog_web.install.status import AppStatus, Marker, advance, marker, seen
from catalog_web.install.upgrade_form import rewritten
from catalog_web.install.verbs.replacing import read
from indexer.errors import ClusterError, ClusterRefused, Conflict, InstallNotFound, ObjectConflict, UsageError
from indexer.model import ClusterConfig

POLL_SECONDS = 0.5
_TRIES = 5
"""captain writes the status several times while it works, each of which makes the resourceVersion another one."""
_FIXED = ("namespace", "releaseName")

Outcome = Literal["synced", "failed", "gone", "timed-out"]


@dataclass(frozen=True, slots=True)
class HelmRequest:
    """One HelmRequest: the fields above the line are the person's, those below it the cluster's and captain's."""

    namespace: str
    name: str
    """A DNS label of at most 53 characters: captain cannot remove what is called longer."""
    chart: str = ""
    """``<ChartRepo>/<chart>``."""
    version: str = ""
    """Exact; captain knows no ranges."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Only what differs from the chart's defaults; a None takes a default away."""
    spec: Mapping[str, Any] = field(default_factory=dict)
    """All else that stands in ``spec``: ``valuesFrom``, ``dependencies``, ``source`` …"""
    labels: Mapping[str, str] = field(default_factory=dict)

    uid: str = ""
    generation: int = 0
    phase: str = ""
    """captain's word: Pending, Synced, Failed; empty until it has looked."""
    reason: str = ""
    installed_version: str = ""
    notes: str = ""
    awaiting: Marker | None = field(default=None, repr=False, compare=False)
    """How it looked before the change that made it, so that `Captain.wait` does not take the old Synced for the new."""

    def whole_spec(self) -> dict[str, Any]:
        """``spec`` as captain reads it. The release is called as the HelmRequest, and goes into its namespace."""
        own = {"namespace": self.namespace, "releaseName": self.name}
        told = {key: value for key, value in (("chart", self.chart), ("version", self.version)) if value}
        values = {"values": dict(self.values)} if self.values else {}
        return {**own, **self.spec, **told, **values}


@dataclass(frozen=True, slots=True)
class Waited:
    """How a wait ended."""

    outcome: Outcome
    helmrequest: HelmRequest | None
    """As it was seen last; None once it is gone."""
    reason: str = ""
    """captain's last error."""


class Captain:
    """The HelmRequests of one cluster. Safe to use from several threads; close it, or use it in a ``with``."""

    def __init__(
        self,
        kubeconfig: str = "",
        context: str = "",
        *,
        in_cluster: bool = False,
        api_version: Literal["v1alpha1", "v1"] = "v1alpha1",
    ) -> None:
        """``kubeconfig``: a path, with ``context`` another one than its current. ``in_cluster``: as the pod that this
        runs in. ``api_version``: what is written where nothing asks for v1."""
        config = ClusterConfig("cluster", kubeconfig, context, in_cluster, api_version=api_version)
        self._cluster = Cluster(config)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the connections go."""
        self._cluster.close()

    # -- looking

    def get(self, namespace: str, name: str) -> HelmRequest:
        """One HelmRequest, whoever made it. Raises `InstallNotFound`, `ClusterError`."""
        return _told(read(self._cluster, namespace, name))

    def list(self, namespace: str | None = None) -> tuple[HelmRequest, ...]:
        """Those of a namespace, or of all. Raises `ClusterRefused` where they may not be listed, `ClusterError`."""
        return tuple(map(_told, self._cluster.list(namespace)))

    # -- changing

    def create(self, wanted: HelmRequest, *, dry_run: bool = False) -> HelmRequest:
        """Make it, or let the cluster say whether it would. Raises `ObjectConflict` where the name is taken,
        `ObjectInvalid`, `ClusterError`."""
        return _told(self._cluster.create(self._manifest(wanted), dry_run=dry_run))

    def replace(self, wanted: HelmRequest, *, dry_run: bool = False) -> HelmRequest:
        """Give what is there the spec of ``wanted``: keys that it lacks go, a None arrives, captain's finalizers and
        others' labels stay.

        One that was read before is only written over the spec that was read: else `Conflict`. Raises `InstallNotFound`,
        `ObjectInvalid`, `ClusterError`, and `UsageError` where the release would be another one.
        """

        def remake(present: Object) -> Mapping[str, Any]:
            one = seen(present)
            if wanted.generation and (one.uid, one.generation) != (wanted.uid, wanted.generation):
                what = f"Somebody else has changed “{wanted.name}” since it was read."
                raise Conflict(what=what, hint="Read it again and make the change anew.")
            return wanted.whole_spec()

        return self._write(wanted.namespace, wanted.name, remake, wanted.labels, dry_run=dry_run)

    def patch(self, namespace: str, name: str, changes: Mapping[str, Any], *, dry_run: bool = False) -> HelmRequest:
        """Lay ``changes`` over its spec as a JSON merge patch does (RFC 7396): mappings are merged, a None removes a
        key. To send a null, `replace` it. Raises as `replace`."""
        return self._write(namespace, name, lambda present: _merged(spec_of(present), changes), dry_run=dry_run)

    def roll_back(self, earlier: HelmRequest, *, dry_run: bool = False) -> HelmRequest:
        """Give it the spec that ``earlier``, kept from before, had; make it again where it was removed since.

        Raises `ObjectInvalid`, `ClusterError`, and `UsageError` where the release would be another one.
        """
        back = replace(earlier, uid="", generation=0)
        try:
            return self.replace(back, dry_run=dry_run)
        except InstallNotFound:
            return self.create(back, dry_run=dry_run)

    def delete(self, namespace: str, name: str, *, dry_run: bool = False) -> HelmRequest:
        """Ask for its removal; captain then uninstalls the release. Raises `InstallNotFound`, `ClusterError`."""
        present = self._cluster.get(namespace, name)
        self._cluster.delete(namespace, name, seen(present).uid, dry_run=dry_run)
        return _told(present)

    # -- waiting

    def wait(self, changed: HelmRequest, timeout: float = 300.0, until: Literal["synced", "gone"] = "synced") -> Waited:
        """Look until captain is done with ``changed``, which is what the change returned, or has failed, or time is up.

        A cluster may be away in between. Raises `ClusterRefused`.
        """
        end, status, last = time.monotonic() + timeout, None, changed
        while True:
            try:
                thing = self._cluster.get(changed.namespace, changed.name)
            except InstallNotFound:
                return Waited("gone", None)
            except ClusterRefused:
                raise
            except ClusterError:
                thing = None
            if thing is not None:
                last = _told(thing)
                status = advance(status, thing, now=datetime.now(UTC), before=changed.awaiting if not status else None)
                if until == "synced" and (outcome := _OUTCOMES.get(status.state)):
                    return Waited(outcome, last, status.reason)
            if time.monotonic() >= end:
                return Waited("timed-out", last, status.reason if status else "")
            time.sleep(POLL_SECONDS)

    # -- how

    def _manifest(self, wanted: HelmRequest) -> Object:
        spec = wanted.whole_spec()
        version = SOURCE_VERSION if "source" in spec else self._cluster.api_version
        meta: Object = {"name": wanted.name, "namespace": wanted.namespace}
        if wanted.labels:
            meta["labels"] = dict(wanted.labels)
        return {"apiVersion": f"{GROUP}/{version}", "kind": KIND, "metadata": meta, "spec": spec}

    def _write(
        self,
        namespace: str,
        name: str,
        remake: Callable[[Object], Mapping[str, Any]],
        labels: Mapping[str, str] | None = None,
        *,
        dry_run: bool,
    ) -> HelmRequest:
        """Put what ``remake`` makes of the present object in its place; again where captain wrote to it meanwhile."""
        for tried in range(1, _TRIES + 1):
            present = read(self._cluster, namespace, name)
            spec = remake(present)
            _expect_same_release(present, spec)
            try:
                answer = self._cluster.replace(rewritten(present, spec, labels or {}), dry_run=dry_run)
            except ObjectConflict:
                if tried == _TRIES:
                    raise
                continue
            return _after(present, answer)
        raise AssertionError  # the last try returns or raises


_OUTCOMES: Mapping[str, Outcome] = {"running": "synced", "failed": "failed", "retrying": "failed"}


def _told(thing: Object) -> HelmRequest:
    one, spec = seen(thing), spec_of(thing)
    values = spec.get("values")
    rest = {key: value for key, value in spec.items() if key not in ("chart", "version", "values")}
    return HelmRequest(
        namespace=one.namespace,
        name=one.name,
        chart=one.chart,
        version=one.version,
        values=values if isinstance(values, dict) else {},
        spec=rest,
        labels=one.labels,
        uid=one.uid,
        generation=one.generation,
        phase=one.phase,
        reason=one.reason,
        installed_version=one.installed,
        notes=one.notes,
    )


def _after(present: Object, answer: Object) -> HelmRequest:
    """What a change made of ``present``, with how that looked, where captain has something to do."""
    made, now = _told(answer), datetime.now(UTC)
    if made.generation == seen(present).generation:
        return made
    before: AppStatus = advance(None, present, now=now)
    return replace(made, awaiting=marker(before, seen(answer).resource_version, now))


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        below = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            merged[key] = _merged(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def _expect_same_release(present: Object, spec: Mapping[str, Any]) -> None:
    one = seen(present)
    wanted = (spec.get("namespace") or one.namespace, spec.get("releaseName") or one.name)
    if wanted != (one.release_namespace, one.release_name):
        raise UsageError(
            what="That would be another release: captain would install it beside the present one and abandon that.",
            hint=f"Keep {' and '.join(_FIXED)} as they are, or make another HelmRequest.",
        )
