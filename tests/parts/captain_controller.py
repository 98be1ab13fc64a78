"""A captain that works by itself on a real API server, as captain 1.5.0 was recorded to do (see `fake_captain`).

    with captain_controller(plane) as captain:      # a thread of its own; it has captain's rights
        plane.apply(chart_repo_or_helmrequest)      # and captain does the rest, as it would
        with captain.down(): ...                    # nothing happens until the end of the block
        with captain.hanging("apps", "web"): ...    # a hook of that request holds the one worker, for all

ChartRepos of the namespace `captain` are read over HTTP (captain_repos), charts are found and fetched (captain_charts),
rendered by helm, applied and recorded as Releases (captain_release). A chart whose index entry has no address installs
one ConfigMap. There is one worker: a request that takes long holds up all others.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kubernetes import client

from tests.parts.captain_charts import MAX_NAME, Failure, chart_of_request, values_of
from tests.parts.captain_release import FORCE_ADOPT, Helm
from tests.parts.captain_repos import read_repos
from tests.parts.control_plane import ControlPlane
from tests.parts.fake_captain import FINALIZER, GROUP, FakeCaptain, captain_on, failed, hash_of, loaded, pending, stamp
from tests.parts.fake_captain import synced as synced_status

NO_SYNC, KEEP_RESOURCES = "captain-no-sync", "captain-keep-resources"
FOREGROUND = "foregroundDeletion"
ROUND_SECONDS = 0.05
HOOK_REASON = "failed pre-install: timed out waiting for the condition"
_FAST_TRIES, _FIRST_GAP, _LONGEST_GAP = 5, 0.1, 5.0

Request = Mapping[str, Any]
_Key = tuple[str, str]


@contextmanager
def captain_controller(plane: ControlPlane, namespace: str = "captain") -> Iterator["CaptainController"]:
    """Starts it, and stops it at the end; an error that captain would not have made is raised then."""
    with captain_on(plane) as captain:
        controller = CaptainController(captain, Helm(plane, captain), namespace)
        thread = threading.Thread(target=controller.run, name="captain", daemon=True)
        thread.start()
        try:
            yield controller
        finally:
            controller.stop()
            thread.join()
        if controller.errors:
            raise controller.errors[0]


def gap(tries: int) -> float:
    """Seconds to the next try after so many that failed: captain's back-off, which goes on doubling, capped here."""
    return _FIRST_GAP if tries <= _FAST_TRIES else min(_FIRST_GAP * 2 ** (tries - _FAST_TRIES), _LONGEST_GAP)


@dataclass(slots=True)
class _Tries:
    """The tries of one request that fails: of which content, how many, and when the next one is due."""

    hash: str
    count: int
    due: float


@dataclass(slots=True)
class CaptainController:
    """A running captain."""

    captain: FakeCaptain
    """To play single steps, or to look."""
    helm: Helm
    namespace: str
    errors: list[Exception] = field(default_factory=list)
    _tries: dict[_Key, _Tries] = field(default_factory=dict)
    _events: dict[tuple[str, ...], tuple[str, int]] = field(default_factory=dict)
    _hanging: dict[_Key, threading.Event] = field(default_factory=dict)
    _ended: threading.Event = field(default_factory=threading.Event)
    _working: threading.RLock = field(default_factory=threading.RLock)

    # -- for tests

    @contextmanager
    def down(self) -> Iterator[None]:
        """captain is not there; what it is doing is finished first."""
        with self._working:
            yield

    @contextmanager
    def hanging(self, namespace: str, name: str) -> Iterator[None]:
        """A hook of that request does not end; with the block it fails, and the next try goes well."""
        over = self._hanging[namespace, name] = threading.Event()
        try:
            yield
        finally:
            over.set()

    def wait_for(self, namespace: str, name: str, phase: str, *, timeout: float = 30.0) -> dict[str, Any]:
        """The request as soon as captain reports that phase of its present content. Raises `TimeoutError`.

        For `Failed`, as for captain itself, that is the last try.
        """

        def holds(request: dict[str, Any]) -> bool:
            status = request.get("status", {})
            return status.get("phase") == phase and (
                phase != "Synced" or status.get("lastSpecHash") == hash_of(request)
            )

        return self.captain.wait_until(namespace, name, holds, timeout=timeout)

    def wait_gone(self, namespace: str, name: str, *, timeout: float = 30.0) -> None:
        """Returns once the request is not there. Raises `TimeoutError`."""
        deadline = time.monotonic() + timeout
        while self.captain.find(namespace, name) is not None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"HelmRequest {namespace}/{name} is still there after {timeout:.0f} s")
            time.sleep(ROUND_SECONDS)

    # -- the loop

    def run(self) -> None:
        """Round after round until `stop`."""
        while not self._ended.wait(ROUND_SECONDS):
            with self._working:
                self._alone(lambda: read_repos(self.captain, self.namespace))
                for request in self._all():
                    self._alone(lambda request=request: self._handle(request))

    def stop(self) -> None:
        """After what is being done."""
        self._ended.set()
        for over in self._hanging.values():
            over.set()

    def _alone(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (client.ApiException, LookupError) as error:
            # Changed or removed meanwhile, or its namespace is being removed: the next round sees it as it is then.
            if isinstance(error, client.ApiException) and not _is_overtaken(error):
                self.errors.append(error)
        except Exception as error:
            self.errors.append(error)

    def _all(self) -> list[dict[str, Any]]:
        try:
            listed: Any = self.captain.objects.list_cluster_custom_object(GROUP, "v1", "helmrequests")
        except Exception as error:  # the API server is stopped, or starts
            if isinstance(error, client.ApiException) and error.status not in (0, 403, 429, 500, 503):
                self.errors.append(error)
            return []
        return sorted(listed["items"], key=lambda one: int(one["metadata"]["resourceVersion"]))

    def _handle(self, request: Request) -> None:
        if _note(request, NO_SYNC):
            return
        if "deletionTimestamp" in request["metadata"]:
            self._remove(request)
        elif self._is_due(request):
            self._sync(request)

    def _is_due(self, request: Request) -> bool:
        status, spec_hash = request.get("status", {}), hash_of(request)
        if status.get("phase") == "Synced" and status.get("lastSpecHash") == spec_hash:
            return False
        tries = self._tries.get(_key(request))
        return tries is None or tries.hash != spec_hash or time.monotonic() >= tries.due

    # -- install, upgrade

    def _sync(self, request: Request) -> None:
        namespace, name = _key(request)
        if request["metadata"].get("finalizers") != [FINALIZER]:
            self.captain.set_finalizers(namespace, name, [FINALIZER])
        if missing := self._missing_dependency(request):
            self._failed(request, missing)
        elif request.get("status", {}).get("lastSpecHash") == hash_of(request):
            status = request["status"]  # put back to what was last installed: nothing is left to do
            self._synced(request, status.get("version", ""), status.get("notes", ""))
        else:
            self._install(request)

    def _install(self, request: Request) -> None:
        namespace, name = _key(request)
        self.captain.move(namespace, name, pending)
        try:
            version, notes = self._installed(request)
        except Failure as failure:
            reason = str(failure)
            self.captain.move(namespace, name, lambda before: failed(before, reason))
            self._failed(request, reason)
        else:
            self._synced(request, version, notes)

    def _installed(self, request: Request) -> tuple[str, str]:
        spec = request["spec"]
        if spec.get("clusterName"):
            what = f"get clusters.clusterregistry.k8s.io {spec['clusterName']}"
            raise Failure(f"the server could not find the requested resource ({what})")
        if spec.get("installToAllClusters"):
            return spec.get("version", ""), ""  # there are no Clusters, so nothing is done
        namespace, name = _key(request)
        chart = chart_of_request(self.captain, request, self.namespace)
        self.captain.move(namespace, name, lambda before: loaded(before, chart.name, chart.version, datetime.now(UTC)))
        self._tell(request, "Normal", "Synced", f"Choose chart version: {chart.name} {chart.version}")
        values = values_of(self.captain, request)
        self._run_hook(request)
        release, target = _release(request)
        adopt = _note(request, FORCE_ADOPT)
        rendered = self.helm.render(chart, values, release, target, adopt=adopt)
        self.helm.apply(rendered, release, target, adopt=adopt)
        return chart.version, rendered.notes

    def _run_hook(self, request: Request) -> None:
        hanging = self._hanging.get(_key(request))
        if hanging is not None and not hanging.is_set():
            hanging.wait()
            raise Failure(HOOK_REASON)

    def _missing_dependency(self, request: Request) -> str:
        """Why a dependency holds it up; empty where none does."""
        namespace, name = _key(request)
        for wanted in request["spec"].get("dependencies") or ():
            found = self.captain.find(namespace, wanted)
            if found is None:
                return f'helmrequests.{GROUP} "{wanted}" not found'
            if found.get("status", {}).get("phase") != "Synced":
                return f"dependency {wanted} of {name} is not synced to cluster  yet"
        return ""

    def _synced(self, request: Request, version: str, notes: str) -> None:
        spec_hash = hash_of(request)
        self.captain.move(*_key(request), lambda before: synced_status(before, version, spec_hash, notes))
        self._tries.pop(_key(request), None)
        self._tell(request, "Normal", "Synced", "HelmRequest synced successfully")

    def _failed(self, request: Request, reason: str) -> None:
        before, spec_hash = self._tries.get(_key(request)), hash_of(request)
        count = before.count + 1 if before and before.hash == spec_hash else 1
        self._tries[_key(request)] = _Tries(spec_hash, count, time.monotonic() + gap(count))
        self._tell(request, "Warning", "FailedSync", reason)

    # -- uninstall

    def _remove(self, request: Request) -> None:
        finalizers = request["metadata"].get("finalizers", [])
        if FINALIZER not in finalizers or FOREGROUND in finalizers:
            return  # the garbage collector's turn
        namespace, name = _key(request)
        release, target = _release(request)
        if len(release) > MAX_NAME:
            self._tell(request, "Warning", "FailedDelete", f"uninstall: Release name is invalid: {release}")
            return
        self._run_hook_quietly(request)
        self.helm.uninstall(release, target, keep=_note(request, KEEP_RESOURCES))
        self.captain.set_finalizers(namespace, name, [])
        self._tries.pop(_key(request), None)
        gone = f'helmrequests.{GROUP} "{name}" not found'
        self._tell(request, "Warning", "FailedDelete", f"Delete HelmRequest {name} error : {gone}")

    def _run_hook_quietly(self, request: Request) -> None:
        with suppress(Failure):
            self._run_hook(request)

    # -- events

    def _tell(self, request: Request, kind: str, reason: str, message: str) -> None:
        """An event about the request; one that was told already is counted up."""
        namespace, name = _key(request)
        known = (namespace, name, request["metadata"]["uid"], reason, message)
        event, count = self._events.get(known, ("", 0))
        now = stamp(datetime.now(UTC))
        if event:
            patch = {"count": count + 1, "lastTimestamp": now}
            self.captain.core.patch_namespaced_event(event, namespace, patch)
        else:
            event = self.captain.tell_about(request, kind, reason, message)
        self._events[known] = (event, count + 1)


def _is_overtaken(error: client.ApiException) -> bool:
    """A finalizer for one that is being deleted since is a 422."""
    return error.status in (403, 404, 409) or (error.status == 422 and "is being deleted" in str(error.body))


def _key(request: Request) -> _Key:
    return request["metadata"]["namespace"], request["metadata"]["name"]


def _release(request: Request) -> tuple[str, str]:
    """Name and namespace of its release."""
    namespace, name = _key(request)
    return request["spec"].get("releaseName") or name, request["spec"].get("namespace") or namespace


def _note(request: Request, annotation: str) -> bool:
    return bool((request["metadata"].get("annotations") or {}).get(annotation) == "true")
