"""Which chart comes first. Postings come from the weights of the charts themselves, without an engine."""

import pytest
from search_shelf import Shelf, chart

from indexer.errors import BadQuery
from indexer.search.columns import TOP_KEYWORDS
from indexer.search.query import NOTE_ANY
from indexer.search.ranking import NOTE_FEW
from indexer.search.request import Marks, Note, SearchRequest


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


def test_so_does_another_word_for_them():
    shelf = Shelf(chart("dashboard-for-all", keywords=["dashboard"]), chart("kubernetes-dashboard"))
    assert shelf.found("k8s dashboard")[0] == "a/kubernetes-dashboard"


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


def test_the_chart_of_a_projects_own_repository_is_before_copies_whatever_those_say():
    copy = chart("bitnami/argo-cd", "Argo CD: argo cd for argo", ["argo", "cd"], "argo cd " * 50, year=2024)
    shelf = Shelf(copy, chart("argo/argo-cd", official=True, year=2024))
    assert shelf.found("argo-cd") == shelf.found("argo cd") == ["argo/argo-cd", "bitnami/argo-cd"]


def test_an_abandoned_chart_is_below_its_like_that_is_kept_up():
    shelf = Shelf(chart("a/minio", "Object storage", year=2016), chart("b/minio", "Object storage", year=2024))
    assert shelf.found("minio") == ["b/minio", "a/minio"]


def test_but_age_alone_does_not_hide_the_better_answer():
    shelf = Shelf(chart("redis", year=2016), chart("redis-operator-of-a-team", "redis", ["redis"], year=2024))
    assert shelf.found("redis")[0] == "a/redis"


def test_what_is_installed_here_is_before_its_twin():
    shelf = Shelf(chart("a/redis"), chart("b/redis"))
    here = Marks(installed=frozenset({("b", "redis")}))
    assert [shelf.columns.row(number).source for number in shelf.answer("redis", here).ordered] == ["b", "a"]
    assert shelf.found("redis") == ["a/redis", "b/redis"]


def test_a_plain_word_finds_what_a_chart_brings_or_runs_below_what_says_it():
    shelf = Shelf(
        chart("values", values=(("servicemonitor", ""),)),
        chart("image", images=("quay.io/x/servicemonitor",)),
        chart("kind", kinds=("ServiceMonitor",)),
        chart("says", description="servicemonitor"),
    )
    assert shelf.found("servicemonitor") == ["a/says", "a/kind", "a/image", "a/values"]


def test_the_more_of_the_words_a_chart_has_the_better_where_none_has_all():
    shelf = Shelf(
        chart("two", "metrics logs"), chart("three", "metrics logs database"), chart("one", "metrics"), chart("none")
    )
    assert shelf.found("metrics database logs zebra", exact=True)[0] == "a/three"


def test_where_few_charts_have_all_words_those_with_most_of_them_follow():
    shelf = Shelf(chart("both", readme="workflow engine"), chart("one", description="A workflow runner"), chart("none"))
    assert shelf.found("workflow engine") == ["a/both", "a/one"]
    assert shelf.notes("workflow engine") == (Note(NOTE_FEW),)


def test_a_misspelt_word_that_nobody_has_is_corrected():
    answer = Shelf(chart("grafana"), chart("other")).answer("grafna")
    assert (answer.corrected, len(answer.ordered)) == ("grafana", 1)


def test_so_is_one_that_a_readme_has_misspelt():
    shelf = Shelf(chart("postgresql"), chart("search", readme="Use postgress for data."))
    assert shelf.answer("postgress").corrected == "postgresql"
    assert shelf.found("postgress", exact=True) == ["a/search"]


def test_a_better_spelling_is_offered_where_little_is_found():
    shelf = Shelf(chart("grafna-operator"), *(chart(f"grafana-{n}") for n in range(40)))
    answer = shelf.answer("grafna")
    assert (answer.corrected, answer.did_you_mean, len(answer.ordered)) == ("", "grafana", 1)


def test_only_the_misspelt_word_of_a_text_is_replaced():
    shelf = Shelf(chart("grafana", "Dashboards for metrics"), chart("logs"))
    assert shelf.answer('metrics Grafna "dashboards for"').corrected == 'metrics grafana "dashboards for"'


def test_nothing_is_corrected_where_nothing_better_is_known():
    answer = Shelf(chart("grafana")).answer("qqqqqqqq")
    assert (answer.corrected, answer.did_you_mean, len(answer.ordered)) == ("", "", 0)


def test_a_misspelt_name_is_suggested_too():
    shelf = Shelf(chart("grafana"), chart("kube-prometheus"), chart("other"))
    assert shelf.suggested("grafna") == ["a/grafana"]
    assert shelf.suggested("kube promethues") == ["a/kube-prometheus"]
