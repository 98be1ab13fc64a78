"""A process that starts while the database is away."""

import logging

import pytest

from catalog_web.commands.serve import patiently
from indexer.errors import DatabaseAbsent, DatabaseUnreachable, StoreUnavailable


def opener(errors: list[Exception]) -> str:
    """Fails as often as there are errors, then works."""
    if errors:
        raise errors.pop(0)
    return "opened"


def test_it_is_tried_again_until_it_answers_and_each_try_is_told(caplog: pytest.LogCaptureFixture) -> None:
    errors: list[Exception] = [DatabaseUnreachable(detail="connection refused")]
    with caplog.at_level(logging.WARNING):
        assert patiently(lambda: opener(errors)) == "opened"
    [told] = caplog.messages
    assert "connection refused" in told and "It is tried again in 1 s, for 60 s at most" in told


def test_it_is_given_up_after_its_time_in_words_that_promise_nothing() -> None:
    errors: list[Exception] = [DatabaseUnreachable(detail="connection refused")] * 9
    with pytest.raises(DatabaseAbsent, match="connection refused") as refused:
        patiently(lambda: opener(errors), seconds=0)
    assert "start Chartroom again" in refused.value.remedy


def test_what_waiting_does_not_mend_is_told_at_once() -> None:
    errors: list[Exception] = [StoreUnavailable(detail="it was written by a newer version")]
    with pytest.raises(StoreUnavailable, match="newer version"):
        patiently(lambda: opener(errors))
