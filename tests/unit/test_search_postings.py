"""Terms and their charts as arrays, compared with dictionaries."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.search.postings import Gatherer, Part, Postings, Table

TERMS = st.text(alphabet="ab\x1f监\ud800", max_size=4)
SHELVES = st.lists(st.dictionaries(TERMS, st.integers(1, 20).map(float), max_size=6), max_size=8)


def gathered(charts):
    gatherer = Gatherer()
    for number, terms in enumerate(charts):
        gatherer.add(number, terms)
    return gatherer.gathered()


def told(found):
    numbers, weights = found
    return dict(zip(numbers.tolist(), weights.tolist(), strict=True))


@given(SHELVES, st.data())
def test_a_term_has_the_charts_that_were_added_with_it(charts, data):
    expected = defaultdict(dict)
    for number, terms in enumerate(charts):
        for term, weight in terms.items():
            expected[term][number] = weight
    postings = Postings.from_bytes(gathered(charts).to_bytes())
    table = Table([Part(0, postings, None)])
    for term in (*expected, data.draw(TERMS)):
        assert told(table.exactly(term)) == expected.get(term, {})
        begun = {number for word, numbers in expected.items() if word.startswith(term) for number in numbers}
        assert set(table.beginning(term)[0].tolist()) == begun
        assert table.counts(term) == {word: len(its) for word, its in expected.items() if word.startswith(term)}


@given(SHELVES, SHELVES, st.data())
def test_segments_beside_each_other_and_merged_say_the_same(first, second, data):
    removed = data.draw(st.sets(st.integers(0, len(first) - 1))) if first else set()
    stays = np.array([number not in removed for number in range(len(first))], bool)
    beside = Table([Part(0, gathered(first), stays), Part(len(first), gathered(second), None)])
    merged = Gatherer()
    for number, terms in enumerate(second):
        merged.add(number, terms)
    renumbered = np.full(len(first), -1, np.int32)
    renumbered[stays] = np.arange(len(second), len(second) + np.count_nonzero(stays))
    merged.add_all(gathered(first), renumbered)
    whole = Table([Part(0, merged.gathered(), None)])
    numbers = {len(first) + at: at for at in range(len(second))} | dict(enumerate(renumbered.tolist()))
    for term in {term for chart in (*first, *second) for term in chart}:
        assert {numbers[number]: weight for number, weight in told(beside.exactly(term)).items()} == told(
            whole.exactly(term)
        )
        assert beside.counts(term) == whole.counts(term)


@given(SHELVES, st.data())
def test_damaged_postings_are_told_as_such(charts, data):
    whole = gathered(charts).to_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    for wrong in (damaged, cut):
        with pytest.raises(ValueError, match="damaged"):
            Postings.from_bytes(wrong)
