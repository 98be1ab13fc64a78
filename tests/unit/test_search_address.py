"""A search in an address, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web import search_address
from indexer.errors import BadQuery
from indexer.search.request import SearchRequest

WHOLE = SearchRequest(
    text="redis cache",
    sources=("stable", "argo"),
    categories=("database",),
    keywords=("load balancer",),
    licenses=("Apache-2.0",),
    kube="1.30",
    deprecated=False,
    installed=True,
    upgradeable=True,
    exact=True,
    sort="name",
)


def test_a_search_comes_back_from_its_address() -> None:
    assert search_address.read_text(search_address.written(WHOLE)) == WHOLE
    assert search_address.written(SearchRequest()) == ""


@given(
    st.builds(
        SearchRequest,
        text=st.text(max_size=50).map(str.strip),
        sources=st.lists(st.text(min_size=1, max_size=20), unique=True, max_size=4).map(tuple),
        kube=st.sampled_from(["", "1.30", "1.30.4"]),
        installed=st.sampled_from([None, True, False]),
        exact=st.booleans(),
    )
)
def test_any_search_comes_back_from_its_address(wanted: SearchRequest) -> None:
    assert search_address.read_text(search_address.written(wanted)) == wanted


@given(st.text(max_size=300))
def test_any_text_is_a_search_or_refused(query: str) -> None:
    try:
        search_address.read_text(query)
    except BadQuery as error:
        assert error.remedy


def test_which_part_of_the_hits_is_asked_for_is_no_part_of_a_search() -> None:
    assert search_address.written(SearchRequest(text="a", limit=7, offset=9)) == "q=a"


def test_blanks_and_empty_values_are_no_conditions() -> None:
    assert search_address.read_text("q=%20&source=&kube=%20&deprecated=") == SearchRequest()


def test_a_keyword_is_known_in_any_spelling_and_each_value_once() -> None:
    assert search_address.read_text("keyword=DataBase&keyword=database").keywords == ("database",)


def test_a_version_of_kubernetes_may_have_its_v() -> None:
    assert search_address.read_text("kube=v1.30.2").kube == "1.30.2"


@pytest.mark.parametrize(
    "query", ["deprecated=maybe", "installed=1", "upgradeable=yes", "kube=new", "sort=password", "exact=perhaps"]
)
def test_H5_a_value_that_cannot_be_meant_is_refused(query: str) -> None:
    with pytest.raises(BadQuery):
        search_address.read_text(query)


def test_H5_more_or_longer_values_than_anybody_chooses_are_refused() -> None:
    many = "&".join(f"source=s{number}" for number in range(101))
    one_that_grows = f"keyword={'ﷺ' * 100}"  # 18 characters, once it is written as facets write it
    for query in (many, f"keyword={'x' * 300}", f"keyword={'+' * 300}", one_that_grows, "&".join(["a=b"] * 5000)):
        with pytest.raises(BadQuery):
            search_address.read_text(query)


@pytest.mark.parametrize(("name", "value"), search_address.conditions(WHOLE))
def test_a_condition_can_be_taken_away_alone(name: str, value: str) -> None:
    left = search_address.loosened(WHOLE, name, value)
    assert set(search_address.conditions(WHOLE)) - set(search_address.conditions(left)) == {(name, value)}
    assert left.text == WHOLE.text
