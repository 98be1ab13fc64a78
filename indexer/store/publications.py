"""Which sources captain is to know, cluster by cluster; a row outlives its source until the cluster was told."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from indexer.model import Publication, PublicationMode
from indexer.store.database import Database
from indexer.store.tables import publications


class Publications:
    """What is wanted, and what came of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, source: str = "") -> tuple[Publication, ...]:
        """Those of ``source``, or of all, by cluster and source."""
        query = select(publications).order_by(publications.c.cluster, publications.c.source)
        if source:
            query = query.where(publications.c.source == source)
        with self._database.read() as connection:
            return tuple(_publication(row) for row in connection.execute(query))

    def find(self, cluster: str, source: str) -> Publication | None:
        """One of them, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(publications).where(_is(cluster, source))).one_or_none()
        return None if row is None else _publication(row)

    def want(self, cluster: str, source: str, mode: PublicationMode) -> Publication:
        """Let captain of ``cluster`` know ``source`` in that ``mode``; what came of an earlier wish is kept."""
        with self._database.write("apps") as connection:
            row = connection.execute(select(publications).where(_is(cluster, source))).one_or_none()
            if row is None:
                values = {"cluster": cluster, "source": source, "mode": mode, "wanted": True, "state": {}}
                connection.execute(insert(publications).values(values))
                return Publication(cluster, source, mode)
            connection.execute(update(publications).where(_is(cluster, source)).values(mode=mode, wanted=True))
        return Publication(cluster, source, mode, state=row.state)

    def unwant(self, cluster: str, source: str) -> None:
        """Let captain of ``cluster`` forget ``source``."""
        with self._database.write("apps") as connection:
            connection.execute(update(publications).where(_is(cluster, source)).values(wanted=False))

    def tried(self, publication: Publication, state: Mapping[str, Any]) -> None:
        """Keep what came of a try; nothing where another wish came meanwhile."""
        row = publications.c
        same = (row.mode == publication.mode) & (row.wanted == publication.wanted)
        with self._database.write("apps") as connection:
            where = _is(publication.cluster, publication.source) & same
            connection.execute(update(publications).where(where).values(state=dict(state)))

    def forget(self, publication: Publication) -> None:
        """Drop the row of one that captain has forgotten; it stays where it is wanted again meanwhile."""
        where = _is(publication.cluster, publication.source) & (publications.c.wanted == publication.wanted)
        with self._database.write("apps") as connection:
            connection.execute(delete(publications).where(where))


def _is(cluster: str, source: str) -> Any:
    return (publications.c.cluster == cluster) & (publications.c.source == source)


def _publication(row: Row[Any]) -> Publication:
    return Publication(row.cluster, row.source, row.mode, row.wanted, row.state)
