"""The objects of a rendered chart are told apart, get their namespace, and keep their secrets to themselves."""

import base64

import yaml
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.install.manifest_diff import ManifestDiff, manifest_diff
from catalog_web.install.manifests import ManifestObject, read_manifests

DEPLOYMENT = """\
---
# Source: shop/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web  # the name
  labels:
    helm.sh/chart: shop-1.0.0
spec:
  replicas: 2
"""
SECRET = """\
---
# Source: shop/templates/secret.yaml
apiVersion: v1
kind: Secret
metadata:
  name: login
  namespace: data
data:
  password: czNjcmV0
stringData:
  url: postgres://me:s3cret@db
"""
CRD = """\
---
# Source: shop/crds/wheel.yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: wheels.example.org
  annotations: {helm.sh/hook: crd-install}
spec:
  group: example.org
  scope: Cluster
  names: {kind: Wheel, plural: wheels}
"""
HOOK = """\
---
# Source: shop/templates/job.yaml
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    "helm.sh/hook": pre-install, pre-upgrade
"""


def one(text: str, *hide: str) -> ManifestObject:
    (found,) = read_manifests(text, "apps", hide)
    return found


def test_an_object_gets_the_namespace_where_it_goes_and_stays_as_it_was_written() -> None:
    thing = one(DEPLOYMENT)
    assert thing.identity == ("apps", "Deployment", "apps", "web")
    assert thing.template == "shop/templates/deployment.yaml"
    assert "metadata:\n  namespace: apps\n  name: web  # the name\n" in thing.text


def test_a_namespace_of_its_own_is_kept() -> None:
    assert one(SECRET).namespace == "data"
    assert one(SECRET).text.count("namespace") == 1


def test_what_is_in_no_namespace_gets_none() -> None:
    role = one("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: all\n")
    assert (role.namespace, "namespace" in role.text) == ("", False)
    _, wheel = read_manifests(CRD + "---\napiVersion: example.org/v1\nkind: Wheel\nmetadata:\n  name: one\n", "apps")
    assert wheel.namespace == ""
    issuer = one("apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata:\n  name: ca\n")
    assert issuer.namespace == ""
    assert one("apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata:\n  name: ca\n").namespace == "apps"


def test_hooks_and_crds_are_marked() -> None:
    crd, hook = read_manifests(CRD + HOOK, "apps")
    assert (crd.is_crd, crd.stays, crd.hooks) == (True, True, ())
    assert hook.hooks == ("pre-install", "pre-upgrade")
    assert not one(CRD.replace("/crds/", "/templates/")).stays


def test_a_list_is_its_objects() -> None:
    text = "apiVersion: v1\nkind: List\nitems:\n" + "".join(
        f"- apiVersion: v1\n  kind: Secret\n  metadata: {{name: {name}}}\n  data: {{key: czNjcmV0}}\n" for name in "ab"
    )
    found = read_manifests(text, "apps")
    assert [thing.name for thing in found] == ["a", "b"]
    assert "czNjcmV0" not in str(found)


def test_G6_a_secret_of_the_chart_is_hidden() -> None:
    thing = one(SECRET)
    assert yaml.safe_load(thing.text)["data"] == {"password": "(hidden)"}
    assert "s3cret" not in str(thing) + repr(thing) + thing.text
    assert "czNjcmV0" not in str(thing) + thing.text


def test_G6_a_secret_that_cannot_be_read_is_hidden_as_a_whole() -> None:
    text = "apiVersion: v1\nkind: Secret\nkind: Secret\ndata:\n  password: czNjcmV0\n"
    assert one(text).text == "(hidden)\n"


def test_G6_a_secret_value_is_hidden_wherever_the_chart_writes_it() -> None:
    coded = base64.b64encode(b"s3cret").decode()
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  url: me:s3cret@db\n  coded: {coded}\n"
    assert one(text, "s3cret").text.count("(hidden)") == 2


def test_what_is_no_yaml_is_shown_as_it_is() -> None:
    thing = one("just: [some\n")
    assert (thing.kind, thing.text) == ("", "just: [some\n")


def test_comments_alone_are_no_object() -> None:
    assert read_manifests("---\n# Source: shop/templates/empty.yaml\n# nothing\n---\n", "apps") == ()


@given(st.text(st.sampled_from("a: \n-#'\"{}[]&*!|>kindSecret\x00\u2028"), max_size=200))
def test_nothing_makes_it_raise(text: str) -> None:
    read_manifests(text, "apps", ("Secret",))


# -- differences


def diff(old: str, new: str) -> ManifestDiff:
    return manifest_diff(read_manifests(old, "apps"), read_manifests(new, "apps"))


def test_objects_are_compared_by_what_they_are_not_where_they_stand() -> None:
    found = diff(DEPLOYMENT + SECRET, SECRET + DEPLOYMENT.replace("apps/v1", "apps/v1beta1"))
    assert (found.equal, [one.kind for one in found.changes]) == (1, ["changed"])
    (change,) = found.changes
    signs = [(line.sign, line.text) for hunk in change.hunks for line in hunk.lines if line.sign != " "]
    assert signs == [("-", "apiVersion: apps/v1"), ("+", "apiVersion: apps/v1beta1")]


def test_what_comes_and_what_goes_is_told() -> None:
    found = diff(DEPLOYMENT + SECRET, SECRET + HOOK)
    assert [(one.kind, one.thing.name) for one in found.changes] == [("added", "migrate"), ("removed", "web")]
    assert (found.count("added"), found.count("removed"), found.count("changed"), found.equal) == (1, 1, 0, 1)


def test_the_version_in_the_labels_alone_is_a_slight_change() -> None:
    (slight,) = diff(DEPLOYMENT, DEPLOYMENT.replace("shop-1.0.0", "shop-1.1.0")).changes
    (real,) = diff(DEPLOYMENT, DEPLOYMENT.replace("replicas: 2", "replicas: 3")).changes
    assert (slight.is_slight, real.is_slight) == (True, False)


def test_G6_another_secret_value_is_told_and_not_shown() -> None:
    (change,) = diff(SECRET, SECRET.replace("czNjcmV0", "b3RoZXI=")).changes
    lines = [(line.sign, line.text.strip()) for hunk in change.hunks for line in hunk.lines if line.sign != " "]
    assert lines == [("-", 'password: "(hidden, another one)"'), ("+", 'password: "(hidden)"')]
    assert diff(SECRET, SECRET).changes == ()


def test_an_object_that_is_there_twice_is_compared_as_a_whole() -> None:
    found = diff(DEPLOYMENT + DEPLOYMENT, DEPLOYMENT)
    assert [one.kind for one in found.changes] == ["changed"]
