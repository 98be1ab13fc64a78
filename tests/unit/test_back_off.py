"""When captain tries again: read from the events that it writes at each failure."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog_web.install.back_off import LONGEST, next_try
from catalog_web.install.status import seen

BORN = datetime(2026, 11, 23, 6, 0, 0, tzinfo=UTC)
HELMREQUEST = seen({"metadata": {"uid": "u1", "creationTimestamp": "2026-11-23T06:00:00Z"}, "spec": {}})


def failure(first: float, last: float, uid: str = "u1", reason: str = "FailedSync") -> dict[str, Any]:
    times = [(BORN + timedelta(seconds=one)).isoformat() for one in (first, last)]
    return {
        "reason": reason,
        "firstTimestamp": times[0],
        "lastTimestamp": times[1],
        "involvedObject": {"uid": uid},
    }


@pytest.mark.parametrize(("last", "following"), [(10.75, 20.75), (20.75, 41.75), (41.75, 82.75), (82.75, 164.75)])
def test_a_pause_is_about_as_long_as_all_tries_before_it(last: float, following: float) -> None:
    """The recorded pauses: 0.1 s five times, then 0.2, 0.35, 0.7, 1.3, 2.6, 5.1, 10, 21, 41, 82 s."""
    told = next_try(HELMREQUEST, [failure(0, last)])
    assert told is not None
    assert abs((told - BORN).total_seconds() - following) < 2


def test_no_pause_is_longer_than_the_longest() -> None:
    told = next_try(HELMREQUEST, [failure(0, 5_000)])
    assert told == BORN + timedelta(seconds=5_000) + LONGEST


def test_pauses_begin_anew_after_a_change() -> None:
    changed = BORN + timedelta(seconds=300)
    assert next_try(HELMREQUEST, [failure(0, 310)], changed) == BORN + timedelta(seconds=320)


def test_nothing_is_told_of_pauses_that_are_over_at_once_or_of_others() -> None:
    assert next_try(HELMREQUEST, [failure(0, 2)]) is None
    assert next_try(HELMREQUEST, [failure(0, 60, uid="other")]) is None
    assert next_try(HELMREQUEST, [failure(0, 60, reason="FailedDelete")]) is None
    assert next_try(HELMREQUEST, []) is None
    assert next_try(HELMREQUEST, [{"reason": "FailedSync", "lastTimestamp": 7, "involvedObject": []}, None]) is None
