"""Field queries, phrases and what is left out."""

import pytest
from search_shelf import Shelf, chart

SHELF = Shelf(
    chart(
        "argo/argo-cd",
        "GitOps continuous delivery",
        ["gitops", "load-balancer"],
        readme="It keeps the cluster as git says, with high availability.",
        app_version="v2.12.3",
        version="7.1.0",
        kube_version=">=1.25.0-0",
        category="integration-delivery",
        license="Apache-2.0",
        maintainers=("Grace Hopper",),
        dependencies=("redis-ha",),
        images=("quay.io/argoproj/argocd", "docker.io/library/redis"),
        kinds=("Application", "ApplicationSet"),
        values=(("redis.persistence.storageClass", "Where sessions are kept"), ("server.replicas", "")),
        other_names=("argocd",),
    ),
    chart("stable/redis", "A cache of high, high availability", ["database"], deprecated=True, license="MIT"),
    chart("stable/redis-exporter", images=("oliver006/redis-exporter",), kube_version="<1.22", app_version="2.120.0"),
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("name:redis", {"redis", "redis-exporter"}),
        ("name:argocd", {"argo-cd"}),
        ("name:expo", {"redis-exporter"}),
        ("image:redis", {"argo-cd", "redis-exporter"}),
        ("image:library/redis", {"argo-cd"}),
        ("crd:Application", {"argo-cd"}),
        ("crd:applicationset", {"argo-cd"}),
        ("crd:appl", {"argo-cd"}),
        ("crd:set", set()),
        ("kube:1.30", {"argo-cd", "redis"}),
        ("kube:1.20", {"redis", "redis-exporter"}),
        ("app:2.12", {"argo-cd"}),
        ("app:2", {"argo-cd", "redis-exporter"}),
        ("app:2.12.3", {"argo-cd"}),
        ("version:7.1", {"argo-cd"}),
        ("source:stable", {"redis", "redis-exporter"}),
        ("keyword:gitops", {"argo-cd"}),
        ("keyword:load-balancer", {"argo-cd"}),
        ("values:persistence", {"argo-cd"}),
        ("values:storageclass", {"argo-cd"}),
        ("values:sessions", {"argo-cd"}),
        ("maintainer:hopper", {"argo-cd"}),
        ("dep:redis", {"argo-cd"}),
        ("category:delivery", {"argo-cd"}),
        ("license:apache", {"argo-cd"}),
        ("license:mit", {"redis"}),
        ("deprecated:yes", {"redis"}),
        ("-deprecated:yes redis", {"argo-cd", "redis-exporter"}),
        ("redis -exporter", {"redis", "argo-cd"}),
        ("redis source:stable -kube:1.30", {"redis-exporter"}),
        ("image:nowhere", set()),
    ],
)
def test_a_field_query_finds_what_has_that_in_the_field(text, names):
    assert {name.partition("/")[2] for name in SHELF.found(text, exact=True)} == names


def test_what_is_all_of_a_field_is_before_what_is_a_part_of_it():
    shelf = Shelf(
        chart("part", dependencies=("postgresql-ha",), images=("bitnami/redis-exporter",)),
        chart("whole", dependencies=("postgresql",), images=("bitnami/redis",)),
    )
    assert shelf.found("dep:postgresql") == shelf.found("image:redis") == ["a/whole", "a/part"]


def test_what_is_about_a_condition_is_before_what_merely_has_it_among_others():
    shelf = Shelf(
        chart("api", "Notes and their cache", images=("bitnami/redis",)),
        chart("redis", "A cache", images=("bitnami/redis",), deprecated=True),
    )
    assert shelf.found("image:redis") == ["a/redis", "a/api"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('"high availability"', ["argo/argo-cd", "stable/redis"]),
        ('"continuous delivery"', ["argo/argo-cd"]),
        ('"delivery continuous"', []),
        ('"as git says"', ["argo/argo-cd"]),
        ('"high availability" cache', ["stable/redis"]),
    ],
)
def test_a_phrase_is_found_as_it_is_said(text, names):
    assert sorted(SHELF.found(text, exact=True)) == names


def test_a_word_that_only_the_readme_says_does_not_leave_a_chart_out():
    assert SHELF.found("argo -cluster") == ["argo/argo-cd"]


def test_kubernetes_is_a_filter_too():
    assert SHELF.found(kube="1.20") == ["stable/redis-exporter", "stable/redis"]


def test_where_no_chart_with_all_words_holds_the_condition_one_with_some_of_them_does():
    assert SHELF.found("redis lighthouse source:stable", exact=True) == ["stable/redis-exporter", "stable/redis"]
