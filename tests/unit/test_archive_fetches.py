"""Archives that are fetched because somebody looks: once for all who look, a few at a time."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from catalog_web.archive_fetches import AT_ONCE, MAX_WAITING, OF_A_SOURCE, ArchiveFetches
from indexer.errors import ArchiveNotYet, TimedOut
from indexer.model import ArchiveContent, ChartMetadata

LONG = 20.0


def content(digest: str) -> ArchiveContent:
    return ArchiveContent(digest, 1, ChartMetadata("a", "1"), "", "", "", (), (), ())


@dataclass
class Upstream:
    """Gives an archive once it may go on; counts what it was asked."""

    go: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def look(self, source: str, chart: str, version: str) -> ArchiveContent:
        self.asked.append(f"{source}/{chart}/{version}")
        self.begun.release()
        assert self.go.wait(LONG)
        if version == "bad":
            raise TimedOut(url="https://example.org/x", seconds=1)
        return content(version)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    made = Upstream()
    yield made
    made.go.set()


@pytest.fixture
def fetches(upstream: Upstream) -> Iterator[ArchiveFetches]:
    made = ArchiveFetches(upstream.look)
    yield made
    upstream.go.set()
    made.close()


def start(fetches: ArchiveFetches, *keys: tuple[str, str, str]) -> None:
    for key in keys:
        with pytest.raises(ArchiveNotYet):
            fetches.get(key, 0)


def test_whoever_does_not_wait_is_told_that_it_is_on_its_way(fetches: ArchiveFetches, upstream: Upstream) -> None:
    start(fetches, ("shop", "a", "1"))
    assert upstream.begun.acquire(timeout=LONG)
    found = fetches.fetching(("shop", "a", "1"))
    assert found is not None
    assert found.before == 0
    upstream.go.set()
    assert fetches.get(("shop", "a", "1"), LONG).digest == "1"
    assert fetches.fetching(("shop", "a", "1")) is None


def test_several_readers_share_one_fetch(fetches: ArchiveFetches, upstream: Upstream) -> None:
    key = ("shop", "a", "1")
    start(fetches, key, key)
    assert upstream.begun.acquire(timeout=LONG)
    with ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(fetches.get, key, LONG) for _ in range(5)]
        start(fetches, key)
        assert upstream.asked == ["shop/a/1"]
        upstream.go.set()
        assert [one.result().digest for one in waiting] == ["1"] * 5


def test_what_went_wrong_is_told_to_whoever_waits(fetches: ArchiveFetches, upstream: Upstream) -> None:
    upstream.go.set()
    with pytest.raises(TimedOut):
        fetches.get(("shop", "a", "bad"), LONG)


def test_one_source_leaves_room_for_the_others(fetches: ArchiveFetches, upstream: Upstream) -> None:
    start(fetches, *(("slow", "a", str(number)) for number in range(4)), ("quick", "b", "1"))
    for _ in range(OF_A_SOURCE + 1):
        assert upstream.begun.acquire(timeout=LONG)
    assert sorted(upstream.asked) == ["quick/b/1", "slow/a/0", "slow/a/1"]
    waiting = fetches.fetching(("slow", "a", "3"))
    assert waiting is not None
    assert waiting.before == 2


def test_only_a_few_are_fetched_at_once_and_only_so_many_wait(fetches: ArchiveFetches, upstream: Upstream) -> None:
    keys = [(f"source-{number}", "a", "1") for number in range(AT_ONCE + MAX_WAITING + 1)]
    start(fetches, *keys)
    for _ in range(AT_ONCE):
        assert upstream.begun.acquire(timeout=LONG)
    assert len(upstream.asked) == AT_ONCE
    assert fetches.fetching(keys[-2]) is not None
    assert fetches.fetching(keys[-1]) is None


def test_those_that_wait_come_up_when_there_is_room(fetches: ArchiveFetches, upstream: Upstream) -> None:
    keys = [("shop", "a", str(number)) for number in range(6)]
    start(fetches, *keys)
    upstream.go.set()
    assert [fetches.get(key, LONG).digest for key in keys] == [str(number) for number in range(6)]


def test_after_its_end_nothing_is_begun(fetches: ArchiveFetches, upstream: Upstream) -> None:
    upstream.go.set()
    fetches.close()
    start(fetches, ("shop", "a", "1"))
    assert upstream.asked == []
