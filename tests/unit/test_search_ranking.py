"""Which chart comes first. Postings come from the weights of the charts themselves, without an engine."""

from datetime import UTC, datetime

import pytest

from indexer.errors import BadQuery
from indexer.search.answers import Engine
from indexer.search.columns import TOP_KEYWORDS, Columns
from indexer.search.document import Document, weights
from indexer.search.phrases import Texts
from indexer.search.postings import Gatherer, Part, Table
from indexer.search.prose import plain
from indexer.search.query import NOTE_ANY, parse
from indexer.search.request import NO_MARKS, Note, SearchRequest
from indexer.search.rows import row_of


class Shelf:
    """Some charts, and what a search finds among them; without files."""

    def __init__(self, *charts):
        terms = Gatherer()
        for number, chart in enumerate(charts):
            terms.add(number, weights(chart, plain(chart.readme)))
        table = Table([Part(0, terms.gathered(), None)])
        texts = [Texts(plain(chart.readme), chart.values) for chart in charts]
        self.columns = Columns([row_of(chart) for chart in charts])
        self.engine = Engine(table, self.columns, texts.__getitem__)

    def answer(self, text="", marks=NO_MARKS, **request):
        return self.engine.answer(parse(text), SearchRequest(text, **request), marks)

    def found(self, text="", **request):
        return [self._title(number) for number in self.answer(text, **request).ordered.tolist()]

    def notes(self, text):
        return self.answer(text).notes

    def facets(self, text="", **request):
        answer = self.answer(text, **request)
        found = {self._title(number) for number in answer.ordered.tolist()}
        return found, {facet: dict(values) for facet, values in answer.facets.items()}

    def suggested(self, text, limit=8):
        return [f"{s.source}/{s.name}" for s in self.engine.suggest(parse(text), limit)]

    def _title(self, number):
        return "/".join(self.columns.row(int(number)).key)


def chart(title, description="", keywords=(), readme="", deprecated=False, year=None):
    source, _, name = title.rpartition("/")
    updated = datetime(year, 1, 1, tzinfo=UTC) if year else None
    return Document(source or "a", name, "1.0.0", description, tuple(keywords), (), readme, deprecated, updated)


def test_the_exact_name_is_first_then_name_keyword_description_readme():
    shelf = Shelf(
        chart("five", readme="redis " * 200),
        chart("four", description="A cache like redis"),
        chart("three", keywords=["redis"]),
        chart("redis-operator-for-many-clusters"),
        chart("redis"),
    )
    assert shelf.found("redis") == ["a/redis", "a/redis-operator-for-many-clusters", "a/three", "a/four", "a/five"]


@pytest.mark.parametrize("text", ["argo-cd", "argocd", "argo cd", "Argo CD", "a/argo-cd"])
def test_a_name_written_another_way_is_still_the_name(text):
    shelf = Shelf(chart("argocd-image-updater", keywords=["argo", "cd", "argocd"]), chart("argo-cd"), chart("argo"))
    assert shelf.found(text)[0] == "a/argo-cd"


def test_a_chart_of_just_that_name_is_before_one_of_the_joined_name():
    shelf = Shelf(chart("argocd", readme="argo cd"), chart("argo-cd"))
    assert shelf.found("argo-cd")[0] == "a/argo-cd"
    assert shelf.found("argocd")[0] == "a/argocd"


def test_the_source_before_a_slash_chooses_among_equal_names():
    shelf = Shelf(chart("stable/redis"), chart("bitnami/redis"), chart("bitnami/redis-cluster"))
    assert shelf.found("bitnami/redis")[0] == "bitnami/redis"
    assert shelf.found("stable/redis")[0] == "stable/redis"


def test_a_deprecated_chart_is_below_one_that_is_kept_up():
    loud = "redis cache " * 100
    shelf = Shelf(
        chart("old/redis", description="redis", keywords=["redis"], readme=loud, deprecated=True), chart("new/redis")
    )
    assert shelf.found("redis") == ["new/redis", "old/redis"]


def test_but_an_exact_deprecated_name_is_before_other_names():
    shelf = Shelf(chart("redis-cluster"), chart("redis", deprecated=True))
    assert shelf.found("redis")[0] == "a/redis"


def test_while_typing_names_that_begin_so_come_first_the_most_covered_one_first():
    shelf = Shelf(
        chart("dashboards", keywords=["prometheus"]),
        chart("kube-prometheus-stack"),
        chart("prometheus-adapter"),
        chart("prometheus"),
    )
    assert shelf.found("prom") == ["a/prometheus", "a/prometheus-adapter", "a/kube-prometheus-stack", "a/dashboards"]


def test_all_words_must_match():
    shelf = Shelf(chart("one", description="logs for audits"), chart("two", description="logs"))
    assert shelf.found("logs audits") == ["a/one"]
    assert shelf.notes("logs audits") == ()


def test_where_no_chart_has_all_words_those_with_some_are_found_and_the_reader_is_told():
    shelf = Shelf(chart("one", description="logs"), chart("two", description="audits"), chart("three"))
    assert set(shelf.found("logs audits")) == {"a/one", "a/two"}
    assert shelf.notes("logs audits") == (Note(NOTE_ANY),)
    assert shelf.found("nowhere nothing") == []


def test_words_true_of_every_chart_do_not_hide_the_one_that_is_meant():
    shelf = Shelf(chart("redis", description="In-memory store"), chart("tool", description="A helm chart near redis"))
    assert shelf.found("redis helm chart")[0] == "a/redis"


def test_but_they_count_in_a_name():
    shelf = Shelf(chart("operator"), chart("helm-operator"), chart("operator-helmet"))
    assert shelf.found("helm operator")[0] == "a/helm-operator"
    assert shelf.found("operator helm")[0] == "a/helm-operator"


def test_H3_a_percent_sign_or_a_star_is_not_everything():
    shelf = Shelf(chart("one"), chart("two"))
    assert shelf.found("%") == shelf.found("*") == shelf.found("_") == []


def test_a_name_without_any_letter_can_be_found():
    assert Shelf(chart("one"), chart("---")).found("---") == ["a/---"]


def test_without_a_text_there_is_everything_newest_first_and_deprecated_last():
    shelf = Shelf(
        chart("gone", deprecated=True, year=2024), chart("old", year=2020), chart("new", year=2023), chart("undated")
    )
    assert shelf.found("") == ["a/new", "a/old", "a/undated", "a/gone"]


CATALOG = Shelf(
    chart("x/redis", keywords=["cache", "database"]),
    chart("y/redis", keywords=["Cache"], deprecated=True),
    chart("y/mysql", keywords=["database"]),
    chart("z/grafana", keywords=["dashboard"]),
)


def test_filters_are_or_within_one_and_and_between_them():
    found, _ = CATALOG.facets(sources=("x", "y"), keywords=("cache",))
    assert found == {"x/redis", "y/redis"}
    found, _ = CATALOG.facets(sources=("x", "y"), keywords=("cache",), deprecated=False)
    assert found == {"x/redis"}


def test_a_facet_is_counted_under_the_other_filters_but_not_its_own():
    _, facets = CATALOG.facets(sources=("y",), keywords=("database",))
    assert facets["source"] == {"x": 1, "y": 1}
    assert facets["keyword"] == {"cache": 1, "database": 1}
    assert facets["deprecated"] == {"false": 1}


def test_facets_are_sorted_by_count_then_name_and_counted_under_the_text():
    _, facets = CATALOG.facets(text="redis")
    assert list(facets["source"].items()) == [("x", 1), ("y", 1)]
    _, facets = CATALOG.facets()
    assert list(facets["source"].items()) == [("y", 2), ("x", 1), ("z", 1)]
    assert facets["deprecated"] == {"false": 3, "true": 1}


def test_of_keywords_the_most_frequent_are_shown_and_every_chosen_one():
    shelf = Shelf(chart("one", keywords=[f"k{n:02}" for n in range(40)]))
    _, facets = shelf.facets(keywords=("K39", "unheard"))
    assert len(facets["keyword"]) == TOP_KEYWORDS + 2
    assert (facets["keyword"]["k39"], facets["keyword"]["unheard"]) == (1, 0)


def test_a_value_that_nobody_has_finds_nothing():
    found, facets = CATALOG.facets(sources=("nowhere",))
    assert found == set()
    assert facets["source"]["nowhere"] == 0


def test_suggestions_are_names_that_begin_so_each_once():
    shelf = Shelf(
        chart("y/redis", deprecated=True), chart("x/redis"), chart("x/redis-ha"), chart("x/ha-redis"), chart("x/mysql")
    )
    assert shelf.suggested("red") == ["x/redis", "x/redis-ha", "x/ha-redis"]
    assert shelf.suggested("redis h") == ["x/redis-ha", "x/ha-redis"]
    assert shelf.suggested("red", limit=1) == ["x/redis"]
    assert shelf.suggested("") == shelf.suggested("%") == shelf.suggested("zzz") == []


def test_H5_an_order_that_does_not_exist_is_refused_and_a_page_out_of_range_is_moved_into_it():
    with pytest.raises(BadQuery) as refused:
        SearchRequest(sort="password")
    assert "relevance, updated, name" in refused.value.remedy
    assert SearchRequest(limit=10**9, offset=-24).page == slice(0, 100)
    assert SearchRequest(limit=-1, offset=10**12).page == slice(10**12, 10**12)
