"""A person's values beside the defaults, key by key."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.values.reading import merge
from catalog_web.values_rows import MAX_ROWS, Row, rows

DEFAULTS = {"replicas": 1, "image": {"tag": "7.0", "pull": True}, "hosts": ["a"], "off": None}


def only(mine: dict[str, Any], **options: Any) -> list[tuple[str, str, str, str]]:
    return [(row.dotted, row.kind, row.default, row.mine) for row in rows(DEFAULTS, mine, **options)]


@pytest.mark.parametrize(
    ("mine", "told"),
    [
        ({}, []),
        ({"replicas": 1}, []),
        ({"replicas": 2}, [("replicas", "changed", "1", "2")]),
        ({"image": {"pull": 1}}, [("image.pull", "changed", "true", "1")]),
        ({"image": {"tag": None}}, [("image.tag", "removed", '"7.0"', "null")]),
        ({"image": "x"}, [("image", "changed", '{"tag": "7.0", "pull": true}', '"x"')]),
        ({"hosts": ["a", "b"]}, [("hosts", "changed", '["a"]', '["a", "b"]')]),
        ({"new": {"deep": {"x": 1}}}, [("new.deep.x", "added", "", "1")]),
        ({"off": {"x": 1}}, [("off", "changed", "null", '{"x": 1}')]),
    ],
)
def test_it_tells_what_holds_and_is_not_the_default(
    mine: dict[str, Any], told: list[tuple[str, str, str, str]]
) -> None:
    assert only(mine) == told


def test_all_keys_are_told_in_the_order_of_the_defaults_and_then_of_what_was_added() -> None:
    told = only({"zz": 1, "replicas": 3}, only_differences=False)
    assert [row[0] for row in told] == ["replicas", "image.tag", "image.pull", "hosts", "off", "zz"]


def test_G6_a_secret_is_told_to_be_set_and_never_told() -> None:
    found = rows(DEFAULTS, {"auth": {"password": "hunter2", "user": "u"}}, ("auth.password",))
    assert found[0] == Row(("auth", "password"), "added", "", "", is_secret=True)
    assert "hunter2" not in repr(found)


def test_no_more_rows_are_made_than_a_page_shows() -> None:
    assert len(rows({}, {f"k{number}": number for number in range(2 * MAX_ROWS)})) == MAX_ROWS


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=3),
    max_leaves=15,
)
VALUES = st.dictionaries(st.text(min_size=1, max_size=4), TREES, max_size=4)


@given(VALUES, VALUES)
def test_what_is_merged_and_equal_to_the_defaults_shows_no_difference(
    defaults: dict[str, Any], mine: dict[str, Any]
) -> None:
    assert rows(defaults, merge({}, defaults)) == ()
    assert all(row.differs for row in rows(defaults, mine))
