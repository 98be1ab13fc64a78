"""Which repositories belong to a source, and what is remembered of them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sources.oci.listing import winner
from indexer.sources.oci.memory import Memory, Remembered, from_json, tags_mark, to_json
from indexer.sources.oci.selection import Selection

CATALOG = ("other/argo", "team", "team/argo", "team/deep/pear", "team2/argo")


@pytest.mark.parametrize(
    ("path", "named", "taken"),
    [
        ("", (), CATALOG),
        ("team", (), ("team", "team/argo", "team/deep/pear")),
        ("team/argo", (), ("team/argo",)),
        ("team", ("argo",), ("team/argo",)),
        ("team", ("deep/*", "plum"), ("team/deep/pear", "team/plum")),
        ("", ("*/argo",), ("other/argo", "team/argo", "team2/argo")),
        ("", ("team?/argo",), ("team2/argo",)),
        ("team", ("../other/argo",), ()),
    ],
)
def test_repositories_are_those_below_the_path_that_are_named(
    path: str, named: tuple[str, ...], taken: tuple[str, ...]
) -> None:
    assert Selection(path, named).of(CATALOG) == taken


def test_the_catalog_is_needed_unless_all_are_named() -> None:
    assert Selection("team").needs_catalog
    assert Selection("team", ("a*",)).needs_catalog
    assert not Selection("team", ("argo", "pear")).needs_catalog


@pytest.mark.parametrize(
    ("only", "meant"),
    [
        ({"team/argo"}, ("team/argo",)),
        ({"argo"}, ("team/argo",)),
        ({"deep/pear"}, ("team/deep/pear",)),
        ({"team/new"}, ("team/new", "team/team/new")),
        ({"new"}, ("team/new",)),
        ({"other/argo"}, ("team/other/argo",)),
        ({"../x", "A", ""}, ()),
    ],
)
def test_a_webhook_means_repositories_in_full_in_part_or_new_ones(only: set[str], meant: tuple[str, ...]) -> None:
    assert Selection("team").meant(only, ("team/argo", "team/deep/pear")) == meant


def test_the_shortest_path_counts() -> None:
    assert winner(["team/deep/argo", "team/argo", "zeta/argo"]) == "team/argo"
    assert winner(["a/bb", "b/a"]) == "b/a"


MEMORIES = st.builds(
    Memory,
    st.dictionaries(
        st.text(max_size=10),
        st.builds(
            Remembered,
            st.booleans(),
            st.lists(st.text(max_size=5), max_size=3).map(tuple),
            st.frozensets(st.text(max_size=5)),
            st.text(max_size=5),
        ),
        max_size=5,
    ),
)


@given(MEMORIES)
def test_what_is_remembered_is_plain_JSON_and_comes_back(memory: Memory) -> None:
    assert from_json(json.loads(json.dumps(to_json(memory)))) == memory


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["format", "repositories", "charts", "tags", "x"]), inner)
        ),
    )
)
def test_an_odd_memory_is_a_forgotten_one(data: Any) -> None:
    memory = from_json({"format": 1, "repositories": data})
    assert all(isinstance(tag, str) for one in memory.repositories.values() for tag in one.others)
    assert from_json({"repositories": data, "format": 99}) == Memory()


def test_the_mark_of_tags_tells_them_apart_whatever_their_order() -> None:
    assert tags_mark(["a", "b"]) == tags_mark(["b", "a"])
    assert len({tags_mark(["a", "b"]), tags_mark(["a"]), tags_mark([]), tags_mark(["ab"])}) == 4
