"""captain's reasons in plain words, with the doors out of them: each as it was recorded with captain 1.5.0."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.install.reasons import plain
from catalog_web.install.status import Seen, seen
from indexer.errors import Phrase, fill

SCHEMA = (
    "values don't meet the specifications of the schema(s) in the following chart(s):\ntiny:\n"
    "- replicaCount: Invalid type. Expected: integer, given: string\n- (root): port is required\n"
    "redis:\n- auth.password: String length must be greater than or equal to 8\n"
)
PORT = (
    'Service "web-tiny" is invalid: spec.ports[0].port: Invalid value: 99999999: must be between 1 and 65535, inclusive'
)
UPGRADE = (
    'UPGRADE FAILED: cannot patch "web-tiny" with kind Service: Service "web-tiny" is invalid: spec.ports[0].port: '
    'Invalid value: 99999999: must be between 1 and 65535, inclusive && cannot patch "web-tiny" with kind Deployment: '
    'Deployment.apps "web-tiny" is invalid: spec.template.spec.containers[0].ports[0].containerPort: '
    "Invalid value: 99999999: must be between 1 and 65535, inclusive"
)
EXISTS = (
    "rendered manifests contain a resource that already exists. Unable to continue with install: ServiceAccount "
    '"adopt-tiny" in namespace "apps" exists and cannot be imported into the current release'
)
RECORDED = [
    (
        'charts.app.alauda.io "tiny.open" not found',
        "chart-unknown",
        "captain does not know the chart tiny",
        "sync publish",
    ),
    ('chartrepos.app.alauda.io "open" not found', "repo-unknown", "captain has no ChartRepo open", "publish source"),
    ("cannot find version ^0.1.0 for chart tiny.open", "version-unknown", "not its version ^0.1.0", "sync upgrade"),
    ("cannot parse chart name", "chart-name", "does not say which chart", ""),
    (SCHEMA, "schema", "The chart does not take these values.", "values"),
    (
        "execution error at (strict/templates/needed.yaml:6:10): values.who is required",
        "template",
        "The chart refuses the values: values.who is required (strict/templates/needed.yaml:6:10)",
        "values",
    ),
    (PORT, "object-invalid", 'does not take Service "web-tiny"', "values"),
    (f"failed to create resource: {PORT}", "object-invalid", 'does not take Service "web-tiny"', "values"),
    (UPGRADE, "object-invalid", 'does not take Service "web-tiny"', "values"),
    (
        'namespaces "not-there" not found',
        "namespace-missing",
        "The namespace not-there is not there",
        "create-namespace",
    ),
    ('configmaps "absent" not found', "values-source", "The values are to come from absent (configmaps)", "values"),
    ("key zzz missing in secret vals", "values-key", "the key zzz of vals (secret)", "values"),
    (
        "error converting YAML to JSON: yaml: line 1: did not find expected node content",
        "values-yaml",
        "no YAML mapping: yaml: line 1",
        "values",
    ),
    (
        "error unmarshaling JSON: json: cannot unmarshal string into Go value of type map[string]interface {}",
        "values-yaml",
        "no YAML mapping: json: cannot unmarshal string",
        "values",
    ),
    (f'release name "{"n" * 60}" exceeds max length of 53', "name-long", "captain takes at most 53", "install-again"),
    (EXISTS, "exists", "ServiceAccount “adopt-tiny” is in the cluster already", "force-adopt install-again"),
    (
        "failed crd-install: warning: Hook crd-install argo-events/templates/eventbus-crd.yaml failed: "
        'customresourcedefinitions.apiextensions.k8s.io "eventbus.argoproj.io" already exists',
        "hook-exists",
        "eventbus.argoproj.io, which a hook of the chart is to make (crd-install), is in the cluster already.",
        "values",
    ),
    ("failed pre-install: timed out waiting for the condition", "hook-time", "(pre-install) was not done", ""),
    (
        "failed to fetch http://a.test/charts/tiny-0.1.0.tgz : 401 Unauthorized",
        "login",
        "captain is not let in",
        "source",
    ),
    (
        "failed to fetch http://a.test/charts/none.tgz : 404 Not Found",
        "archive-absent",
        "not where the index says",
        "publish",
    ),
    ("can not find username or password in the secret apps-a/dl-doc", "login-missing", "The Secret apps-a/dl-doc", ""),
    ("helmrequest spec source http url does not start with HTTP or HTTPS", "url", "spec.source.http", ""),
    ("manifest does not contain a layer with mediatype application/tar+gzip", "oci", "spec.source.oci", ""),
    ("tag explicitly required", "oci", "spec.source.oci", ""),
    ("ref may only contain a single colon character (:) unless specifying a port number", "oci", "spec.source.oci", ""),
    (
        "file '/tmp/helm-charts/src-tls-index.yaml' seems to be a YAML file, but expected a gzipped archive",
        "archive-broken",
        "is no archive",
        "source",
    ),
    (
        'failed to do request: Head "http://127.0.0.1:28099/v2/x": dial tcp 127.0.0.1:1: connect: connection refused',
        "network",
        "connection refused",
        "source",
    ),
    ('clusters.clusterregistry.k8s.io "moon" not found', "cluster-unknown", "captain knows no cluster moon", ""),
    (
        "the server could not find the requested resource (get clusters.clusterregistry.k8s.io edge)",
        "clusters-absent",
        "captain serves only its own cluster",
        "",
    ),
    ('helmrequests.app.alauda.io "db" not found', "dependency-missing", "depends on the HelmRequest db", ""),
    (
        "dependency db of web is not synced to cluster  yet",
        "dependency-waiting",
        "db, which is not installed yet",
        "app",
    ),
    (
        'admission webhook "policy.example" denied the request: no root',
        "webhook",
        "A policy of the cluster (policy.example) refuses what the chart makes: no root",
        "values",
    ),
    (
        'cannot patch "web": StatefulSet.apps "web" is invalid: spec: Forbidden: field is immutable',
        "immutable",
        'StatefulSet.apps "web" cannot be changed in that way',
        "values resync",
    ),
    (
        'unable to build kubernetes objects: unable to recognize "": no matches for kind "Kafka" in version'
        ' "kafka.strimzi.io/v1beta2"',
        "kind-unknown",
        "does not know the kind Kafka of kafka.strimzi.io/v1beta2",
        "values upgrade",
    ),
    (
        "chart requires kubeVersion: >=1.40 which is incompatible with Kubernetes v1.36.3",
        "kube-version",
        "The chart wants Kubernetes >=1.40; the cluster has v1.36.3.",
        "upgrade",
    ),
    ("another operation (install/upgrade/rollback) is in progress", "pending-release", "captain was interrupted", ""),
    ("etcdserver: request is too large", "too-large", "larger than the cluster can keep", "values"),
    ("something new", "other", "captain could not do it: something new", ""),
]


def helmrequest(**spec: str) -> Seen:
    about = {"name": "web", "namespace": "apps", "uid": "u1"}
    return seen({"metadata": about, "spec": {"chart": "open/tiny", "version": "0.1.0", **spec}, "status": {}})


def words(phrase: Phrase | None) -> str:
    return fill(phrase["text"], phrase["params"]) if phrase else ""


@pytest.mark.parametrize(("reason", "reason_id", "cause", "doors"), RECORDED)
def test_a_recorded_reason_is_told_in_plain_words(reason: str, reason_id: str, cause: str, doors: str) -> None:
    told = plain(reason, helmrequest())
    assert told.id == reason_id
    assert cause in words(told.cause)
    offered = [one.id for one in told.doors]
    assert offered[: len(doors.split())] == doors.split()
    if reason_id not in ("other",):
        assert "?" not in words(told.cause) + words(told.remedy)


def test_values_that_the_schema_refuses_are_named_by_their_path() -> None:
    assert plain(SCHEMA, helmrequest()).values == (
        ("replicaCount", "Invalid type. Expected: integer, given: string"),
        ("(root)", "port is required"),
        ("redis.auth.password", "String length must be greater than or equal to 8"),
    )


def test_fields_that_the_cluster_refuses_are_named() -> None:
    assert [path for path, _ in plain(UPGRADE, helmrequest()).values] == [
        "spec.ports[0].port",
        "spec.template.spec.containers[0].ports[0].containerPort",
    ]


def test_a_door_knows_what_it_is_about() -> None:
    door = plain('namespaces "not-there" not found', helmrequest()).doors[0]
    assert door.label == "Create the namespace not-there"
    assert (door.params["namespace"], door.params["name"]) == ("not-there", "web")


@given(st.text(max_size=200), st.sampled_from([one[0] for one in RECORDED]), st.text(max_size=200))
def test_L3_whatever_captain_says_is_told_without_raising(before: str, reason: str, after: str) -> None:
    told = plain(before + reason + after, helmrequest())
    assert words(told.cause)
    words(told.remedy)


@pytest.mark.parametrize("reason", ['x "' * 20_000, "failed a: " * 6_000, "dial tcp " * 7_000, "is invalid: " * 5_000])
def test_a_long_reason_is_no_burden(reason: str) -> None:
    assert plain(reason, helmrequest()).id
