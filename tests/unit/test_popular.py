"""Popular searches while the store is slow or away."""

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import cast

import pytest

from catalog_web.popular import PopularSearches
from indexer.errors import StoreUnavailable
from indexer.store.searches import Searches

PATIENCE = 10.0


class Store:
    """Takes counts when it is told to go on, or refuses them."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses = refuses
        self.began, self.goes_on = threading.Event(), threading.Event()
        self.counted: dict[str, int] = {}

    def count(self, _now: datetime, times: Mapping[str, int]) -> None:
        self.began.set()
        self.goes_on.wait(PATIENCE)
        if self.refuses:
            raise StoreUnavailable(detail="busy")
        self.counted |= times


def popular_in(store: Store) -> PopularSearches:
    return PopularSearches(cast(Searches, store))


def test_nobody_who_searches_waits_for_the_counts_to_be_written():
    store = Store()
    popular = popular_in(store)
    popular.sent("redis")
    writing = threading.Thread(target=popular.write)
    writing.start()
    assert store.began.wait(PATIENCE)
    popular.sent("nginx")
    assert store.counted == {}, "the write is still under way"
    store.goes_on.set()
    writing.join()
    assert store.counted == {"redis": 1}
    popular.write()
    assert store.counted == {"redis": 1, "nginx": 1}


def test_counts_that_could_not_be_written_are_written_the_next_time():
    store = Store(refuses=True)
    store.goes_on.set()
    popular = popular_in(store)
    popular.sent("redis")
    with pytest.raises(StoreUnavailable):
        popular.write()
    popular.sent("redis")
    store.refuses = False
    popular.write()
    assert store.counted == {"redis": 2}
