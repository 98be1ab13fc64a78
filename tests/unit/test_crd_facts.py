"""What CRD files define."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_web.crd_facts import crd_schema, read_crds

CRD = """\
# made by a tool
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.org
spec:
  group: example.org
  scope: Namespaced
  names:
    kind: Widget
    plural: widgets
    shortNames: [wd, wdg]
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          properties: {spec: {type: object}}
    - name: v1beta1
      served: false
      storage: false
      deprecated: true
"""
OLD = """\
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
spec:
  group: old.example.org
  version: v1alpha1
  scope: Cluster
  names: {kind: Gadget, plural: gadgets}
  validation:
    openAPIV3Schema: {type: object}
"""


def test_kind_group_versions_scope_and_short_names_are_told() -> None:
    (crd,) = read_crds(CRD).crds
    assert (crd.kind, crd.group, crd.scope, crd.short_names) == ("Widget", "example.org", "Namespaced", ("wd", "wdg"))
    told = [(one.name, one.served, one.storage, one.deprecated) for one in crd.versions]
    assert told == [("v1", True, True, False), ("v1beta1", False, False, True)]
    assert crd.name == "widgets.example.org"


def test_a_file_may_hold_several_and_other_objects() -> None:
    found = read_crds(f"{CRD}---\nkind: ConfigMap\n--- # next\n{OLD}")
    assert [one.kind for one in found.crds] == ["Widget", "Gadget"]
    assert found.problem is None


def test_the_schema_of_a_version_is_found_also_where_an_older_api_keeps_it() -> None:
    assert crd_schema(CRD, "widgets.example.org", "v1") == {"properties": {"spec": {"type": "object"}}}
    assert crd_schema(CRD, "widgets.example.org", "v1beta1") is None
    assert crd_schema(OLD, "gadgets.old.example.org", "v1alpha1") == {"type": "object"}
    assert crd_schema(CRD, "other", "v1") is None


def test_what_cannot_be_read_is_told_and_the_others_stay() -> None:
    found = read_crds(f"{CRD}---\na: [\n---\n{OLD}")
    assert [one.kind for one in found.crds] == ["Widget", "Gadget"]
    assert found.problem is not None


@pytest.mark.parametrize(
    "spec",
    [
        "5",
        "[]",
        "{names: 3}",
        "{versions: 7}",
        "{versions: [1, [], {name: [], served: yes}]}",
        "{names: {shortNames: {}}}",
    ],
)
def test_G3_odd_definitions_are_shown_as_far_as_they_go(spec: str) -> None:
    found = read_crds(f"kind: CustomResourceDefinition\nspec: {spec}\n")
    assert len(found.crds) == 1
    crd_schema(f"kind: CustomResourceDefinition\nspec: {spec}\n", found.crds[0].name, "")


@settings(max_examples=200)
@given(st.text("-:\n kindCRD[]{}&*!|>'\"", max_size=80))
def test_G4_no_text_makes_it_fail(text: str) -> None:
    read_crds(text)
    read_crds(f"kind: CustomResourceDefinition\n{text}")
