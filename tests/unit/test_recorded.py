"""What is kept of a HelmRequest, what tells one state from another, and what differs between two. Nothing raises."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalog_web.install.recorded import captain_annotations, is_still, last_writer, manifest_of, token, values_of
from catalog_web.install.spec_changes import MAX_CHANGES, SpecChange, spec_changes
from catalog_web.values.paths import dotted

JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=12), below, max_size=3),
)
THING = {
    "apiVersion": "app.alauda.io/v1alpha1",
    "kind": "HelmRequest",
    "metadata": {
        "name": "x",
        "namespace": "y",
        "uid": "u",
        "resourceVersion": "7",
        "generation": 2,
        "labels": {"a": "b"},
    },
    "spec": {"chart": "r/c", "values": {"a": 1}},
    "status": {"phase": "Synced"},
}


def with_meta(**changes: Any) -> dict[str, Any]:
    return {**THING, "metadata": {**THING["metadata"], **changes}}  # type: ignore[dict-item]


def test_a_manifest_is_what_could_be_sent_again() -> None:
    meta = with_meta(annotations={"captain-no-sync": "true", "team": "blue"}, finalizers=["f"])
    assert manifest_of(meta) == {
        "apiVersion": "app.alauda.io/v1alpha1",
        "kind": "HelmRequest",
        "metadata": {
            "name": "x",
            "namespace": "y",
            "labels": {"a": "b"},
            "annotations": {"captain-no-sync": "true"},
        },
        "spec": {"chart": "r/c", "values": {"a": 1}},
    }


def test_a_status_alone_makes_no_other_state() -> None:
    looked_at = token(THING)
    assert is_still(looked_at, with_meta(resourceVersion="9"))
    assert not is_still(looked_at, with_meta(resourceVersion="9", generation=3))
    assert not is_still(looked_at, with_meta(resourceVersion="9", uid="another"))


def test_a_bare_resource_version_counts_for_itself_alone() -> None:
    assert is_still("7", THING)
    assert not is_still("6", THING)


@given(JSON)
def test_L3_whatever_a_cluster_holds_can_be_read(thing: Any) -> None:
    whole = thing if isinstance(thing, dict) else {"metadata": thing, "spec": thing}
    for read in (manifest_of, captain_annotations, values_of, token):
        read(whole)
    last_writer(thing)


@given(st.text(max_size=30))
def test_whatever_is_sent_as_what_was_looked_at_can_be_read(text: str) -> None:
    assert is_still(text, THING) == (text.partition(".")[0] == "7" or text.endswith(token(THING).partition(".")[2]))


def test_changes_are_told_key_by_key_with_what_was_and_is() -> None:
    before = {"version": "1", "values": {"a": {"b": 1, "gone": None}, "list": [1]}}
    after = {"version": "2", "values": {"a": {"b": True}, "list": [1, 2], "new": {"deep": "x"}}}
    assert spec_changes(before, after) == (
        SpecChange("version", "1", "2"),
        SpecChange("values.a.b", "1", "true"),
        SpecChange("values.a.gone", "null", ""),
        SpecChange("values.list", "[1]", "[1, 2]"),
        SpecChange("values.new.deep", "", "x"),
    )


def test_G6_a_secret_is_not_told_whether_it_is_the_value_or_inside_of_it() -> None:
    before = {"values": {"auth": {"password": "one"}, "env": [{"value": "one"}]}}
    after = {"values": {"auth": {"password": "two"}, "env": [{"value": "two"}]}}
    told = spec_changes(before, after, ("auth.password", "env[0].value"))
    assert told == (SpecChange("values.auth.password", "…", "…"), SpecChange("values.env", "…", "…"))


def test_a_secret_is_hidden_too_where_all_above_it_changed() -> None:
    told = spec_changes({"values": {"auth": "x"}}, {"values": {"auth": {"password": "two"}}}, ("auth.password",))
    assert "two" not in repr(told)


def test_G6_a_secret_is_hidden_too_under_a_key_with_dots_and_brackets() -> None:
    told = spec_changes({"values": {"a.b[0]": "one"}}, {"values": {"a.b[0]": "two"}}, (dotted(("a.b[0]",)),))
    assert [(one.before, one.after) for one in told] == [("…", "…")]


@given(JSON, JSON)
def test_changes_are_bounded_and_none_for_the_same(before: Any, after: Any) -> None:
    one, other = {"values": before}, {"values": after}
    assert spec_changes(one, one) == ()
    assert len(spec_changes(one, other)) <= MAX_CHANGES
