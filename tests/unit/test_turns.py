"""How often somebody may do what costs other servers something."""

import pytest

from catalog_web.turns import A_MINUTE, AT_ONCE, TooManyAtOnce, TooOften, Turns


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_ten_a_minute_for_each_person_and_more_as_time_goes_by() -> None:
    clock = Clock()
    turns = Turns(clock)
    for _ in range(A_MINUTE):
        with turns.taken("ann"):
            clock.now += 1
    with pytest.raises(TooOften) as refused, turns.taken("ann"):
        pass
    assert refused.value.params["retry_after"] == 51
    with turns.taken("bob"):
        pass
    clock.now += 51
    with turns.taken("ann"):
        pass


def test_only_a_few_persons_at_once() -> None:
    turns = Turns()
    places = [turns.taken(f"person {one}") for one in range(AT_ONCE)]
    for one in places:
        one.__enter__()
    with pytest.raises(TooManyAtOnce) as refused, turns.taken("ann"):
        pass
    assert refused.value.status == 429
    for one in places:
        one.__exit__(None, None, None)
    with turns.taken("ann"):
        pass


def test_a_place_is_given_back_when_what_was_done_fails() -> None:
    turns = Turns()
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ZeroDivisionError), turns.taken("ann"):
            raise ZeroDivisionError
