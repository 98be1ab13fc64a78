"""What a chart can be found by, and by which place best."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.search.document import Document, keyword_labels, marked, weights
from indexer.search.prose import README_PAIRS, README_READ, README_WORDS, plain, readme_weights
from indexer.search.words import stem

CHART = Document(
    source="sample",
    name="lighthouse",
    version="1.0.0",
    description="Keeps ships off the rocks",
    keywords=("navigation", "Safety"),
    maintainers=("Grace Hopper",),
    readme="",
    deprecated=False,
    updated=None,
)


def found_by(chart):
    return weights(chart, plain(chart.readme))


def test_every_field_of_a_chart_can_find_it():
    chart = replace(CHART, readme="It has a Fresnel lens.")
    for word in ("lighthouse", "rocks", "navigation", "safety", "fresnel", "sample"):
        assert stem(word) in found_by(chart)


def test_what_only_field_queries_look_for_is_marked_with_its_field():
    chart = replace(
        CHART,
        app_version="v2.12.3",
        dependencies=("postgresql-ha",),
        images=("docker.io/bitnami/redis-exporter",),
        kinds=("ServiceMonitor",),
        values=(("persistence.enabled", "Keeps data"),),
    )
    found = found_by(chart)
    for mark, words in {
        "name": ("lighthouse",),
        "keyword": ("navigation", "safety"),
        "maintainer": ("grace", "hopper"),
        "app": ("2.12.3",),
        "version": ("1.0.0",),
        "dep": ("postgresql", "ha", "postgresqlha"),
        "image": ("bitnami", "redis", "exporter", "redisexporter"),
        "crd": ("servicemonitor",),
        "values": (stem("persistence"), stem("data")),
    }.items():
        assert {marked(mark, word) for word in words} <= found.keys()


def test_a_name_is_found_by_its_parts_and_joined():
    assert {"argo", "cd", "argocd"} <= found_by(replace(CHART, name="argo-cd")).keys()
    assert "fluentbit" in found_by(replace(CHART, name="fluent-bit-collector"))


def test_the_places_stand_in_order_whatever_the_others_say():
    word = "beacon"
    name = found_by(replace(CHART, name="a-very-long-name-with-a-beacon"))[word]
    everything_else = replace(
        CHART, source=word, description=word, keywords=(word,), maintainers=(word,), readme=f"{word} " * 500
    )
    keyword = found_by(everything_else)[word]
    description = found_by(replace(everything_else, keywords=()))[word]
    readme = found_by(replace(everything_else, keywords=(), description="", maintainers=()))[word]
    assert name > keyword > description > readme
    assert found_by(replace(CHART, name=word))[word] > name


def test_the_more_a_readme_says_a_word_the_more_it_counts_to_a_bound():
    once, often = readme_weights("fresnel lens"), readme_weights("fresnel " * 9_000)
    assert once["fresnel"] < often["fresnel"] <= 4


def test_a_readme_is_cut_to_its_most_telling_words():
    options = " ".join(f"option{n}" for n in range(5_000))
    found = readme_weights(f"A lantern for harbours. {options} lantern")
    assert len(found) == README_WORDS
    assert "lantern" in found


def test_words_of_every_readme_are_not_kept():
    assert readme_weights("helm install my release of this chart on a kubernetes cluster with default values") == {}


def test_a_chinese_readme_is_kept_by_pairs_and_bounded():
    assert "监控" in readme_weights("用于集群监控和告警")
    distinct = "".join(chr(0x4E00 + n) for n in range(5_000))
    assert sum(not term.isascii() for term in readme_weights(distinct)) == README_PAIRS


def test_any_two_neighbours_in_chinese_text_are_indexed():
    text = "在集群中部署日志收集系统"
    found = found_by(replace(CHART, description=text))
    assert all(text[at : at + 2] in found for at in range(len(text) - 1))


def test_markdown_becomes_prose():
    readme = "# Title\n\nSee [the docs](https://example.org/) <b>now</b>.\n\n```\ncode\n```\n| a | b |\n|---|---|\n"
    assert plain(readme) == "Title See the docs now . a b"


@settings(max_examples=60)
@given(st.text(alphabet="[](){}<>`#*|!-_ =:/\\ab\n监", max_size=2_000))
def test_any_markdown_becomes_prose_of_one_line(readme):
    prose = plain(readme)
    assert "\n" not in prose
    assert len(prose) <= len(readme)


@pytest.mark.parametrize("piece", ["[", "![", "](", "<", "```\n", "http://x", "-", "监"])
def test_a_long_readme_of_one_piece_is_read_to_its_bound(piece):
    assert len(plain(piece * 500_000)) <= README_READ


def test_keywords_are_one_facet_however_they_are_written():
    assert keyword_labels(("Database", "database ", "ＤＡＴＡＢＡＳＥ", "数据库", " ")) == ("database", "数据库")
    assert keyword_labels((f"{'a' * 63} b",)) == ("a" * 63,)  # what is cut off leaves no blank


def test_the_upper_keys_of_many_values_are_kept_wherever_they_stand():
    deep = tuple((f"part{number}.of{number}.it{number}", "is told of") for number in range(200))
    found = found_by(replace(CHART, values=(*deep, ("resources", ""))))
    assert marked("values", stem("resources")) in found
