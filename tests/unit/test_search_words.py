"""Text becomes the same words in charts and in queries."""

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.search.fields import FIELDS, NAMES, understood
from indexer.search.glossary import CHINESE, GENERIC, SYNONYMS, known, segments
from indexer.search.words import (
    MAX_WORD,
    all_terms,
    camel_words,
    english,
    is_cjk,
    label,
    phrase_text,
    places,
    stem,
    terms,
    tokens,
    version_terms,
)


@pytest.mark.parametrize(
    "same",
    [("logging", "logs", "log"), ("backup", "backups"), ("policy", "policies"), ("cache", "caching", "caches")],
)
def test_endings_do_not_matter(same):
    assert len(set(map(stem, same))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("operator", "operation"), ("exporter", "exports"), ("container", "contains"), ("nats", "nat"), ("aws", "aw")],
)
def test_words_of_the_field_are_not_cut_into_others(one, other):
    assert stem(one) != stem(other)
    assert stem("operators") == stem("operator")


@pytest.mark.parametrize("word", ["k8s", "s3", "dns", "1.25.3", "监控", "日志", "ös", "x" * 500])
def test_short_words_numbers_and_other_alphabets_are_left_whole(word):
    assert stem(word) == word[:MAX_WORD]


def test_versions_stay_whole_and_are_found_by_what_they_begin_with():
    assert tokens("nginx v1.25.3-debian-12, python3.11") == ["nginx", "1.25.3", "debian", "12", "python3", "11"]
    assert version_terms("v7.2.4") == ["7.2.4", "7.2", "7"]
    assert version_terms("RELEASE") == []
    assert {"7.2.4", "7.2", "7"} <= set(all_terms("Redis 7.2.4"))


def test_camel_case_is_found_whole_and_by_its_parts():
    assert camel_words("kubePrometheusStack and HTTPRoute") == {
        "kubeprometheusstack": ["kube", "prometheus", "stack"],
        "httproute": ["http", "route"],
    }
    assert {"externaldns", "external", "dns"} <= set(all_terms("ExternalDNS"))
    assert camel_words("APIs eBPF redis K8s") == {}


def test_a_word_of_a_hundred_thousand_letters_is_taken_apart_like_any_other():
    long = "a" * 100_000
    assert camel_words(long) == {}
    assert camel_words(f"{long}Bcd") == {f"{long}bcd": [long, "bcd"]}


def test_a_chinese_text_is_found_by_its_english_words_too():
    assert {"监控", "控"} <= set(all_terms("监控告警系统"))
    assert {"monitoring", "alert"} <= set(english("Redis 监控告警系统"))
    assert english("消息队列")[:2] == ["message", "queue"]
    assert english("message queue") == []


def test_a_chinese_run_is_cut_into_known_words_and_what_is_between():
    assert segments("我的数据库备份") == ["我的", "数据库", "备份"]
    assert segments("日志收集工具") == ["日志", "收集", "工具"]
    assert segments("张三") == ["张三"]
    assert list(known("数据库")) == ["数据库", "数据"]


def test_the_glossary_is_of_the_size_and_shape_that_is_meant():
    assert 200 <= len(CHINESE) <= 350
    assert all(is_cjk(word) and len(word) <= 6 for word in CHINESE)
    assert all(
        tokens(meaning) == meaning.split() for means in (*CHINESE.values(), *SYNONYMS.values()) for meaning in means
    )
    assert all(CHINESE[word] for word in CHINESE.keys() - GENERIC.keys())
    assert all(word not in means for word, means in SYNONYMS.items())


@given(st.text(alphabet="监控数据库备份的我abc", max_size=20))
def test_nothing_of_a_run_is_lost_when_it_is_cut(run):
    assert "".join(segments(run)) == run


@given(st.text(max_size=200))
def test_a_token_is_found_where_it_stands(text):
    spans = list(places(text))
    assert all(0 <= start < stop <= len(text) for start, stop in spans)
    assert spans == sorted(spans)


@given(st.text(max_size=200))
def test_every_text_has_bounded_terms_without_blanks(text):
    found = [term for token in tokens(text) for term in terms(token)]
    assert all(term and len(term) <= MAX_WORD and not term.isspace() for term in found)
    assert phrase_text(text).startswith(" ")


def test_every_field_has_a_help_whose_example_is_understood():
    assert all(understood(one.field, one.example) for one in FIELDS)
    assert all(one.text.endswith(".") for one in FIELDS)
    assert len(NAMES) == sum(1 + len(one.aliases) for one in FIELDS), "no name stands for two fields"


def test_many_requests_at_once_do_not_spoil_each_others_stems() -> None:
    words = ["".join(letters) + "ations" for letters in permutations("monitr", 4)]
    with ThreadPoolExecutor(8) as pool:
        at_once = list(pool.map(stem, words * 4))
    stem.cache_clear()
    assert at_once == [stem(word) for word in words * 4]


@given(st.lists(st.sampled_from("ÀİΐᾬﺀK①ￜྜྷ가각각\u0307\u0315\u0345\u20ef\u3099 \u00ada𝔸"), max_size=6).map("".join))
@example("İ\U00010f47")
def test_a_label_is_its_own_label(text: str) -> None:
    assert label(label(text)) == label(text)
