"""Filters and counts, compared with counting one by one."""

from hypothesis import given, settings
from hypothesis import strategies as st
from search_shelf import Shelf, chart

from indexer.search.columns import TOP_KEYWORDS, TOP_VALUES, allows
from indexer.search.request import Marks

SOURCES, KEYWORDS, CATEGORIES, LICENSES = ("x", "y", "z"), ("cache", "db", "web"), ("", "storage", "net"), ("", "MIT")
KUBES = ("", ">=1.25", "<1.22", "no range")

CHARTS = st.builds(
    lambda name, source, keywords, deprecated, category, license_, kube: chart(
        f"{source}/{name}", "lamp", keywords, "", deprecated, category=category, license=license_, kube_version=kube
    ),
    st.sampled_from(("one", "two", "lamp", "lamp-post")),
    st.sampled_from(SOURCES),
    st.lists(st.sampled_from(KEYWORDS), unique=True),
    st.booleans(),
    st.sampled_from(CATEGORIES),
    st.sampled_from(LICENSES),
    st.sampled_from(KUBES),
)
SHELVES = st.lists(CHARTS, unique_by=lambda one: (one.source, one.name), max_size=12)
FLAGS = st.none() | st.booleans()
REQUESTS = st.fixed_dictionaries(
    {
        "sources": st.lists(st.sampled_from(SOURCES), max_size=2).map(tuple),
        "keywords": st.lists(st.sampled_from(KEYWORDS), max_size=2).map(tuple),
        "categories": st.lists(st.sampled_from(CATEGORIES[1:]), max_size=1).map(tuple),
        "licenses": st.lists(st.sampled_from(LICENSES[1:]), max_size=1).map(tuple),
        "kube": st.sampled_from(("", "1.20", "1.30")),
        "deprecated": FLAGS,
        "installed": FLAGS,
        "upgradeable": FLAGS,
        "recommended": FLAGS,
        "sort": st.sampled_from(("relevance", "updated", "name")),
    }
)


def values_of(one, marks):
    """What each facet says of a chart."""
    key = (one.source, one.name)
    return {
        "source": {one.source},
        "keyword": set(one.keywords),
        "category": {one.category} - {""},
        "license": {one.license} - {""},
        "deprecated": {str(one.deprecated).lower()},
        "installed": {str(key in marks.installed).lower()},
        "upgradeable": {str(key in marks.upgradeable).lower()},
        "recommended": {str(key in marks.recommended).lower()},
    }


def wanted_of(request):
    flags = {
        name: () if request[name] is None else (str(request[name]).lower(),)
        for name in ("deprecated", "installed", "upgradeable", "recommended")
    }
    named = {"source": "sources", "keyword": "keywords", "category": "categories", "license": "licenses"}
    return {facet: request[name] for facet, name in named.items()} | flags


@settings(max_examples=150)
@given(SHELVES, REQUESTS, st.sampled_from(("", "lamp", "post")), st.data())
def test_facets_count_as_counting_one_by_one_does(charts, request, text, data):
    keys = [(one.source, one.name) for one in charts]
    marks = Marks(*(frozenset(data.draw(st.sets(st.sampled_from(keys)) if keys else st.just(set()))) for _ in range(3)))
    shelf = Shelf(*charts)
    wanted = wanted_of(request)
    found = set(shelf.found(text, exact=True))
    of_text = [one for one in charts if f"{one.source}/{one.name}" in found]
    fitting = [
        one
        for one in of_text
        if not request["kube"] or not one.kube_version or allows(one.kube_version, request["kube"])
    ]

    def under(*, but=""):
        return [
            one
            for one in fitting
            if all(
                not values or set(values) & values_of(one, marks)[facet]
                for facet, values in wanted.items()
                if facet != but
            )
        ]

    answer = shelf.answer(text, marks, exact=True, **request)
    assert len(answer.ordered) == len(under())
    for facet, counted in answer.facets.items():
        one_by_one = {}
        for one in under(but=facet):
            for value in values_of(one, marks)[facet]:
                one_by_one[value] = one_by_one.get(value, 0) + 1
        assert {value: count for value, count in counted if count} == one_by_one
        assert [count for _, count in counted] == sorted((count for _, count in counted), reverse=True)


def test_a_chart_that_is_in_two_sources_is_one_hit_and_counted_in_both():
    shelf = Shelf(
        chart("x/redis", digest="d" * 64), chart("y/redis", digest="d" * 64), chart("z/redis", digest="e" * 64)
    )
    found, facets = shelf.facets("redis")
    assert found == {"x/redis", "z/redis"}
    assert facets["source"] == {"x": 1, "y": 1, "z": 1}


def test_the_best_of_the_present_filters_stands_for_all():
    shelf = Shelf(chart("x/redis", home="https://redis.io", official=True), chart("y/redis", home="http://redis.io/"))
    assert shelf.found("redis") == ["x/redis"]
    assert shelf.found("redis", sources=("y",)) == ["y/redis"]


def test_categories_and_licenses_are_facets_too():
    shelf = Shelf(chart("one", category="Storage", license="MIT"), chart("two", category="storage"), chart("three"))
    _, facets = shelf.facets()
    assert (facets["category"], facets["license"]) == ({"storage": 2}, {"MIT": 1})
    assert shelf.found(categories=("STORAGE",), licenses=("MIT",)) == ["a/one"]


def test_of_many_keywords_the_most_frequent_are_shown():
    shelf = Shelf(*(chart(f"c{n}", keywords=[f"k{m}" for m in range(n)]) for n in range(30)))
    _, facets = shelf.facets()
    assert list(facets["keyword"].values()) == [29 - n for n in range(TOP_KEYWORDS)]


def test_of_thousands_of_categories_and_licenses_the_most_frequent_and_the_chosen_are_shown():
    shelf = Shelf(
        chart("x", category="common", license="MIT"),
        *(chart(f"c{n}", category="common" if n % 2 else f"x{n}", license=f"l{n}") for n in range(200)),
    )
    _, facets = shelf.facets(licenses=("l199",))
    assert len(facets["license"]) == TOP_VALUES + 1
    assert facets["license"]["l199"] == 1
    assert len(shelf.facets()[1]["category"]) == TOP_VALUES
