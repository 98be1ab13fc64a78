"""What archives hold, by digest, and which archives are still wanted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    delete,
    func,
    insert,
    select,
    tuple_,
    union,
    update,
)

from indexer.errors import ChartroomError, by_id
from indexer.model import CONTENT_FORMAT, ArchiveContent, ContentPolicy, Problem, Searchable
from indexer.plan import next_archive_try
from indexer.store.changes import log_changes
from indexer.store.content_rows import insert_content, read_content, read_searchable, searchable_columns
from indexer.store.database import Database, in_chunks, one_of
from indexer.store.tables import archives, charts, contents, revisions, versions


@dataclass(frozen=True, slots=True)
class Wanted:
    """An archive to fetch."""

    version_id: int
    source: str
    chart: str
    version: str
    urls: tuple[str, ...]
    digest: str
    """As the index promises; empty where it promises none."""
    failures: int
    latest: bool
    """It is the chart's newest version, whose README the search knows."""
    manifest: str = ""
    """Digest of its OCI manifest; empty where the source is no registry."""


@dataclass(frozen=True, slots=True)
class Outdated:
    """An archive to read again."""

    digest: str
    chart: str
    version: str


@dataclass(frozen=True, slots=True)
class FloatingImages:
    """A chart whose newest version names images that are others tomorrow."""

    source: str
    chart: str
    version: str
    references: tuple[str, ...]
    """As the chart writes them."""


_NOTHING: Mapping[str, Any] = MappingProxyType({"images": (), "kinds": (), "values": ()})


class Contents:
    """What was read from archives."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def wanted(self, source: str, policy: ContentPolicy, now: datetime) -> tuple[Wanted, ...]:
        """Archives of ``source`` to fetch now: never tried, or failed and due again."""
        if policy == "none":
            return ()
        fetched = ("failed", "partial") if policy == "all" else ("failed",)
        again = archives.c.state.in_(fetched) & (archives.c.next_try.is_(None) | (archives.c.next_try <= now))
        due = archives.c.state.is_(None) | again
        query = _wanted_rows().where((charts.c.source == source) & due)
        if policy == "latest":
            query = query.where(versions.c.version == charts.c.latest)
        with self._database.read() as connection:
            return tuple(_wanted(row) for row in connection.execute(query))

    def waiting(self, now: datetime, whole: Collection[str]) -> frozenset[str]:
        """The sources of which archives are to be fetched now: of newest versions or, of those in ``whole``, of any."""
        again = archives.c.state.in_(("failed", "partial")) & (archives.c.next_try <= now)
        due = archives.c.state.is_(None) | again
        joined = versions.join(charts, versions.c.chart == charts.c.id).outerjoin(
            archives, archives.c.version == versions.c.id
        )
        meant = (versions.c.version == charts.c.latest) | charts.c.source.in_(whole)
        with self._database.read() as connection:
            query = select(charts.c.source).select_from(joined).where(due & meant).distinct()
            return frozenset(connection.execute(query).scalars())

    def wanted_version(self, source: str, chart: str, version: str) -> Wanted | None:
        """Return what it takes to fetch that archive, or None when there is no such version."""
        query = _wanted_rows().where(
            (charts.c.source == source) & (charts.c.name == chart) & (versions.c.version == version)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _wanted(row)

    def ready(self, wanted: Wanted, content: ArchiveContent, now: datetime) -> None:
        """Keep ``content``; where it is the newest version's, the change log says that its README is known."""
        with self._database.write() as connection:
            if not _still_there(connection, wanted):
                return
            insert_content(connection, content)
            _set_archive(connection, wanted, {"state": "ready", "digest": content.digest})
            if wanted.latest:
                log_changes(connection, now, wanted.source, [(wanted.chart, wanted.version, "content")])

    def partial(self, wanted: Wanted, content: ArchiveContent, now: datetime) -> None:
        """Keep what is known without the archive, as ``ready``; not if somebody else has had the archive."""
        with self._database.write() as connection:
            if not _still_there(connection, wanted) or _present(connection, wanted)[0] == "ready":
                return
            insert_content(connection, content)
            _set_archive(connection, wanted, {"state": "partial", "digest": content.digest})
            if wanted.latest:
                log_changes(connection, now, wanted.source, [(wanted.chart, wanted.version, "content")])

    def failed(self, wanted: Wanted, error: ChartroomError, now: datetime) -> None:
        """Remember why the archive could not be had, and when it is tried again; not if somebody else has had it.

        What is known without it stays.
        """
        failures = wanted.failures + 1
        values = {
            "state": "failed",
            "error_id": error.id,
            "error_params": error.params,
            "failures": failures,
            "next_try": next_archive_try(now, failures),
        }
        with self._database.write() as connection:
            state, digest = _present(connection, wanted)
            if state == "partial":
                values |= {"state": state, "digest": digest}
            if _still_there(connection, wanted) and state != "ready":
                _set_archive(connection, wanted, values)

    def problems(self, source: str, chart: str = "") -> tuple[Problem, ...]:
        """Versions of ``source``, or of one ``chart``, whose archive could not be had."""
        joined = archives.join(versions, archives.c.version == versions.c.id).join(
            charts, versions.c.chart == charts.c.id
        )
        query = select(charts.c.name, versions.c.version, archives.c.error_id, archives.c.error_params)
        failed = (charts.c.source == source) & (archives.c.error_id != "")
        if chart:
            failed &= charts.c.name == chart
        with self._database.read() as connection:
            rows = connection.execute(query.select_from(joined).where(failed).order_by(charts.c.name)).all()
        known = by_id()
        return tuple(
            Problem(
                row.name,
                row.version,
                None,
                "flagged",
                known.get(row.error_id, ChartroomError).cause_text,
                row.error_params,
            )
            for row in rows
        )

    def get(self, digest: str) -> ArchiveContent | None:
        """Return what the archive of ``digest`` holds, or None when it was never read."""
        with self._database.read() as connection:
            row = connection.execute(select(contents).where(contents.c.digest == digest)).one_or_none()
        return None if row is None else read_content(row)

    def repositories(self, digests: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Registry and repository of each image of the archives ``digests``; what is not told without unpacking a
        content, or was never read, is absent."""
        found: dict[str, tuple[str, ...]] = {}
        known = contents.c.searchable.is_not(None)
        with self._database.read() as connection:
            for some in in_chunks(digests):
                query = select(contents.c.digest, contents.c.searchable).where(contents.c.digest.in_(some) & known)
                for row in connection.execute(query):
                    found[row.digest] = tuple(row.searchable["images"])
        return found

    def searchable(self, keys: Collection[tuple[str, str]], characters: int) -> dict[tuple[str, str], Searchable]:
        """What the archives of the newest versions of the charts ``keys`` ((source, name)) hold for a searcher.

        Of READMEs the first ``characters``. What a row from before does not tell is worked out, and kept, at once.
        """
        found: dict[tuple[str, str], Searchable] = {}
        for some in in_chunks(keys):
            of_charts = one_of(charts.c.source, charts.c.name, some)
            self._fill_searchable(of_charts)
            readme = func.substr(contents.c.readme, 1, characters).label("readme")
            query = _newest(charts.c.source, charts.c.name, readme, contents.c.searchable).where(of_charts)
            with self._database.read() as connection:
                for row in connection.execute(query):
                    found[row.source, row.name] = read_searchable(row.readme, row.searchable or _NOTHING)
        return found

    def _fill_searchable(self, of_charts: ColumnElement[bool]) -> None:
        """One archive in memory after another, and all that they tell in one write: each write waits for the disk."""
        query = _newest(contents.c.digest).where(of_charts & contents.c.searchable.is_(None))
        with self._database.read() as connection:
            digests = connection.execute(query).scalars().all()
        told = {digest: searchable_columns(one) for digest in dict.fromkeys(digests) if (one := self.get(digest))}
        if told:
            with self._database.write() as connection:
                for digest, values in told.items():
                    connection.execute(update(contents).where(contents.c.digest == digest).values(values))

    def floating(self) -> tuple[FloatingImages, ...]:
        """Newest versions with images that have no tag, or the tag ``latest``; by source and chart."""
        query = _newest(charts.c.source, charts.c.name, versions.c.version, contents.c.searchable)
        query = query.where(contents.c.floating > 0).order_by(charts.c.source, charts.c.name)
        with self._database.read() as connection:
            return tuple(
                FloatingImages(row.source, row.name, row.version, tuple(row.searchable["floating"]))
                for row in connection.execute(query)
            )

    def outdated(self, source: str) -> tuple[Outdated, ...]:
        """The archives of ``source`` that were read when less was read of one; those of newest versions first."""
        query = (
            select(contents.c.digest, charts.c.name, versions.c.version)
            .select_from(_joined())
            .where((charts.c.source == source) & (contents.c.format < CONTENT_FORMAT) & (archives.c.state == "ready"))
            .order_by(versions.c.version != charts.c.latest, contents.c.digest)
        )
        with self._database.read() as connection:
            return tuple(Outdated(*row) for row in connection.execute(query))

    def renew(self, content: ArchiveContent, now: datetime) -> None:
        """Keep ``content`` in place of what an older program read of the same archive; the change log says so for
        the newest versions that it belongs to."""
        named = _newest(charts.c.source, charts.c.name, versions.c.version).where(contents.c.digest == content.digest)
        with self._database.write() as connection:
            known = connection.execute(select(contents.c.digest).where(contents.c.digest == content.digest)).all()
            if not known:
                return
            insert_content(connection, content)
            for row in connection.execute(named).all():
                log_changes(connection, now, row.source, [(row.name, row.version, "content")])

    def digests(self) -> frozenset[str]:
        """The archives that contents or revisions name."""
        named = union(select(contents.c.digest), select(revisions.c.chart_digest))
        with self._database.read() as connection:
            return frozenset(connection.execute(named).scalars())

    def sent(self) -> frozenset[str]:
        """The archives that revisions name, by their digest or by a version whose archive was read."""
        sent = (revisions.c.source, revisions.c.chart, revisions.c.version)
        by_version = (
            select(archives.c.digest)
            .join(versions, archives.c.version == versions.c.id)
            .join(charts, versions.c.chart == charts.c.id)
            .where(tuple_(charts.c.source, charts.c.name, versions.c.version).in_(select(*sent)))
        )
        with self._database.read() as connection:
            return frozenset(connection.execute(union(select(revisions.c.chart_digest), by_version)).scalars())

    def prune(self) -> tuple[str, ...]:
        """Drop contents whose archive no version and no revision names any more; returns their digests."""
        listed = select(archives.c.version).where(archives.c.digest == contents.c.digest).exists()
        sent = select(revisions.c.id).where(revisions.c.chart_digest == contents.c.digest).exists()
        used = listed | sent
        with self._database.write() as connection:
            gone = tuple(connection.execute(select(contents.c.digest).where(~used)).scalars())
            connection.execute(delete(contents).where(~used))
        return gone


def _joined() -> FromClause:
    """Charts with their versions and what is known of the archives of these."""
    return (
        charts.join(versions, versions.c.chart == charts.c.id)
        .join(archives, archives.c.version == versions.c.id)
        .join(contents, contents.c.digest == archives.c.digest)
    )


def _newest(*columns: ColumnElement[Any]) -> Select[Any]:
    """``columns`` of the newest version of each chart whose archive is known."""
    return select(*columns).select_from(_joined()).where(versions.c.version == charts.c.latest)


def _wanted_rows() -> Any:
    joined = versions.join(charts, versions.c.chart == charts.c.id).outerjoin(
        archives, archives.c.version == versions.c.id
    )
    return select(
        versions.c.id, charts.c.source, charts.c.name, charts.c.latest, versions.c.version, versions.c.urls,
        versions.c.digest, versions.c.manifest, archives.c.failures,
    ).select_from(joined).order_by(charts.c.name, versions.c.id)  # fmt: skip


def _wanted(row: Row[Any]) -> Wanted:
    return Wanted(
        version_id=row.id,
        source=row.source,
        chart=row.name,
        version=row.version,
        urls=tuple(row.urls),
        digest=row.digest,
        failures=row.failures or 0,
        latest=row.version == row.latest,
        manifest=row.manifest,
    )


def _still_there(connection: Connection, wanted: Wanted) -> bool:
    """Whether the version is still the one that was asked for: a sync may have changed it meanwhile."""
    promised = select(versions.c.digest, versions.c.manifest).where(versions.c.id == wanted.version_id)
    row = connection.execute(promised).one_or_none()
    return row is not None and (row.digest, row.manifest) == (wanted.digest, wanted.manifest)


def _present(connection: Connection, wanted: Wanted) -> tuple[str, str]:
    """State and digest of what is known of the archive by now; empty where nothing is."""
    query = select(archives.c.state, archives.c.digest).where(archives.c.version == wanted.version_id)
    row = connection.execute(query).one_or_none()
    return (row.state, row.digest) if row else ("", "")


def _set_archive(connection: Connection, wanted: Wanted, values: Mapping[str, Any]) -> None:
    blank = {"digest": "", "error_id": "", "error_params": {}, "failures": 0, "next_try": None}
    row = {"version": wanted.version_id, **blank, **values}
    connection.execute(delete(archives).where(archives.c.version == wanted.version_id))
    connection.execute(insert(archives).values(row))
