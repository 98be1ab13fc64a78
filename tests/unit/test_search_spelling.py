"""A misspelt word finds the one that was meant, among the words that a catalog has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.search.spelling import MOST, Speller

CATALOG = Speller(
    {
        "prometheus": 300,
        "promethues": 1,
        "grafana": 200,
        "kubernetes": 400,
        "redis": 100,
        "monitoring": 150,
        "monitor": 20,
        "nginx": 80,
        "vault": 30,
        "cert": 60,
        "manager": 90,
        "cargo": 300,
        "argo": 10,
        "kong": 1,
        "long": 40,
        "elasticsearch": 50,
        "aws": 40,
        "监控": 9,
        "1.25": 9,
    }
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("promethues", "prometheus"),
        ("promethus", "prometheus"),
        ("grafna", "grafana"),
        ("kuberntes", "kubernetes"),
        ("ngnix", "nginx"),
        ("vualt", "vault"),
        ("redsi", "redis"),
        ("elasticserch", "elasticsearch"),
        ("monitorng", "monitoring"),
        ("certmanager", "cert manager"),
    ],
)
def test_a_word_with_a_typo_is_corrected_to_the_frequent_word_nearby(typed, meant):
    assert CATALOG.correct(typed)[0] == meant


@pytest.mark.parametrize(
    "typed", ["prometheus", "argo", "kong", "aws", "awz", "监视", "1.26", "", "x", "q" * 300, "zebra"]
)
def test_what_the_catalog_has_and_what_is_near_nothing_is_left_alone(typed):
    assert CATALOG.correct(typed) == ()


def test_a_rare_first_letter_loses_to_a_kept_one():
    speller = Speller({"gateway": 10, "pateway": 30})
    assert speller.correct("gatewey") == ("gateway", "pateway")


def test_another_ending_of_the_same_word_is_no_correction():
    assert Speller({"database": 50}).correct("databases") == ()


@given(
    st.dictionaries(st.text(alphabet="abcdk8é数", min_size=1, max_size=9), st.integers(1, 99), max_size=40), st.text()
)
def test_a_correction_is_never_the_word_itself_and_made_of_words_that_are_there(words, typed):
    for word in (typed, *words):
        corrections = Speller(words).correct(word)
        assert word not in corrections
        assert len(corrections) <= MOST
        assert all(part in words for one in corrections for part in one.split(" "))
