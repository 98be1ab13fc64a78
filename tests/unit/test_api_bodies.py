"""What comes in over HTTP is read whole, strictly, and never makes anything but a clear refusal."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from catalog_web.api.bodies import MAX_DEPTH, parse_json, read_body, read_query
from catalog_web.api.operations import Nothing, Page, Question
from indexer.errors import BadQuery, UsageError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Body(Question):
    name: str
    values: dict[str, Any] = Field(default_factory=dict)


@given(JSON)
def test_it_reads_what_json_can_say(value: Any) -> None:
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary() | st.text().map(str.encode))
def test_I3_whatever_bytes_come_only_a_usage_error_leaves(body: bytes) -> None:
    for model in (Body, Nothing):
        try:
            read_body(model, body)
        except UsageError as error:
            assert error.cause
            assert error.remedy


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"[" * 200_000, "too deeply"),
        (b'{"a":' * 200_000, "too deeply"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), f"more than {MAX_DEPTH} levels"),
        (b'{"name": NaN}', "NaN is no JSON"),
        (b'{"name": -Infinity}', "-Infinity is no JSON"),
        (b'{"name": 1e999}', "beyond all measure"),
        (b'{"name": ' + b"9" * 5000 + b"}", "beyond all measure"),
        (b'{"name": "a", "name": "b"}', "stands twice"),
        (b'{"values": {"x": {"y": 1, "y": 2}}}', "stands twice"),
        (rb'{"name": "\ud800"}', "surrogate"),
        (rb'{"\udfff": 1}', "surrogate"),
        (b'{"name": "\xff"}', "byte 10 is not UTF-8"),
        ('{"name": "a"}'.encode("utf-16"), "not UTF-8"),
        (b'{"name": "a"} {}', "Extra data"),
        (b"", "line 1, column 1"),
        (b"name=a", "line 1, column 1"),
    ],
)
def test_I3_a_body_that_readers_take_differently_is_refused(body: bytes, told: str) -> None:
    with pytest.raises(UsageError, match="cannot be read as JSON") as refused:
        read_body(Body, body)
    assert told in refused.value.cause


@pytest.mark.parametrize("body", [b"null", b"[]", b'"a"', b"1", b'{"name": 1}', b'{"name": null}', b"{}"])
def test_I3_a_body_of_another_type_is_refused(body: bytes) -> None:
    with pytest.raises(UsageError, match="The request has mistakes"):
        read_body(Body, body)


@pytest.mark.parametrize("stray", ["is_admin", "owner", "id", "created"])
def test_I1_a_field_that_is_not_asked_for_is_refused(stray: str) -> None:
    with pytest.raises(UsageError, match=f"{stray}: nothing of this name is known"):
        read_body(Body, json.dumps({"name": "a", stray: 1}).encode())


def test_a_refusal_of_many_mistakes_stays_short() -> None:
    with pytest.raises(UsageError) as refused:
        read_body(Body, json.dumps({"name": "a", **{f"x{number}" * 50: 1 for number in range(500)}}).encode())
    assert len(refused.value.cause) < 1000
    assert "and 495 more" in refused.value.cause


@pytest.mark.parametrize(
    ("given_", "limit", "offset"),
    [
        ({}, 24, 0),
        ({"limit": ["1000000000"]}, 100, 0),
        ({"limit": ["-1"], "offset": ["-1"]}, 0, 0),
        ({"offset": ["9" * 300]}, 24, 2**63 - 1),
    ],
)
def test_H5_a_number_out_of_range_is_moved_into_it(given_: dict[str, list[str]], limit: int, offset: int) -> None:
    assert read_query(Page, given_) == Page.model_construct(limit=limit, offset=offset)


@pytest.mark.parametrize(
    "given_", [{"limit": ["many"]}, {"limit": [""]}, {"limit": ["1.5"]}, {"offset": ["1e3"]}, {"limit": ["9" * 5000]}]
)
def test_H5_what_is_no_number_is_refused(given_: dict[str, list[str]]) -> None:
    with pytest.raises(BadQuery, match=next(iter(given_))):
        read_query(Page, given_)


def test_a_parameter_that_takes_one_value_is_not_taken_twice() -> None:
    with pytest.raises(BadQuery, match="“limit” stands there 2 times"):
        read_query(Page, {"limit": ["1", "2"]})


@given(st.dictionaries(st.text() | st.sampled_from(["limit", "offset"]), st.lists(st.text(), min_size=1)))
def test_H5_whatever_is_in_the_address_only_a_bad_query_leaves(given_: dict[str, list[str]]) -> None:
    try:
        page = read_query(Page, given_)
    except BadQuery as error:
        assert error.remedy
    else:
        assert 0 <= page.limit <= 100
        assert page.offset >= 0
