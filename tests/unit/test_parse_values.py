"""Values are read as Helm reads them: YAML 1.1 as go-yaml 2 resolves it, then JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import EntryError
from indexer.parse import load_values


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "null", "{}", "~\n"])
def test_no_values_are_an_empty_mapping(text: str) -> None:
    assert load_values(text) == {}


def test_scalars_are_what_json_knows() -> None:
    text = "a: 1\nb: 1.5\nc: yes\nd: null\ne: 010\nf: 2024-01-02\ng: 12:30:45\nh: '1'\n"
    text += "i: !!str 1\nj: |\n  x\nk: 1e3\nl: !!int '5'\n"
    assert load_values(text) == {
        "a": 1, "b": 1.5, "c": True, "d": None, "e": 8, "f": "2024-01-02", "g": "12:30:45", "h": "1", "i": "1",
        "j": "x\n",
        "k": 1000.0, "l": 5,
    }  # fmt: skip


def test_keys_are_text() -> None:
    assert load_values("1: a\ntrue: b\n1.5: c\n'2': d\n") == {"1": "a", "true": "b", "1.5": "c", "2": "d"}


def test_anchors_and_merge_keys_work() -> None:
    assert load_values("a: &x {b: 1, c: 2}\nd: *x\ne:\n  <<: *x\n  b: 3\n")["e"] == {"b": 3, "c": 2}


def test_text_is_kept_to_the_character() -> None:
    assert load_values('a: "x\\u202e  y"\nb: 图\n') == {"a": "x\u202e  y", "b": "图"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", 3), ("a:\n  b: 1\n  b: 2\n", 3), ("a: b: c\n", 1), ("a: 1\n\tb: 2\n", 2), ("- a\n", 1),
        ("text", 1), ("3", 1),
        ("a: 1\n---\nb: 2\n", 2), ("a: .nan\n", 1), ("a: 1\nb: -.inf\n", 2), ("a: !!binary aGk=\n", 1), ("a: *x\n", 1),
        ("a: &x [*x]\n", 1),
        ("a: 'open\n", 2), ("a: " + "[" * 200, 1), ("? [a]\n: b\n", 1), ("a: 1\n~: b\n", 2), ("a: 1\nb: \ud800\n", 2),
        ("1: a\n'1': b\n", 2),
        ("a: \x07\n", 1), ("<<: 3\n", 1),
    ],
)  # fmt: skip
def test_what_helm_would_refuse_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(EntryError) as caught:
        load_values(text)
    assert caught.value.params["line"] == line
    assert caught.value.cause.endswith(".")


def test_D6_an_alias_bomb_in_values_is_refused() -> None:
    lines = ["x0: &x0 [a, b]", *(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 9))]
    with pytest.raises(EntryError):
        load_values("\n".join(lines))


@given(
    st.text(max_size=80)
    | st.lists(
        st.sampled_from(["a", ": ", "\n", "  ", "- ", "1", "[", "]", "{", "}", "'", '"', "&a ", "*a", "!!", "<<"])
    ).map("".join)
)
def test_any_text_gives_json_values_or_an_entry_error(text: str) -> None:
    try:
        found = load_values(text)
    except EntryError:
        return
    assert json.loads(json.dumps(found, allow_nan=False)) == found
