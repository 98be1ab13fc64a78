"""What a searcher finds of an archive beyond its README."""

from hypothesis import given
from hypothesis import strategies as st

from indexer.model import ArchiveContent, ArchiveFile, ChartImage, ChartMetadata
from indexer.searchable import MOST_VALUES, floating, searchable_of

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: prometheuses.monitoring.coreos.com
spec:
  group: monitoring.coreos.com
  names:
    categories:
    - prometheus-operator
    kind: Prometheus
    plural: prometheuses
  versions:
  - schema:
      openAPIV3Schema:
        properties:
          kind:
            type: string
"""
VALUES = """\
## How many pods
##
replicaCount: 1
persistence:
  # -- Keep the data on a volume
  enabled: true
  size: 8Gi # of the volume
## @param auth.password What everybody must type
auth:
  password: ""
script: |
  # no comment
  key: none
"""


def content(**parts):
    blank = {"digest": "ab" * 32, "size": 1, "metadata": ChartMetadata("demo", "1.0.0"), "readme": "", "values": "",
             "schema": "", "templates": (), "crds": (), "dependencies": ()}  # fmt: skip
    return ArchiveContent(**{**blank, **parts})


def image(reference, *, certain=True):
    return ChartImage(reference, certain, "values", "image")


def test_kinds_are_those_that_its_crds_define_wherever_they_lie():
    second = CRD.replace("kind: Prometheus", 'kind: "Widget"')
    guarded = ArchiveFile("templates/crd.yaml", f"{{{{- if .Values.crds }}}}\n{second}{{{{- end }}}}\n")
    plain = ArchiveFile("templates/names.yaml", "kind: ConfigMap\ndata:\n  names:\n    kind: Other\n")
    found = searchable_of(content(crds=(ArchiveFile("crds/a.yaml", CRD),), templates=(guarded, plain)))
    assert found.kinds == ("Prometheus", "Widget")


def test_images_are_repositories_in_full_certain_ones_first():
    found = searchable_of(content(images=(image("redis:7", certain=False), image("quay.io/a/b:1"), image("redis:8"))))
    assert found.images == ("quay.io/a/b", "docker.io/library/redis")


def test_values_are_dotted_keys_with_their_comments_the_telling_ones_first():
    found = dict(searchable_of(content(values=VALUES)).values)
    assert found["persistence.size"] == "of the volume"
    assert found["persistence.enabled"] == "Keep the data on a volume"
    assert found["auth"] == "auth.password What everybody must type"
    assert found["replicaCount"] == "How many pods"
    assert "script.key" not in found
    assert list(found).index("persistence.size") < list(found).index("replicaCount")


def test_it_keeps_no_more_values_than_a_search_wants():
    values = "".join(f"key{number}: 1 # {'long ' * 100}\n" for number in range(1000))
    found = searchable_of(content(values=values)).values
    assert len(found) == MOST_VALUES
    assert max(len(comment) for _, comment in found) <= 160


def test_images_without_a_fixed_version_are_told():
    images = (image("a"), image("b:latest"), image("c:1"), image("d@sha256:" + "0" * 64))
    assert floating(images) == ("a", "b:latest")


@given(st.text(max_size=400), st.text(max_size=200))
def test_it_never_raises_whatever_the_texts_are(values, crd):
    made = searchable_of(content(values=values, crds=(ArchiveFile("crds/a.yaml", CRD[:80] + crd),)))
    assert made.readme == ""
