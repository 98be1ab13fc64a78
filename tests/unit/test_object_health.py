"""How an object of a cluster is, in plain words: one table a kind, as the API reference has their status."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.install.health import health_of, selector_of
from catalog_web.install.pod_health import Health, first_trouble, pod_health
from indexer.errors import Phrase, fill


def words(phrase: Phrase | None) -> str:
    return fill(phrase["text"], phrase["params"]) if phrase else ""


def told(health: Health) -> tuple[str, str]:
    return health.state, words(health.cause)


def thing(kind: str, status: Any = None, spec: Any = None, **meta: Any) -> dict[str, Any]:
    about = {"name": "web", "namespace": "apps", "generation": 1, **meta}
    return {"kind": kind, "metadata": about, "spec": spec or {}, "status": status or {}}


def condition(kind: str, status: str, **more: str) -> dict[str, Any]:
    return {"conditions": [{"type": kind, "status": status, **more}]}


def pod(name: str = "web-1", phase: str = "Pending", **status: Any) -> dict[str, Any]:
    return thing("Pod", {"phase": phase, **status}, name=name)


def container(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"containerStatuses": [{"name": "app", "image": "redis:99", "state": state, **more}]}


def waiting(reason: str, message: str = "", **more: Any) -> dict[str, Any]:
    return pod(**container({"waiting": {"reason": reason, "message": message}}, **more))


READY = pod("web-2", "Running", **condition("Ready", "True"))
SEEN = {"observedGeneration": 1}


@pytest.mark.parametrize(
    ("kind", "status", "spec", "state", "sentence"),
    [
        ("Deployment", {**SEEN, "readyReplicas": 3, "updatedReplicas": 3}, {"replicas": 3}, "ok", "3 of 3 ready."),
        ("Deployment", {**SEEN, "readyReplicas": 2}, {"replicas": 3}, "busy", "2 of 3 ready."),
        ("Deployment", {**SEEN, "readyReplicas": 1}, {}, "ok", "1 of 1 ready."),
        ("Deployment", SEEN, {"replicas": 0}, "ok", "Switched off: it is to have no pods."),
        (
            "Deployment",
            {"readyReplicas": 3},
            {"replicas": 3},
            "busy",
            "The cluster has not looked at its newest state yet.",
        ),
        ("Deployment", {**SEEN, "readyReplicas": 3, "updatedReplicas": 1}, {"replicas": 3}, "busy", "3 of 3 ready."),
        (
            "Deployment",
            {**SEEN, **condition("Progressing", "False", reason="ProgressDeadlineExceeded")},
            {"replicas": 1},
            "bad",
            "0 of 1 ready. It has not come further for a long time.",
        ),
        (
            "Deployment",
            {**SEEN, **condition("ReplicaFailure", "True", message="exceeded quota: small")},
            {"replicas": 1},
            "bad",
            "0 of 1 ready. No pod can be made: exceeded quota: small",
        ),
        ("StatefulSet", {**SEEN, "readyReplicas": 1}, {"replicas": 3}, "busy", "1 of 3 ready."),
        ("DaemonSet", {**SEEN, "desiredNumberScheduled": 4, "numberReady": 4}, {}, "ok", "4 of 4 ready."),
        ("DaemonSet", {**SEEN, "desiredNumberScheduled": 4, "numberReady": 1}, {}, "busy", "1 of 4 ready."),
        ("Job", condition("Complete", "True"), {}, "ok", "Finished."),
        ("Job", condition("Failed", "True", message="too many tries"), {}, "bad", "It failed: too many tries"),
        ("Job", {"active": 1}, {}, "busy", "It runs."),
        ("CronJob", {}, {"schedule": "0 * * * *"}, "ok", "It runs at 0 * * * *."),
        ("CronJob", {}, {"schedule": "0 * * * *", "suspend": True}, "ok", "Suspended."),
        ("PersistentVolumeClaim", {"phase": "Bound"}, {}, "ok", "Bound to a volume."),
        (
            "PersistentVolumeClaim",
            {"phase": "Pending"},
            {"storageClassName": "fast"},
            "busy",
            "It waits for a volume of the storage class fast.",
        ),
        ("PersistentVolumeClaim", {"phase": "Lost"}, {}, "bad", "Its volume is gone."),
        ("Service", {}, {"type": "LoadBalancer"}, "busy", "It waits for an address from outside."),
        ("Service", {}, {}, "ok", "It is there."),
        ("Ingress", {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]}}, {}, "ok", "An ingress controller serves it."),
        ("Ingress", {"loadBalancer": {}}, {}, "busy", "It has no address yet."),
        (
            "HorizontalPodAutoscaler",
            condition("ScalingActive", "False", message="no metrics"),
            {},
            "bad",
            "It cannot scale: no metrics",
        ),
        ("HorizontalPodAutoscaler", {"currentReplicas": 2, "desiredReplicas": 3}, {}, "ok", "2 pods, 3 wanted."),
        ("CustomResourceDefinition", condition("Established", "True"), {}, "ok", "The cluster serves it."),
        ("CustomResourceDefinition", {}, {}, "busy", "The cluster does not serve it yet."),
        (
            "CustomResourceDefinition",
            condition("NamesAccepted", "False", message="taken"),
            {},
            "bad",
            "Its names are not accepted: taken",
        ),
        ("Kafka", condition("Ready", "True"), {}, "ok", "Its condition Ready is true."),
        ("Kafka", condition("Ready", "False", message="no disk"), {}, "bad", "Its condition Ready is false: no disk"),
        ("Kafka", condition("Available", "Unknown"), {}, "busy", "Its condition Available is not known yet."),
        ("ConfigMap", {}, {}, "ok", "It is there."),
    ],
)
def test_each_kind_is_judged_by_its_own_status(
    kind: str, status: dict[str, Any], spec: dict[str, Any], state: str, sentence: str
) -> None:
    assert told(health_of(thing(kind, status, spec))) == (state, sentence)


def test_what_is_being_removed_says_so() -> None:
    assert told(health_of(thing("ConfigMap", deletionTimestamp="2026-11-23T07:00:00Z"))) == ("busy", "Being removed.")


@pytest.mark.parametrize(
    ("one", "state", "sentence", "remedy"),
    [
        (
            waiting("ImagePullBackOff", "Back-off pulling image"),
            "bad",
            "The image redis:99 of container app cannot be pulled: Back-off pulling image",
            "imagePullSecrets",
        ),
        (waiting("ErrImagePull", "no"), "bad", "The image redis:99 of container app cannot be pulled: no", "registry"),
        (waiting("InvalidImageName"), "bad", "“redis:99” of container app is not the name of an image.", "values"),
        (
            waiting("CreateContainerConfigError", 'secret "x" not found'),
            "bad",
            'Container app cannot be made: secret "x" not found',
            "Secret",
        ),
        (
            waiting(
                "CrashLoopBackOff", restartCount=4, lastState={"terminated": {"reason": "Error", "exitCode": 2}}
            ),
            "bad",
            "Container app ends again and again (exit code 2, 4 restarts).",
            "kubectl logs -n apps web-1 -c app --previous",
        ),
        (
            waiting("CrashLoopBackOff", restartCount=4, lastState={"terminated": {"reason": "OOMKilled"}}),
            "bad",
            "Container app needed more memory than it may have and was ended.",
            "resources.limits.memory",
        ),
        (waiting("ContainerCreating"), "busy", "Container app is being made.", ""),
        (waiting("SomethingNew", "who knows"), "bad", "Container app waits: who knows", ""),
        (
            pod(**condition("PodScheduled", "False", message="0/3 nodes are available: 3 Insufficient cpu.")),
            "bad",
            "No node takes it: 0/3 nodes are available: 3 Insufficient cpu.",
            "resources.requests",
        ),
        (
            pod(**condition("PodScheduled", "False", message="pod has unbound persistentvolumeclaims")),
            "bad",
            "No node takes it: pod has unbound persistentvolumeclaims",
            "volume claims",
        ),
        (
            pod(**condition("PodScheduled", "False", message="1 node(s) had untolerated taint {gpu: true}")),
            "bad",
            "No node takes it: 1 node(s) had untolerated taint {gpu: true}",
            "toleration",
        ),
        (pod(phase="Failed", reason="Evicted", message="low on memory"), "bad",
         "Its node had to put it out: low on memory", "memory"),
        (
            pod(phase="Running", **container({"running": {}}, ready=False, started=True)),
            "busy",
            "Container app runs and is not ready yet.",
            "readiness probe",
        ),
        (READY, "ok", "Running and ready.", ""),
        (pod(phase="Succeeded"), "ok", "Finished.", ""),
        (pod(), "busy", "Being started.", ""),
    ],
)  # fmt: skip
def test_a_pod_says_why_it_does_not_run_and_what_to_try(
    one: dict[str, Any], state: str, sentence: str, remedy: str
) -> None:
    health = pod_health(one)
    assert told(health) == (state, sentence)
    assert remedy in words(health.remedy)


def test_a_workload_names_its_first_pod_in_trouble_with_the_cause() -> None:
    workload = thing("Deployment", {**SEEN, "readyReplicas": 1}, {"replicas": 2})
    health = health_of(workload, [READY, waiting("ContainerCreating"), waiting("ImagePullBackOff", "no such tag")])
    sentence = "1 of 2 ready. Pod web-1: The image redis:99 of container app cannot be pulled: no such tag"
    assert told(health) == ("bad", sentence)
    assert "imagePullSecrets" in words(health.remedy)


def test_a_service_without_pods_leads_nowhere_and_names_the_labels() -> None:
    service = thing("Service", {}, {"selector": {"app": "web"}})
    assert told(health_of(service, [])) == ("bad", "It leads nowhere: no pod has the labels app=web.")
    assert told(health_of(service, [pod()])) == ("busy", "None of the pods that it leads to is ready.")
    assert told(health_of(service, [READY])) == ("ok", "Ready pods that it leads to: 1.")


def test_a_selector_is_read_from_workloads_and_from_services() -> None:
    assert selector_of(thing("Deployment", spec={"selector": {"matchLabels": {"b": "2", "a": "1"}}})) == "a=1,b=2"
    assert selector_of(thing("Service", spec={"selector": {"app": "web"}})) == "app=web"
    assert selector_of(thing("Service")) == ""


def test_no_pod_in_trouble_is_no_trouble() -> None:
    assert first_trouble([READY, pod(phase="Succeeded")]) is None


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(
    ["conditions", "containerStatuses", "phase", "loadBalancer", "readyReplicas", "replicas", "selector", "matchLabels",
     "state", "type", "status", "observedGeneration", "waiting", "terminated", "ingress", "ports"]
)  # fmt: skip
objects = st.recursive(odd, lambda below: st.lists(below, max_size=2) | st.dictionaries(fields, below), max_leaves=12)
kinds = st.sampled_from(
    ["Pod", "Deployment", "Job", "Service", "Ingress", "PersistentVolumeClaim", "Kafka", "DaemonSet"]
)


@given(kinds, objects, objects, objects)
def test_L3_an_odd_object_is_judged_and_never_raises(kind: str, spec: Any, status: Any, meta: Any) -> None:
    one = {"kind": kind, "metadata": meta, "spec": spec, "status": status}
    health = health_of(one, [one, status])
    assert words(health.cause)
    words(health.remedy)
    selector_of(one)
