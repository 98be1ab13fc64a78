"""The load's own figures."""

from collections import Counter
from itertools import islice

import pytest

from tests.load.memory import Held
from tests.load.traffic import MIX, kinds


def test_the_mix_is_the_same_every_time_and_has_its_shares() -> None:
    round_ = sum(times for _, times in MIX)
    once, again = list(islice(kinds(), 3 * round_)), list(islice(kinds(), 3 * round_))
    assert once == again
    assert Counter(once) == {kind: 3 * times for kind, times in MIX}


def test_growth_is_that_of_the_second_half_alone() -> None:
    assert Held.of([100, 200, 300, 400, 500, 500, 500, 500]) == Held(100, 500, 500, 0.0)
    assert Held.of([100, 100, 100, 110]).growth == pytest.approx(0.1)
