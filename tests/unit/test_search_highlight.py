"""Where a hit matched, as plain text in parts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.search.highlight import SHOWN, SNIPPET, Highlighter
from indexer.search.query import parse
from indexer.search.rows import Row
from indexer.search.texts import Texts, values_lines


def matches(text, *, name="chart", description="", keywords=(), readme="", values=(), **facts):
    row = Row("a", name, description, tuple(keywords), False, 0.0, **facts)
    texts = Texts(readme, values_lines(values))
    return {match.field: match for match in Highlighter(parse(text)).matches(row, lambda: texts)}


def marked(match):
    return [text for text, is_match in match.parts if is_match]


def test_the_words_are_told_apart_from_the_rest():
    match = matches("redis ", description="A Redis cache, not redisson")["description"]
    assert match.parts == (("A ", False), ("Redis", True), (" cache, not redisson", False))
    assert match.snippet == "A Redis cache, not redisson"


def test_an_unfinished_word_is_marked_with_its_rest():
    assert marked(matches("moni", description="Monitoring for all")["description"]) == ["Monitoring"]


def test_chinese_is_marked_in_the_middle_of_a_run_as_one_piece():
    assert marked(matches("数据库", description="高可用数据库备份")["description"]) == ["数据库"]


def test_accents_do_not_hide_a_match():
    assert marked(matches("cafe", description="Un Café noir")["description"]) == ["Café"]


def test_only_the_keywords_that_match_are_shown():
    assert matches("cache", keywords=("database", "cache"))["keywords"].snippet == "cache"


def test_the_readme_is_shown_where_it_alone_explains_the_hit():
    readme = "Words before. " * 40 + "It needs a Fresnel lens. " + "Words after. " * 40
    found = matches("fresnel", description="A lamp", readme=readme)
    assert found.keys() == {"readme"}
    assert marked(found["readme"]) == ["Fresnel"]
    assert len(found["readme"].snippet) <= SNIPPET + 2
    assert matches("lamp", description="A lamp", readme="lamp").keys() == {"description"}


def test_a_hit_by_name_alone_shows_the_name_and_no_text():
    found = matches("redis", name="redis-cluster", description="A cache", readme="redis")
    assert found.keys() == {"name"}
    assert found["name"].parts == (("redis", True), ("-cluster", False))


@pytest.mark.parametrize(
    ("text", "description", "shown"),
    [
        ("logging ", "Collects logs", ["logs"]),
        ("policy ", "Many policies", ["policies"]),
        ("argocd ", "For Argo CD alone", ["Argo CD"]),
        ("argo cd ", "For ArgoCD alone", ["ArgoCD"]),
        ("fluentbit", "fluent-bit, fluentd", ["fluent-bit"]),
        ("kubePrometheusStack ", "the kube-prometheus-stack", ["kube", "prometheus", "stack"]),
        ("external dns ", "Keeps ExternalDNS", ["ExternalDNS"]),
        ("k8s", "On Kubernetes", ["Kubernetes"]),
        ("lb ", "A load balancer", ["load", "balancer"]),
        ("监控", "Monitoring of all", ["Monitoring"]),
        ("monitoring ", "高可用监控系统", ["监控"]),
        ("redis缓存", "Redis as a cache", ["Redis", "cache"]),
        ("redis 7.2", "With Redis v7.2 inside", ["Redis", "7.2"]),
        ("redis 7.2 ", "Redis 7.2.4 and 7.20", ["Redis", "7.2.4"]),
        ("Ｒｅｄｉｓ", "A Redis", ["Redis"]),
        ('"in memory" ', "An in-memory store", ["memory"]),
    ],
)
def test_a_word_is_marked_however_the_chart_writes_it(text, description, shown):
    assert marked(matches(text, description=description)["description"]) == shown


def test_a_readme_is_shown_from_where_the_word_stands_not_from_a_longer_one():
    readme = "A catalog of things. " * 30 + "It keeps logs. " + "More. " * 200
    assert marked(matches("logging ", readme=readme)["readme"]) == ["logs"]


def test_what_nothing_else_explains_is_looked_for_in_images_kinds_dependencies_and_people():
    facts = {"images": ("docker.io/bitnami/redis", "busybox"), "kinds": ("RedisFailover",), "maintainers": ("Ada",)}
    assert matches("busybox ", **facts)["images"].snippet == "busybox"
    assert matches("failover ", **facts)["crds"].parts == (("Redis", False), ("Failover", True))
    assert matches("ada ", **facts).keys() == {"maintainers"}
    assert matches("redis ", description="redis", **facts).keys() == {"description"}


def test_what_a_condition_asked_for_is_always_shown():
    facts = {"images": ("docker.io/bitnami/redis:7.2", "nginx"), "dependencies": ("redis", "common"), "name": "redis"}
    assert matches("image:redis", **facts)["images"].parts == (
        ("docker.io/bitnami/", False),
        ("redis", True),
        (":7.2", False),
    )
    assert matches("redis dep:common", **facts)["dependencies"].snippet == "common"
    assert matches("-image:redis name:red", **facts).keys() == {"name"}


def test_a_value_is_shown_with_its_comment():
    values = (("persistence.size", "How much is kept"), ("replicas", ""))
    assert matches("values:persistence", values=values)["values"].snippet == "persistence.size: How much is kept"
    assert matches("replica ", values=values)["values"].parts == (("replicas", True),)


def test_of_many_only_some_are_shown():
    images = tuple(f"example.org/redis-{n}" for n in range(40))
    assert matches("image:redis", images=images)["images"].snippet.count("redis") == SHOWN


def test_a_match_longer_than_a_snippet_is_marked_as_far_as_it_is_shown():
    match = matches("数据", description="数据" * 300)["description"]
    assert len(marked(match)[0]) == SNIPPET


def test_without_a_text_nothing_is_marked():
    assert matches("", description="A cache") == {}


def test_markup_in_a_text_stays_text():
    assert (
        matches("alert", description="<script>alert(1)</script>")["description"].snippet == "<script>alert(1)</script>"
    )


@settings(max_examples=100)
@given(st.text(max_size=600), st.text(alphabet="ab é监控İﬁ%*(\\", max_size=20))
def test_a_snippet_is_a_piece_of_its_text(description, text):
    match = matches(text, description=description).get("description")
    if match:
        assert match.snippet.strip("…") in description
        assert marked(match)
