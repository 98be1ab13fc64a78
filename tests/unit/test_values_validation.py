"""A person's values are held against the schemas of a chart as Helm does it; no schema can do harm."""

import json
import time
from typing import Any

import pytest
from values_charts import chart, object_schema

from catalog_web.values.validation.check import Outcome, validate
from indexer.errors import fill
from indexer.model import Dependency, Subchart

DRAFTS = [
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft-07/schema",
    "http://json-schema.org/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
]


def said(outcome: Outcome) -> list[tuple[str, str]]:
    return [(one.name, fill(**one.message)) for one in outcome.problems]


def notes(outcome: Outcome) -> str:
    return "\n".join(fill(**one) for one in outcome.notes)


def checked(schema: object, values: dict[str, Any], text: str = "") -> Outcome:
    return validate(chart("", schema), values, text=text)


def test_values_that_fit_have_no_problems() -> None:
    assert checked(object_schema(replicas={"type": "integer"}), {"replicas": 2}) == Outcome()


def test_a_problem_tells_where_what_and_in_which_line() -> None:
    text = "# mine\nimage:\n  tag: 5\n"
    (problem,) = checked(
        object_schema(image=object_schema(tag={"type": "string"})), {"image": {"tag": 5}}, text
    ).problems
    assert (problem.name, problem.line) == ("image.tag", 3)
    assert fill(**problem.message) == "It must be text, not a whole number."


def test_a_missing_key_is_told_at_what_lacks_it() -> None:
    schema = object_schema(db={"type": "object", "required": ["host", "port"]})
    outcome = checked(schema, {"db": {"port": 1}}, "a: 1\ndb:\n  port: 1\n")
    assert said(outcome) == [("db", "It needs the key “host”.")]
    assert outcome.problems[0].line == 2


def test_a_key_that_the_chart_does_not_know_is_told_at_the_key() -> None:
    schema = {"type": "object", "properties": {"a": {}}, "additionalProperties": False}
    outcome = checked(schema, {"a": 1, "b": 2}, "a: 1\nb: 2\n")
    assert said(outcome) == [("b", "The chart knows no such key here.")]
    assert outcome.problems[0].line == 2


def test_a_problem_of_a_default_has_no_line() -> None:
    outcome = validate(chart("a: 1\n", object_schema(a={"type": "string"})), {}, text="b: 1\n")
    assert [(one.name, one.line) for one in outcome.problems] == [("a", None)]


@pytest.mark.parametrize(
    ("schema", "value", "sentence"),
    [
        ({"minimum": 1}, 0, "It must be at least 1."),
        ({"enum": ["a", "b"]}, "c", 'It must be one of "a", "b".'),
        ({"const": 3}, 4, "It must be 3."),
        ({"pattern": "^a+$"}, "b", "It must match the pattern ^a+$."),
        ({"maxLength": 1}, "bb", "It may have at most 1 characters."),
        ({"format": "ipv4"}, "x", "It must have the format “ipv4”."),
        ({"uniqueItems": True}, [1, 1], "No item may stand in it twice."),
        ({"type": ["integer", "null"]}, "x", "It must be a whole number or nothing (null), not text."),
        (
            {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
            "x",
            "It fits none of the alternatives that the chart allows.",
        ),
        ({"not": {"const": 1}}, 1, "The chart does not allow this value."),
        (False, 1, "The chart does not allow this value."),
    ],
)
def test_each_rule_has_plain_words(schema: object, value: object, sentence: str) -> None:
    assert said(checked(object_schema(a=schema), {"a": value})) == [("a", sentence)]


@pytest.mark.parametrize("draft", DRAFTS)
def test_every_draft_that_charts_name_is_checked(draft: str) -> None:
    outcome = checked({"$schema": draft} | object_schema(a={"type": "integer"}), {"a": "x"})
    assert said(outcome) == [("a", "It must be a whole number, not text.")]
    assert not outcome.notes


def test_a_reference_inside_the_schema_is_followed() -> None:
    schema = object_schema(a={"$ref": "#/definitions/port"}) | {"definitions": {"port": {"maximum": 65535}}}
    assert said(checked(schema, {"a": 70000})) == [("a", "It must be at most 65535.")]


def test_a_null_takes_a_default_away_before_the_check() -> None:
    content = chart("a: {b: 1}\n", object_schema(a={"type": "object", "required": ["b"]}))
    assert said(validate(content, {"a": {"b": None}})) == [("a", "It needs the key “b”.")]


def test_a_subchart_is_checked_below_its_alias_with_its_own_schema() -> None:
    redis = Subchart("redis", "1.0.0", "port: 1\n", json.dumps(object_schema(port={"type": "integer"})))
    needed = (Dependency("redis", "1.x", "", alias="cache"),)
    content = chart(subcharts=(redis,), dependencies=needed)
    outcome = validate(content, {"cache": {"port": "x"}}, text="cache:\n  port: x\n")
    assert [(one.name, one.line) for one in outcome.problems] == [("cache.port", 2)]


def test_a_subchart_that_stays_out_is_not_checked() -> None:
    redis = Subchart("redis", "1.0.0", "", json.dumps(object_schema(port={"type": "integer"})))
    content = chart(subcharts=(redis,), dependencies=(Dependency("redis", "1.x", "", condition="redis.enabled"),))
    assert validate(content, {"redis": {"enabled": False, "port": "x"}}) == Outcome()


def test_global_values_reach_the_check_of_a_subchart() -> None:
    schema = object_schema(**{"global": object_schema(zone={"type": "integer"})})
    content = chart(subcharts=(Subchart("redis", "1.0.0", "", json.dumps(schema)),))
    outcome = validate(content, {"global": {"zone": "x"}})
    assert [one.name for one in outcome.problems] == ["redis.global.zone"]


def test_the_chart_s_own_schema_sees_the_defaults_of_its_subcharts() -> None:
    schema = object_schema(redis={"type": "object", "required": ["port"]})
    content = chart("", schema, subcharts=(Subchart("redis", "1.0.0", "port: 1\n"),))
    assert validate(content, {}) == Outcome()


# -- hostile schemas


@pytest.mark.parametrize(
    "reference",
    ["http://127.0.0.1:9/a.json", "file:///etc/passwd", "urn:x:y", "other.json", "#/nowhere", "#unknown"],
)
def test_G1_a_reference_that_leads_out_is_never_loaded(reference: str) -> None:
    outcome = checked(object_schema(a={"$ref": reference}, b={"type": "integer"}), {"a": 1, "b": "x"})
    assert [one.name for one in outcome.problems] == ["b"]
    assert reference in notes(outcome)


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {
            "$ref": "#/definitions/a",
            "definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}},
        },
        {"allOf": [{"$ref": "#"}]},
    ],
)
def test_G1_a_schema_that_refers_to_itself_is_given_up(schema: object) -> None:
    outcome = checked(schema, {"a": 1})
    assert not outcome.problems
    assert "was not used" in notes(outcome)


def doubling(levels: int) -> dict[str, Any]:
    made = {f"d{level}": {"allOf": [{"$ref": f"#/definitions/d{level + 1}"}] * 2} for level in range(levels)}
    return {"$ref": "#/definitions/d0", "definitions": made | {f"d{levels}": {}}}


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        (object_schema(a={"pattern": "^(a+)+$"}), {"a": "a" * 40 + "!"}),
        (doubling(26), {}),
        (object_schema(a={"uniqueItems": True}), {"a": [{"b": [n]} for n in range(6000)]}),
        (object_schema(a={"patternProperties": {"(x+x+)+y": {}}}), {"a": {"x" * 40: 1}}),
    ],
    ids=["regex", "allOf", "uniqueItems", "patternProperties"],
)
def test_G2_a_check_that_costs_too_much_is_killed(schema: object, values: dict[str, Any]) -> None:
    started = time.monotonic()
    outcome = validate(chart("", schema), values, seconds=0.2)
    assert not outcome.problems
    assert "took too long" in notes(outcome)
    assert time.monotonic() - started < 15


def test_G2_what_was_found_before_the_kill_is_told() -> None:
    content = chart(
        "",
        object_schema(a={"type": "integer"}),
        subcharts=(Subchart("redis", "1.0.0", "", json.dumps(doubling(26))),),
    )
    outcome = validate(content, {"a": "x"}, seconds=0.2)
    assert [one.name for one in outcome.problems] == ["a"]
    assert "shop/redis took too long" in notes(outcome)


@pytest.mark.parametrize(
    "schema", ["null", "[]", "5", '"x"', "{", "", '{"type": 5}', '{"properties": []}', "[" * 100_000, "{" * 9 + "é"]
)
def test_G3_what_is_no_schema_is_passed_over_with_a_note(schema: str) -> None:
    outcome = checked(schema, {"a": 1})
    assert not outcome.problems
    assert bool(outcome.notes) == bool(schema)


def test_G3_a_bad_pattern_costs_only_itself() -> None:
    schema = object_schema(
        a={"pattern": "("}, b={"type": "integer"}, c={"patternProperties": {"[": {"type": "integer"}}}
    )
    outcome = checked(schema, {"a": "x", "b": "x", "c": {"d": "x"}})
    assert [one.name for one in outcome.problems] == ["b"]
    assert "A pattern in the schema of shop" in notes(outcome)


def test_G3_a_huge_schema_is_not_even_started() -> None:
    outcome = checked(json.dumps(object_schema(a={"description": "x" * 6_000_000})), {"a": 1})
    assert "too large" in notes(outcome)


def test_an_unknown_draft_is_said_and_read_as_draft_7() -> None:
    outcome = checked({"$schema": "https://example.org/mine"} | object_schema(a={"type": "integer"}), {"a": "x"})
    assert [one.name for one in outcome.problems] == ["a"]
    assert "https://example.org/mine" in notes(outcome)


def test_G6_no_sentence_holds_the_value() -> None:
    schema = object_schema(
        a={"type": "integer"}, b={"pattern": "^x$"}, c={"enum": ["x"]}, d={"format": "email"}, e={"maxLength": 2}
    )
    outcome = checked(schema, dict.fromkeys("abcde", "hunter2"), "".join(f"{key}: hunter2\n" for key in "abcde"))
    assert len(outcome.problems) == 5
    assert "hunter2" not in repr(outcome)


def test_at_most_a_hundred_problems_are_told() -> None:
    outcome = checked({"additionalProperties": {"type": "integer"}}, {f"k{n}": "x" for n in range(500)})
    assert len(outcome.problems) == 100
