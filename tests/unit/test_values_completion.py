"""What an editor is told of a chart's keys."""

import json

from values_charts import chart, object_schema

from catalog_web.values.completion import MAX_BYTES, completions
from catalog_web.values.form import form_of


def test_keys_come_with_kind_help_default_and_choices() -> None:
    schema = object_schema(
        mode={"enum": ["a", "b"], "description": "Which"},
        hosts={"type": "array", "items": object_schema(name={"type": "string"}) | {"required": ["name"]}},
        labels={"type": "object", "additionalProperties": {"type": "string"}},
    )
    told = json.loads(completions(form_of(chart("mode: a\nimage:\n  tag: x\n", schema))))
    assert told["c"]["mode"] == {"k": "choice", "h": "Which", "d": '"a"', "e": ['"a"', '"b"']}
    assert told["c"]["hosts"]["i"]["c"]["name"] == {"k": "text", "r": True}
    assert told["c"]["labels"]["a"] == {"k": "text"}
    assert told["c"]["image"]["c"]["tag"]["d"] == '"x"'


def test_G6_the_default_of_a_secret_is_not_told() -> None:
    assert "hunter2" not in completions(form_of(chart("auth:\n  password: hunter2\n")))


def test_a_large_chart_loses_help_before_keys() -> None:
    values = "".join(f"# {'words ' * 100}\nkey{n}: {n}\n" for n in range(1_400))
    text = completions(form_of(chart(values)))
    assert len(text.encode()) <= MAX_BYTES
    assert len(json.loads(text)["c"]) == 1_400
