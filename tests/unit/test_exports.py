"""One install written for other tools means the same in each of them, and holds no secret."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from catalog_web.install.exports import KINDS, ChartOrigin, ExportKind, export, origin_of
from catalog_web.install.helmrequest import InstallForm, manifest
from indexer.errors import UsageError, fill
from indexer.model import Source

FORM = InstallForm(
    source="shop",
    chart_repo="shop",
    chart="redis",
    version="1.2.0",
    cluster="home",
    namespace="apps",
    name="cache",
    values_yaml="",
    request_id="0b7e",
    person="local",
)
VALUES: dict[str, Any] = {"replicaCount": 2, "image": {"tag": None}, "note": "on", "script": "one\ntwo\n"}
REQUEST = manifest(FORM, VALUES, "v1alpha1")
WITH_SECRET = {
    **REQUEST,
    "spec": {**REQUEST["spec"], "valuesFrom": [{"secretKeyRef": {"name": "cache-values", "key": "values.yaml"}}]},
}
INDEX = ChartOrigin("shop", "index", "https://charts.example.org", "redis")
OCI = ChartOrigin("shop", "oci", "oci://registry.example.org/charts", "redis")


def documents(kind: ExportKind, origin: ChartOrigin, request: dict[str, Any] = REQUEST) -> list[Any]:
    return list(yaml.safe_load_all(export(request, origin, kind).commented))


def told(kind: ExportKind, origin: ChartOrigin = INDEX, paths: tuple[str, ...] = ()) -> str:
    return "\n".join(fill(one["text"], one["params"]) for one in export(WITH_SECRET, origin, kind, paths).notes)


def test_for_captain_it_is_the_helmrequest_itself() -> None:
    assert documents("captain", INDEX) == [REQUEST]


def test_kubectl_creates_the_helmrequest_and_replaces_one_with_a_resource_version() -> None:
    made = export(REQUEST, INDEX, "kubectl").text
    assert made.startswith("kubectl create -f - <<'EOF'\n")
    present = {**REQUEST, "metadata": {**REQUEST["metadata"], "resourceVersion": "7"}}
    assert export(present, INDEX, "kubectl").text.startswith("kubectl replace -f - <<'EOF'\n")
    assert "apply" not in made


def test_helm_adds_the_repository_and_gets_the_values_as_a_file() -> None:
    assert export(REQUEST, INDEX, "helm").text == (
        "helm repo add --force-update shop https://charts.example.org\n"
        "helm upgrade --install cache shop/redis \\\n"
        "  --version 1.2.0 --namespace apps \\\n"
        "  --values - <<'EOF'\n"
        'replicaCount: 2\nimage:\n  tag: null\nnote: "on"\nscript: |\n  one\n  two\n'
        "EOF\n"
    )


def test_helm_takes_a_chart_of_a_registry_by_its_address_and_needs_no_values() -> None:
    assert export(manifest(FORM, {}, "v1"), OCI, "helm").text == (
        "helm upgrade --install cache oci://registry.example.org/charts/redis \\\n  --version 1.2.0 --namespace apps\n"
    )


def test_flux_gets_a_repository_and_a_release_that_reads_it() -> None:
    repository, release = documents("flux", INDEX)
    assert repository["spec"] == {"interval": "1h", "url": "https://charts.example.org"}
    assert release["metadata"] == {"name": "cache", "namespace": "apps"}
    assert release["spec"] == {
        "interval": "1h",
        "releaseName": "cache",
        "chart": {
            "spec": {
                "chart": "redis",
                "version": "1.2.0",
                "sourceRef": {"kind": "HelmRepository", "name": repository["metadata"]["name"]},
            }
        },
        "values": VALUES,
    }


def test_flux_reads_a_registry_as_one() -> None:
    repository, _ = documents("flux", OCI)
    assert repository["spec"] == {"interval": "1h", "url": "oci://registry.example.org/charts", "type": "oci"}


def test_k3s_gets_a_helmchart_that_is_called_as_the_release() -> None:
    (chart,) = documents("k3s", INDEX)
    content = yaml.safe_load(chart["spec"].pop("valuesContent"))
    assert (content, chart["metadata"]) == (VALUES, {"name": "cache", "namespace": "apps"})
    assert chart["spec"] == {
        "repo": "https://charts.example.org",
        "chart": "redis",
        "version": "1.2.0",
        "targetNamespace": "apps",
    }
    (chart,) = documents("k3s", OCI)
    assert chart["spec"]["chart"] == "oci://registry.example.org/charts/redis"
    assert "repo" not in chart["spec"]


def test_argo_cd_gets_an_application_and_a_registry_without_its_scheme() -> None:
    (made,) = documents("argocd", OCI)
    assert made["spec"]["source"] == {
        "repoURL": "registry.example.org/charts",
        "chart": "redis",
        "targetRevision": "1.2.0",
        "helm": {"releaseName": "cache", "valuesObject": VALUES},
    }
    assert made["spec"]["destination"]["namespace"] == "apps"


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("captain", "secretKeyRef"),
        ("kubectl", "secretKeyRef"),
        ("helm", "kubectl get secret cache-values --namespace apps"),
        ("flux", "valuesKey: values.yaml"),
        ("k3s", "valuesSecrets"),
    ],
)
def test_G6_values_of_a_secret_stay_in_it_and_each_tool_is_told_its_name(kind: ExportKind, named: str) -> None:
    made = export(WITH_SECRET, INDEX, kind, ("auth.password",))
    assert named in made.text
    assert "cache-values" in made.text
    assert "auth.password" in told(kind, paths=("auth.password",))
    assert "kubectl create secret generic cache-values --namespace apps" in made.commented


def test_argo_cd_reads_no_secret_and_says_so() -> None:
    assert "cache-values" not in export(WITH_SECRET, INDEX, "argocd").text
    assert "Argo CD reads no values from a Secret: what cache-values holds is left out here." in told("argocd")


@pytest.mark.parametrize("kind", ["helm", "flux", "k3s", "argocd"])
@pytest.mark.parametrize("origin", [INDEX, OCI])
def test_a_private_repository_is_named_without_its_password(kind: ExportKind, origin: ChartOrigin) -> None:
    private = replace(origin, private=True, username="o'neill", own_ca=True)
    made = export(REQUEST, private, kind)
    assert "o'neill" not in made.text.replace("'o'\"'\"'neill'", "")
    assert "login" in made.commented
    assert "certificate of an authority of its own" in made.commented


def test_every_note_is_a_comment_whatever_a_path_holds() -> None:
    made = export(WITH_SECRET, INDEX, "captain", ("evil\nkind: Pod",))
    assert yaml.safe_load(made.commented) == WITH_SECRET


def test_a_folder_is_reached_through_chartroom_or_by_nobody() -> None:
    folder = Source("sample", "/srv/charts", kind="directory")
    assert origin_of(folder, "redis", (), "https://room.example.org").url == "https://room.example.org/helm/sample"
    unreached = origin_of(folder, "redis", ())
    assert export(REQUEST, unreached, "captain").text
    for kind in KINDS:
        if kind not in ("captain", "kubectl"):
            with pytest.raises(UsageError, match="cannot reach the chart"):
                export(REQUEST, unreached, kind)


def test_a_registry_is_told_by_the_address_of_the_version() -> None:
    harbor = Source("hub", "https://harbor.example.org:8443", kind="harbor")
    found = origin_of(harbor, "redis", ("oci://harbor.example.org:8443/lib/charts/redis:1.2.0_build",))
    assert (found.kind, found.url, found.chart) == ("oci", "oci://harbor.example.org:8443/lib/charts", "redis")
    assert found.host == "harbor.example.org:8443"


def test_an_index_is_told_without_its_file_and_without_a_token() -> None:
    found = origin_of(Source("shop", "https://charts.example.org/index.yaml?token=s3cret"), "redis", ())
    assert found.url == "https://charts.example.org"


def test_another_target_namespace_is_kept_apart_from_where_the_objects_lie() -> None:
    request = {**REQUEST, "spec": {**REQUEST["spec"], "namespace": "data", "releaseName": "first"}}
    _, release = documents("flux", INDEX, request)
    assert (release["metadata"]["namespace"], release["spec"]["targetNamespace"]) == ("apps", "data")
    (chart,) = documents("k3s", INDEX, request)
    assert (chart["metadata"], chart["spec"]["targetNamespace"]) == ({"name": "first", "namespace": "apps"}, "data")
