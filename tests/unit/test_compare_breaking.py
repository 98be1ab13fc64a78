"""Whether an upgrade looks like a breaking change, and why: every rule with an example."""

import json

import pytest
from compared import STATEFUL, compared, content, metadata, said, stateful

from indexer.compare import compare
from indexer.compare.breaking import RULES
from indexer.model import ArchiveContent, ChartImage, Dependency

READS = '{{ .Values.server.port }} {{ toYaml .Values.resources }} {{ (index .Values "a-b").c }}\n'
VALUES = "server: {port: 80, name: x}\nresources: {cpu: 1}\na-b: {c: 1}\n"


def told(old: ArchiveContent, new: ArchiveContent) -> list[str]:
    return said(compared(old, new))


def versions(old: str, new: str, **fields: object) -> list[str]:
    return said(compare(metadata(old), None, metadata(new, **fields), None))


def test_every_rule_names_its_example() -> None:
    assert [rule.__name__ for rule in RULES if len(rule.__doc__ or "") < 40] == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2.17.5", "3.0.0", "breaking: The version goes from 2.17.5 to 3.0.0: another first number announces"),
        ("0.3.1", "0.4.0", "maybe: The version goes from 0.3.1 to 0.4.0: below 1.0 another second number"),
        ("3.0.0", "2.0.0", "breaking: The version goes from 3.0.0 to 2.0.0"),
    ],
)
def test_a_version_may_announce_it(old: str, new: str, expected: str) -> None:
    (one,) = versions(old, new)
    assert one.startswith(expected)


def test_a_version_may_announce_nothing() -> None:
    assert versions("1.2.3", "1.3.0") == []
    assert versions("not a version", "2.0.0") == []


def test_a_removed_value_that_no_template_reads_any_more_breaks_for_certain() -> None:
    old = content(VALUES, templates={"templates/a.yaml": READS})
    new = content(VALUES.replace("port: 80, ", ""), templates={"templates/a.yaml": READS.replace(".server.port", ".x")})
    assert told(old, new) == [
        "breaking: server.port is gone, and no template reads it any more: setting it has no effect."
    ]


def test_a_removed_value_that_is_still_read_has_only_lost_its_default() -> None:
    old = content(VALUES, templates={"templates/a.yaml": READS})
    new = content("server: {name: x}\nresources: {cpu: 1}\na-b: {}\n", templates={"templates/a.yaml": READS})
    assert told(old, new) == ["information: server.port has no default any more, but templates still read it."]


def test_a_removed_value_below_what_is_handed_on_whole_cannot_be_told() -> None:
    old = content("resources: {cpu: 1, memory: 2}\n", templates={"templates/a.yaml": READS})
    new = content("resources: {cpu: 1}\n", templates={"templates/a.yaml": READS})
    assert told(old, new) == ["maybe: resources.memory is gone; whether something still reads it cannot be told."]


def test_a_removed_value_of_a_dependency_or_without_an_archive_cannot_be_told() -> None:
    needed = (Dependency("redis"),)
    old = content("redis: {a: 1, b: 2}\n", templates={}, dependencies=needed)
    new = content("redis: {a: 1}\n", templates={}, dependencies=needed)
    names = metadata(dependencies=needed), metadata("1.0.1", dependencies=needed)
    assert [one.partition(":")[0] for one in said(compared(old, new, *names))] == ["maybe"]
    partial = compared(content("a: 1\n", partial=True), content("", partial=True))
    assert [one.severity for one in partial.reasons] == ["maybe"]
    assert partial.templates is None


def test_a_value_that_moved_breaks_and_its_new_place_is_named() -> None:
    body = "{repository: x/y, tag: '1', pullPolicy: Always, port: 1}"
    old = content(f"master: {body}\n", templates={"templates/a.yaml": "{{ .Values.master.tag }}"})
    new = content(f"primary: {body}\n", templates={"templates/a.yaml": "{{ .Values.primary.tag }}"})
    assert told(old, new) == ["breaking: master is gone; it seems to be primary now."]


def test_another_type_breaks_unless_it_is_written_alike() -> None:
    assert told(content("args: {}\nport: 80\nx:\n"), content("args: []\nport: '80'\nx: 1\n")) == [
        "breaking: args is a list now, it was a mapping.",
        "maybe: port is text now, it was a number.",
    ]


def test_a_schema_that_allows_less_breaks() -> None:
    old = {"properties": {"a": {"type": ["string", "null"]}, "b": {"enum": [1, 2]}, "c": {}, "d": {}}}
    new = {"properties": {"a": {"type": "string"}, "b": {"enum": [2, 3]}, "c": {}}, "required": ["c"]}
    new["additionalProperties"] = False
    assert told(content(schema=json.dumps(old)), content(schema=json.dumps(new))) == [
        "breaking: The schema requires c now.",
        "breaking: The schema allows in / only what it names.",
        "breaking: The schema allows for a only string now, it was null, string.",
        "breaking: The schema allows for b only these values now: 2, 3.",
        "maybe: The schema does not know d any more.",
    ]


def test_a_schema_that_allows_more_or_is_gone_breaks_nothing() -> None:
    old = {"properties": {"a": {"type": "integer", "enum": [1]}}, "required": ["a"]}
    new = {"properties": {"a": {"type": "number"}, "b": {"type": "string"}}}
    assert told(content(schema=json.dumps(old)), content(schema=json.dumps(new))) == []
    assert told(content(schema=json.dumps(old)), content()) == []
    assert told(content(), content(schema=json.dumps(old)))[0].startswith("maybe: Values are checked against a schema")


@pytest.mark.parametrize("schema", ["null", "[]", '{"type":5}', "{", "[" * 100_000, '{"properties": 3, "required": 1}'])
def test_a_schema_that_is_none_is_compared_with_a_note_or_not_at_all(schema: str) -> None:
    assert compared(content(schema="{}"), content(schema=schema)).schema is not None


def test_what_kubernetes_does_not_let_change_breaks() -> None:
    changed = STATEFUL.replace("app: demo", "name: demo").replace("serviceName: demo", "serviceName: other")
    changed = changed.replace("name: data", "name: storage")
    assert told(stateful(), stateful(changed)) == [
        f"breaking: The {what} of the StatefulSet in templates/a.yaml changed, "
        "which Kubernetes refuses to change in place."
        for what in ("selector", "volumeClaimTemplates", "serviceName")
    ]


def test_where_the_defaults_cannot_be_worked_out_the_writing_counts() -> None:
    old = content(templates={"templates/a.yaml": STATEFUL})
    changed = STATEFUL.replace("app: demo", "name: demo").replace("serviceName: demo", "serviceName: other")
    assert [one.partition(" of")[0] for one in told(old, content(templates={"templates/a.yaml": changed}))] == [
        "breaking: The selector",
        "maybe: The serviceName",
    ]


def test_a_label_that_hangs_on_a_value_counts_as_its_default_has_it() -> None:
    new = STATEFUL.replace("app: demo", "app: demo\n      {{- if .Values.extra }}\n      x: y\n      {{- end }}")
    assert told(stateful(values="extra: false\n"), stateful(new, "extra: false\n")) == []
    (one,) = told(stateful(values="extra: true\n"), stateful(new, "extra: true\n"))
    assert one.startswith("breaking: The selector of the StatefulSet in templates/a.yaml changed")


def test_claims_that_are_off_by_default_are_only_pointed_at() -> None:
    head, claims = STATEFUL.split("  volumeClaimTemplates")
    old = f"{head}  {{{{- if .Values.persistence }}}}\n  volumeClaimTemplates{claims}  {{{{- end }}}}\n"
    off = "persistence: false\n"
    (one,) = told(stateful(old, off), stateful(old.replace("name: data", "name: storage"), off))
    assert one.startswith("maybe: The volumeClaimTemplates of the StatefulSet in templates/a.yaml")


def test_other_words_for_the_same_break_nothing() -> None:
    helper = '{{/* labels {{ x }} */}}\n{{- define "demo.labels" -}}\napp: demo\n{{- end }}\n'
    new = STATEFUL.replace("include", "template").replace(
        "      app: demo", '      {{- include "demo.labels" . | nindent 6 }}'
    )
    old = content(templates={"templates/a.yaml": STATEFUL})
    assert told(old, content(templates={"templates/b.yaml": "# moved\n" + new, "templates/_h.tpl": helper})) == []


def test_labels_that_a_condition_may_leave_out_are_only_pointed_at() -> None:
    new = STATEFUL.replace(
        "      app: demo", "      app: demo\n      {{- if .Values.x }}\n      x: y\n      {{- end }}"
    )
    (one,) = told(content(templates={"templates/a.yaml": STATEFUL}), content(templates={"templates/a.yaml": new}))
    assert one.startswith("maybe: The selector of the StatefulSet in templates/a.yaml is written in another way")


def test_a_stateful_object_that_is_gone_or_has_another_name_is_told() -> None:
    assert told(stateful(), stateful(STATEFUL.replace("StatefulSet", "Deployment"))) == [
        "breaking: The StatefulSet of templates/a.yaml is gone: an upgrade removes it, and with it the way to its data."
    ]
    (one,) = told(stateful(), stateful(STATEFUL.replace("name: {{", "name: x-{{")))
    assert one.startswith("breaking: The StatefulSet in templates/a.yaml has another name: a new one is made")
    (one,) = told(stateful(), stateful(STATEFUL.replace("demo.fullname", "unknown.name")))
    assert one.startswith("maybe: The name of the StatefulSet in templates/a.yaml is made in another way")


def test_an_object_under_another_name_is_a_new_one_with_a_selector_of_its_own() -> None:
    deployment = STATEFUL.replace("StatefulSet", "Deployment")
    changed = deployment.replace("app: demo", "app: other").replace("name: {{", "name: x-{{")
    assert told(stateful(deployment), stateful(changed)) == []


CRD = """\
{{- if .Values.crds }}
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: apps.example.org
  labels: {{- toYaml .Values.labels | nindent 4 }}
spec:
  group: example.org
  names: {kind: App, plural: apps}
  scope: Namespaced
  versions:
  - name: v1alpha1
    served: true
    storage: false
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        properties:
          metadata: {properties: {x: {}}}
          spec: {properties: {host: {type: string}, port: {type: integer}}}
          status: {properties: {seen: {type: string}}}
{{- end }}
"""


def test_a_custom_resource_that_takes_less_breaks() -> None:
    new = CRD.replace("served: true\n    storage: false", "served: false\n    storage: false")
    new = new.replace("Namespaced", "Cluster").replace(
        "{type: string}, port: {type: integer}}}", "{type: integer}}, required: [host]}"
    )
    new = new.replace("status: {properties: {seen: {type: string}}}", "status: {}").replace("{x: {}}", "{}")
    for folder in ("templates", "crds"):
        path = f"{folder}/crd.yaml"
        assert told(content(**{folder: {path: CRD}}), content(**{folder: {path: new}})) == [
            "breaking: The custom resource apps.example.org is not served as v1alpha1 any more.",
            "breaking: The custom resource apps.example.org is Cluster now, it was Namespaced; "
            "that cannot change in place.",
            "breaking: The custom resource apps.example.org lost fields: v1.spec.port.",
            "breaking: The custom resource apps.example.org requires more fields: v1.spec.host.",
            "breaking: Fields of the custom resource apps.example.org are of another type: v1.spec.host.",
        ]


def test_another_stored_version_and_a_status_are_less_grave() -> None:
    stored = CRD.replace("storage: false", "storage: True").replace("storage: true", "storage: false")
    assert told(content(crds={"crds/a.yaml": CRD}), content(crds={"crds/a.yaml": stored})) == [
        "maybe: The custom resource apps.example.org is stored as v1alpha1 now, it was v1."
    ]
    (one,) = told(
        content(crds={"crds/a.yaml": CRD}), content(crds={"crds/a.yaml": CRD.replace("{seen: {type: string}}", "{}")})
    )
    assert one == "information: The custom resource apps.example.org lost fields: v1.status.seen."


def test_a_custom_resource_that_is_gone_breaks_and_one_that_came_does_not() -> None:
    assert told(content(crds={"crds/a.yaml": CRD}), content(crds={})) == [
        "breaking: The custom resource apps.example.org is gone from the chart."
    ]
    assert told(content(crds={}), content(crds={"crds/a.yaml": CRD})) == []
    assert compared(content(crds={}), content(crds={"crds/a.yaml": CRD})).definitions[0].whole == "added"


def test_a_custom_resource_that_cannot_be_read_is_left_to_the_diff() -> None:
    broken = "kind: CustomResourceDefinition\na: [\n"
    found = compared(content(crds={"crds/a.yaml": CRD}), content(crds={"crds/a.yaml": broken}))
    assert found.crds
    assert len(found.crds.changes) == 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            ">=1.22.0-0",
            ">=1.25.0-0",
            ["breaking: It no longer runs on Kubernetes 1.22 – 1.24: it asks for >=1.25.0-0 now."],
        ),
        ("", ">=1.19.0-0", ["maybe: It no longer runs on Kubernetes 1.16 – 1.18: it asks for >=1.19.0-0 now."]),
        (">=1.25.0-0", ">=1.22.0-0", []),
        (">=1.25", "", []),
        (">=1.25", "whatever", ["maybe: It asks for another Kubernetes: whatever."]),
    ],
)
def test_a_kubernetes_that_is_not_served_any_more_breaks(old: str, new: str, expected: list[str]) -> None:
    assert said(compare(metadata(kube_version=old), None, metadata("1.0.1", kube_version=new), None)) == expected


def test_dependencies_that_go_or_get_another_first_number_are_told() -> None:
    old = (Dependency("redis", "~12.1"), Dependency("mysql", "1"), Dependency("etcd", "^6.2"))
    new = (Dependency("redis", "~14.0"), Dependency("etcd", "^6.3"), Dependency("kafka", "1"))
    assert said(compare(metadata(dependencies=old), None, metadata("1.0.1", dependencies=new), None)) == [
        "breaking: The dependency mysql is gone, and with it all that it made.",
        "maybe: The dependency redis goes from ~12.1 to ~14.0: another first number may break things.",
    ]


def test_what_the_chart_itself_says_is_told() -> None:
    assert versions("1.0.0", "1.0.1", type="library", deprecated=True) == [
        "breaking: Its type is library now, it was application.",
        "information: It is deprecated now: its publisher does not keep it up any more.",
    ]
    assert said(compare(metadata(app_version="2.8.4"), None, metadata("1.0.1", app_version="3.0.0"), None)) == [
        "maybe: The application goes from 2.8.4 to 3.0.0; its own notes say what that means."
    ]


def test_what_the_publisher_says_counts() -> None:
    changes = "- kind: removed\n  description: the flag x\n- kind: changed\n  description: BREAKING other port\n"
    changes += "- kind: security\n  description: CVE-2026-1\n- kind: fixed\n  description: y\n"
    notes = {"artifacthub.io/changes": changes}
    assert versions("1.0.0", "1.0.1", annotations=notes) == [
        "breaking: Its publisher calls it breaking: “BREAKING other port”",
        "maybe: Its publisher lists as removed: “the flag x”",
        "information: Its publisher says: “CVE-2026-1”",
    ]
    assert versions("1.0.2", "1.0.1", annotations=notes) == []


def test_the_gravest_reason_is_the_verdict_and_stands_first() -> None:
    found = compared(content("a: 80\n"), content("a: '80'\n"), metadata("1.0.0"), metadata("2.0.0"))
    assert [one.severity for one in found.reasons] == ["breaking", "maybe"]
    assert found.verdict == "breaking"
    assert compared(content("a: 1\n"), content("a: 2\n")).verdict is None


@pytest.mark.parametrize(
    "text", ["{{/*" * 50_000, "{{" * 100_000, "a: " + '{{ include "x" . }}\n' * 20_000, "-" * 200_000]
)
def test_templates_that_are_made_to_be_slow_are_read_in_bounded_time(text: str) -> None:
    helpers = '{{ define "x" }}\n' + '{{ include "x" . }}\n' * 400 + "{{ end }}"
    stateful = STATEFUL.replace("      app: demo", '      {{ include "x" . }}')
    old = content(templates={"templates/a.yaml": text, "templates/b.yaml": stateful, "templates/h.tpl": helpers})
    new = content(templates={"templates/a.yaml": text + "x", "templates/b.yaml": stateful, "templates/h.tpl": helpers})
    assert compared(old, new).templates


def images(*references: str, certain: bool = True) -> ArchiveContent:
    return content(images=tuple(ChartImage(one, certain, "values", "image") for one in references))


def test_images_are_compared_by_registry_and_repository() -> None:
    found = compared(images("redis:6", "a/b:1", "x/y:2"), images("docker.io/library/redis:7", "a/b:1", "quay.io/c:1"))
    assert [(one.repository, one.whole, one.before, one.after) for one in found.images or ()] == [
        ("docker.io/library/redis", "changed", ("6",), ("7",)),
        ("docker.io/x/y", "removed", ("2",), ()),
        ("quay.io/c", "added", (), ("1",)),
    ]


def test_an_image_that_comes_from_elsewhere_is_told() -> None:
    assert told(images("argoproj/argocd:v1"), images("quay.io/argoproj/argocd:v1")) == [
        "information: The image argocd comes from quay.io/argoproj/argocd now, it was docker.io/argoproj/argocd."
    ]


def test_a_grave_reason_is_told_however_many_others_there_are() -> None:
    needed = metadata(dependencies=(Dependency("redis"),)), metadata("1.0.1", dependencies=(Dependency("redis"),))
    values = "redis:\n" + "".join(f"  k{number}: x\n" for number in range(100)) + "z: 1\n"
    old = content(values, templates={"templates/a.yaml": "{{ .Values.z }}"})
    found = compared(old, content("redis: {y: 1}\n", templates={}), *needed)
    assert said(found)[0] == "breaking: z is gone, and no template reads it any more: setting it has no effect."
    assert len(found.reasons) == 40


def test_objects_that_are_made_alike_twice_are_not_gone() -> None:
    twice = content(templates={"templates/a.yaml": f"{STATEFUL}---\n{STATEFUL}"})
    assert told(twice, twice) == []
