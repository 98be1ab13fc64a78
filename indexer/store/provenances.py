"""Provenance files, by version: they lie beside archives, and are looked for when somebody looks at a version."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, insert, select

from indexer.errors import ChartroomError
from indexer.model import Provenance
from indexer.plan import next_archive_try
from indexer.store.database import Database
from indexer.store.tables import charts, provenances, versions

ABSENT_AGAIN = timedelta(days=1)
"""After which a version that had none is looked at again: some sign later."""


class Provenances:
    """What was found beside archives."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, source: str, chart: str, version: str) -> Provenance:
        """What is known of that version's; a blank one where it was never looked for."""
        with self._database.read() as connection:
            row = connection.execute(_rows(source, chart, version)).one_or_none()
        if row is None or row.failures is None:
            return Provenance()
        return Provenance(row.text, row.error_id, row.error_params, row.failures, row.next_try)

    def found(self, source: str, chart: str, version: str, text: str, now: datetime) -> Provenance:
        """Keep the ``text`` of one that was found, or that there is none: empty."""
        return self._put(source, chart, version, Provenance(text, next_try=None if text else now + ABSENT_AGAIN))

    def failed(self, source: str, chart: str, version: str, error: ChartroomError, now: datetime) -> Provenance:
        """Remember why it could not be looked for, and when that is tried again."""
        failures = self.get(source, chart, version).failures + 1
        again = next_archive_try(now, failures)
        return self._put(source, chart, version, Provenance("", error.id, error.params, failures, again))

    def _put(self, source: str, chart: str, version: str, one: Provenance) -> Provenance:
        values = {
            "text": one.text,
            "error_id": one.error_id,
            "error_params": dict(one.error_params),
            "failures": one.failures,
            "next_try": one.next_try,
        }
        with self._database.write("looks") as connection:  # a page waits for it, which must not wait for a sync
            row = connection.execute(_rows(source, chart, version)).one_or_none()
            if row is not None:
                connection.execute(delete(provenances).where(provenances.c.version == row.id))
                connection.execute(insert(provenances).values(version=row.id, **values))
        return one


def _rows(source: str, chart: str, version: str) -> Select[Any]:
    joined = versions.join(charts, versions.c.chart == charts.c.id).outerjoin(
        provenances, provenances.c.version == versions.c.id
    )
    columns = [one for one in provenances.c if one.name != "version"]
    wanted = (charts.c.source == source) & (charts.c.name == chart) & (versions.c.version == version)
    return select(versions.c.id, *columns).select_from(joined).where(wanted)
