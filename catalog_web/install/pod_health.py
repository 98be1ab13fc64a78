"""Why a pod does not run, in plain words. Pure.

The reasons are those of the kubelet and the scheduler (kubernetes.io, "Debug Pods"); what is not known is repeated as
it stands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from catalog_web.install.reading import mapping, mappings, meta, number, status, text
from indexer.errors import N_, Phrase, phrase
from indexer.parse.text import shown

HealthState = Literal["ok", "busy", "bad", "unknown"]
_LONGEST = 600
_KILLED = 137
"""Exit code of what got SIGKILL."""


@dataclass(frozen=True, slots=True)
class Health:
    """How one object is, and what to try where it is not well."""

    state: HealthState
    cause: Phrase
    remedy: Phrase | None = None

    @property
    def is_bad(self) -> bool:
        """Whether somebody has to do something."""
        return self.state == "bad"


_WAITING: Mapping[str, tuple[str, str]] = {
    "ImagePullBackOff": (
        N_("The image {image} of container {container} cannot be pulled: {message}"),
        N_(
            "See whether that image and tag exist, whether the cluster reaches the registry, and whether the registry "
            "wants a login (imagePullSecrets)."
        ),
    ),
    "InvalidImageName": (
        N_("“{image}” of container {container} is not the name of an image."),
        N_("Correct the image in the values."),
    ),
    "CreateContainerConfigError": (
        N_("Container {container} cannot be made: {message}"),
        N_("A ConfigMap or Secret that it names, or a key in it, is not there: make it, or correct its name."),
    ),
    "CreateContainerError": (
        N_("Container {container} cannot be made: {message}"),
        N_("Look at its command and its volumes."),
    ),
    "RunContainerError": (
        N_("Container {container} cannot be started: {message}"),
        N_("Look at its command and its volumes."),
    ),
}
_SAME: Mapping[str, str] = {
    "ErrImagePull": "ImagePullBackOff",
    "ErrImageNeverPull": "ImagePullBackOff",
    "RegistryUnavailable": "ImagePullBackOff",
    "ImageInspectError": "ImagePullBackOff",
}
_LOG = N_("Read what it wrote last: kubectl logs -n {namespace} {pod} -c {container} --previous")


def pod_health(pod: object) -> Health:
    """How ``pod`` is."""
    phase, told = text(status(pod).get("phase")), status(pod)
    if meta(pod).get("deletionTimestamp"):
        return Health("busy", phrase(N_("Being removed.")))
    if phase == "Succeeded":
        return Health("ok", phrase(N_("Finished.")))
    if phase == "Failed":
        return _failed(pod)
    unscheduled = _condition(told, "PodScheduled")
    if unscheduled.get("status") == "False":
        return _unscheduled(unscheduled)
    return _of_containers(pod)


def first_trouble(pods: Iterable[object]) -> tuple[str, Health] | None:
    """Name and health of the first pod that is not well; one that has to be helped comes before one that is slow."""
    judged = [(text(meta(one).get("name")), pod_health(one)) for one in pods]
    worst = sorted((one for one in judged if one[1].state in ("bad", "busy")), key=lambda one: one[1].state)
    return worst[0] if worst else None


def is_ready(pod: object) -> bool:
    """Whether a Service would send something to ``pod``."""
    return _condition(status(pod), "Ready").get("status") == "True"


def _condition(told: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    return next((one for one in mappings(told.get("conditions")) if one.get("type") == kind), {})


def _failed(pod: object) -> Health:
    reason, message = text(status(pod).get("reason")), shown(text(status(pod).get("message")), _LONGEST)
    if reason == "Evicted":
        return Health(
            "bad",
            phrase(N_("Its node had to put it out: {message}"), message=message or reason),
            phrase(
                N_("The node ran short of memory or disk: ask for what it needs (resources), or for a larger node.")
            ),
        )
    found = _of_containers(pod)
    return found if found.is_bad else Health("bad", phrase(N_("Failed: {message}"), message=message or reason or "?"))


def _unscheduled(condition: Mapping[str, Any]) -> Health:
    message = shown(text(condition.get("message")), _LONGEST)
    return Health(
        "bad",
        phrase(N_("No node takes it: {message}"), message=message or text(condition.get("reason")) or "?"),
        phrase(_unscheduled_remedy(message)),
    )


def _unscheduled_remedy(message: str) -> str:
    """What to try; the words are the scheduler's."""
    if "persistentvolumeclaim" in message or "volume" in message:
        return N_("Look at its volume claims: a storage class may be missing, or the volume is bound to another place.")
    if "taint" in message:
        return N_("Give it a toleration for those nodes, or let it run on others.")
    if "Insufficient" in message:
        return N_("Ask for less (resources.requests) or for fewer replicas, or have the cluster enlarged.")
    if "selector" in message or "affinity" in message:
        return N_("Its nodeSelector or affinity fits no node: correct it in the values.")
    return N_("Ask who runs the cluster.")


def _of_containers(pod: object) -> Health:
    told = status(pod)
    containers = [*mappings(told.get("initContainerStatuses")), *mappings(told.get("containerStatuses"))]
    judged = [found for one in containers if (found := _container(pod, one))]
    worst = next((one for one in judged if one.is_bad), judged[0] if judged else None)
    if worst is not None:
        return worst
    if text(told.get("phase")) == "Running" and is_ready(pod):
        return Health("ok", phrase(N_("Running and ready.")))
    return Health("busy", phrase(N_("Being started.")))


def _container(pod: object, one: Mapping[str, Any]) -> Health | None:
    """What is wrong with one container; None where nothing is."""
    state = mapping(one.get("state"))
    params = {
        "container": text(one.get("name")),
        "image": text(one.get("image")),
        "pod": text(meta(pod).get("name")),
        "namespace": text(meta(pod).get("namespace")),
    }
    waiting, ended = mapping(state.get("waiting")), mapping(state.get("terminated"))
    if reason := text(waiting.get("reason")):
        return _waiting(reason, shown(text(waiting.get("message")), _LONGEST), one, params)
    if ended and number(ended.get("exitCode")):
        return _crashed(ended, params)
    if "running" in state and one.get("ready") is False and one.get("started") is not False:
        return Health(
            "busy",
            phrase(N_("Container {container} runs and is not ready yet."), **params),
            phrase(
                N_("If it stays so, its readiness probe fails: kubectl describe pod -n {namespace} {pod}"), **params
            ),
        )
    return None


def _waiting(reason: str, message: str, one: Mapping[str, Any], params: Mapping[str, Any]) -> Health:
    known = _WAITING.get(_SAME.get(reason, reason))
    if known:
        cause, remedy = known
        return Health("bad", phrase(cause, **params, message=message or reason), phrase(remedy, **params))
    if reason == "CrashLoopBackOff":
        return _crashed(
            mapping(mapping(one.get("lastState")).get("terminated")), params, number(one.get("restartCount"))
        )
    if reason in ("ContainerCreating", "PodInitializing"):
        return Health("busy", phrase(N_("Container {container} is being made."), **params))
    return Health("bad", phrase(N_("Container {container} waits: {message}"), **params, message=message or reason))


def _crashed(ended: Mapping[str, Any], params: Mapping[str, Any], restarts: int = 0) -> Health:
    code = number(ended.get("exitCode"))
    if text(ended.get("reason")) == "OOMKilled":
        cause = N_("Container {container} needed more memory than it may have and was ended.")
        return Health(
            "bad", phrase(cause, **params), phrase(N_("Give it more in the values (resources.limits.memory)."))
        )
    if restarts:
        cause = N_("Container {container} ends again and again (exit code {code}, {restarts} restarts).")
    else:
        cause = N_("Container {container} ended with exit code {code}.")
    log = phrase(_LOG, **params)
    remedy = phrase(N_("It was killed, by its liveness probe perhaps. {log}"), log=log) if code == _KILLED else log
    return Health("bad", phrase(cause, **params, code=code, restarts=restarts), remedy)
