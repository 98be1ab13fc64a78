"""Manners towards one server."""

import threading

import pytest

from indexer.errors import RateLimited, TimedOut
from indexer.http.gate import AT_ONCE, Gate, Gates

URL = "https://charts.example.org/index.yaml?token=hunter2"


def test_a_server_that_wants_to_be_left_alone_is_left_alone() -> None:
    gate = Gate()
    gate.close_for(120, 429)
    with pytest.raises(RateLimited, match="429") as refused, gate.passing(URL, 60):
        pass
    assert 118 < (refused.value.retry_after or 0) <= 120
    assert "hunter2" not in str(refused.value)


def test_a_short_wish_to_wait_is_met() -> None:
    gate = Gate()
    gate.close_for(0.05, 503)
    with gate.passing(URL, 5):
        pass


def test_so_many_requests_go_at_once_and_no_more() -> None:
    gate, free, entered = Gate(), threading.Event(), threading.Semaphore(0)

    def visit() -> None:
        with gate.passing(URL, 5):
            entered.release()
            free.wait(5)

    visitors = [threading.Thread(target=visit) for _ in range(AT_ONCE)]
    for one in visitors:
        one.start()
    assert all(entered.acquire(timeout=5) for _ in visitors)
    with pytest.raises(TimedOut), gate.passing(URL, 0.05):
        pass
    free.set()
    for one in visitors:
        one.join()
    with gate.passing(URL, 1):
        pass


def test_who_waits_for_a_place_is_not_let_through_once_the_server_wants_to_be_left_alone() -> None:
    gate, free, entered = Gate(), threading.Event(), threading.Semaphore(0)
    came: list[BaseException | None] = []

    def visit() -> None:
        with gate.passing(URL, 5):
            entered.release()
            free.wait(5)

    def wait() -> None:
        entered.release()
        try:
            with gate.passing(URL, 5):
                came.append(None)
        except RateLimited as error:
            came.append(error)

    visitors = [threading.Thread(target=visit) for _ in range(AT_ONCE)]
    for one in visitors:
        one.start()
    assert all(entered.acquire(timeout=5) for _ in visitors)
    late = threading.Thread(target=wait)
    late.start()
    assert entered.acquire(timeout=5)
    late.join(0.1)
    gate.close_for(120, 429)
    free.set()
    for one in (*visitors, late):
        one.join()
    assert [type(one) for one in came] == [RateLimited]


def test_a_gate_is_of_an_origin() -> None:
    gates = Gates()
    assert gates.of("https://a.example.org/x") is gates.of("https://A.example.org:443/y")
    assert gates.of("https://a.example.org/") is not gates.of("https://a.example.org:8443/")
