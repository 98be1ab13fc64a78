"""A change of a person's text touches what it changes and nothing else."""

import pytest

from catalog_web.values.editing import drop, put, read
from catalog_web.values.paths import Path, parse_path
from indexer.errors import UsageError

TEXT = """\
# mine
image:
  repository: nginx   # the fork
  tag: '1.0'
  # until here
hosts:
  - a
  - name: b   # b
    port: 1
resources: {}
flow: {a: 1, b: [x, y]}
empty:
motd: |
  one
  two

last: "1"
"""


def changed(old: str, new: str) -> tuple[list[str], list[str]]:
    """The lines that only one of them has, in order."""
    before, after = old.splitlines(), new.splitlines()
    return [line for line in before if line not in after], [line for line in after if line not in before]


@pytest.mark.parametrize(
    ("path", "value", "gone", "come"),
    [
        ("image.tag", "2.0", ["  tag: '1.0'"], ["  tag: '2.0'"]),
        ("image.repository", "httpd", ["  repository: nginx   # the fork"], ["  repository: httpd   # the fork"]),
        ("image.pullPolicy", "Always", [], ["  pullPolicy: Always"]),
        ("hosts[0]", "z", ["  - a"], ["  - z"]),
        ("hosts[1].port", 80, ["    port: 1"], ["    port: 80"]),
        ("hosts[2]", {"name": "c", "port": 2}, [], ["  - name: c", "    port: 2"]),
        ("hosts[0]", ["x"], ["  - a"], ["  - - x"]),
        ("resources.limits.cpu", "1", ["resources: {}"], ["resources:", "  limits:", '    cpu: "1"']),
        ("flow.b[1]", "z", ["flow: {a: 1, b: [x, y]}"], ["flow: {a: 1, b: [x, z]}"]),
        ("flow.c.d", True, ["flow: {a: 1, b: [x, y]}"], ["flow: {a: 1, b: [x, y], c: {d: true}}"]),
        ("empty", 5, ["empty:"], ["empty: 5"]),
        ("empty.x", 5, [], ["  x: 5"]),
        ("motd", "short", ["motd: |", "  one", "  two"], ["motd: short"]),
        ("motd", "two\n", ["  one"], []),
        ("last", "2", ['last: "1"'], ['last: "2"']),
        ("last", 2, ['last: "1"'], ["last: 2"]),
        ("brand.new", None, [], ["brand:", "  new: null"]),
    ],
)
def test_a_put_changes_these_lines_alone(path: str, value: object, gone: list[str], come: list[str]) -> None:
    made = put(TEXT, parse_path(path), value)
    assert changed(TEXT, made) == (gone, come)


@pytest.mark.parametrize(
    ("path", "gone", "come"),
    [
        ("image.tag", ["  tag: '1.0'"], []),
        ("hosts[0]", ["  - a"], []),
        ("hosts[1].name", ["  - name: b   # b", "    port: 1"], ["  - port: 1"]),
        ("flow.a", ["flow: {a: 1, b: [x, y]}"], ["flow: {b: [x, y]}"]),
        ("flow.b[1]", ["flow: {a: 1, b: [x, y]}"], ["flow: {a: 1, b: [x]}"]),
        ("motd", ["motd: |", "  one", "  two"], []),
        ("not.there", [], []),
    ],
)
def test_a_drop_takes_these_lines_alone(path: str, gone: list[str], come: list[str]) -> None:
    assert changed(TEXT, drop(TEXT, parse_path(path))) == (gone, come)


def test_a_mapping_that_is_emptied_goes_with_its_last_key() -> None:
    assert drop("a:\n  b:\n    c: 1\nd: 2\n", ("a", "b", "c")) == "d: 2\n"


def test_a_list_that_is_emptied_stays_for_it_hides_the_default() -> None:
    assert drop("a:\n  - 1\n", ("a", 0)) == "a: []\n"


def test_comments_stay_when_all_keys_are_gone() -> None:
    assert drop("# why\na: 1\n", ("a",)) == "# why\n"


def test_a_mapping_put_over_one_keeps_the_comments_of_what_stays() -> None:
    made = put(TEXT, ("image",), {"repository": "nginx", "tag": "2", "digest": "x"})
    assert "  repository: nginx   # the fork\n  tag: '2'\n  digest: x\n  # until here\n" in made


def test_an_empty_text_in_lines_gives_way_and_the_comments_below_it_stay() -> None:
    text = "a:\n  b: |-\n  # example\n\nc: 1\n"
    assert put(text, ("a", "b"), "x") == text.replace("|-", "x")


def test_windows_line_ends_stay() -> None:
    windows = TEXT.replace("\n", "\r\n")
    made = put(windows, ("image", "pullPolicy"), "Always")
    assert made == put(TEXT, ("image", "pullPolicy"), "Always").replace("\n", "\r\n")


def test_a_text_without_an_end_to_its_last_line_grows() -> None:
    assert put("a: 1", ("b",), 2) == "a: 1\nb: 2\n"


def test_a_byte_order_mark_stays() -> None:
    assert put("\ufeffa: 1\n", ("a",), 2) == "\ufeffa: 2\n"


def test_an_alias_gives_way_to_a_value_of_its_own() -> None:
    text = "a: &x {k: 1}   # first\nb: *x   # second\n"
    made = put(text, ("b", "k"), 2)
    assert made.startswith("a: &x {k: 1}   # first\nb:   # second\n")
    assert read(made) == {"a": {"k": 1}, "b": {"k": 2}}


def test_a_key_that_a_merge_brings_is_written_beside_it() -> None:
    text = "base: &x {k: 1}\nb:\n  <<: *x\n  own: 2   # mine\n"
    made = put(text, ("b", "k"), 5)
    assert made == text + "  k: 5\n"


def test_an_anchor_that_others_use_is_not_lost_with_its_value() -> None:
    made = drop("a: &x {k: 1}\nb: *x\n", ("a",))
    assert read(made) == {"b": {"k": 1}}


@pytest.mark.parametrize(
    "value", ["yes", "010", "0o10", "1_000", "null", "~", "2020-01-01", "1e3", "", " x", "a: b", "#"]
)
def test_a_text_that_looks_like_something_else_stays_text(value: str) -> None:
    assert read(put("a: x\n", ("a",), value)) == {"a": value}


def test_a_text_that_cannot_be_read_is_refused_with_its_line() -> None:
    with pytest.raises(UsageError, match="line 3"):
        put("a: 1\nb: [\n", ("a",), 2)


def test_G4_a_duplicate_key_a_tab_and_a_tag_are_refused_and_not_guessed() -> None:
    for text in ("a: 1\na: 2\n", "a:\n\tb: 1\n", "a: !!binary aGk=\n"):
        with pytest.raises(UsageError):
            put(text, ("c",), 1)


def test_G4_an_unchanged_text_comes_back_byte_for_byte() -> None:
    text = "\ufeffa: &x !!str 1\r\n\r\nb : *x\r\n# end"
    assert put(text, ("a",), "1") == text
    assert drop(text, ("zz",)) == text


def test_G4_more_than_a_mebibyte_is_refused() -> None:
    with pytest.raises(UsageError):
        put("a: " + "x" * 5_000_000, ("b",), 1)


@pytest.mark.parametrize("path", [tuple("abcdefghijklmnopqrstuvwxyz12345"), ("a", 65_537), ("a", -1)])
def test_G5_a_path_that_is_too_deep_or_an_index_too_far_is_refused(path: Path) -> None:
    with pytest.raises(UsageError):
        put("", path, 1)


def test_G5_a_path_as_text_is_refused_in_the_same_way() -> None:
    for text in (".".join("abcdefghijklmnopqrstuvwxyz12345"), "a[65537]", "a[9999999]"):
        with pytest.raises(UsageError):
            parse_path(text)


def test_an_item_far_behind_the_end_of_a_list_is_refused() -> None:
    with pytest.raises(UsageError):
        put("a: [1]\n", ("a", 5), 1)
