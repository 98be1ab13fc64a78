"""values.yaml of two versions is compared key by key."""

from compared import compared, content, values
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import fill


def test_keys_come_and_go() -> None:
    assert values("a: 1\nb: {c: 2, d: 3}\n", "a: 1\nb: {c: 2, e: true}\nf: {g: 1, h: 2}\n") == [
        ("removed", "b.d"),
        ("added", "b.e"),
        ("added", "f"),
    ]


def test_a_whole_mapping_that_came_is_one_change_that_counts_its_keys() -> None:
    found = compared(content("a: 1\n"), content("a: 1\nf:\n  # one\n  g: 1\n  h: {i: 2}\n")).values
    assert found
    (one,) = found.changes
    assert (one.keys, one.after and one.after.text, one.after and one.after.line) == (2, "# one\ng: 1\nh: {i: 2}", 2)


def test_another_default_and_another_type_are_told_apart() -> None:
    old = "a: 1\nb: u\nc: {}\nd: []\ne:\nf: 8080\n"
    new = "a: 2\nb: v\nc: []\nd: [1]\ne: x\nf: '8080'\n"
    assert values(old, new) == [
        ("default", "a"),
        ("default", "b"),
        ("type", "c"),
        ("default", "d"),
        ("default", "e"),
        ("type", "f"),
    ]


def test_true_is_not_one_and_writing_is_not_meaning() -> None:
    assert values("a: 1\nb: yes\nc: [x]\nd: 'x'\n", "a: true\nb: true\nc:\n- x\nd: x\n") == [("type", "a")]


def test_a_comment_that_changed_is_told() -> None:
    assert values("# one\na: 1\nb:\n- c: 1 # x\n", "# two\na: 1\nb:\n- c: 1 # y\n") == [
        ("comment", "a"),
        ("comment", "b"),
    ]


def test_the_order_of_keys_does_not_matter() -> None:
    assert values("a: {x: 1, y: 2}\nb: 2\n", "b: 2\na: {y: 2, x: 1}\n") == []


def test_what_an_empty_mapping_is_filled_with_is_its_default() -> None:
    assert values("affinity: {}\n", "affinity: {podAntiAffinity: {x: 1}}\n") == [("default", "affinity")]


def test_a_mapping_under_another_name_is_guessed_to_have_moved() -> None:
    body = "{enabled: true, repository: redis/redis, tag: '6', pullPolicy: Always}"
    assert values(f"master: {body}\n", f"primary: {body}\n") == [("moved", "master → primary")]


def test_what_changed_inside_of_what_moved_is_told_as_well() -> None:
    old = "master:\n  repository: redis/redis\n  tag: '6'\n  replicas: 1\n  size: 8Gi\n"
    new = old.replace("master", "primary").replace("'6'", "'7'")
    assert values(old, new) == [("moved", "master → primary"), ("default", "primary.tag")]


def test_a_value_that_moved_elsewhere_is_guessed_by_its_text_and_a_word_of_its_name() -> None:
    assert values("uiImage: argoproj/ui\n", "images: {ui: argoproj/ui, tag: x}\n") == [
        ("added", "images"),
        ("moved", "uiImage → images.ui"),
    ]
    assert values("account: argo-events\n", "namespace: argo-events\n") == [
        ("removed", "account"),
        ("added", "namespace"),
    ]


def test_a_value_that_stands_everywhere_is_no_sign_of_a_move() -> None:
    assert values("old: {enabled: true}\n", "new: {enabled: true}\n") == [("added", "new"), ("removed", "old")]


def test_the_same_key_with_the_same_comment_is_guessed_to_have_moved() -> None:
    comment = "# Number of old ReplicaSets to keep\n"
    assert values(f"{comment}historyLimit: 3\n", f"global:\n  {comment}  historyLimit: 5\n  x: 1\n") == [
        ("added", "global"),
        ("moved", "historyLimit → global.historyLimit"),
    ]


def test_a_list_is_one_value_with_its_text() -> None:
    found = compared(content("hosts:\n  - a\n  - b # second\nc: 1\n"), content("hosts: [a]\nc: 1\n")).values
    assert found
    (one,) = found.changes
    assert (one.before and one.before.text, one.after and one.after.text) == ("- a\n- b", "[a]")


def test_texts_of_values_are_as_they_are_written() -> None:
    found = compared(content('a: "x"  # why\nb: |\n  one\n    two\n'), content("a: 'y'\nb: >-\n  one\n")).values
    assert found
    told = [(one.before and one.before.text, one.after and one.after.text) for one in found.changes]
    assert told == [('"x"', "'y'"), ("|\none\n  two", ">-\none")]


def test_G4_what_is_no_yaml_is_compared_as_text_and_a_note_says_so() -> None:
    for broken in ("a: [1\n", "\ta: 1\n", "- a\n", "a: &x [*x]\n", "a: *b\n"):
        found = compared(content("a: 1\n"), content(broken)).values
        assert found
        assert found.changes == ()
        assert fill(**found.notes[0]).startswith("Only the texts are compared")
        assert found.text
        assert found.text.hunks


def test_G4_a_key_that_stands_twice_is_told_and_the_rest_is_compared() -> None:
    found = compared(content("a: 1\nb: 2\n"), content("a: 1\na: 5\nb: 3\n")).values
    assert found
    assert [".".join(one.path) for one in found.changes] == ["a", "b"]
    assert fill(**found.notes[0]) == "Line 2: the key “a” stands twice; the last one counts."


def test_G4_values_of_five_megabytes_are_compared() -> None:
    rows = "".join(f"key{number}: some text of this key\n" for number in range(90_000))
    found = compared(
        content(rows), content(rows.replace("key5:", "key5x:").replace("key77: some", "key77: other"))
    ).values
    assert found
    assert [(one.kind, ".".join(one.path)) for one in found.changes] == [
        ("moved", "key5x"),
        ("default", "key77"),
    ]
    assert found.text
    assert found.text.cut


def test_G4_more_changes_than_are_told_are_counted() -> None:
    rows = "".join(f"key{number}: 1\n" for number in range(5_000))
    found = compared(content(rows), content("")).values
    assert found
    assert (len(found.changes), found.left_out) == (1_000, 4_000)


SCALARS = st.sampled_from(["1", "true", "''", "quay.io/argo/cd", "{}", "[]", "null", "[a, b]", "8080", "*x", "# c"])
KEYS = st.sampled_from(["image", "tag", "uiImage", "ui", "enabled", "a.b", '"x y"', "port"])
TREES = st.recursive(SCALARS, lambda inner: st.lists(st.tuples(KEYS, inner), max_size=4), max_leaves=12)


def written(tree: object, indent: int = 0) -> str:
    """A tree as YAML, with a comment here and there; not always proper."""
    if isinstance(tree, str):
        return f" {tree}\n"
    assert isinstance(tree, list)
    rows = [
        f"{' ' * indent}# about {key}, at some length\n{' ' * indent}{key}:{written(one, indent + 2)}"
        for key, one in tree
    ]
    return "\n" + "".join(rows) if rows else " {}\n"


DOCUMENTS = TREES.map(lambda tree: written(tree).lstrip("\n"))
SWAPPED = {"added": "removed", "removed": "added"}


@given(DOCUMENTS | st.text(max_size=80), DOCUMENTS | st.text(max_size=80))
def test_G4_any_two_texts_are_compared(old: str, new: str) -> None:
    assert compared(content(old), content(new)).values is not None


@given(DOCUMENTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert compared(content(text), content(text)).is_empty


@given(DOCUMENTS, DOCUMENTS)
def test_what_is_added_one_way_is_removed_the_other_way(old: str, new: str) -> None:
    forth, back = compared(content(old), content(new)).values, compared(content(new), content(old)).values
    assert forth
    assert back
    there = {
        (one.kind, one.before and one.before.path, one.after and one.after.path, one.keys) for one in forth.changes
    }
    here = {
        (SWAPPED.get(one.kind, one.kind), one.after and one.after.path, one.before and one.before.path, one.keys)
        for one in back.changes
    }
    assert there == here
