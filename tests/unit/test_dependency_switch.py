"""What decides whether a dependency is installed, in words."""

import pytest

from catalog_web.dependency_switch import Switch, switch
from catalog_web.values_outline import outline
from indexer.errors import fill
from indexer.model import Dependency, Subchart


def decide(values: str, subchart: str = "", **dependency: object) -> Switch:
    one = Dependency("redis", **dependency)  # type: ignore[arg-type]
    return switch(one, outline(values), Subchart("redis", "1.0.0", subchart) if subchart else None)


def words(one: Switch) -> str:
    return fill(one.why["text"], one.why["params"])


def test_a_condition_that_is_true_or_false_decides() -> None:
    on = decide("redis:\n  enabled: true\n", condition="redis.enabled")
    assert (on.on, words(on), on.set_here) == (True, "Installed by default: redis.enabled is true.", True)
    off = decide("redis: {}\nglobal:\n  redis: no\n", condition="redis.enabled, global.redis")
    assert (off.on, words(off)) == (False, "Left out by default: global.redis is false.")


def test_the_subcharts_own_default_counts_where_the_chart_says_nothing() -> None:
    found = decide("", "enabled: false\n", condition="redis.enabled")
    assert (found.on, words(found), found.set_here) == (False, "Left out by default: redis.enabled is false.", False)
    assert not decide("", "enabled: false\n", condition="cache.enabled", alias="cache").on


@pytest.mark.parametrize("values", ["", "redis:\n  enabled: 'true'\n", "redis:\n  enabled: 1\n"])
def test_what_is_neither_true_nor_false_decides_nothing(values: str) -> None:
    found = decide(values, condition="redis.enabled")
    assert (found.on, words(found)) == (True, "Installed unless redis.enabled is set to false.")


def test_tags_decide_where_no_condition_does() -> None:
    values = "tags:\n  cache: false\n  all: true\n"
    assert words(decide(values, tags=("cache", "all"))) == "Installed by default: the tag all is on."
    assert words(decide(values, tags=("cache", "other"))) == "Left out by default: the tag cache is off."
    assert decide(values, tags=("other",)).on


def test_without_either_it_is_always_installed() -> None:
    assert words(decide("", condition="")) == "Always installed."


def test_E15_a_condition_of_a_megabyte_is_only_text() -> None:
    assert decide("a: 1\n", condition="x." * 500_000 + ",y," * 100_000).on
