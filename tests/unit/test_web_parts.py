"""Small pure parts of the pages: pictures, plots, names, hosts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_web.pages.names import release_name
from catalog_web.pages.plot import HEIGHT, WIDTH, bars
from catalog_web.pages.view import tile_colour, tile_letter
from catalog_web.readmes import Readmes
from catalog_web.security import content_security_policy, trusted_hosts
from indexer.model import Attempt


def attempt(seconds: float, outcome: str = "unchanged", **more: int) -> Attempt:
    return Attempt(1, "shop", datetime(2026, 1, 1, tzinfo=UTC), seconds, outcome, **more)  # type: ignore[arg-type]


def test_the_newest_attempt_stands_at_the_right_and_the_slowest_is_the_highest() -> None:
    drawn = bars([attempt(1), attempt(4, "failed"), attempt(2, "changed", added=3)])
    assert [one.kind for one in drawn] == ["same", "failed", "ok"]
    assert [one.x for one in drawn] == sorted((one.x for one in drawn), reverse=True)
    assert max(drawn, key=lambda one: one.height).kind == "failed"
    assert drawn[2].changes == 3


@given(st.lists(st.floats(0, 1e6), max_size=100))
def test_a_plot_never_leaves_its_frame(seconds: list[float]) -> None:
    for one in bars([attempt(each) for each in seconds]):
        assert 0 <= one.x < one.x + one.width <= WIDTH
        assert 0 <= one.y < one.y + one.height <= HEIGHT + 0.1


@pytest.mark.parametrize(
    ("chart", "name"),
    [
        ("redis", "redis"),
        ("Argo_CD", "argo-cd"),
        ("监控", ""),
        ("-x-", "x"),
        ("n" * 60, "n" * 53),
        ("a" * 52 + "--b", "a" * 52),
    ],
)
def test_a_release_name_is_made_from_the_charts(chart: str, name: str) -> None:
    assert release_name(chart) == name


@pytest.mark.parametrize(
    ("name", "letter"), [("redis", "R"), ("_x", "X"), ("监控", "监"), ("---", "·"), ("ß", "S"), ("", "·")]
)
def test_a_tile_shows_the_first_letter(name: str, letter: str) -> None:
    assert tile_letter(name) == letter
    assert tile_colour(name) == tile_colour(name)


def test_hosts_are_ours_by_name_whatever_the_port() -> None:
    assert trusted_hosts("::", "https://Charts.example.org:8443/x") == {
        "localhost",
        "127.0.0.1",
        "[::1]",
        "[::]",
        "charts.example.org",
    }


def test_the_policy_allows_one_style_element_where_there_is_a_nonce() -> None:
    assert "style-src 'self';" in content_security_policy()
    assert "style-src 'self' 'nonce-abc';" in content_security_policy("abc")


def test_F4_long_readmes_are_not_kept_without_end() -> None:
    """A hundred of those that are mostly markup would be hundreds of megabytes of HTML."""
    readmes = Readmes()
    long = "word " * 100_000
    first = readmes.get(long, patience=60)
    assert readmes.get(long, patience=60) is first
    for number in range(34):
        readmes.get(f"{number} {long}", patience=60)
    assert readmes.get(long, patience=60) is not first


def test_a_readme_that_takes_long_is_not_waited_for() -> None:
    readmes = Readmes()
    assert readmes.get("# one", patience=5) is not None
    assert readmes.get("<div>" * 20_000, patience=0) is None
