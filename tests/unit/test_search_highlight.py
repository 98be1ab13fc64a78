"""Where a hit matched, as plain text in parts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.search.highlight import SNIPPET, Highlighter
from indexer.search.phrases import Texts
from indexer.search.query import parse
from indexer.search.rows import Row


def matches(text, *, name="chart", description="", keywords=(), readme=""):
    row = Row("a", name, description, tuple(keywords), False, 0.0)
    return {match.field: match for match in Highlighter(parse(text)).matches(row, lambda: Texts(readme))}


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


def test_a_hit_by_name_alone_needs_no_snippet():
    assert matches("redis", name="redis", description="A cache", readme="redis") == {}


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
