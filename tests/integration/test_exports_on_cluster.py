"""What is exported for other tools is valid by the schemas that they publish, on a real API server."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from catalog_web.install.exports import ChartOrigin, ExportKind, export
from catalog_web.install.helmrequest import InstallForm, manifest
from tests.parts.control_plane import ControlPlane, ControlPlaneError, control_plane
from tests.parts.located import located

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
        running.kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
        for namespace in ("apps", "argocd"):
            running.create_namespace(namespace)
        yield running


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
