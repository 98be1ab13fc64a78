"""What headers say."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import BadAnswer, BadEncoding
from indexer.http import answers

URL = "https://host/index.yaml"
NOW = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lengths", "codings", "told"),
    [([], [], None), (["12"], [], 12), (["12", "12"], [], 12), (["12, 12"], [], 12), (["9"], ["Chunked"], None)],
)
def test_the_length_is_the_one_that_is_told(lengths: list[str], codings: list[str], told: int | None) -> None:
    assert answers.told_length(lengths, codings, URL) == told


@pytest.mark.parametrize(
    ("lengths", "codings"),
    [
        (["1", "2"], []),
        (["1, 2"], []),
        (["-1"], []),
        (["+1"], []),
        (["1_0"], []),
        (["1.0"], []),
        ([""], []),
        (["x"], []),
        (["9" * 5000], []),
        (["１"], []),
        ([], ["gzip, chunked"]),
        ([], ["chunked", "chunked"]),
        ([], ["identity"]),
    ],
)
def test_C7_two_lengths_and_lengths_that_are_none_are_refused(lengths: list[str], codings: list[str]) -> None:
    with pytest.raises(BadAnswer):
        answers.told_length(lengths, codings, URL)


@pytest.mark.parametrize(
    ("codings", "gzip"),
    [([], False), (["identity"], False), ([""], False), (["GZIP"], True), (["identity, x-gzip"], True)],
)
def test_gzip_is_the_one_coding(codings: list[str], gzip: bool) -> None:
    assert answers.is_gzip(codings, URL) is gzip


@pytest.mark.parametrize(
    "codings", [["br"], ["zstd"], ["deflate"], ["gzip, gzip"], ["gzip", "gzip"], ["br, gzip"], ["\x1b["]]
)
def test_C6_other_codings_and_codings_of_codings_are_refused(codings: list[str]) -> None:
    with pytest.raises(BadEncoding) as refused:
        answers.is_gzip(codings, URL)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("315360000", 21600.0),
        ("9" * 6000, 21600.0),
        (format_datetime(NOW + timedelta(minutes=2), usegmt=True), 120.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        (format_datetime(NOW + timedelta(days=3650), usegmt=True), 21600.0),
        ("Wed, 01 May 2024 12:02:00 -0000", 120.0),
        ("Wed, 99 May 2024 12:02:00 GMT", None),
    ],
)
def test_C8_retry_after_is_a_number_or_a_date_and_six_hours_at_most(value: str | None, seconds: float | None) -> None:
    assert answers.retry_after(value, NOW) == seconds


@given(st.text())
def test_C8_retry_after_never_fails(value: str) -> None:
    seconds = answers.retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= answers.RETRY_AFTER_CAP


@pytest.mark.parametrize("value", [None, "", "a\nb", "x" * 2000, "é", "\x00"])
def test_a_validator_that_could_not_be_sent_back_is_dropped(value: str | None) -> None:
    assert answers.validator(value) == ""


def test_a_validator_is_kept_as_it_is() -> None:
    assert answers.validator('W/"abc"') == 'W/"abc"'


@given(st.text())
def test_what_a_server_says_is_shown_in_one_printable_line(text: str) -> None:
    line = answers.clean(text, 80)
    assert len(line) <= 80
    assert line.isprintable()


def test_an_unknown_status_has_words_too() -> None:
    assert answers.status_words(404) == "Not Found"
    assert answers.status_words(799)
