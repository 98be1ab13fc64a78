"""A Chartroom in a temporary folder, and a misbehaving upstream beside it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog_web.install.service import Installs
from indexer.access import Accesses
from indexer.archive import ArchiveCache
from indexer.model import ClusterConfig, Source
from indexer.search.feed import StoreFeed
from indexer.search.request import SearchRequest
from indexer.search.whoosh_index import SearchIndex
from indexer.sources.registry import Hosts, open_source
from indexer.store import Store
from indexer.sync import Syncer, SyncResult
from tests.kube_api import KubeApi, kube_api
from tests.postgres import open_store
from tests.upstream import Site, upstream


@dataclass(frozen=True)
class Room:
    """Everything below the pages, on one folder."""

    folder: Path
    store: Store
    syncer: Syncer

    def add(self, url: str, name: str = "shop", **settings: Any) -> Source:
        source = replace(Source(name, url, operator=True), **settings)
        self.store.sources.add(source, datetime.now(UTC))
        return source

    def sync(self, name: str = "shop", **options: Any) -> SyncResult:
        return self.syncer.sync(name, **options)

    def versions(self, source: str = "shop") -> dict[str, list[str]]:
        """The catalog of ``source``: versions by chart, newest first."""
        names = self.store.catalog.names(source)
        return {name: [one.version for one in self.store.catalog.versions(source, name)] for name in names}

    def log(self) -> list[tuple[str, str, str]]:
        """The change log as feeds show it: (kind, chart, version)."""
        return [(one.kind, one.name, one.version) for one in self.store.changes.since(0, 100_000)]

    def found(self, text: str) -> list[str]:
        """Names that the search finds, after following."""
        index = SearchIndex(self.folder / "search")
        try:
            index.follow(StoreFeed(self.store))
            return [hit.name for hit in index.search(SearchRequest(text, limit=100)).hits]
        finally:
            index.close()


def open_room(folder: Path) -> Room:
    return room_of(open_store(folder))


def room_of(store: Store) -> Room:
    folder = store.folder
    cache = ArchiveCache(folder / "archives")
    accesses, spool = Accesses(store.secrets), folder / "spool"
    return Room(
        folder,
        store,
        Syncer(store, cache, lambda source: open_source(source, accesses.of(source), spool), Hosts(accesses.of)),
    )


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = open_room(tmp_path / "data")
    yield made
    made.store.close()


@pytest.fixture
def site() -> Iterator[Site]:
    with upstream() as running:
        yield running


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    """An API server whose captain knows all repositories."""
    with kube_api() as running:
        yield running


@pytest.fixture
def captain_without_repositories(kube: KubeApi) -> None:
    """captain of ``kube`` knows no repository yet."""
    kube.chart_repos = {}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def installs(kube: KubeApi, store: Store, tmp_path: Path) -> Iterator[Installs]:
    """One cluster ``home``, which is ``kube``."""
    made = Installs([ClusterConfig("home", kubeconfig=str(kube.kubeconfig(tmp_path)))], store.revisions)
    yield made
    made.close()
