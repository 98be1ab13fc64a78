"""Link: where the next page is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import RegistryInvalid
from indexer.sources.oci.links import MAX_HEADER, next_query

TAGS = "https://example.org:5000/v2/team/argo/tags/list"
CATALOG = "https://example.org:5000/v2/_catalog"


@pytest.mark.parametrize(
    ("url", "header", "query"),
    [
        (TAGS, "", ""),
        (TAGS, '</v2/team/argo/tags/list?last=1.0.0&n=100>; rel="next"', "last=1.0.0&n=100"),
        (TAGS, "<?last=1.0.0>; rel=next", "last=1.0.0"),
        (TAGS, '<list?last=x>; rel="prev next"', "last=x"),
        (TAGS, '<http://example.org/v2/team/argo/tags/list?last=x>;REL="Next"', "last=x"),
        (TAGS, '</v2/argo/tags/list?last=x>; rel="next"', "last=x"),
        (TAGS, '</artifactory/api/docker/team/v2/argo/tags/list?last=x>; rel="next"', "last=x"),
        (TAGS, '</a?page=1>; rel="prev" , </v2/team/argo/tags/list?page=3>; rel="next"', "page=3"),
        (TAGS, '</v2/team/argo/tags/list?last=x>; rel="prev"', ""),
        (CATALOG, '</v2/_catalog?last=team%2Fargo&n=100>; title="a; b"; rel="next"', "last=team%2Fargo&n=100"),
    ],
)
def test_the_next_page_is_the_query_of_the_link(url: str, header: str, query: str) -> None:
    assert next_query(header, url) == query


@pytest.mark.parametrize(
    "header",
    [
        '<//evil/v2/team/argo/tags/list?last=x>; rel="next"',
        '<https://example.org.evil/v2/team/argo/tags/list>; rel="next"',
        '<https://evil-example.org/v2/team/argo/tags/list>; rel="next"',
        '</v2/team/other/tags/list?last=x>; rel="next"',
        '</v2/rgo/tags/list?last=x>; rel="next"',
        '</v2/_catalog?last=x>; rel="next"',
        '</v2/team/argo/manifests/1.0.0?last=x>; rel="next"',
        '<javascript:alert(1)>; rel="next"',
        '<http://[::1>; rel="next"',
        "</v2/team/argo/tags/list?last=x; rel=next",
        "rel=next",
        " " * MAX_HEADER + "x",
    ],
)
def test_N6_a_link_elsewhere_is_refused(header: str) -> None:
    with pytest.raises(RegistryInvalid):
        next_query(header, TAGS)


@given(st.text(max_size=300) | st.text('<>;," =/?relnextv2tagslistargo', max_size=300))
def test_any_header_gives_a_query_or_a_refusal(header: str) -> None:
    try:
        query = next_query(header, TAGS)
    except RegistryInvalid:
        return
    assert query.isascii()


@pytest.mark.parametrize("part", ["<", "<>", "<>;", "<x>;a", " ", ";", '<x>;a="', "<x>; ", "<x>,"])
def test_headers_that_are_made_to_be_slow_are_not(part: str) -> None:
    with pytest.raises(RegistryInvalid):
        next_query((part * MAX_HEADER)[: MAX_HEADER - 1] + "!", TAGS)
