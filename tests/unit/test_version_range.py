"""Ranges of versions mean what they mean to Helm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.version_range import VersionRange

NUMBERS = st.tuples(*[st.integers(0, 4)] * 3)
PRERELEASE = st.sampled_from(["", "", "-0", "-alpha", "-beta.2", "-rc.10"])
VERSIONS = st.builds(lambda numbers, pre: ".".join(map(str, numbers)) + pre, NUMBERS, PRERELEASE)
RELEASES = NUMBERS.map(lambda numbers: ".".join(map(str, numbers)))


def admitted(text: str, *versions: str) -> list[str]:
    found = VersionRange.parse(text)
    return [one for one in versions if one in found]


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (">=1.2 <3", "1.2.0 1.9.9 2.99.0", "1.1.9 3.0.0"),
        (">= 1.2, < 3", "1.2.0 2.0.0", "3.0.0"),
        ("^1.2", "1.2.0 1.9.0", "1.1.9 2.0.0"),
        ("^0.2.3", "0.2.3 0.2.9", "0.2.2 0.3.0"),
        ("^0.0.3", "0.0.3", "0.0.4 0.0.2"),
        ("^0", "0.0.0 0.9.9", "1.0.0"),
        ("^*", "0.0.1 7.0.0", ""),
        ("~1", "1.0.0 1.9.9", "0.9.9 2.0.0"),
        ("~1.2", "1.2.0 1.2.9", "1.3.0"),
        ("~>1.2.3", "1.2.3 1.2.9", "1.2.2 1.3.0"),
        ("~0.0.0", "0.0.0 9.9.9", ""),
        ("1.x", "1.0.0 1.9.0 v1.3", "0.9.0 2.0.0"),
        ("1.2.*", "1.2.7", "1.3.0"),
        ("*", "0.0.0 9.9.9", "1.0.0-rc.1"),
        ("1 - 2", "1.0.0 2.9.9", "0.9.9 3.0.0"),
        ("1.2 - 2.3.4", "1.2.0 2.3.4", "2.3.5"),
        ("1.2.3", "1.2.3 v1.2.3 1.2.3+build", "1.2.4 1.2.2"),
        ("=1.2", "1.2.0 1.2.9", "1.3.0"),
        ("!=1.2.3", "1.2.4 1.2.2", "1.2.3"),
        ("!=1.2", "1.3.0 2.2.0", "1.2.0 1.2.9"),
        (">1.1", "1.2.0", "1.1.9 1.1.0"),
        (">1", "2.0.0", "1.9.9"),
        ("<=1.1", "1.1.9 0.1.0", "1.2.0"),
        ("=>1.0 =<1.5", "1.0.0 1.5.9", "1.6.0"),
        ("<1 || >=2 <3 || 5.x", "0.9.0 2.1.0 5.5.5", "1.0.0 3.0.0 4.0.0"),
        (">1.2 != 1.5.0", "1.5.1", "1.5.0 1.2.5"),
    ],
)
def test_a_range_admits_what_helm_admits(text: str, inside: str, outside: str) -> None:
    assert admitted(text, *inside.split(), *outside.split()) == inside.split()


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (">=1.2", "1.2.0", "1.2.0-rc.1 2.0.0-rc.1"),
        (">=1.2-0", "1.2.0-rc.1 2.0.0-rc.1 2.0.0", "1.1.0-rc.1"),
        (">=1.2-0 <3", "2.0.0-rc.1", "3.0.0"),
        ("^1.2.0-alpha.2", "1.2.0-alpha.2 1.3.0-beta", "1.2.0-alpha.1 2.0.0-alpha.9"),
        ("1.x || >=2-0", "2.0.0-rc.1", "1.5.0-rc.1"),
        ("*-0", "1.0.0-rc.1 1.0.0", ""),
    ],
)
def test_prereleases_are_in_a_range_whose_part_names_one(text: str, inside: str, outside: str) -> None:
    assert admitted(text, *inside.split(), *outside.split()) == inside.split()


@pytest.mark.parametrize("text", ["*", ">=0.0.0-0", "!=1"])
def test_D12_what_is_no_version_is_in_no_range(text: str) -> None:
    assert admitted(text, "latest", "", "01.0.0", "1.2.3.4") == []


@pytest.mark.parametrize(
    "text",
    ["", " ", "banana", ">=", "1 ||", "|| 1", "1.2.3.4", "01.2", ">= bar", ">1<2", "1,", ",1", "1 -2 -", "1..2", "^^1",
     "1" * 600, "1||" * 40 + "1", f"<{2**64}", "1-ä", "!1", "1.2.3-", "latest"],
)  # fmt: skip
def test_what_is_no_range_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no range|is no version|at most"):
        VersionRange.parse(text)


@given(st.text(alphabet="0123x*.,<>=!~^|- vab+", max_size=40), VERSIONS)
def test_whatever_is_written_is_read_or_refused(text: str, version: str) -> None:
    try:
        found = VersionRange.parse(text)
    except ValueError:
        return
    assert (version in found) in (True, False)


@given(VERSIONS, VERSIONS, VERSIONS)
def test_groups_are_joined_by_or_and_comparisons_by_and(low: str, high: str, version: str) -> None:
    both = VersionRange.parse(f">={low} <={high}")
    named = "-" in low or "-" in high
    each = [version in VersionRange.parse(text) for text in (f">={low} *-0", f"<={high} *-0")]
    assert (version in both) == (all(each) and ("-" not in version or named))
    either = VersionRange.parse(f"={low} || ={high}")
    assert (version in either) == (version in VersionRange.parse(low) or version in VersionRange.parse(high))


@given(NUMBERS, RELEASES)
def test_caret_tilde_and_hyphen_are_short_for_comparisons(numbers: tuple[int, int, int], version: str) -> None:
    major, minor, patch = numbers
    of = f"{major}.{minor}.{patch}"
    below = f"{major + 1}" if major else f"0.{minor + 1}" if minor else f"0.0.{patch + 1}"
    for short, long in (
        (f"^{of}", f">={of} <{below}"),
        (f"~{of}", f">={of} <{major}.{minor + 1}" if any(numbers) else ">=0"),
        (f"{major}.{minor}.x", f">={major}.{minor} <{major}.{minor + 1}"),
        (f"{major} - {of}", f">={major} <={of}"),
    ):
        assert (version in VersionRange.parse(short)) == (version in VersionRange.parse(long))
