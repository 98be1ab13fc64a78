"""Comments of YAML are found and belong to the key that they are written about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parse import load_values
from indexer.parse.commented import Node, read_commented
from indexer.parse.feed import YamlFault
from indexer.parse.limits import Limits


def comments(text: str) -> dict[str, str]:
    """Comments by dotted key."""
    found = read_commented(text)
    told: dict[str, str] = {}

    def walk(node: Node, above: str) -> None:
        for key, entry in node.entries.items():
            if entry.key in found.comments:
                told[above + key] = found.comments[entry.key]
            walk(entry.node, f"{above}{key}.")
        for number, item in enumerate(node.items):
            walk(item, f"{above}{number}.")

    if found.root:
        walk(found.root, "")
    return told


def plain(node: Node | None) -> object:
    if node is None:
        return {}
    if node.kind == "mapping":
        return {key: plain(entry.node) for key, entry in node.entries.items()}
    return [plain(one) for one in node.items] if node.kind == "list" else node.value


def test_a_comment_above_a_key_and_one_behind_it_are_about_that_key() -> None:
    assert comments("# how many\n# of them\nreplicas: 1 # at least\nname: x\n") == {
        "replicas": "how many\nof them\nat least"
    }


def test_a_comment_inside_a_mapping_is_about_the_key_below_it() -> None:
    assert comments("image: # where from\n  # its name\n  name: x\n  # its tag\n  tag: y\n") == {
        "image": "where from",
        "image.name": "its name",
        "image.tag": "its tag",
    }


def test_an_example_below_a_key_is_about_that_key() -> None:
    assert comments("args: []\n#  - --foo\n\n# next one\nb: 1\n") == {"args": " - --foo", "b": "next one"}
    assert comments("a:\n  args: []\n    # - --foo\n  b: 1\n") == {"a.args": "- --foo"}


def test_a_hash_in_a_text_is_no_comment() -> None:
    text = (
        "a: 'x # y'\nb: |\n  # in the text\n  more\n\n# about c\nc: \"long\n  # still text\n  text\" # behind\nd: x#y\n"
    )
    assert comments(text) == {"c": "about c\nbehind"}


def test_comments_behind_brackets_aliases_and_block_marks_are_found() -> None:
    text = "a: &x {b: 1} # one\nc: [1,\n  2] # two\nd: *x # three\ne: |- # four\n  text\nf: # five\n- 1\n"
    assert comments(text) == {"a": "one", "c": "two", "d": "three", "e": "four", "f": "five"}


def test_comments_in_chinese_with_other_line_ends_are_found() -> None:
    assert comments("# 监控\r\n监控: 中文 # 注释\r\n") == {"监控": "监控\n注释"}


def test_a_key_that_stands_twice_is_told_and_the_last_one_counts() -> None:
    found = read_commented("a: 1\nb: 2\na: 3\n")
    assert plain(found.root) == {"a": 3, "b": 2}
    assert [(one.line, str(one)) for one in found.faults] == [(3, "line 3: the key “a” stands twice")]


def test_aliases_and_merge_keys_stand_for_what_they_name() -> None:
    text = "base: &base\n  a: 1\n  b: 2\nother:\n  <<: *base\n  b: 3\nthird: *base\n"
    assert plain(read_commented(text).root) == load_values(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: [1, 2\n",
        "a: b: c\n",
        "\ta: 1\n",
        "? [x]\n: 1\n",
        "a: *x\n",
        "a: &x [*x]\n",
        "a: .nan\n",
        "a: !!binary x\n",
        "---\na: 1\n---\nb: 2\n",
        "{" * 200,
        "a: \ud800\n",
    ],
)
def test_what_is_no_such_yaml_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(YamlFault) as refused:
        read_commented(text)
    assert refused.value.line >= 1


def test_aliases_that_stand_for_too_much_or_nest_too_deeply_are_refused() -> None:
    laughs = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    deep = "".join(f"a{n}: &a{n} {'[' * 40}{f'*a{n - 1}' if n else ''}{']' * 40}\n" for n in range(9))
    for text in (laughs, deep):
        with pytest.raises(YamlFault):
            read_commented(text)


@given(st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab#: -\n'", max_size=6),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab#.", min_size=1, max_size=4), inner, max_size=3)))  # fmt: skip  # noqa: E501
def test_the_values_are_those_that_helm_reads(value: object) -> None:
    import json

    text = "root: " + json.dumps(value) + " # behind\n"
    found = read_commented(text)
    assert plain(found.root) == load_values(text)
    assert found.root is not None
    assert found.comments[found.root.entries["root"].key] == "behind"


@given(st.text(st.sampled_from("ab: -#\n\r\t|>'\"[]{}&*!,\x85\u2028监"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_commented(text, Limits(depth=20))
    except YamlFault as fault:
        assert fault.line >= 1
