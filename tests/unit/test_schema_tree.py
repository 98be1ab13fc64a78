"""A schema as a tree: what a reader sees of it, and what no schema can do."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_web.schema_tree import MAX_BYTES, MAX_PROPERTIES, Property, properties, read_schema, schema_tree
from indexer.errors import fill


def tree(schema: Any) -> Property:
    found = read_schema(json.dumps(schema))
    assert found.root is not None
    return found.root


def below(schema: Any) -> dict[str, Property]:
    return {one.path: one for one in properties(tree(schema))}


def notes(one: Property) -> str:
    return " ".join(fill(note["text"], note["params"]) for note in one.notes)


def said(schema: str) -> str:
    found = read_schema(schema)
    assert found.root is None
    return " ".join(fill(note["text"], note["params"]) for note in found.notes)


def test_a_property_tells_its_type_default_and_what_is_allowed() -> None:
    found = below(
        {
            "type": "object",
            "required": ["mode"],
            "additionalProperties": False,
            "properties": {
                "mode": {
                    "type": ["string", "null"],
                    "title": "Mode",
                    "description": "How it runs",
                    "default": "on",
                    "enum": ["on", "off", None],
                    "pattern": "^o",
                    "minLength": 1,
                    "deprecated": True,
                }
            },
        }
    )
    mode = found["mode"]
    assert (mode.types, mode.title, mode.description) == (("string", "null"), "Mode", "How it runs")
    assert (mode.default, mode.enum, mode.pattern) == ('"on"', ('"on"', '"off"', "null"), "^o")
    assert [fill(one["text"], one["params"]) for one in mode.bounds] == ["minimum length 1"]
    assert mode.required
    assert mode.deprecated
    assert found[""].closed


def test_lists_and_keys_of_any_name_are_told_by_their_path() -> None:
    found = below(
        {
            "properties": {
                "hosts": {"type": "array", "items": {"properties": {"name": {"type": "string"}}}},
                "labels": {"additionalProperties": {"type": "string"}},
                "ports": {"patternProperties": {"^p": {"type": "integer"}}},
                "a.b": {},
            }
        }
    )
    assert found["hosts[].name"].types == ("string",)
    assert found["labels.*"].types == ("string",)
    assert found["ports./^p/"].types == ("integer",)
    assert found["a\\.b"].name == "a.b"
    assert found["hosts[]"].types == ("object",)


def test_a_reference_is_followed_inside_the_document() -> None:
    schema = {
        "properties": {"a": {"$ref": "#/definitions/x~1y"}, "b": {"$ref": "#/$defs/list/0", "description": "mine"}},
        "definitions": {"x/y": {"type": "string", "description": "shared"}},
        "$defs": {"list": [{"type": "integer", "description": "theirs"}]},
    }
    found = below(schema)
    assert (found["a"].types, found["a"].description) == (("string",), "shared")
    assert (found["b"].types, found["b"].description) == (("integer",), "mine")


def test_the_parts_of_allof_are_one_property() -> None:
    found = below({"allOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {}}, "required": ["a"]}]})
    assert list(found) == ["", "a", "b"]
    assert found["a"].required


def test_alternatives_are_told_apart() -> None:
    root = tree({"properties": {"a": {"oneOf": [{"type": "string"}, {"title": "Long", "properties": {"b": {}}}]}}})
    choice = root.children[0].choices[0]
    assert [one.types for one in choice.options] == [("string",), ("object",)]
    assert choice.options[1].children[0].path == "a.b"


@pytest.mark.parametrize(
    "reference",
    ["https://evil.example/x.json", "http://127.0.0.1/x", "file:///etc/passwd", "urn:x", "other.json#/a", "//x/y"],
)
def test_G1_a_reference_out_of_the_document_is_told_and_not_followed(reference: str) -> None:
    one = below({"properties": {"a": {"$ref": reference}}})["a"]
    assert notes(one) == f"It refers to {reference}, which is not read: nothing outside the chart is asked."


@pytest.mark.parametrize("reference", ["#/nope", "#anchor", "#/properties/a/99", "#/properties/a/$ref/0"])
def test_G1_a_reference_to_nothing_is_told(reference: str) -> None:
    assert "which is not there" in notes(below({"properties": {"a": {"$ref": reference}}})["a"])


def test_G1_a_schema_that_refers_to_itself_ends_there() -> None:
    schema = {
        "$ref": "#/definitions/node",
        "definitions": {"node": {"properties": {"left": {"$ref": "#/definitions/node"}, "whole": {"$ref": "#"}}}},
    }
    found = below(schema)
    assert list(found) == ["", "left", "whole"]
    assert tree({"$ref": "#"}).children == ()
    mutual = {"properties": {"a": {"$ref": "#/properties/b"}, "b": {"$ref": "#/properties/a"}}}
    assert {one.path for one in properties(tree(mutual))} == {"", "a", "b"}


def test_a_recursion_names_the_place_that_it_is_like() -> None:
    schema = {
        "properties": {"tree": {"$ref": "#/$defs/n"}},
        "$defs": {"n": {"properties": {"kid": {"$ref": "#/$defs/n"}}}},
    }
    assert below(schema)["tree.kid"].same_as == "tree"


def test_G1_a_schema_that_doubles_itself_is_cut() -> None:
    parts = {
        f"a{level}": {
            "allOf": [{"$ref": f"#/definitions/a{level + 1}"}] * 2,
            "properties": {side: {"$ref": f"#/definitions/a{level + 1}"} for side in "xyz"},
        }
        for level in range(40)
    }
    found = read_schema(json.dumps({"$ref": "#/definitions/a0", "definitions": parts}))
    assert found.root is not None
    assert sum(1 for _ in properties(found.root)) <= MAX_PROPERTIES
    assert "larger than what is laid out" in found.notes[0]["text"]


def test_G1_a_schema_with_too_many_properties_is_cut_with_a_note() -> None:
    found = schema_tree({"properties": {f"key{number}": {} for number in range(MAX_PROPERTIES + 10)}})
    assert found.root is not None
    assert len(found.root.children) == MAX_PROPERTIES - 1
    assert found.notes


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ("null", "is no JSON object"),
        ("[]", "is no JSON object"),
        ("5", "is no JSON object"),
        ("true", "accepts everything"),
        ("false", "refuses everything"),
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("1" * 5_000, "is no JSON"),
        ('"' + "x" * MAX_BYTES + '"', "too large"),
    ],
)
def test_G3_what_is_no_schema_is_told_and_never_an_error(schema: str, told: str) -> None:
    assert told in said(schema)


def test_G3_what_makes_no_sense_in_a_schema_is_passed_over_with_a_note() -> None:
    assert "type is 5, which" in notes(tree({"type": 5}))
    assert "no regular expression" in notes(tree({"pattern": "("}))
    assert "no regular expression" in notes(tree({"pattern": "(?=x)"}))
    assert notes(tree({"pattern": r"^\p{L}+$"})) == ""
    odd = {
        "properties": [1],
        "required": "x",
        "enum": 3,
        "items": 7,
        "allOf": {"a": 1},
        "oneOf": "x",
        "minimum": "low",
        "$ref": 5,
        "title": [],
        "default": float("inf"),
    }
    assert tree(odd).children == ()


KEYWORDS = """
$ref a properties items allOf oneOf anyOf type enum required pattern additionalProperties patternProperties default
const minimum uniqueItems $defs
"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.just("#") | st.just("#/a"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYWORDS.split()),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@settings(max_examples=400)
@given(JSON)
def test_G3_no_schema_makes_it_fail(schema: Any) -> None:
    found = schema_tree(schema)
    if found.root:
        assert all(one.path is not None for one in properties(found.root))
