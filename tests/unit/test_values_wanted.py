"""What a person wants: the text that may be seen, the secrets beside it, and what of both is sent."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.values.fields import Form
from catalog_web.values.reading import merge, parse_values
from catalog_web.values_wanted import Wanted
from indexer.errors import UsageError

FORM = Form(())
SECRET = "c4nary-pass"


def test_G6_what_is_secret_leaves_the_text_and_comes_back_in_what_is_sent() -> None:
    wanted, moved = Wanted(f"# mine\nuser: ann\npassword: {SECRET}\n").parted(FORM, (), ())
    assert moved == ("password",)
    assert wanted.text == "# mine\nuser: ann\n"
    assert SECRET not in repr(wanted)
    assert parse_values(wanted.whole) == {"user": "ann", "password": SECRET}
    assert wanted.secret_paths == ("password",)


def test_what_was_typed_in_a_masked_field_wins_over_the_text() -> None:
    wanted, _ = Wanted("password: old\n", {"password": "new"}).parted(FORM, (), ())
    assert wanted.secrets == {"password": "new"}


def test_what_the_person_or_an_administrator_calls_secret_is_one() -> None:
    wanted, _ = Wanted("a: {b: x}\nc: y\nd: z\n").parted(FORM, ("c",), ("a.b",))
    assert set(wanted.secrets) == {"a.b", "c"}
    assert wanted.text == "d: z\n"


def test_a_list_that_holds_a_secret_stays_in_sight_and_is_told() -> None:
    wanted, moved = Wanted("env:\n- name: DB_PASSWORD\n  value: x\n").parted(FORM, (), ())
    assert moved == ()
    assert wanted.visible_secrets == ("env",)
    assert wanted.secret_paths == ("env",)


def test_a_secret_of_the_app_stays_until_another_is_typed() -> None:
    assert Wanted("", stored=("a", "b")).kept_secrets == ("a", "b")
    assert Wanted("", {"a": "x"}, stored=("a", "b")).kept_secrets == ("b",)


def test_values_of_one_cluster_lie_on_top_and_comments_stay() -> None:
    wanted = Wanted("# mine\na: 1   # one\nb: {c: 2}\n")
    assert wanted.laid_over("a: 5\nb: {d: 3}\n") == "# mine\na: 5   # one\nb: {c: 2, d: 3}\n"


def test_what_says_the_same_as_the_defaults_is_not_sent_and_comments_stay() -> None:
    wanted = Wanted("# mine\na: 1\nb: 2   # two\nc: {d: 3}\n")
    assert wanted.differing({"a": 1, "b": 1, "c": {"d": 3}}) == "# mine\nb: 2   # two\n"


def test_a_copy_of_all_defaults_sends_only_what_was_changed() -> None:
    defaults = {f"key{number}": number for number in range(500)}
    text = yaml.safe_dump({**defaults, "key7": "seven"})
    assert parse_values(Wanted(text).differing(defaults)) == {"key7": "seven"}


def test_a_text_that_is_no_yaml_is_told_to_be_none() -> None:
    with pytest.raises(UsageError):
        Wanted("a: [").parted(FORM, (), ())
    with pytest.raises(UsageError):
        Wanted("a: 1").differing({}, "b: [")


KEYS = st.sampled_from(["a", "b", "c.d", "password"])
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["x", "y: z", "", "1"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)
VALUES = st.dictionaries(KEYS, TREES, max_size=3)


@given(VALUES, VALUES)
def test_the_defaults_with_what_is_sent_are_the_defaults_with_what_was_wanted(
    defaults: dict[str, Any], values: dict[str, Any]
) -> None:
    wanted = Wanted(yaml.safe_dump(values) if values else "")
    assert merge(defaults, parse_values(wanted.differing(defaults))) == merge(defaults, values)


@given(VALUES)
def test_no_text_of_a_secret_stays_in_the_text(values: dict[str, Any]) -> None:
    wanted, moved = Wanted(yaml.safe_dump(values) if values else "").parted(FORM, (), ())
    again, more = wanted.parted(FORM, (), ())
    assert more == ()
    assert set(moved) <= set(wanted.secrets)
    assert again.text == wanted.text
