"""What a form posts goes into the person's text, path by path."""

import pytest
from values_charts import chart, object_schema

from catalog_web.values.editing import read
from catalog_web.values.fields import Form
from catalog_web.values.form import form_of
from catalog_web.values.posting import add_item, apply, drop_item
from catalog_web.values.state import fields_state
from indexer.errors import fill

VALUES = (
    "replicas: 1\nimage: {tag: ''}\nhosts: [{name: a, port: 1}, {name: b, port: 2}]\nauth: {password: x}\nlabels: {}\n"
)


def form(values: str = VALUES, schema: object = None) -> Form:
    return form_of(chart(values, schema))


def test_a_field_shows_the_person_s_value_else_the_default() -> None:
    states = {one.name: one for one in fields_state("replicas: 3\nimage:\n  tag: ''\n", form()).walk()}
    replicas, tag, host = states["replicas"], states["image.tag"], states["hosts[1].name"]
    assert (replicas.text, replicas.default_text, replicas.is_set, replicas.differs) == ("3", "1", True, True)
    assert (tag.is_set, tag.differs) == (True, False)
    assert (host.text, host.is_set) == ("b", False)


def test_one_change_is_written_and_nothing_else() -> None:
    assert apply("# mine\n", form(), {"replicas": "3", "image.tag": ""}).text == "# mine\nreplicas: 3\n"


def test_a_list_that_is_changed_is_written_whole() -> None:
    made = apply("", form(), {"hosts[1].port": "5"}).text
    assert read(made) == {"hosts": [{"name": "a", "port": 1}, {"name": "b", "port": 5}]}


def test_items_are_added_and_dropped() -> None:
    made = add_item("", form(), ("hosts",))
    assert [one.name for one in fields_state(made, form()).walk()].count("hosts[2].name") == 1
    assert read(drop_item(made, form(), ("hosts", 0)))["hosts"][0]["name"] == "b"


def test_an_emptied_number_goes_back_to_the_default() -> None:
    assert apply("replicas: 3   # why\nimage:\n  tag: x\n", form(), {"replicas": ""}).text == "image:\n  tag: x\n"


def test_a_secret_that_is_posted_empty_stays() -> None:
    text = "auth:\n  password: hunter2\n"
    assert apply(text, form(), {"auth.password": ""}).text == text


def test_what_a_field_does_not_take_is_kept_as_text_for_the_check_to_tell() -> None:
    assert read(apply("", form(), {"replicas": "many"}).text) == {"replicas": "many"}


@pytest.mark.parametrize(
    ("schema", "typed", "value"),
    [
        ({"type": "string"}, "5", "5"),
        ({"type": ["integer", "string"]}, "5", 5),
        ({"type": ["integer", "string"]}, "5%", "5%"),
        ({"type": "number"}, "1.5", 1.5),
        ({"type": "boolean"}, "true", True),
        ({"enum": [1, "1", "x"]}, "1", 1),
        ({"enum": [1, "1", "x"]}, '"1"', "1"),
        ({"type": "array", "items": {"type": "string"}}, "- a\n- b\n", ["a", "b"]),
        ({"type": "object"}, "{a: 1}", {"a": 1}),
        ({"type": "string"}, "a\r\nb", "a\nb"),
    ],
)
def test_what_is_typed_becomes_what_the_schema_means(schema: object, typed: str, value: object) -> None:
    assert read(apply("", form("", object_schema(a=schema)), {"a": typed}).text) == {"a": value}


def test_yaml_that_cannot_be_read_is_told_and_not_written() -> None:
    applied = apply("replicas: 2\n", form(), {"labels": "a: [", "replicas": "4"})
    assert applied.text == "replicas: 4\n"
    (mistake,) = applied.mistakes
    assert (mistake.path, mistake.text) == (("labels",), "a: [")
    assert "cannot be read" in fill(**mistake.message)


def test_G4_a_list_that_is_too_long_for_a_form_is_left_to_the_text() -> None:
    long = form("l:\n" + "".join(f"- name: n{n}\n" for n in range(5_000)))
    (state,) = fields_state("", long).fields
    assert (state.too_large, state.text, state.children) == (True, "", ())
    assert apply("", long, {"l": "[]"}).text == ""


def test_G6_a_secret_is_in_no_repr() -> None:
    shown = fields_state("auth:\n  password: hunter2\n", form())
    assert "hunter2" not in repr(shown)
    assert "hunter2" not in repr(apply("", form(), {"auth": "hunter2: ["}))
