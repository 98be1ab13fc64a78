"""The targets of made-up input hold for their first inputs, and a target that does not hold is told."""

import pytest

from tests.fuzz.mutation import damaged_text
from tests.fuzz.targets import NotHeldError, Target, made, run, targets

FEW = 60
SLOW = {"schema-check": 2}
"""Targets that start a process for each input."""


@pytest.mark.parametrize("name", targets())
def test_what_a_target_promises_holds(name: str) -> None:
    most = SLOW.get(name, FEW)
    assert run(targets()[name], 600.0, 0, most).inputs == most


def test_what_does_not_hold_is_told_with_the_smallest_input() -> None:
    def check(text: str) -> None:
        assert len(text) < 20

    failing = Target("demo", damaged_text("a" * 18), check, 2.0, 64)
    with pytest.raises(NotHeldError, match="demo, input") as told:
        run(failing, 600.0, 0)
    value = made(failing, told.value.number, told.value.edits)
    assert len(value) >= 20
    assert len(made(failing, told.value.number, told.value.edits - 1)) < 20


def test_the_same_number_makes_the_same_input() -> None:
    for one in targets().values():
        assert repr(made(one, 7, 4)) == repr(made(one, 7, 4))
