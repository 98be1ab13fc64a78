"""A minute at a time, for each who asks."""

import pytest

from catalog_web.throttle import MOST_COUNTED, WINDOW, AskedTooOften, Throttle


class Clock:
    def __init__(self) -> None:
        self.now = 10.0 * WINDOW

    def __call__(self) -> float:
        return self.now


def is_refused(throttle: Throttle, who: str, limit: int, kind: str = "search") -> bool:
    try:
        throttle.check(kind, who, limit)
    except AskedTooOften:
        return True
    return False


def test_as_many_as_the_limit_then_none_until_the_minute_is_over() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    assert [is_refused(throttle, "ann", 3) for _ in range(5)] == [False, False, False, True, True]
    clock.now += 20
    with pytest.raises(AskedTooOften) as refused:
        throttle.check("search", "ann", 3)
    assert refused.value.params["retry_after"] == 41
    clock.now += 40
    assert not is_refused(throttle, "ann", 3)


def test_people_and_kinds_are_counted_apart() -> None:
    throttle = Throttle(Clock())
    assert not is_refused(throttle, "ann", 1)
    assert is_refused(throttle, "ann", 1)
    assert not is_refused(throttle, "bob", 1)
    assert not is_refused(throttle, "ann", 1, kind="compare")


def test_made_up_names_fill_no_memory_and_take_nothing_from_who_is_counted_already() -> None:
    throttle = Throttle(Clock())
    throttle.check("search", "ann", 3)
    refused = [is_refused(throttle, f"address {number}", 3) for number in range(MOST_COUNTED + 1000)]
    assert refused.count(True) > 900
    assert len(throttle._counts) <= MOST_COUNTED + 1
    assert not is_refused(throttle, "ann", 3)
