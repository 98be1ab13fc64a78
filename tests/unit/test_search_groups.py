"""Which charts are the same chart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_shelf import Shelf, chart

from indexer.search.groups import plain_home

CHARTS = st.builds(
    lambda source, name, digest, home: chart(f"{source}/{name}", digest=digest, home=home),
    st.sampled_from("abcd"),
    st.sampled_from(("redis", "nginx")),
    st.sampled_from(("", "1" * 64, "2" * 64)),
    st.sampled_from(("", "https://redis.io", "http://www.redis.io/", "https://nginx.org")),
)


@given(st.lists(CHARTS, unique_by=lambda one: (one.source, one.name), max_size=8))
def test_every_chart_stands_in_one_group_and_names_all_others_of_it(charts):
    columns = Shelf(*charts).columns

    def group_of(key):
        return {key, *columns.also_in(columns.numbers[key])}

    for one in charts:
        key = (one.source, one.name)
        assert key not in columns.also_in(columns.numbers[key])
        assert {name for _, name in group_of(key)} == {one.name}
        assert all(group_of(other) == group_of(key) for other in group_of(key))


def test_equal_bytes_under_one_name_are_one_chart():
    shelf = Shelf(
        chart("x/redis", digest="d" * 64), chart("y/redis", digest="d" * 64), chart("y/other", digest="d" * 64)
    )
    assert shelf.columns.also_in(0) == (("y", "redis"),)
    assert shelf.columns.also_in(2) == ()


def test_one_name_and_one_home_are_one_chart():
    shelf = Shelf(chart("x/redis", home="https://Redis.io/"), chart("y/redis", home="http://www.redis.io"))
    assert shelf.columns.also_in(0) == (("y", "redis"),)


def test_a_name_alone_is_no_sign():
    shelf = Shelf(chart("x/redis"), chart("y/redis"), chart("z/redis", home="https://redis.io"))
    assert all(shelf.columns.also_in(number) == () for number in range(3))


@pytest.mark.parametrize("home", ["https://github.com/a/b", "http://www.github.com/a/b/", "HTTPS://GitHub.com/a/b.git"])
def test_a_home_is_the_same_however_it_is_written(home):
    assert plain_home(home) == "github.com/a/b"
