"""Values that a team keeps: numbered, never changed, found again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.errors import PresetNotFound, TooManyPresets
from indexer.model import Preset
from indexer.store import Store
from indexer.store.presets import MOST_OF_A_CHART
from tests.postgres import open_store

ONE = Preset("shop", "redis", "small", 0, "for tests", "replicas: 1\n", ("auth.password",), "ann", datetime.now(UTC))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def test_a_further_save_of_a_name_is_a_further_number_and_the_former_one_stays(store: Store) -> None:
    first = store.presets.save(ONE)
    second = store.presets.save(replace(ONE, values_yaml="replicas: 2\n"))
    assert (first.number, second.number) == (1, 2)
    assert store.presets.get("shop", "redis", "small") == second
    assert store.presets.get("shop", "redis", "small", 1) == first
    assert store.presets.history("shop", "redis", "small") == (second, first)


def test_the_newest_of_each_name_is_listed_for_its_own_chart_alone(store: Store) -> None:
    for one in (ONE, replace(ONE, note="again"), replace(ONE, name="big"), replace(ONE, chart="other")):
        store.presets.save(one)
    listed = store.presets.of("shop", "redis")
    assert [(one.name, one.number, one.note) for one in listed] == [("big", 1, "for tests"), ("small", 2, "again")]


def test_a_name_is_deleted_with_all_its_numbers(store: Store) -> None:
    store.presets.save(ONE)
    store.presets.save(ONE)
    store.presets.delete("shop", "redis", "small")
    assert store.presets.history("shop", "redis", "small") == ()
    for again in (
        lambda: store.presets.delete("shop", "redis", "small"),
        lambda: store.presets.get("shop", "redis", "small"),
    ):
        with pytest.raises(PresetNotFound):
            again()


def test_a_chart_keeps_no_more_than_it_may(store: Store) -> None:
    for _ in range(MOST_OF_A_CHART):
        store.presets.save(ONE)
    with pytest.raises(TooManyPresets):
        store.presets.save(ONE)
    store.presets.save(replace(ONE, chart="other"))
