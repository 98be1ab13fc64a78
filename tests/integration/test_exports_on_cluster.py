"""What is exported for other tools is valid by the schemas that they publish, on a real API server."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from catalog_web.install.exports import ChartOrigin, ExportKind, export
from catalog_web.install.helmrequest import InstallForm, manifest
from tests.charts import packed_chart
from tests.parts.control_plane import ControlPlane, ControlPlaneError, control_plane
from tests.parts.located import located
from tests.parts.servers import wait_until
from tests.upstream import Site

pytestmark = pytest.mark.parts

KINDS = (
    "helm.toolkit.fluxcd.io_helmreleases",
    "source.toolkit.fluxcd.io_helmrepositories",
    "helm.cattle.io_helmcharts",
    "argoproj.io_applications",
)
FORM = InstallForm(
    source="shop",
    chart_repo="shop",
    chart="redis",
    version="1.2.0+build.7",
    cluster="home",
    namespace="apps",
    name="cache",
    values_yaml="",
    request_id="0b7e",
    person="local",
)
VALUES: dict[str, Any] = {"replicas": 2, "gone": None, "list": [1, "x", None], "deep": {"a.b/c": {"on": "yes"}}}
INDEX = ChartOrigin("shop", "index", "https://charts.example.org/stable", "redis")
OCI = ChartOrigin("shop", "oci", "oci://registry.example.org:8443/charts", "redis")


def request(**spec: Any) -> dict[str, Any]:
    made = manifest(FORM, VALUES, "v1alpha1")
    return {**made, "spec": {**made["spec"], **spec}}


FROM_SECRET = [
    {"secretKeyRef": {"name": "cache-values-0b7e0b7e", "key": "values.yaml", "optional": True}},
    {"configMapKeyRef": {"name": "team", "key": "values.yaml"}},
]


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(tmp_path_factory.mktemp("cluster")) as running:
        for kind in KINDS:
            # create: a schema of Argo CD is too large for the annotation that apply would make
            running.kubectl("create", "-f", str(located("schemas") / f"{kind}.yaml"))
        wait_until(lambda: all(_is_served(running, kind) for kind in KINDS))
        for namespace in ("apps", "argocd"):
            running.create_namespace(namespace)
        yield running


def _is_served(plane: ControlPlane, kind: str) -> bool:
    """`kubectl wait` stumbles over a custom resource that has no condition yet."""
    group, _, plural = kind.partition("_")
    return "True" in plane.kubectl(
        "get", "crd", f"{plural}.{group}", "-o", 'jsonpath={.status.conditions[?(@.type=="Established")].status}'
    )


def check(plane: ControlPlane, text: str) -> str:
    return plane.kubectl("create", "--dry-run=server", "--validate=strict", "--output=name", "-f", "-", stdin=text)


@pytest.mark.parametrize("kind", ["captain", "flux", "k3s", "argocd"])
@pytest.mark.parametrize("origin", [INDEX, OCI, replace(INDEX, private=True), replace(OCI, private=True)])
@pytest.mark.parametrize("spec", [{}, {"valuesFrom": FROM_SECRET}, {"namespace": "data", "releaseName": "first"}])
def test_every_export_is_valid_by_the_published_schema(
    plane: ControlPlane, kind: ExportKind, origin: ChartOrigin, spec: dict[str, Any]
) -> None:
    assert check(plane, export(request(**spec), origin, kind).commented)


def test_the_check_would_see_a_field_that_no_schema_knows(plane: ControlPlane) -> None:
    text = export(request(), INDEX, "k3s").text.replace("valuesContent", "valuesContents")
    with pytest.raises(ControlPlaneError, match="unknown field"):
        check(plane, text)


CHART = {
    "templates/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\n"
    "data: {who: {{ .Values.who | quote }}}\n"
}


@pytest.fixture
def shell(plane: ControlPlane, tmp_path: Path) -> Callable[[str], str]:
    """Runs a command as a person would who has kubectl and helm, both led to the cluster."""
    programs = tmp_path / "bin"
    programs.mkdir()
    kubectl = programs / "kubectl"
    kubectl.write_text(f'#!/bin/sh\nexec "{plane.program}" kubectl --kubeconfig "{plane.kubeconfig}" "$@"\n')
    kubectl.chmod(0o755)
    (programs / "helm").symlink_to(located("helm4"))
    own = {"HOME": str(tmp_path), "KUBECONFIG": str(plane.kubeconfig), "PATH": f"{programs}:/usr/bin:/bin"}

    def run(command: str) -> str:
        done = subprocess.run(["bash", "-c", command], env=own, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_command_for_kubectl_makes_the_helmrequest(plane: ControlPlane, shell: Callable[[str], str]) -> None:
    shell(export(request(), INDEX, "kubectl").text)
    made = json.loads(plane.kubectl("get", "helmrequests.v1.app.alauda.io", "cache", "-n", "apps", "-o", "json"))
    assert made["spec"] == request()["spec"]
    assert "annotations" not in made["metadata"]
    again = {**request(version="1.3.0"), "metadata": {**request()["metadata"]}}
    again["metadata"]["resourceVersion"] = made["metadata"]["resourceVersion"]
    shell(export(again, INDEX, "kubectl").text)
    assert "1.3.0" in plane.kubectl("get", "helmrequests.v1.app.alauda.io", "cache", "-n", "apps", "-o", "yaml")


def test_the_commands_for_helm_install_it_with_the_values_of_the_secret(
    plane: ControlPlane, shell: Callable[[str], str], site: Site
) -> None:
    archive = packed_chart(CHART, "redis", "1.2.0")
    site.put("/redis-1.2.0.tgz", archive)
    entry = {"name": "redis", "version": "1.2.0", "urls": ["redis-1.2.0.tgz"], "digest": sha256(archive).hexdigest()}
    site.put("/index.yaml", json.dumps({"apiVersion": "v1", "entries": {"redis": [entry]}}))
    content = "who: ann\n"
    plane.kubectl("create", "secret", "generic", "cache-values", "-n", "apps", f"--from-literal=values.yaml={content}")
    wanted = request(version="1.2.0", valuesFrom=[{"secretKeyRef": {"name": "cache-values", "key": "values.yaml"}}])
    shell(export(wanted, replace(INDEX, url=site.url), "helm").text)
    assert "who: ann" in plane.kubectl("get", "configmap", "made", "-n", "apps", "-o", "yaml")
