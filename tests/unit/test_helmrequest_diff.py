"""A change of a HelmRequest is shown as what a person means by it, and without its secrets."""

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalog_web.install.helmrequest_diff import helmrequest_diff
from catalog_web.values.paths import dotted
from tests.unit.test_exports import REQUEST


def changed(**values: Any) -> dict[str, Any]:
    thing = deepcopy(REQUEST)
    thing["spec"]["values"] |= values
    return thing


def lines(old: Any, new: Any, secret_paths: tuple[str, ...] = ()) -> list[str]:
    """The lines that are not equal, with their signs."""
    hunks = helmrequest_diff(old, new, secret_paths).hunks
    return [f"{one.sign}{one.text.strip()}" for hunk in hunks for one in hunk.lines if one.sign != " "]


def test_what_the_cluster_adds_is_no_change() -> None:
    there = deepcopy(REQUEST)
    there["metadata"] |= {"uid": "1", "resourceVersion": "7", "finalizers": ["captain.cpaas.io"], "generation": 3}
    there["metadata"]["labels"] |= {"team": "a", "chartroom.dev/request": "another"}
    there["status"] = {"phase": "Synced"}
    there["spec"]["values"] = dict(reversed(there["spec"]["values"].items()))
    there["apiVersion"] = "app.alauda.io/v1"
    assert not helmrequest_diff(there, REQUEST).changed


def test_a_key_that_goes_and_a_null_that_comes_are_both_seen() -> None:
    without = changed()
    del without["spec"]["values"]["replicaCount"]
    assert lines(REQUEST, without) == ["-replicaCount: 2"]
    assert lines(REQUEST, changed(replicaCount=None)) == ["-replicaCount: 2", "+replicaCount: null"]


def test_a_text_and_a_number_are_told_apart() -> None:
    assert lines(REQUEST, changed(replicaCount="2")) == ["-replicaCount: 2", '+replicaCount: "2"']


def test_all_of_a_new_one_is_new() -> None:
    assert {one[0] for one in lines(None, REQUEST)} == {"+"}


def test_G6_a_secret_is_not_shown_only_that_it_changed() -> None:
    old, new = changed(auth={"password": "s3cret-one"}), changed(auth={"password": "s3cret-two"})
    assert lines(old, new, ("auth.password",)) == ['-password: "(hidden, another one)"', '+password: "(hidden)"']
    assert lines(old, old, ("auth.password",)) == []
    gone = changed(auth={})
    assert "s3cret" not in str(lines(old, gone, ("auth.password",)))


def test_G6_a_secret_in_a_list_or_below_a_key_with_dots_is_not_shown() -> None:
    old, new = changed(users=[{"pass.word": "s3cret-one"}]), changed(users=[{"pass.word": "s3cret-two"}])
    assert lines(old, new, (r"users[0].pass\.word",)) == [
        '-- pass.word: "(hidden, another one)"',
        '+- pass.word: "(hidden)"',
    ]


KEYS = st.text("ab.0", min_size=1, max_size=3)
TREES = st.recursive(
    st.just("s3cret"), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
)


def paths(value: Any, above: tuple[str | int, ...] = ()) -> list[str]:
    if isinstance(value, dict):
        return [one for key, below in value.items() for one in paths(below, (*above, key))]
    if isinstance(value, list):
        return [one for at, below in enumerate(value) for one in paths(below, (*above, at))]
    return [dotted(above)]


@given(st.dictionaries(KEYS, TREES, max_size=3), st.dictionaries(KEYS, TREES, max_size=3))
def test_G6_no_value_at_a_secret_path_is_ever_shown(old: dict[str, Any], new: dict[str, Any]) -> None:
    found = helmrequest_diff(changed(**old), changed(**new), tuple({*paths(old), *paths(new)}))
    assert "s3cret" not in str(found)


def test_neither_side_is_changed_by_looking() -> None:
    old, new = changed(auth={"password": "one"}), changed(auth={"password": "two"})
    kept = deepcopy((old, new))
    helmrequest_diff(old, new, ("auth.password",))
    assert (old, new) == kept
