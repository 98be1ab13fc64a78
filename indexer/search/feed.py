"""The store as the search index follows it: which charts changed, and what they are to a searcher."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from indexer.model import ChartSummary, Searchable
from indexer.search.document import Document
from indexer.search.owners import owners_of
from indexer.search.prose import README_READ
from indexer.store import Store

_NOTHING = Searchable()
_AT_ONCE = 200
"""Charts whose READMEs are in memory together."""


class StoreFeed:
    """Reads the change log and the catalog of ``store``; see ``Feed`` for what each verb promises."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.store_id = store.lineage

    def last_change(self) -> int:
        """Id of the newest row of the change log; 0 in an empty one."""
        return self._store.changes.last()

    def oldest_change(self) -> int:
        """Id of the oldest row that is kept; 0 in an empty log."""
        return self._store.changes.oldest()

    def changed_charts(self, since: int, limit: int) -> tuple[int, set[tuple[str, str]]]:
        """Return the newest of the next ``limit`` rows after ``since``, and the charts they touch."""
        rows = self._store.changes.since(since, limit, content=True)
        return (rows[-1].id if rows else since), {(row.source, row.name) for row in rows}

    def documents(self, keys: Collection[tuple[str, str]]) -> Iterator[Document]:
        """The charts of ``keys`` that are still there."""
        return self._documents(self._store.catalog.charts(keys).values())

    def all_documents(self) -> Iterator[Document]:
        """Every chart."""
        return self._documents(self._store.catalog.every())

    def _documents(self, charts: Iterable[ChartSummary]) -> Iterator[Document]:
        """A few at a time: all READMEs of a large catalog are hundreds of megabytes."""
        owners = {source.name: owners_of([source.url]) for source in self._store.sources.registered()}
        waiting = iter(charts)
        while some := {(chart.source, chart.name): chart for chart in islice(waiting, _AT_ONCE)}:
            archives = self._store.contents.searchable(some, README_READ)
            for key, chart in some.items():
                yield _document(chart, archives.get(key, _NOTHING), owners.get(chart.source, frozenset()))


def _document(chart: ChartSummary, archive: Searchable, owners: frozenset[str]) -> Document:
    return Document(
        source=chart.source,
        name=chart.name,
        version=chart.version,
        description=chart.description,
        keywords=chart.keywords,
        maintainers=chart.maintainers,
        readme=archive.readme,
        deprecated=chart.deprecated,
        updated=chart.updated,
        app_version=chart.app_version,
        kube_version=chart.kube_version,
        digest=chart.digest,
        home=chart.home,
        official=not owners.isdisjoint(owners_of((chart.home, *chart.sources))),
        other_names=chart.other_names,
        category=chart.category,
        license=chart.license,
        dependencies=chart.dependencies,
        images=archive.images,
        kinds=archive.kinds,
        values=archive.values,
    )
