"""Who asks for an index of a source while another one is being written."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog_web.helm.indexes import HelmIndexes, HelmIndexNotYet
from indexer.signing import Signer


class Large:
    """A store whose charts take as long to read as the test wants."""

    def __init__(self) -> None:
        self.listed = 1
        self.may_go_on, self.reading = threading.Event(), threading.Event()
        self.catalog: Any = self
        self.signer = Signer(b"key")

    def stamp(self, source: str) -> str:
        return f"{source}-{self.listed}"

    state = stamp

    def names(self, _: str) -> Iterator[str]:
        self.reading.set()
        self.may_go_on.wait(20)
        yield from ()


class NothingKept:
    """No revision names an archive."""

    def of(self, source: str) -> tuple[Any, ...]:
        return ()

    def stamp(self, source: str) -> str:
        return ""


@pytest.fixture
def large() -> Large:
    return Large()


def asked_for(indexes: HelmIndexes, found: list[Any]) -> threading.Thread:
    thread = threading.Thread(target=lambda: found.append(indexes.index("shop")))
    thread.start()
    return thread


def test_nobody_waits_long_for_an_index_that_is_written_for_the_first_time(large: Large, tmp_path: Path) -> None:
    indexes, found = HelmIndexes(large, tmp_path, NothingKept()), list[Any]()  # type: ignore[arg-type]
    first = asked_for(indexes, found)
    assert large.reading.wait(20)
    with pytest.raises(HelmIndexNotYet) as refused:
        indexes.index("shop")
    assert (refused.value.status, refused.value.params["retry_after"]) == (503, 5)
    large.may_go_on.set()
    first.join()
    assert indexes.index("shop") == found[0]


def test_the_index_before_is_given_while_a_newer_one_is_written(large: Large, tmp_path: Path) -> None:
    large.may_go_on.set()
    indexes, found = HelmIndexes(large, tmp_path, NothingKept()), list[Any]()  # type: ignore[arg-type]
    before = indexes.index("shop")
    large.may_go_on.clear()
    large.reading.clear()
    large.listed = 2
    writer = asked_for(indexes, found)
    assert large.reading.wait(20)
    assert indexes.index("shop") == before
    large.may_go_on.set()
    writer.join()
    assert before.plain.is_file()
