"""Answers that are kept."""

import pytest

from catalog_web.answers import Answers


def test_an_answer_is_made_once_while_nothing_changes() -> None:
    kept, made = Answers(), iter((b"first", b"second"))
    assert [kept.get(1, "q", lambda: next(made)) for _ in range(3)] == [b"first"] * 3


def test_a_change_clears_all() -> None:
    kept = Answers()
    kept.get(1, "q", lambda: b"old")
    assert kept.get(2, "q", lambda: b"new") == b"new"
    assert kept.get(1, "q", lambda: b"again") == b"again"


def test_another_question_has_another_answer() -> None:
    kept = Answers()
    kept.get(1, "q", lambda: b"one")
    assert kept.get(1, "r", lambda: b"two") == b"two"


def test_what_was_asked_longest_ago_leaves_when_there_is_no_room() -> None:
    kept = Answers(most_bytes=20)
    for name in ("a", "b"):
        kept.get(1, name, lambda: b"x" * 10)
    kept.get(1, "a", lambda: b"")
    kept.get(1, "c", lambda: b"x" * 10)
    assert kept.get(1, "a", lambda: b"anew") == b"x" * 10
    assert kept.get(1, "b", lambda: b"anew") == b"anew"


def test_a_failure_is_not_kept() -> None:
    kept = Answers()

    def fail() -> bytes:
        raise LookupError

    with pytest.raises(LookupError):
        kept.get(1, "q", fail)
    assert kept.get(1, "q", lambda: b"good") == b"good"
