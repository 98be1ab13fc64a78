"""Old defaults, a person's own values, new defaults: nothing of a person's is lost, and nothing is decided for them."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalog_web.values.paths import ABSENT, value_at
from catalog_web.values.reading import merge, same
from catalog_web.values.three_way import ThreeWay, three_way

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "1", "true"])
KEYS = st.sampled_from(["a", "b", "c", "d.e"])
NODES = st.recursive(SCALARS, lambda below: st.lists(below, max_size=2) | st.dictionaries(KEYS, below, max_size=3))
VALUES = st.dictionaries(KEYS, NODES, max_size=4)


def as_helm(defaults: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What templates see: a null over a default takes the key away."""
    return _without_nulls(merge(defaults, values), values)


def _without_nulls(merged: Mapping[str, Any], values: Any) -> dict[str, Any]:
    left = {}
    for key, value in merged.items():
        mine = values.get(key, ABSENT) if isinstance(values, Mapping) else ABSENT
        if mine is None:
            continue
        left[key] = _without_nulls(value, mine) if isinstance(value, Mapping) and mine is not ABSENT else value
    return left


def decided(old: Any, mine: Any, new: Any, how: Any) -> ThreeWay:
    conflicts = three_way(old, mine, new, {}).conflicts
    return three_way(old, mine, new, {one.path: how for one in conflicts})


def test_what_a_person_set_stays_where_the_default_is_the_same() -> None:
    found = three_way({"replicas": 1, "port": 80}, {"replicas": 3}, {"replicas": 1, "port": 8080}, {})
    assert (found.values, found.conflicts, found.redundant) == ({"replicas": 3}, (), ())


def test_a_changed_default_under_an_own_value_asks() -> None:
    found = three_way({"image": {"tag": "1"}}, {"image": {"tag": "1-mine"}}, {"image": {"tag": "2"}}, {})
    (one,) = found.conflicts
    assert (one.path, one.kind, one.old, one.mine, one.new, one.decided) == (
        "image.tag", "default-changed", "1", "1-mine", "2", "",
    )  # fmt: skip
    assert found.values == {"image": {"tag": "1-mine"}}
    assert found.undecided == 1


def test_deciding_for_the_new_default_drops_the_own_value_and_the_mapping_that_it_leaves_empty() -> None:
    found = three_way({"image": {"tag": "1"}}, {"image": {"tag": "0"}}, {"image": {"tag": "2"}}, {"image.tag": "new"})
    assert (found.values, found.dropped, found.undecided) == ({}, (("image", "tag"),), 0)


def test_deciding_for_mine_keeps_it() -> None:
    found = three_way({"a": 1}, {"a": 2}, {"a": 3}, {"a": "mine"})
    assert (found.values, found.undecided, found.conflicts[0].decided) == ({"a": 2}, 0, "mine")


def test_a_key_that_is_gone_asks_once_and_is_kept_until_decided() -> None:
    old = {"old": {"deep": {"x": 1, "y": 2}}}
    found = three_way(old, {"old": {"deep": {"x": 5, "y": 6}}}, {}, {})
    assert [(one.path, one.kind, one.new) for one in found.conflicts] == [("old", "gone", ABSENT)]
    assert found.values == {"old": {"deep": {"x": 5, "y": 6}}}


def test_another_type_is_told_as_such() -> None:
    found = three_way({"hosts": "a"}, {"hosts": "b"}, {"hosts": ["a"]}, {})
    assert found.conflicts[0].kind == "type-changed"


def test_an_own_key_that_no_default_knows_stays_without_a_question() -> None:
    assert three_way({}, {"extra": {"env": [1]}}, {"other": 1}, {}) == ThreeWay({"extra": {"env": [1]}})


def test_what_equals_the_new_default_is_left_out_and_named() -> None:
    found = three_way({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": {"b": 2}}, {})
    assert (found.values, found.conflicts, found.redundant) == ({}, (), ("a.b",))


def test_true_is_not_taken_for_one() -> None:
    assert three_way({"a": 0}, {"a": 1}, {"a": True}, {}).values == {"a": 1}


def test_a_null_that_takes_a_default_away_stays() -> None:
    assert three_way({"probe": {"x": 1}}, {"probe": None}, {"probe": {"x": 1}}, {}) == ThreeWay({"probe": None})


def test_a_null_over_what_is_gone_is_no_longer_needed() -> None:
    assert three_way({"probe": 1}, {"probe": None}, {}, {}) == ThreeWay({}, redundant=("probe",))


def test_a_renamed_key_takes_the_own_value_along_once_that_is_decided() -> None:
    sides = ({"uiImage": {"tag": "1"}}, {"uiImage": {"tag": "9"}}, {"images": {"ui": {"tag": "1"}}})
    renamed = {("uiImage",): ("images", "ui")}
    asked = three_way(*sides, {}, renamed)
    assert [(one.path, one.kind, one.moved_to) for one in asked.conflicts] == [("uiImage", "renamed", "images.ui")]
    assert asked.values == {"uiImage": {"tag": "9"}}
    found = three_way(*sides, {"uiImage": "new"}, renamed)
    assert found.values == {"images": {"ui": {"tag": "9"}}}
    assert found.moved == ((("uiImage",), ("images", "ui")),)


def test_a_value_that_stands_at_the_new_place_already_wins_over_one_that_is_moved_there() -> None:
    found = three_way({"a": 1}, {"a": 2, "b": 3}, {"b": 1}, {"a": "new"}, {("a",): ("b",)})
    assert found.values == {"b": 3}


@given(VALUES, VALUES, VALUES)
def test_law_whatever_is_not_decided_means_the_same_to_helm(old: Any, mine: Any, new: Any) -> None:
    assert as_helm(new, three_way(old, mine, new, {}).values) == as_helm(new, mine)


@given(VALUES, VALUES)
def test_law_the_same_defaults_ask_nothing(defaults: Any, mine: Any) -> None:
    assert three_way(defaults, mine, defaults, {}).conflicts == ()


@given(VALUES, VALUES)
def test_law_who_wrote_nothing_gets_the_new_defaults(old: Any, new: Any) -> None:
    assert three_way(old, {}, new, {}) == ThreeWay({})


@given(VALUES, VALUES, VALUES)
def test_law_where_all_is_decided_for_the_new_defaults_they_stand_there(old: Any, mine: Any, new: Any) -> None:
    found = decided(old, mine, new, "new")
    assert all(value_at(found.values, path) is ABSENT for path in found.dropped)
    assert found.undecided == 0


@given(VALUES, VALUES, VALUES, st.sampled_from(["mine", "new"]))
def test_law_what_was_decided_is_not_asked_again_for_the_same_defaults(old: Any, mine: Any, new: Any, how: Any) -> None:
    once = decided(old, mine, new, how)
    again = three_way(new, once.values, new, {})
    assert (again.values, again.conflicts) == (once.values, ())


@given(VALUES, VALUES, VALUES)
def test_law_mine_and_undecided_are_the_same(old: Any, mine: Any, new: Any) -> None:
    assert same(decided(old, mine, new, "mine").values, three_way(old, mine, new, {}).values)


@given(VALUES, VALUES, VALUES)
def test_law_no_side_is_changed(old: Any, mine: Any, new: Any) -> None:
    before = repr((old, mine, new))
    decided(old, mine, new, "new")
    assert repr((old, mine, new)) == before
