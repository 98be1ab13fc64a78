"""What an administrator should know of: versions that were pushed again, archives that cannot be had."""

from sqlalchemy import func, select

from indexer.model import LostArchive, RepushedVersion
from indexer.store.database import Database
from indexer.store.tables import archives, changes, charts, versions

_VERSIONS = versions.join(charts, versions.c.chart == charts.c.id)
_ARCHIVES = archives.join(versions, archives.c.version == versions.c.id).join(charts, versions.c.chart == charts.c.id)


class Worries:
    """Reads them in pages, by source and chart."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def repushed_count(self) -> int:
        """How many versions were pushed again."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).where(versions.c.repushed)).scalar_one()

    def repushed(self, limit: int, offset: int) -> tuple[RepushedVersion, ...]:
        """Versions that were pushed again."""
        seen = (changes.c.source == charts.c.source) & (changes.c.name == charts.c.name)
        seen &= (changes.c.version == versions.c.version) & (changes.c.kind == "repushed")
        at = select(func.max(changes.c.at)).where(seen).scalar_subquery()
        query = (
            select(charts.c.source, charts.c.name, versions.c.version, at)
            .select_from(_VERSIONS)
            .where(versions.c.repushed)
            .order_by(charts.c.source, charts.c.name, versions.c.id)
        )
        with self._database.read() as connection:
            return tuple(RepushedVersion(*row) for row in connection.execute(query.limit(limit).offset(offset)))

    def lost_count(self) -> int:
        """How many archives could not be had."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).where(archives.c.error_id != "")).scalar_one()

    def lost(self, limit: int, offset: int) -> tuple[LostArchive, ...]:
        """Versions whose archives could not be had, with what went wrong the last time."""
        failed = (archives.c.error_id, archives.c.error_params, archives.c.failures, archives.c.next_try)
        query = (
            select(charts.c.source, charts.c.name, versions.c.version, *failed)
            .select_from(_ARCHIVES)
            .where(archives.c.error_id != "")
            .order_by(charts.c.source, charts.c.name, versions.c.id)
        )
        with self._database.read() as connection:
            return tuple(LostArchive(*row) for row in connection.execute(query.limit(limit).offset(offset)))
