"""Versions are ordered as Helm orders them, and odd text never raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

from indexer import versions

PLAIN = st.builds(
    Version,
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 3),
    st.lists(st.sampled_from(["0", "1", "10", "2", "a", "b", "rc", "1a", "-", "alpha"]), max_size=3).map(".".join),
    st.lists(st.sampled_from(["1", "001", "build"]), max_size=2).map(".".join),
)


@pytest.mark.parametrize("text", ["1", "v1.2", "1.2.3", "v1.2.3-rc.1+build.7", "1.2-beta", "0.0.0", "1.2.3+001"])
def test_it_takes_what_helm_takes(text: str) -> None:
    assert versions.is_valid(text)


@pytest.mark.parametrize(
    "text",
    ["", "banana", "01.0.0", "1.02", "1.2.3.4", "1.2.3-01", "1.2.3-", "1.2.3+", " 1.2.3", "1.2.3\n", "V1.2.3",
     "1.2.3-ä", "१.२.३", "v", "-1", "1..2", str(2**64), "1." + "9" * 5000, "1.0.0-" + "a" * 251],
)  # fmt: skip
def test_D12_odd_versions_are_told_apart_and_raise_nothing(text: str) -> None:
    assert not versions.is_valid(text)
    assert versions.parse(text) is None
    assert not versions.is_prerelease(text)


def test_absent_parts_count_as_zero() -> None:
    assert versions.parse("v1.2") == Version(1, 2, 0)
    assert versions.parse("1-rc.1+b") == Version(1, 0, 0, "rc.1", "b")


def test_the_length_cap_is_256_characters() -> None:
    assert versions.is_valid("1.0.0-" + "a" * 250)
    assert not versions.is_valid("1.0.0-" + "a" * 251)


def test_newest_first_follows_semver_precedence_and_puts_odd_ones_last() -> None:
    ordered = ["2.0.0", "v1.10.0", "1.9", "1.9.0-rc.11", "1.9.0-rc.2", "1.9.0-rc", "1.9.0-alpha.b", "1.9.0-alpha.1",
               "1.9.0-alpha", "1.9.0-2", "1.9.0-1", "0.1.0", "latest", "banana"]  # fmt: skip
    assert versions.newest_first(reversed(ordered)) == ordered
    assert versions.newest_first(sorted(ordered)) == ordered


def test_equal_precedence_has_one_order_whatever_the_input_order() -> None:
    same = ["1.0.0+2", "1.0.0+1", "v1.0.0", "1.0.0", "1.0"]
    assert versions.newest_first(same) == versions.newest_first(reversed(same)) == same


def test_latest_prefers_a_release_to_a_newer_prerelease() -> None:
    assert versions.latest(["1.0.0", "2.0.0-rc.1", "banana", "1.1.0"]) == "1.1.0"


def test_latest_is_a_prerelease_where_there_is_no_release() -> None:
    assert versions.latest(["zzz", "1.0.0-rc.1", "1.0.0-rc.2"]) == "1.0.0-rc.2"


def test_latest_is_an_odd_text_only_where_there_is_nothing_else() -> None:
    assert versions.latest(["banana", "apple"]) == "banana"
    assert versions.latest([]) is None


@given(PLAIN, PLAIN)
def test_the_order_agrees_with_semver(one: Version, other: Version) -> None:
    ours = versions.sort_key(str(one))[:3], versions.sort_key(str(other))[:3]
    expected = one.compare(other)
    assert (ours[0] > ours[1]) - (ours[0] < ours[1]) == expected


@given(PLAIN)
def test_it_reads_what_semver_writes(version: Version) -> None:
    parsed = versions.parse(str(version))
    assert parsed is not None
    assert str(parsed) == str(version)
    assert versions.is_prerelease(str(version)) == bool(version.prerelease)


@given(st.lists(st.text(max_size=20) | PLAIN.map(str), max_size=8))
def test_any_text_can_be_sorted_and_the_order_is_total(texts: list[str]) -> None:
    assert versions.newest_first(texts) == versions.newest_first(reversed(texts))
    newest = versions.latest(texts)
    assert (newest is None) == (not texts)
    if newest is not None and any(versions.is_valid(text) for text in texts):
        assert versions.is_valid(newest)


@pytest.mark.parametrize(
    ("version", "others", "expected"),
    [
        ("2.0.0", ["2.0.0", "1.9.0", "1.10.0"], "1.10.0"),
        ("2.0.0", ["2.0.0", "2.0.0-rc.1", "1.9.0"], "1.9.0"),
        ("2.0.0-rc.2", ["2.0.0-rc.2", "2.0.0-rc.1", "1.9.0"], "2.0.0-rc.1"),
        ("1.0.0", ["1.0.0", "1.0.0-rc.1"], "1.0.0-rc.1"),
        ("1.0.0", ["1.0.0", "2.0.0", "odd"], None),
        ("odd", ["odd", "1.0.0"], None),
    ],
)
def test_the_version_before_is_the_next_older_release(version: str, others: list[str], expected: str | None) -> None:
    assert versions.previous(version, others) == expected
