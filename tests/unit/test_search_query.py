"""What a person typed becomes plain words, whatever it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import BadQuery
from indexer.search.query import MAX_LENGTH, MAX_TERMS, NOTE_LONG, NOTE_NO_WORD, NOTE_PLAIN, parse
from indexer.search.request import Note


def texts(words):
    return tuple(word.text for word in words)


def test_H1_a_text_beyond_256_characters_is_refused_before_it_is_read():
    with pytest.raises(BadQuery) as refused:
        parse("x" * 1_000_000)
    assert "1000000" in refused.value.cause
    assert refused.value.remedy
    assert parse("x" * MAX_LENGTH).words


@pytest.mark.parametrize("text", ["NOT " * 63, "(" * 250, "OR " * 80, "((redis OR", 'NOT "', "AND AND"])
def test_H2_operators_and_parentheses_are_plain_words(text):
    query = parse(text)
    assert len(query.words) + len(query.extras) <= MAX_TERMS
    assert query.notes


def test_H2_at_most_a_bounded_number_of_words_is_looked_up_and_the_reader_is_told():
    query = parse(" ".join(f"w{n}" for n in range(60)))
    assert len(query.words) == MAX_TERMS
    assert query.notes[0].text == NOTE_LONG


@pytest.mark.parametrize(
    ("text", "words"),
    [("*a*", ("a",)), ("redis~9", ("redis", "9")), ("[x TO z]", ("x", "z")), ("name:redis", ("name", "redis"))],
)
def test_H3_wildcards_fuzziness_and_ranges_have_no_meaning(text, words):
    query = parse(text)
    assert texts(query.words) == words
    assert query.notes[0].text == NOTE_PLAIN


@pytest.mark.parametrize("text", ["%", "_", "'", '"', "''--", "\\", "-- ;"])
def test_H4_quotes_and_like_signs_are_literal_and_hold_no_word(text):
    query = parse(text)
    assert (query.words, query.notes) == ((), (Note(NOTE_NO_WORD),))


def test_H4_NUL_is_refused_with_a_reason():
    with pytest.raises(BadQuery) as refused:
        parse("red\0is")
    assert "NUL" in refused.value.cause


def test_H4_an_emoji_is_a_word():
    assert texts(parse("🚀").words) == ("🚀",)


@settings(max_examples=300)
@given(st.text(max_size=300))
def test_no_text_raises_anything_but_a_bad_query(text):
    try:
        query = parse(text)
    except BadQuery:
        assert len(text) > MAX_LENGTH or "\0" in text
    else:
        assert len(query.words) + len(query.extras) <= MAX_TERMS


@pytest.mark.parametrize("text", ["argo-cd", "Argo_CD", "argo.cd", "ARGO  CD", "ａｒｇｏ－ｃｄ"])
def test_one_name_is_the_same_words_however_it_is_written(text):
    query = parse(text)
    assert texts(query.words) == ("argo", "cd")
    assert query.squashed == "argocd"


def test_accents_and_case_do_not_matter():
    assert texts(parse("Café").words) == texts(parse("CAFE").words) == ("cafe",)


def test_a_repository_before_a_slash_is_told_apart_from_the_chart():
    query = parse("bitnami/redis")
    assert (query.source, query.name, texts(query.words)) == ("bitnami", "redis", ("bitnami", "redis"))


def test_a_chinese_run_is_looked_up_by_neighbouring_characters():
    assert texts(parse("数据库备份").words) == ("数据", "据库", "库备", "备份")


def test_chinese_and_latin_may_stand_together_without_a_blank():
    assert texts(parse("redis缓存").words) == ("redis", "缓存")


def test_little_words_and_words_true_of_every_chart_do_not_restrict():
    assert texts(parse("a helm chart for redis").words) == ("redis",)
    assert texts(parse("redis chart").extras) == ("chart",)


@pytest.mark.parametrize("text", ["helm", "the", "kubernetes chart"])
def test_but_they_are_searched_when_there_is_nothing_else(text):
    assert texts(parse(text).words) == tuple(text.split())


@pytest.mark.parametrize(("text", "prefix"), [("kube prom", "prom"), ("prom ", ""), ("redis chart", ""), ("监控", "")])
def test_only_the_last_word_may_be_unfinished_until_a_blank_follows(text, prefix):
    assert parse(text).prefix == prefix


def test_an_ordinary_text_needs_no_note():
    assert parse("argo-cd gitops").notes == ()
    assert parse("").notes == ()
