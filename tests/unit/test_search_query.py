"""What a person typed becomes words and conditions, whatever it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import BadQuery
from indexer.search.query import (
    MAX_CONDITIONS,
    MAX_LENGTH,
    MAX_TERMS,
    NOTE_LONG,
    NOTE_NO_WORD,
    Condition,
    parse,
)
from indexer.search.request import Note
from indexer.search.syntax import NOTE_EMPTY, NOTE_FIELD, NOTE_PLAIN, NOTE_QUOTE, NOTE_VALUE
from indexer.search.words import phrase_text


def sentences(query):
    return [note.text for note in query.notes]


def pairs(chinese):
    return [chinese[at : at + 2] for at in range(len(chinese) - 1)]


def texts(words):
    return tuple(word.text for word in words)


def test_H1_a_text_beyond_256_characters_is_refused_before_it_is_read():
    with pytest.raises(BadQuery) as refused:
        parse("x" * 1_000_000)
    assert "1000000" in refused.value.cause
    assert refused.value.remedy
    assert parse("x" * MAX_LENGTH).words


@pytest.mark.parametrize("text", ["NOT " * 63, "(" * 250, "OR " * 80, "((redis OR", 'NOT "', "AND AND", "-" * 256])
def test_H2_operators_and_parentheses_are_plain_words(text):
    query = parse(text)
    assert len(query.words) + len(query.extras) <= MAX_TERMS
    assert query.notes


@pytest.mark.parametrize("text", ["dep:a " * 40, "-b " * 80, '"c d" ' * 40, "a b -c image:d " * 15])
def test_H2_conditions_phrases_and_excluded_words_are_bounded_as_well(text):
    query = parse(text)
    assert max(len(query.conditions), len(query.excluded), len(query.phrases)) <= MAX_CONDITIONS
    assert NOTE_LONG in sentences(query)


def test_H2_at_most_a_bounded_number_of_words_is_looked_up_and_the_reader_is_told():
    query = parse(" ".join(f"w{n}" for n in range(60)))
    assert len(query.words) == MAX_TERMS
    assert query.notes[0].text == NOTE_LONG


@pytest.mark.parametrize(
    ("text", "words", "named"),
    [
        ("*a*", ("a",), "*a*"),
        ("redis~9", ("redis", "9"), "redis~9"),
        ("[x TO z]", ("x", "z"), "[x, z]"),
        ("red?s", ("red", "s"), "red?s"),
        ("redis AND mysql", ("redis", "mysql"), "AND"),
        ("redis || mysql", ("redis", "mysql"), "||"),
        ("redis - mysql", ("redis", "mysql"), "-"),
    ],
)
def test_H3_wildcards_fuzziness_ranges_and_operators_have_no_meaning_and_are_named(text, words, named):
    query = parse(text)
    assert texts(query.words) == words
    assert query.notes == (Note(NOTE_PLAIN, named),)


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


def test_an_unknown_chinese_run_is_looked_up_by_neighbouring_characters():
    assert texts(parse("张三丰").words) == ("张三", "三丰")


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("监控", ["monitor"]),
        ("日志收集", ["log", "collect"]),
        ("数据库备份", ["databas", "backup"]),
        ("数据库和缓存", ["databas", "cach"]),
        ("高可用消息队列", ["high avail", "messag queue"]),
        ("日志收集工具", ["log", "collect"]),
    ],
)
def test_a_known_chinese_word_is_also_looked_up_in_english(text, english):
    words = parse(text).words
    assert [next(form for form in word.forms if form.isascii()) for word in words] == english
    assert all(word.forms[0].split() == pairs(word.text) for word in words)


def test_chinese_and_latin_may_stand_together_without_a_blank():
    assert texts(parse("redis缓存").words) == ("redis", "缓存")


def test_little_words_and_words_true_of_every_chart_do_not_restrict():
    assert texts(parse("a helm chart for redis").words) == ("redis",)
    assert texts(parse("redis chart").extras) == ("chart",)
    assert texts(parse("I need a tool to watch my cluster").words) == ("watch", "cluster")


@pytest.mark.parametrize("text", ["helm", "the", "kubernetes chart"])
def test_but_they_are_searched_when_there_is_nothing_else(text):
    assert texts(parse(text).words) == tuple(text.split())


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("kube prom", "prom"),
        ("prom ", ""),
        ("redis chart", ""),
        ("监控", ""),
        ("name:prom", ""),
        ("redis -prom", ""),
        ('"prom"', ""),
        ("name:redis prom", "prom"),
        ("externalDN", "externaldn"),
    ],
)
def test_only_the_last_word_may_be_unfinished_until_a_blank_follows(text, prefix):
    assert parse(text).prefix == prefix


def test_an_ordinary_text_needs_no_note():
    assert parse("argo-cd gitops").notes == ()
    assert parse("how to watch redis? helm repo add x https://charts.example.org/x").notes == ()
    assert parse("").notes == ()


def forms(text):
    return {word.text: word.forms for word in parse(text).words}


def test_neighbours_are_also_looked_up_as_one_word():
    assert forms("argo cd ") == forms("argo-cd ") == {"argo": ("argo", "argocd"), "cd": ("cd", "argocd")}
    assert forms("backup for redis")["redis"] == ("redi",)


def test_a_word_is_looked_up_by_its_stem_and_names_by_the_word_itself():
    assert forms("logging") == {"logging": ("log",)}
    assert parse("logging").words[0].exact == "logging"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("k8s", "kubernet"),
        ("db", "databas"),
        ("postgres", "postgresql"),
        ("es", "elasticsearch"),
        ("lb", "load balanc"),
        ("kubePrometheusStack", "kube prometheus stack"),
        ("ExternalDNS", "extern dns"),
        ("redis v7", "7"),
    ],
)
def test_other_ways_to_write_a_word_will_do_as_well(text, form):
    assert any(form in others for others in forms(text).values())


def test_a_version_is_one_word():
    assert texts(parse("nginx v1.25.3").words) == ("nginx", "1.25.3")


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("image:redis", "image", "redis"),
        ("images:Redis", "image", "redis"),
        ("镜像：redis", "image", "redis"),
        ("image: redis", "image", "redis"),
        ("crd:Prometheus", "crd", "prometheus"),
        ("kube:v1.30", "kube", "1.30"),
        ("k8s:1.30.2", "kube", "1.30.2"),
        ("app:v2.12", "app", "2.12"),
        ("repo:argo", "source", "argo"),
        ("keyword:database", "keyword", "database"),
        ("values:persistence.size", "values", "persistence.size"),
        ('maintainer:"The  Argo Project"', "maintainer", "the argo project"),
        ("maintainer:“two words”", "maintainer", "two words"),
        ("dependency:postgresql", "dep", "postgresql"),
        ("licence:MIT", "license", "mit"),
        ("deprecated:yes", "deprecated", "true"),
        ("弃用：否", "deprecated", "false"),
        ("Name:redis", "name", "redis"),
    ],
)
def test_a_field_query_is_a_condition(text, field, value):
    query = parse(text)
    assert query.conditions == (Condition(field, value, False),)
    assert (query.words, query.notes, query.everything) == ((), (), True)
    assert parse(f"-{text}").conditions == (Condition(field, value, True),)


def test_conditions_stand_beside_words_and_leave_the_name_alone():
    query = parse("argo cd source:argo -deprecated:yes")
    assert texts(query.words) == ("argo", "cd")
    assert (query.name, query.squashed, query.everything) == ("argo cd", "argocd", False)
    assert [(one.field, one.negated) for one in query.conditions] == [("source", False), ("deprecated", True)]


def test_words_can_be_excluded_in_every_spelling():
    query = parse('redis -argo-cd -"load balancer" -监控')
    assert [word.forms for word in query.excluded] == [
        ("argocd", "argo cd"),
        ("loadbalanc", "load balanc"),
        ("监控", "monitor"),
    ]
    assert texts(query.words) == ("redis",)
    assert parse("-redis").everything


def test_a_phrase_keeps_its_words_in_order():
    query = parse('"High Availability" redis "数据库"')
    assert query.phrases == (("high", "availability"), ("数", "据", "库"))
    assert texts(query.words) == ("high", "availability", "redis", "数据库")
    assert " high availability " in phrase_text("for high-availability, now")


@pytest.mark.parametrize(
    ("text", "words", "note"),
    [
        ("lang:go", ("lang", "go"), Note(NOTE_FIELD, "lang:")),
        ("-lang:go", ("lang", "go"), Note(NOTE_FIELD, "lang:")),
        ("redis:7.2", ("redis", "7.2"), Note(NOTE_FIELD, "redis:")),
        ("image:", ("image",), Note(NOTE_EMPTY, "image:")),
        ("image: name:*", ("image", "name"), Note(NOTE_EMPTY, "image:, name:")),
        ("deprecated:maybe", ("deprecated", "maybe"), Note(NOTE_VALUE, "deprecated:maybe")),
        ("kube:latest", ("kube", "latest"), Note(NOTE_VALUE, "kube:latest")),
        ('redis "sentinel', ("redis", "sentinel"), Note(NOTE_QUOTE)),
    ],
)
def test_what_cannot_be_understood_is_searched_as_plain_words_and_named(text, words, note):
    query = parse(text)
    assert texts(query.words) == words
    assert query.conditions == ()
    assert query.notes == (note,)


def test_a_note_is_a_whole_sentence():
    sentence = parse("lang:go").notes[0].sentence
    assert "“lang:”" in sentence
    assert sentence.endswith(".")


FOREIGN = st.text(
    alphabet=st.one_of(st.sampled_from('-:"“：()*?~ \tnameimgdk8s.v1监控数据 '), st.characters()), max_size=256
)


@settings(max_examples=500)
@given(FOREIGN)
def test_H2_any_text_is_understood_the_same_with_blanks_around_it(text):
    if "\0" in text or len(text) > MAX_LENGTH - 2:
        return
    once, again = parse(text + " "), parse(f" {text} ")
    assert once == again
    assert all(word.forms and all(form.strip() for form in word.forms) for word in (*once.words, *once.extras))
    assert all(condition.value for condition in once.conditions)
    assert once.prefix == ""
    hash(once)
