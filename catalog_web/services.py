"""Everything a running Chartroom is made of, put together once and handed to pages, API and command line."""

from dataclasses import dataclass

from catalog_web.captain.publish import Publisher, login
from catalog_web.catalog import Catalog
from catalog_web.helm.credentials import HelmCredentials
from catalog_web.helm.indexes import HelmIndexes
from catalog_web.install.service import Installs
from indexer.access import Accesses
from indexer.archive import ArchiveCache
from indexer.config import Config
from indexer.errors import DataFolderUnusable
from indexer.model import SecretField
from indexer.search.whoosh_index import SearchIndex
from indexer.sources.registry import open_source
from indexer.store import Store
from indexer.sync import Syncer


@dataclass(frozen=True, slots=True)
class Services:
    """The rooms of one process."""

    config: Config
    store: Store
    cache: ArchiveCache
    search: SearchIndex
    syncer: Syncer
    catalog: Catalog
    installs: Installs
    helm: HelmIndexes
    helm_credentials: HelmCredentials
    publisher: Publisher

    def close(self) -> None:
        """Give back what is held open."""
        self.installs.close()
        self.search.close()
        self.store.close()


def open_services(config: Config) -> Services:
    """Open the store (created or migrated where needed) and what stands on it. Raises StoreUnavailable."""
    try:
        store = Store(config.data_dir)
        cache = ArchiveCache(config.data_dir / "archives")
    except OSError as error:
        raise DataFolderUnusable.at(config.data_dir, error) from error
    search = SearchIndex(config.data_dir / "search")
    spool = config.data_dir / "spool"
    accesses = Accesses()
    syncer = Syncer(store, cache, lambda source: open_source(source, accesses.of(source), spool))
    catalog = Catalog(store, search, syncer)
    installs = Installs(config.clusters, store.revisions)
    helm = HelmIndexes(store, config.data_dir / "helm")
    credentials = HelmCredentials(_Memory())
    publisher = Publisher(store, installs, lambda source: login(accesses.of(source)), credentials, config.helm_url)
    return Services(config, store, cache, search, syncer, catalog, installs, helm, credentials, publisher)


class _Memory:
    """Stands in for the store's vault."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], str] = {}

    def put(self, source: str, field: SecretField, text: str) -> None:
        self._kept[source, field] = text

    def get(self, source: str, field: SecretField) -> str | None:
        return self._kept.get((source, field))

    def forget(self, source: str, field: SecretField) -> None:
        self._kept.pop((source, field), None)
