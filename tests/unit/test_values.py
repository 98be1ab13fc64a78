"""A person's values: files and --set become one mapping as Helm would make it, within Helm's limits."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.install.values import assemble, parse_set
from catalog_web.values.paths import MAX_INDEX
from catalog_web.values.reading import MAX_TEXT_BYTES, merge, parse_values
from indexer.errors import UsageError


def test_empty_text_means_all_defaults() -> None:
    assert parse_values("") == {}
    assert parse_values(" \n\n") == {}


def test_values_are_read_as_yaml() -> None:
    assert parse_values("replicaCount: 2\nimage:\n  tag: null\n") == {"replicaCount": 2, "image": {"tag": None}}


def test_a_mistake_is_told_with_its_line() -> None:
    with pytest.raises(UsageError, match=r"my-values\.yaml, line 3"):
        parse_values("a: 1\nb: 2\n\tc: 3\n", "my-values.yaml")


def test_values_that_are_no_mapping_are_refused() -> None:
    with pytest.raises(UsageError):
        parse_values("- a\n- b\n")


def test_more_than_a_mebibyte_of_values_is_refused() -> None:
    with pytest.raises(UsageError, match=str(MAX_TEXT_BYTES)):
        parse_values("a: " + "x" * MAX_TEXT_BYTES)


def test_later_files_win_and_mappings_are_merged() -> None:
    base = {"image": {"repo": "a", "tag": "1"}, "ports": [1, 2], "keep": True}
    over = {"image": {"tag": "2"}, "ports": [3], "gone": None}
    assert merge(base, over) == {"image": {"repo": "a", "tag": "2"}, "ports": [3], "keep": True, "gone": None}


def test_merging_leaves_both_sides_as_they_were() -> None:
    base, over = {"a": {"b": [1]}}, {"a": {"c": [2]}}
    merged = merge(base, over)
    merged["a"]["b"].append(9)
    merged["a"]["c"].append(9)
    assert (base, over) == ({"a": {"b": [1]}}, {"a": {"c": [2]}})


def test_set_wins_over_all_files() -> None:
    files = [("a.yaml", "x: 1\nm: {z: 1}\n"), ("b.yaml", "x: 2\n")]
    assert assemble(files, ["m.w=3", "x=4,m.z=5"]) == {"x": 4, "m": {"z": 5, "w": 3}}


def test_a_mistake_in_a_file_names_the_file() -> None:
    with pytest.raises(UsageError, match=r"b\.yaml"):
        assemble([("a.yaml", "x: 1\n"), ("b.yaml", "x: [\n")], [])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("name=value", {"name": "value"}),
        ("a=1,b=2", {"a": 1, "b": 2}),
        ("a=1,", {"a": 1}),
        ("outer.inner=value", {"outer": {"inner": "value"}}),
        ("a=,b=x", {"a": "", "b": "x"}),
        ("a=", {"a": ""}),
        ("name={a,b,c}", {"name": ["a", "b", "c"]}),
        ("name={1,true,null},x=2", {"name": [1, True, None], "x": 2}),
        ("servers[0].port=80", {"servers": [{"port": 80}]}),
        ("servers[0].port=80,servers[0].host=example", {"servers": [{"port": 80, "host": "example"}]}),
        ("list[2]=x", {"list": [None, None, "x"]}),
        ("list[0][1]=x", {"list": [[None, "x"]]}),
        ("list[1].a=1,list[0].a=0", {"list": [{"a": 0}, {"a": 1}]}),
        ("list[0]={a,b}", {"list": [["a", "b"]]}),
        (r"name=value1\,value2", {"name": "value1,value2"}),
        (r"nodeSelector.kubernetes\.io/role=master", {"nodeSelector": {"kubernetes.io/role": "master"}}),
        (r"a\[0\]=x", {"a[0]": "x"}),
        (r"path=C:\\dir", {"path": r"C:\dir"}),
        ("a=b=c", {"a": "b=c"}),
        ("a=x[0].y", {"a": "x[0].y"}),
        ("a=TRUE,b=False,c=Null,d=0", {"a": True, "b": False, "c": None, "d": 0}),
        ("a=007,b=-5,c=+5,d=1.5,e=1e3", {"a": "007", "b": -5, "c": 5, "d": "1.5", "e": "1e3"}),
        ("a=9223372036854775807,b=9223372036854775808", {"a": 2**63 - 1, "b": "9223372036854775808"}),
        ("a=hello world", {"a": "hello world"}),
        ("a=船", {"a": "船"}),
        ("", {}),
    ],
)
def test_set_is_read_as_helm_reads_it(text: str, values: dict[str, Any]) -> None:
    assert parse_set(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a,b=1",
        "a.b",
        "a.=1",
        ".a=1",
        "=1",
        "a..b=1",
        "a[0]",
        "a[x]=1",
        "a[-1]=1",
        "a[0=1",
        "a[0]b=1",
        "[0]=1",
        "a={x,y",
        "a=x\\",
    ],
)
def test_set_refuses_what_it_cannot_mean(text: str) -> None:
    with pytest.raises(UsageError, match="--set"):
        parse_set(text)


def test_set_does_not_go_through_a_scalar() -> None:
    with pytest.raises(UsageError, match="no mapping"):
        parse_set("a=1,a.b=2")
    with pytest.raises(UsageError, match="no list"):
        parse_set("a=1,a[0]=2")


def test_set_leaves_the_values_it_starts_from_as_they_were() -> None:
    base = {"a": {"b": [1]}}
    assert parse_set("a.b[0]=2", base) == {"a": {"b": [2]}}
    assert base == {"a": {"b": [1]}}


def test_G5_a_path_31_levels_deep_is_refused_and_30_is_not() -> None:
    assert parse_set(".".join("a" * 31) + "=1")
    with pytest.raises(UsageError, match="30"):
        parse_set(".".join("a" * 32) + "=1")
    with pytest.raises(UsageError, match="30"):
        parse_set("a" + "[0]" * 31 + "=1")


def test_G5_an_index_of_65537_is_refused_and_65536_is_not() -> None:
    assert len(parse_set(f"a[{MAX_INDEX}]=1")["a"]) == MAX_INDEX + 1
    for index in (MAX_INDEX + 1, 10**20, "9" * 5_000):
        with pytest.raises(UsageError, match=r"index"):
            parse_set(f"a[{index}]=1")


def test_G5_many_large_indexes_do_not_fill_the_memory() -> None:
    with pytest.raises(UsageError, match="list items"):
        parse_set(",".join(f"a{n}[{MAX_INDEX}]=1" for n in range(100)))


def test_a_megabyte_of_set_is_refused() -> None:
    with pytest.raises(UsageError, match="megabyte"):
        parse_set("a=" + "x" * (MAX_TEXT_BYTES + 1))


@given(st.text(alphabet=st.sampled_from(list("ab.=,[]{}\\01- ")), max_size=40) | st.text(max_size=30))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        assert isinstance(parse_set(text), dict)
    except UsageError as error:
        assert error.cause.startswith("--set")


def escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\,.=[]{}" else c for c in text)


KEYS = st.text(min_size=1, max_size=8)
TEXTS = st.text(max_size=12).map(lambda text: f"x{text}")
NUMBERS = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(KEYS, min_size=1, max_size=5), TEXTS | NUMBERS)
def test_what_is_escaped_comes_back_as_it_was(path: list[str], leaf: str | int) -> None:
    got: Any = parse_set(f"{'.'.join(map(escaped, path))}={escaped(str(leaf))}")
    for key in path:
        got = got[key]
    assert got == leaf
