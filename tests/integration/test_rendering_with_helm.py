"""The real helm, 3 and 4, renders charts the same way, reaches for nothing outside, and hides what is secret."""

from pathlib import Path
from typing import Any

import pytest

from catalog_web.install.helm_program import HelmProgram
from catalog_web.install.manifest_diff import manifest_diff
from catalog_web.install.rendering import Rendered, Renderer, Rendering
from indexer.errors import RenderRefused, RenderTooLarge
from tests.charts import packed_chart
from tests.data import real_data
from tests.parts.located import located
from tests.upstream import Site

pytestmark = [pytest.mark.parts, pytest.mark.parametrize("helm", ["helm3", "helm4"])]

TEMPLATE = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  kube: "{{ .Capabilities.KubeVersion.Version }}"
  routes: "{{ .Capabilities.APIVersions.Has "gateway.networking.k8s.io/v1/HTTPRoute" }}"
  upgrade: "{{ .Release.IsUpgrade }}"
  there: {{ lookup "v1" "Secret" "kube-system" "" | toJson | quote }}
  address: "{{ getHostByName "localhost" }}"
  who: {{ required "who is needed" .Values.who | quote }}
---
apiVersion: v1
kind: Secret
metadata:
  name: login
stringData:
  password: {{ .Values.password | quote }}
"""
HOOK = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  annotations:\n    helm.sh/hook: pre-install\n"
CRD = (
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: wheels.example.org\n"
    "spec:\n  group: example.org\n  scope: Namespaced\n  names: {kind: Wheel, plural: wheels}\n  versions: []\n"
)
FILES = {"templates/all.yaml": TEMPLATE, "templates/job.yaml": HOOK, "crds/wheel.yaml": CRD}


def render(helm: str, folder: Path, files: dict[str, str], values: dict[str, Any], **more: Any) -> Rendered:
    archive = folder / "demo.tgz"
    archive.write_bytes(packed_chart(files))
    return Renderer(HelmProgram(str(located(helm)))).render(Rendering(archive, values, "web", "apps", **more))


def test_it_shows_what_would_go_to_the_cluster(helm: str, tmp_path: Path) -> None:
    values = {"who": "ann", "password": "s3cret-value"}
    found = render(
        helm,
        tmp_path,
        FILES,
        values,
        kube_version="1.31.4",
        api_versions=("gateway.networking.k8s.io/v1/HTTPRoute",),
        upgrade=True,
        secret_values=("s3cret-value",),
    )
    kinds = {one.kind: one for one in found.objects}
    assert {kind: one.namespace for kind, one in kinds.items()} == {
        "CustomResourceDefinition": "",
        "Secret": "apps",
        "ConfigMap": "apps",
        "Job": "apps",
    }
    text = kinds["ConfigMap"].text
    assert 'kube: "v1.31.4"' in text
    assert 'routes: "true"' in text
    assert 'upgrade: "true"' in text
    assert 'there: "{}"' in text
    assert 'address: ""' in text
    assert [one.kind for one in found.release] == ["Secret", "ConfigMap"]
    assert (kinds["Job"].hooks, kinds["CustomResourceDefinition"].stays) == (("pre-install",), True)
    assert "s3cret-value" not in str(found) + "".join(one.text for one in found.objects)


def test_what_the_chart_refuses_is_told_with_its_place(helm: str, tmp_path: Path) -> None:
    with pytest.raises(RenderRefused, match=r"demo/templates/all\.yaml, line 11\): who is needed"):
        render(helm, tmp_path, FILES, {})


def test_G1_a_schema_that_refers_to_an_address_is_not_followed(helm: str, tmp_path: Path, site: Site) -> None:
    schema = f'{{"$ref": "{site.url}/schema.json"}}'
    assert render(helm, tmp_path, {**FILES, "values.schema.json": schema}, {"who": "ann"}).objects
    assert not site.log


def test_a_template_that_never_ends_is_ended(helm: str, tmp_path: Path) -> None:
    endless = '{{- range until 100000 }}{{- range until 100000 }}{{ "x" | sha256sum | len }}{{ end }}{{ end }}'
    archive = tmp_path / "demo.tgz"
    archive.write_bytes(packed_chart({"templates/endless.yaml": endless}))
    with pytest.raises(RenderTooLarge):
        Renderer(HelmProgram(str(located(helm)), seconds=3)).render(Rendering(archive, {}, "web", "apps"))


def test_a_template_that_fills_the_memory_is_ended(helm: str, tmp_path: Path) -> None:
    with pytest.raises((RenderTooLarge, RenderRefused)):
        render(helm, tmp_path, {"templates/huge.yaml": '{{ repeat 2000000000 "abcd" }}'}, {})


def test_two_versions_of_a_real_chart_are_compared(helm: str) -> None:
    folder = real_data("argo")
    program = Renderer(HelmProgram(str(located(helm))))
    old, new = (
        program.render(Rendering(folder / f"argo-cd-{version}.tgz", {}, "argo", "argocd"))
        for version in ("3.3.5", "3.4.0")
    )
    assert len(old.release) > 20
    found = manifest_diff(old.release, new.release)
    assert any(one.is_slight for one in found.changes)
    assert manifest_diff(old.release, old.release).changes == ()
