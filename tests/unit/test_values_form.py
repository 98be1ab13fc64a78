"""Every chart gives a form: of its schema, of its values with their comments, of Rancher's questions."""

import json
from typing import Any

import pytest
from values_charts import chart, object_schema

from catalog_web.values.fields import Condition, Field, Form
from catalog_web.values.form import form_of
from indexer.errors import fill

VALUES = """\
# -- How many pods
replicaCount: 1
image:
  # Where from
  repository: nginx
  tag: ""
service:
  port: 80   # of the Service
  enabled: true
auth:
  password: ""
  existingSecret: ""
annotations: {}
nodeSelector:
  kubernetes.io/os: linux
args: []
hosts:
  - name: a
    paths: [/]
ports: [1, 2]
extra: null
motd: |
  hello
  you
"""


def fields(values: str = "", schema: object = None, questions: str = "") -> dict[str, Field]:
    return {one.name: one for one in form_of(chart(values, schema, questions=questions)).walk()}


def notes(form: Form) -> str:
    return "\n".join(fill(**one) for one in form.notes)


# -- of values.yaml


def test_without_a_schema_the_values_tell_the_kinds() -> None:
    found = fields(VALUES)
    kinds = {name: one.kind for name, one in found.items()}
    assert kinds == {
        "replicaCount": "number",
        "image": "object",
        "image.repository": "text",
        "image.tag": "text",
        "service": "object",
        "service.port": "number",
        "service.enabled": "boolean",
        "auth": "object",
        "auth.password": "secret",
        "auth.existingSecret": "text",
        "annotations": "map",
        "nodeSelector": "map",
        "nodeSelector.kubernetes\\.io/os": "text",
        "args": "yaml",
        "hosts": "list",
        "hosts[0]": "object",
        "hosts[0].name": "text",
        "hosts[0].paths": "list",
        "hosts[0].paths[0]": "text",
        "ports": "list",
        "ports[0]": "number",
        "extra": "text",
        "motd": "text",
    }
    assert found["motd"].multiline
    assert found["service.port"].default == 80
    assert form_of(chart(VALUES)).origin == "values"


def test_comments_are_the_help() -> None:
    found = fields(VALUES)
    assert found["replicaCount"].help == "How many pods"
    assert found["image.repository"].help == "Where from"
    assert found["service.port"].help == "of the Service"


def test_sections_are_groups() -> None:
    found = fields("## @section Traffic\n## @param a What\na: 1\n## @section Storage\nb: 2\n")
    assert (found["a"].group, found["a"].help, found["b"].group) == ("Traffic", "What", "Storage")


def test_a_values_file_that_cannot_be_read_gives_an_empty_form_with_a_note() -> None:
    form = form_of(chart("a: 1\nb: [\n"))
    assert form.fields == ()
    assert "line 3" in notes(form) or "line 2" in notes(form)


# -- of a schema


def test_the_schema_leads_and_the_values_fill_in() -> None:
    schema = object_schema(
        replicaCount={"type": "integer", "title": "Replicas", "minimum": 1, "maximum": 9},
        mode={"enum": ["a", "b", 3], "description": "Which one"},
    )
    form = form_of(chart(VALUES, schema))
    found = {one.name: one for one in form.walk()}
    assert form.origin == "schema"
    assert [one.name for one in form.fields][:3] == ["replicaCount", "mode", "image"]
    replicas, mode = found["replicaCount"], found["mode"]
    assert (replicas.kind, replicas.title, replicas.help) == ("integer", "Replicas", "How many pods")
    assert (replicas.bounds.minimum, replicas.bounds.maximum, replicas.default) == (1, 9, 1)
    assert (mode.kind, [one.value for one in mode.choices], mode.help) == ("choice", ["a", "b", 3], "Which one")
    assert found["image.tag"].source == "values"


def test_helm_does_not_use_the_default_of_a_schema_so_it_is_a_suggestion() -> None:
    one = fields("", object_schema(a={"type": "string", "default": "x"}))["a"]
    assert (one.default, one.suggested) == (None, "x")


def test_required_pattern_and_lengths_are_told() -> None:
    schema = object_schema(a={"type": "string", "pattern": "^x", "minLength": 2}) | {"required": ["a"]}
    one = fields("", schema)["a"]
    assert (one.required, one.bounds.pattern, one.bounds.min_length) == (True, "^x", 2)


def test_references_and_all_of_are_one_field() -> None:
    schema = object_schema(a={"$ref": "#/$defs/b", "title": "A"}, c={"allOf": [{"type": "integer"}, {"maximum": 5}]})
    found = fields("", schema | {"$defs": {"b": object_schema(x={"type": "boolean"})}})
    assert (found["a"].title, found["a.x"].kind) == ("A", "boolean")
    assert (found["c"].kind, found["c"].bounds.maximum) == ("integer", 5)


def test_alternatives_of_constants_are_choices_with_their_titles() -> None:
    options = [{"const": "s", "title": "Small"}, {"const": "l", "title": "Large"}, {"type": "null"}]
    one = fields("", object_schema(size={"oneOf": options}))["size"]
    assert [(each.value, each.label) for each in one.choices] == [("s", "Small"), ("l", "Large")]


def test_alternative_mappings_are_fields_under_the_value_that_chooses() -> None:
    options = [
        object_schema(kind={"const": "s3"}, bucket={"type": "string"}),
        object_schema(kind={"const": "disk"}, path={"type": "string"}),
    ]
    found = fields("", object_schema(store={"type": "object", "oneOf": options}))
    assert [each.value for each in found["store.kind"].choices] == ["s3", "disk"]
    assert found["store.kind"].shown_if == ()
    assert found["store.bucket"].shown_if == (Condition(("store", "kind"), ("s3",)),)
    assert found["store.path"].shown_if == (Condition(("store", "kind"), ("disk",)),)


def test_a_condition_shows_its_fields_while_it_holds() -> None:
    schema = object_schema(on={"type": "boolean"}) | {
        "if": {"properties": {"on": {"const": True}}},
        "then": {"properties": {"port": {"type": "integer"}}},
        "else": {"properties": {"why": {"type": "string"}}},
    }
    found = fields("", schema)
    assert found["port"].shown_if == (Condition(("on",), (True,)),)
    assert found["why"].shown_if == (Condition(("on",), (True,), negated=True),)


def test_what_cannot_be_a_field_is_edited_as_yaml() -> None:
    schema = object_schema(
        a={"type": ["object", "string"]},
        b={"type": "array", "items": [{"type": "string"}, {"type": "integer"}]},
        c={"type": "array", "items": {"type": "array", "items": {"type": "array"}}},
    )
    assert {name: one.kind for name, one in fields("", schema).items() if "[" not in name} == {
        "a": "yaml",
        "b": "yaml",
        "c": "yaml",
    }


def test_a_text_or_number_takes_what_is_typed_for_what_it_looks_like() -> None:
    one = fields("", object_schema(port={"anyOf": [{"type": "integer"}, {"type": "string"}]}))["port"]
    assert (one.kind, set(one.types)) == ("text", {"integer", "string"})


def test_keys_of_any_name_are_a_map() -> None:
    found = fields("", object_schema(labels={"type": "object", "additionalProperties": {"type": "string"}}))
    assert (found["labels"].kind, found["labels.*"].kind) == ("map", "text")


def test_the_items_of_a_list_have_fields() -> None:
    item = object_schema(name={"type": "string"}, port={"type": "integer"}) | {"required": ["name"]}
    listed = fields("", object_schema(hosts={"type": "array", "items": item}))["hosts"]
    assert [one.name for one in listed.item(3).children] == ["hosts[3].name", "hosts[3].port"]


@pytest.mark.parametrize("hint", [{"format": "password"}, {"writeOnly": True}, {"x-secret": True}])
def test_a_schema_can_call_a_value_secret(hint: dict[str, Any]) -> None:
    assert fields("", object_schema(a={"type": "string", **hint}))["a"].kind == "secret"


def test_hints_of_charts_are_followed() -> None:
    schema = object_schema(
        a={"type": "string", "x-order": 2, "x-group": "Main", "x-display-name": "An A"},
        b={"type": "string", "x-order": 1, "render": "textArea"},
        c={"type": "string", "x-onyxia": {"hidden": True}},
        d={"type": "string", "readOnly": True, "deprecated": True},
    )
    form = form_of(chart("", schema))
    found = {one.name: one for one in form.walk()}
    assert [one.name for one in form.fields] == ["b", "a", "c", "d"]
    assert (found["a"].group, found["a"].label, found["b"].multiline) == ("Main", "An A", True)
    assert (found["c"].advanced, found["d"].read_only, found["d"].deprecated) == (True, True, True)


def test_what_the_author_did_not_pick_for_the_form_is_advanced() -> None:
    schema = object_schema(
        a={"type": "string", "form": True}, b={"type": "string"}, c=object_schema(d={"type": "string", "form": True})
    )
    advanced = {name for name, one in fields("", schema).items() if one.advanced}
    assert advanced == {"b"}


# -- hostile


def test_G1_a_reference_out_of_the_chart_leaves_a_note_and_asks_nobody() -> None:
    one = fields("", object_schema(a={"$ref": "http://127.0.0.1:9/x.json", "type": "string"}))["a"]
    assert one.kind == "text"
    assert "http://127.0.0.1:9/x.json" in fill(**one.notes[0])


def test_G1_a_schema_that_refers_to_itself_ends_as_yaml() -> None:
    schema = object_schema(tree={"$ref": "#/$defs/node"}) | {
        "$defs": {"node": object_schema(name={"type": "string"}, child={"$ref": "#/$defs/node"})}
    }
    found = fields("", schema)
    assert (found["tree.name"].kind, found["tree.child"].kind) == ("text", "yaml")


def test_G2_references_that_multiply_stay_a_bounded_form() -> None:
    made = {f"d{n}": object_schema(x={"$ref": f"#/$defs/d{n + 1}"}, y={"$ref": f"#/$defs/d{n + 1}"}) for n in range(40)}
    assert 0 < len(fields("", {"$ref": "#/$defs/d0", "$defs": made | {"d40": {}}})) <= 1_500


@pytest.mark.parametrize("schema", ["null", "[]", "5", "{", "[" * 100_000, json.dumps({"x": "y" * 6_000_000})])
def test_G3_what_is_no_schema_leaves_the_form_of_the_values_with_a_note(schema: str) -> None:
    form = form_of(chart("a: 1\n", schema))
    assert [one.name for one in form.fields] == ["a"]
    assert "the form follows the values" in notes(form)
    assert form.origin == "values"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": 5},
        {"properties": []},
        {"properties": {"a": 1, "b": None, "c": True}},
        object_schema(a={"enum": {}, "type": ["x", 5], "required": 5, "pattern": 7, "minimum": "1"}),
        object_schema(a={"oneOf": 5, "anyOf": [1, None], "allOf": {}, "if": 5, "then": [], "items": 7}),
        {"$ref": 5},
        {"$ref": "#/a/b"},
    ],
)
def test_G3_a_schema_of_nonsense_still_gives_a_form(schema: dict[str, Any]) -> None:
    assert "a" in fields("a: 1\n", schema)


@pytest.mark.parametrize(
    "values",
    [
        "".join(f"k{n}: {n}\n" for n in range(5_000)),
        "".join(f"k{n}: {{a: 1, b: 2, c: {{d: 1}}}}\n" for n in range(500)),
        "l:\n" + "".join(f"- name: n{n}\n" for n in range(20_000)),
        "a: |\n" + "  xxxxxxxxxxxxxxxxxxxx\n" * 250_000,
        "".join("  " * n + f"k{n}:\n" for n in range(90)),
    ],
    ids=["wide", "deep and wide", "list", "5 MB", "deep"],
)
def test_G4_huge_values_give_a_bounded_form(values: str) -> None:
    form = form_of(chart(values))
    assert len(list(form.walk())) <= 1_500
    assert form.fields or form.notes


# -- Rancher's questions

QUESTIONS = """\
questions:
- variable: service.port
  label: Port
  description: Where it listens
  group: Network
  type: int
  min: 1
  max: 65535
  required: true
- variable: mode
  type: enum
  options: [fast, safe]
  default: safe
  show_if: "service.enabled=true&&image.tag!=x"
- variable: auth.password
  type: password
- variable: persistence.enabled
  type: boolean
  show_subquestion_if: true
  subquestions:
  - variable: persistence.size
    type: string
"""


def test_questions_come_first_and_all_else_is_advanced() -> None:
    form = form_of(chart(VALUES, questions=QUESTIONS))
    found = {one.name: one for one in form.walk()}
    assert form.origin == "questions"
    asked = [one.name for one in form.fields if not one.advanced]
    assert asked == ["service.port", "mode", "auth.password", "persistence.enabled", "persistence.size"]
    assert all(
        one.advanced
        for one in form.walk()
        if one.source == "values" and "[" not in one.name and one.path[0] != "nodeSelector"
    )
    assert found["service.enabled"].advanced


def test_a_question_tells_what_it_knows_and_the_values_the_rest() -> None:
    found = fields(VALUES, questions=QUESTIONS)
    port = found["service.port"]
    assert (port.label, port.help, port.group, port.kind) == ("Port", "Where it listens", "Network", "integer")
    assert (port.default, port.required, port.bounds.maximum) == (80, True, 65535)
    assert (found["mode"].kind, found["mode"].suggested) == ("choice", "safe")
    assert found["auth.password"].kind == "secret"


def test_conditions_of_questions_are_kept() -> None:
    found = fields(VALUES, questions=QUESTIONS)
    assert found["mode"].shown_if == (
        Condition(("service", "enabled"), (True, "true")),
        Condition(("image", "tag"), ("x",), negated=True),
    )
    assert found["persistence.size"].shown_if == (Condition(("persistence", "enabled"), (True, "true")),)


@pytest.mark.parametrize(
    "questions", ["[", "questions: 5", "questions: [1, {variable: 5}, {}]", "- a", "questions: [{variable: 'a[0]'}]"]
)
def test_questions_that_make_no_sense_leave_the_form_as_it_is(questions: str) -> None:
    assert [one.name for one in form_of(chart("a: 1\n", questions=questions)).fields][-1] == "a"
