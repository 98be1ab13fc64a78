"""How an object of a cluster is, in plain words: each kind by its own status, an unknown one by its conditions. Pure.

The fields are those of the Kubernetes API reference, v1.36; kstatus (sigs.k8s.io/cli-utils) judges likewise.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from catalog_web.install.pod_health import Health, first_trouble, is_ready, pod_health
from catalog_web.install.reading import labels, mapping, mappings, meta, number, spec, status, text
from indexer.errors import N_, phrase
from indexer.parse.text import shown

_LONGEST = 600

THERE = Health("ok", phrase(N_("It is there.")))
ABSENT = Health(
    "bad",
    phrase(N_("It is not in the cluster.")),
    phrase(
        N_("Somebody deleted it. captain does not notice that by itself: let captain do it again (a resync), and it is "
           "made anew.")
    ),
)  # fmt: skip


def health_of(thing: object, pods: Sequence[object] | None = None) -> Health:
    """How ``thing`` is. ``pods`` are those that it selects, where they were asked for."""
    kind = text(mapping(thing).get("kind"))
    if meta(thing).get("deletionTimestamp"):
        return Health("busy", phrase(N_("Being removed.")))
    if kind == "Pod":
        return pod_health(thing)
    if kind in _OF_PODS:
        return _workload(thing, _OF_PODS[kind], pods)
    judge = _JUDGES.get(kind)
    return judge(thing, pods) if judge else _by_conditions(thing)


def selector_of(thing: object) -> str:
    """The label selector of the pods of ``thing``, as a query takes it; empty where it has none."""
    chosen = spec(thing).get("selector")
    wanted = labels(mapping(chosen).get("matchLabels")) or labels(chosen)
    return ",".join(f"{key}={value}" for key, value in sorted(wanted.items()))


# -- workloads


def _deployment(thing: object) -> tuple[int, int]:
    return _replicas(thing), number(status(thing).get("readyReplicas"))


def _daemon_set(thing: object) -> tuple[int, int]:
    told = status(thing)
    return number(told.get("desiredNumberScheduled")), number(told.get("numberReady"))


def _replicas(thing: object) -> int:
    """Kubernetes makes one where nothing is said."""
    wanted = spec(thing).get("replicas")
    return 1 if wanted is None else number(wanted)


_OF_PODS: Mapping[str, Callable[[object], tuple[int, int]]] = {
    "Deployment": _deployment,
    "StatefulSet": _deployment,
    "ReplicaSet": _deployment,
    "ReplicationController": _deployment,
    "DaemonSet": _daemon_set,
}
"""How many pods are wanted and how many are ready."""


def _workload(thing: object, count: Callable[[object], tuple[int, int]], pods: Sequence[object] | None) -> Health:
    wanted, ready = count(thing)
    if number(status(thing).get("observedGeneration")) < number(meta(thing).get("generation")):
        return Health("busy", phrase(N_("The cluster has not looked at its newest state yet.")))
    if ready >= wanted and not _is_rolling(thing, wanted):
        told = N_("{ready} of {wanted} ready.") if wanted else N_("Switched off: it is to have no pods.")
        return Health("ok", phrase(told, ready=ready, wanted=wanted))
    return _not_ready(thing, ready, wanted, pods)


def _is_rolling(thing: object, wanted: int) -> bool:
    """Whether some pods are still as they were before the last change."""
    updated = status(thing).get("updatedReplicas", status(thing).get("updatedNumberScheduled"))
    return number(updated) < wanted if updated is not None else False


def _not_ready(thing: object, ready: int, wanted: int, pods: Sequence[object] | None) -> Health:
    trouble = first_trouble(pods or ())
    counted = phrase(N_("{ready} of {wanted} ready."), ready=ready, wanted=wanted)
    if trouble is not None:
        name, health = trouble
        cause = phrase(N_("{counted} Pod {pod}: {why}"), counted=counted, pod=name, why=health.cause)
        return Health(health.state, cause, health.remedy)
    refused = _condition(thing, "ReplicaFailure")
    if refused.get("status") == "True":
        cause = phrase(N_("{counted} No pod can be made: {message}"), counted=counted, message=_message(refused))
        return Health("bad", cause, phrase(N_("A quota, a policy or a missing service account refuses it.")))
    if _condition(thing, "Progressing").get("reason") == "ProgressDeadlineExceeded":
        late = phrase(N_("{counted} It has not come further for a long time."), counted=counted)
        return Health("bad", late, phrase(N_("Look at its pods: kubectl describe pods -n {namespace}"),
                                          namespace=text(meta(thing).get("namespace"))))  # fmt: skip
    return Health("busy", counted)


# -- each by itself


def _job(thing: object, pods: Sequence[object] | None) -> Health:
    failed = _condition(thing, "Failed")
    if failed.get("status") == "True":
        trouble = first_trouble(pods or ())
        cause = phrase(N_("It failed: {message}"), message=_message(failed))
        return Health("bad", cause, trouble[1].remedy if trouble else phrase(
            N_("Read what it wrote: kubectl logs -n {namespace} job/{name}"), **_place(thing)))  # fmt: skip
    if _condition(thing, "Complete").get("status") == "True":
        return Health("ok", phrase(N_("Finished.")))
    if spec(thing).get("suspend") is True:
        return Health("ok", phrase(N_("Suspended.")))
    trouble = first_trouble(pods or ())
    if trouble:
        return Health(trouble[1].state, phrase(N_("Pod {pod}: {why}"), pod=trouble[0], why=trouble[1].cause),
                      trouble[1].remedy)  # fmt: skip
    return Health("busy", phrase(N_("It runs.")))


def _cron_job(thing: object, pods: Sequence[object] | None) -> Health:  # noqa: ARG001
    if spec(thing).get("suspend") is True:
        return Health("ok", phrase(N_("Suspended.")))
    schedule = shown(text(spec(thing).get("schedule")))
    return Health("ok", phrase(N_("It runs at {schedule}."), schedule=schedule))


def _claim(thing: object, pods: Sequence[object] | None) -> Health:  # noqa: ARG001
    phase = text(status(thing).get("phase"))
    if phase == "Bound":
        return Health("ok", phrase(N_("Bound to a volume.")))
    if phase == "Lost":
        return Health("bad", phrase(N_("Its volume is gone.")), phrase(N_("Ask who runs the cluster.")))
    storage = text(spec(thing).get("storageClassName"))
    if storage:
        cause = phrase(N_("It waits for a volume of the storage class {storage}."), storage=storage)
    else:
        cause = phrase(N_("It waits for a volume and names no storage class."))
    remedy = N_(
        "Some storage classes wait for the first pod. Else see whether the class is there (kubectl get storageclass) "
        "and what its provisioner says (kubectl describe pvc -n {namespace} {name})."
    )
    return Health("busy", cause, phrase(remedy, **_place(thing)))


def _service(thing: object, pods: Sequence[object] | None) -> Health:
    balancer = spec(thing).get("type") == "LoadBalancer"
    if balancer and not mappings(mapping(status(thing).get("loadBalancer")).get("ingress")):
        waits = N_("It waits for an address from outside.")
        return Health("busy", phrase(waits), phrase(
            N_("Without a load balancer in the cluster it gets none: choose ClusterIP or NodePort in the values, or "
               "use an Ingress.")))  # fmt: skip
    if pods is None or not selector_of(thing):
        return THERE
    ready = sum(1 for one in pods if is_ready(one))
    if ready:
        return Health("ok", phrase(N_("Ready pods that it leads to: {ready}."), ready=ready))
    if pods:
        return Health("busy", phrase(N_("None of the pods that it leads to is ready.")))
    cause = phrase(N_("It leads nowhere: no pod has the labels {selector}."), selector=selector_of(thing))
    return Health("bad", cause, phrase(N_("See whether its workload is there, and whether the labels fit.")))


def _ingress(thing: object, pods: Sequence[object] | None) -> Health:  # noqa: ARG001
    if mappings(mapping(status(thing).get("loadBalancer")).get("ingress")):
        return Health("ok", phrase(N_("An ingress controller serves it.")))
    return Health("busy", phrase(N_("It has no address yet.")), phrase(
        N_("If it stays so, no ingress controller takes it: see its class (ingressClassName) and "
           "“kubectl get ingressclass”.")))  # fmt: skip


def _autoscaler(thing: object, pods: Sequence[object] | None) -> Health:  # noqa: ARG001
    for kind in ("AbleToScale", "ScalingActive"):
        found = _condition(thing, kind)
        if found.get("status") == "False" and found.get("reason") != "ScalingDisabled":
            return Health("bad", phrase(N_("It cannot scale: {message}"), message=_message(found)), phrase(
                N_("It needs metrics-server (or the metrics that it names) and pods with resources.requests.")
            ))  # fmt: skip
    current, wanted = (number(status(thing).get(key)) for key in ("currentReplicas", "desiredReplicas"))
    return Health("ok", phrase(N_("{current} pods, {wanted} wanted."), current=current, wanted=wanted))


def _crd(thing: object, pods: Sequence[object] | None) -> Health:  # noqa: ARG001
    if _condition(thing, "Established").get("status") == "True":
        return Health("ok", phrase(N_("The cluster serves it.")))
    refused = _condition(thing, "NamesAccepted")
    if refused.get("status") == "False":
        taken = phrase(N_("Its names are not accepted: {message}"), message=_message(refused))
        return Health("bad", taken, phrase(N_("Another CRD has them; the two cannot be in one cluster.")))
    return Health("busy", phrase(N_("The cluster does not serve it yet.")))


_JUDGES: Mapping[str, Callable[[object, Sequence[object] | None], Health]] = {
    "Job": _job,
    "CronJob": _cron_job,
    "PersistentVolumeClaim": _claim,
    "Service": _service,
    "Ingress": _ingress,
    "HorizontalPodAutoscaler": _autoscaler,
    "CustomResourceDefinition": _crd,
}


# -- any other


def _by_conditions(thing: object) -> Health:
    """``Ready`` or ``Available`` where a kind has them; else being there is all that can be said."""
    for kind in ("Ready", "Available"):
        found = _condition(thing, kind)
        if found.get("status") == "True":
            return Health("ok", phrase(N_("Its condition {kind} is true."), kind=kind))
        if found.get("status") == "False":
            told = phrase(N_("Its condition {kind} is false: {message}"), kind=kind, message=_message(found))
            return Health("bad", told)
        if found:
            return Health("busy", phrase(N_("Its condition {kind} is not known yet."), kind=kind))
    return THERE


def _condition(thing: object, kind: str) -> Mapping[str, Any]:
    return next((one for one in mappings(status(thing).get("conditions")) if one.get("type") == kind), {})


def _message(condition: Mapping[str, Any]) -> str:
    return shown(text(condition.get("message")) or text(condition.get("reason")) or "?", _LONGEST)


def _place(thing: object) -> dict[str, str]:
    return {"namespace": text(meta(thing).get("namespace")), "name": text(meta(thing).get("name"))}
