"""Which apps are wanted, as it stands in an address."""

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.inventory import AppFilter
from catalog_web.inventory.address import read, written
from catalog_web.inventory.filters import FACETS, FLAGS, SORTS
from indexer.errors import BadQuery

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
FILTERS = st.builds(
    AppFilter,
    text=NAMES.map(str.strip),
    chosen=st.dictionaries(st.sampled_from(FACETS), st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple)),
    flags=st.dictionaries(st.sampled_from(FLAGS), st.booleans()),
    behind=st.integers(0, 999),
    versions=st.sampled_from(["", "<1.2", ">=1 <3 || 5.x"]),
    image=st.sampled_from(["", "team/redis:7"]),
    sort=st.sampled_from(SORTS),
    reverse=st.booleans(),
)


@given(FILTERS)
def test_what_was_written_is_read_again(wanted: AppFilter) -> None:
    if wanted.sort == "place" and wanted.reverse:
        assert "sort=-place" in written(wanted)
    assert read(parse_qs(written(wanted), keep_blank_values=True)) == wanted


@given(
    st.dictionaries(st.sampled_from([*FACETS, *FLAGS, "q", "behind", "version", "image", "sort"]), st.lists(st.text()))
)
def test_whatever_stands_there_is_a_filter_or_refused(arguments: dict[str, list[str]]) -> None:
    try:
        read(arguments)
    except BadQuery as error:
        assert error.remedy


@pytest.mark.parametrize("text", ["no range", "9" * 300, ">=", "<1 ||"])
def test_a_range_of_versions_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadQuery):
        AppFilter(versions=text)
