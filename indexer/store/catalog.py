"""Charts and their versions: what a sync writes, and what pages read."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, delete, func, insert, literal, select, update

from indexer import parse, versions
from indexer.errors import ChartNotFound, SourceNotFound, VersionNotFound
from indexer.model import (
    Attempt,
    ChartMetadata,
    ChartSummary,
    Held,
    Listing,
    Problem,
    SourceState,
    VersionSummary,
)
from indexer.plan import Due, Plan, Stored, StoredChart, StoredVersion
from indexer.sources import KnownVersion
from indexer.store import tables
from indexer.store.database import Database, in_chunks, one_of
from indexer.store.ledger import record
from indexer.store.packs import Place, read_entries, read_entry
from indexer.store.sources import due_after, held_json, held_of
from indexer.store.writing import count, write_plan


@dataclass(frozen=True, slots=True)
class Taken:
    """What the next sync must know of the answer that was just taken."""

    etag: str
    last_modified: str
    body_digest: str
    fingerprint: bytes
    end_proven: bool
    whole: bool
    """All of it was looked at anew: nothing was left out for what a reader remembered."""


class Catalog:
    """The charts of all sources."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- for a sync

    def known(self, source: str) -> dict[str, bytes]:
        """Fingerprints of the charts that need not be read again when their block is equal: those without problems.

        None where not all problems were told one by one: any chart may have one then.
        """
        charts, problems = tables.charts, tables.problems
        flawed = select(problems.c.chart).where(problems.c.source == source)
        query = select(charts.c.name, charts.c.fingerprint).where(
            (charts.c.source == source) & charts.c.name.not_in(flawed) & literal("").not_in(flawed)
        )
        with self._database.read() as connection:
            return {row.name: row.fingerprint for row in connection.execute(query)}

    def known_versions(self, source: str, chart: str) -> tuple[KnownVersion, ...]:
        """The stored versions of a chart with their entries; none where it is not there."""
        query = _version_rows(_is(source, chart)).order_by(tables.versions.c.pack, tables.versions.c.pack_start)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            entries = read_entries(connection, [Place(row.pack, row.pack_start, row.pack_length) for row in rows])
        return tuple(
            KnownVersion(row.version, row.digest, row.manifest, raw) for row, raw in zip(rows, entries, strict=True)
        )

    def entries(self, source: str, chart: str) -> tuple[tuple[VersionSummary, bytes], ...]:
        """The versions of a chart, each with its entry as it was listed; none where the chart is not there."""
        query = _version_rows(_is(source, chart)).order_by(tables.versions.c.pack, tables.versions.c.pack_start)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            raw = read_entries(connection, [Place(row.pack, row.pack_start, row.pack_length) for row in rows])
        return tuple(zip(map(version_summary, rows), raw, strict=True))

    def stamp(self, source: str) -> str:
        """A text that is another one after every sync that went well. Raises SourceNotFound."""
        facts = tables.sources.c
        columns = select(facts.last_success, facts.listing_fingerprint, facts.charts, facts.versions)
        with self._database.read() as connection:
            row = connection.execute(columns.where(facts.name == source)).one_or_none()
        if row is None:
            raise SourceNotFound(source=source)
        return f"{row.last_success}-{row.listing_fingerprint.hex()}-{row.charts}-{row.versions}"

    def state(self, source: str) -> str:
        """A text that is another one after every change of what the source lists, and after a digest was learned that
        it does not tell. Costs a look through the change log, so ask for ``stamp`` first."""
        log = tables.changes.c
        of_source = (log.source == source) & (log.kind != "content")
        last = select(log.id).where(of_source).order_by(log.id.desc()).limit(1)
        listing = select(tables.sources.c.listing_fingerprint).where(tables.sources.c.name == source)
        with self._database.read() as connection:
            fingerprint = connection.execute(listing).scalar() or b""
            change = connection.execute(last).scalar() or 0
            learned = connection.execute(_learned(source)).scalar_one()
        return f"{fingerprint.hex()}-{change}-{learned}"

    def stored(self, source: str, listing: Listing) -> Stored:
        """What planning needs: all charts of ``source``, and the versions of those that ``listing`` tells of."""
        charts, versions_, sources = tables.charts, tables.versions, tables.sources
        with self._database.read() as connection:
            rows = connection.execute(select(charts).where(charts.c.source == source)).all()
            state = connection.execute(select(sources).where(sources.c.name == source)).one()
            touched = {row.id: row.name for row in rows if _is_told(listing, row.name)}
            found: dict[str, dict[str, StoredVersion]] = {name: {} for name in touched.values()}
            for chart in touched:
                for row in connection.execute(select(versions_).where(versions_.c.chart == chart)):
                    told = (row.app_version, row.created, tuple(row.urls), row.deprecated)
                    found[touched[chart]][row.version] = StoredVersion(row.fingerprint, row.digest, told, row.manifest)
        return Stored(
            charts={row.name: StoredChart(row.fingerprint, row.latest) for row in rows},
            versions=found,
            end_proven=state.end_proven,
            held=held_of(state.held),
            accepted=state.accepted,
        )

    def apply(
        self,
        before: SourceState,
        plan: Plan,
        *,
        latest: Mapping[str, ChartMetadata],
        problems: Sequence[Problem],
        only: Collection[str] | None,
        taken: Taken | None,
        memory: Mapping[str, Any],
        attempt: Attempt,
        due: Due,
        now: datetime,
    ) -> None:
        """Carry out ``plan`` with its change log, problems, attempt and the source's new state: all or nothing.

        ``before``: the source as the sync found it. ``latest``: the metadata of each touched chart's newest version.
        ``only``: the charts that ``problems`` speak of (those of others stay); None: all. ``taken``: None where only a
        part was read, which says nothing of the whole.
        Raises SourceNotFound and Conflict where the source was removed or changed meanwhile.
        """
        source = before.source.name
        with self._database.write() as connection:
            state = due_after(connection, before, attempt, due, read=True) | _healthy(now)
            write_plan(connection, source, plan, latest, now)
            _replace_problems(connection, source, problems, only)
            row = record(connection, attempt)
            state |= {"last_change": row} if attempt.outcome == "changed" else {}
            state |= {"memory": dict(memory)} if taken or memory else {}
            _update_source(connection, source, state | (_state_after(taken, now) if taken else {}))
            count(connection, source)

    def settle(self, before: SourceState, attempt: Attempt, *, due: Due, now: datetime, **values: Any) -> None:
        """Record an attempt that changes no chart, not modified, held or failed, with what else it changes of the
        source's state. Raises as ``apply`` does."""
        unchanged, failed = attempt.outcome == "unchanged", attempt.outcome == "failed"
        with self._database.write() as connection:
            state = due_after(connection, before, attempt, due, read=unchanged)
            state |= _healthy(now) if unchanged else {"failures": 0, "failing_since": None}
            if failed:
                since = before.failing_since or attempt.started
                state |= {"failures": before.failures + 1, "failing_since": since}
            record(connection, attempt)
            _update_source(connection, before.source.name, state | values)

    def hold(self, before: SourceState, attempt: Attempt, held: Held, *, due: Due, now: datetime) -> None:
        """Record an attempt whose removals wait. Raises as ``apply`` does."""
        state = {"held": held_json(held), "accepted": _still_accepted(held)}
        self.settle(before, attempt, due=due, now=now, **state)

    # -- for readers

    def charts(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], ChartSummary]:
        """Return the charts of ``keys`` ((source, name)); one that is not there is absent."""
        facts = tables.charts.c
        found: dict[tuple[str, str], ChartSummary] = {}
        with self._database.read() as connection:
            for some in in_chunks(keys):
                query = select(tables.charts).where(one_of(facts.source, facts.name, some))
                for row in connection.execute(query):
                    found[row.source, row.name] = _summary(row)
        return found

    def chart(self, source: str, name: str) -> ChartSummary:
        """Return one chart. Raises ChartNotFound."""
        found = self.charts([(source, name)])
        if not found:
            raise ChartNotFound(source=source, chart=name)
        return found[source, name]

    def named(self, name: str) -> tuple[ChartSummary, ...]:
        """The charts of that name in all sources, by source."""
        return self.all_named([name]).get(name, ())

    def all_named(self, names: Collection[str]) -> dict[str, tuple[ChartSummary, ...]]:
        """The charts of each of these names in all sources, by source; a name that no chart has is absent."""
        found: dict[str, tuple[ChartSummary, ...]] = {}
        query = select(tables.charts).order_by(tables.charts.c.source)
        with self._database.read() as connection:
            for some in in_chunks(names):
                for row in connection.execute(query.where(tables.charts.c.name.in_(some))):
                    found[row.name] = (*found.get(row.name, ()), _summary(row))
        return found

    def sources_of(self, name: str, digest: str) -> frozenset[str]:
        """The sources that have any version of the chart ``name`` whose archive has that ``digest``."""
        joined = tables.versions.join(tables.charts, tables.versions.c.chart == tables.charts.c.id)
        same = (tables.charts.c.name == name) & (tables.versions.c.digest == digest)
        with self._database.read() as connection:
            found = connection.execute(select(tables.charts.c.source).select_from(joined).where(same))
            return frozenset(found.scalars())

    def names(self, source: str) -> tuple[str, ...]:
        """Names of all charts of ``source``, sorted."""
        query = select(tables.charts.c.name).where(tables.charts.c.source == source).order_by(tables.charts.c.name)
        with self._database.read() as connection:
            return tuple(connection.execute(query).scalars())

    def versions(self, source: str, name: str) -> tuple[VersionSummary, ...]:
        """All versions of a chart, newest first in Helm's order. Raises ChartNotFound."""
        with self._database.read() as connection:
            rows = connection.execute(_version_rows(_is(source, name))).all()
        if not rows:
            raise ChartNotFound(source=source, chart=name)
        found = {row.version: version_summary(row) for row in rows}
        return tuple(found[one] for one in versions.newest_first(found))

    def all_versions(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], tuple[VersionSummary, ...]]:
        """All versions of each chart of ``keys`` ((source, name)), as ``versions``; one that is not there is absent."""
        found: dict[tuple[str, str], dict[str, VersionSummary]] = {}
        columns = (tables.charts.c.source, tables.charts.c.name)
        with self._database.read() as connection:
            for some in in_chunks(keys):
                for row in connection.execute(_version_rows(one_of(*columns, some)).add_columns(*columns)):
                    found.setdefault((row.source, row.name), {})[row.version] = version_summary(row)
        return {key: tuple(some[one] for one in versions.newest_first(some)) for key, some in found.items()}

    def keys(self) -> tuple[tuple[str, str], ...]:
        """(source, name) of every chart."""
        with self._database.read() as connection:
            rows = connection.execute(select(tables.charts.c.source, tables.charts.c.name))
            return tuple((row.source, row.name) for row in rows)

    def version_names(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
        """What the versions of each chart of ``keys`` are called, in no order; one that is not there is absent."""
        found: dict[tuple[str, str], list[str]] = {}
        columns = (tables.charts.c.source, tables.charts.c.name)
        joined = tables.charts.join(tables.versions, tables.versions.c.chart == tables.charts.c.id)
        with self._database.read() as connection:
            for some in in_chunks(keys):
                query = select(*columns, tables.versions.c.version).select_from(joined).where(one_of(*columns, some))
                for row in connection.execute(query):
                    found.setdefault((row.source, row.name), []).append(row.version)
        return found

    def version(self, source: str, name: str, version: str) -> tuple[VersionSummary, ChartMetadata]:
        """One version with its whole index entry. Raises VersionNotFound, EntryError."""
        with self._database.read() as connection:
            query = _version_rows(_is(source, name)).where(tables.versions.c.version == version)
            row = connection.execute(query).one_or_none()
            if row is None:
                raise VersionNotFound(source=source, chart=name, version=version)
            raw = read_entry(connection, Place(row.pack, row.pack_start, row.pack_length))
        return version_summary(row), parse.open_entry(raw)

    def problems(self, source: str, chart: str = "") -> tuple[Problem, ...]:
        """Entries of ``source``, or of one ``chart``, with something wrong, by chart."""
        table = tables.problems
        query = select(table).where(table.c.source == source).order_by(table.c.chart, table.c.id)
        if chart:
            query = query.where(table.c.chart == chart)
        with self._database.read() as connection:
            return tuple(
                Problem(row.chart, row.version, row.line, row.kind, row.text, row.params)
                for row in connection.execute(query)
            )

    def every(self) -> Iterator[ChartSummary]:
        """All charts of all sources, as one consistent view."""
        query = select(tables.charts).execution_options(yield_per=500)
        with self._database.read() as connection, connection.execute(query) as rows:
            for row in rows:
                yield _summary(row)


def _is_told(listing: Listing, name: str) -> bool:
    """Whether ``listing`` says of that chart anything but "as before"."""
    chart = listing.charts.get(name)
    if chart is None:
        return listing.only is None or name in listing.only
    return not chart.kept


def _is(source: str, name: str) -> ColumnElement[bool]:
    return (tables.charts.c.source == source) & (tables.charts.c.name == name)


def _version_rows(of_charts: ColumnElement[bool]) -> Select[Any]:
    joined = tables.versions.join(tables.charts, tables.versions.c.chart == tables.charts.c.id).outerjoin(
        tables.archives, tables.archives.c.version == tables.versions.c.id
    )
    archive = tables.archives.c
    columns = (
        archive.state,
        archive.digest.label("archive_digest"),
        archive.error_id,
        archive.error_params,
        archive.next_try,
    )
    return select(tables.versions, *columns).select_from(joined).where(of_charts)


def _learned(source: str) -> Select[Any]:
    """How many archives were read whose digest the source does not tell."""
    joined = tables.archives.join(tables.versions, tables.archives.c.version == tables.versions.c.id).join(
        tables.charts, tables.versions.c.chart == tables.charts.c.id
    )
    learned = (
        (tables.charts.c.source == source) & (tables.archives.c.state == "ready") & (tables.versions.c.digest == "")
    )
    return select(func.count()).select_from(joined).where(learned)


def version_summary(row: Row[Any]) -> VersionSummary:
    """Build a VersionSummary from a row of versions joined with archives."""
    return VersionSummary(
        version=row.version,
        app_version=row.app_version,
        created=row.created,
        digest=row.digest,
        deprecated=row.deprecated,
        prerelease=versions.is_prerelease(row.version),
        valid=versions.is_valid(row.version),
        repushed=row.repushed,
        urls=tuple(row.urls),
        archive=row.state or "unknown",
        archive_error_id=row.error_id or "",
        archive_error_params=row.error_params or {},
        archive_digest=row.archive_digest or "" if row.state == "ready" else "",
        content_digest=row.archive_digest or "",
        archive_next_try=row.next_try,
    )


def _summary(row: Row[Any]) -> ChartSummary:
    facts = row.facts or {}
    return ChartSummary(
        source=row.source,
        name=row.name,
        version=row.latest,
        app_version=row.app_version,
        description=row.description,
        icon=row.icon,
        keywords=tuple(row.keywords),
        maintainers=tuple(row.maintainers),
        home=row.home,
        deprecated=row.deprecated,
        updated=row.updated,
        versions=row.versions,
        kube_version=row.kube_version,
        type=row.type,
        category=facts.get("category", ""),
        license=facts.get("license", ""),
        other_names=tuple(facts.get("other_names", ())),
        sources=tuple(facts.get("sources", ())),
        dependencies=tuple(facts.get("dependencies", ())),
        digest=facts.get("digest", ""),
    )


def _replace_problems(
    connection: Connection, source: str, problems: Iterable[Problem], only: Collection[str] | None
) -> None:
    table = tables.problems
    of_source = delete(table).where(table.c.source == source)
    if only is None:
        connection.execute(of_source)
    for some in in_chunks(only or ()):
        connection.execute(of_source.where(table.c.chart.in_(some)))
    values = [{"source": source, **asdict(one)} for one in problems]
    if values:
        connection.execute(insert(table), values)


def _state_after(taken: Taken, now: datetime) -> dict[str, Any]:
    return {
        "etag": taken.etag,
        "last_modified": taken.last_modified,
        "body_digest": taken.body_digest,
        "listing_fingerprint": taken.fingerprint,
        "end_proven": taken.end_proven,
        "held": None,
        "accepted": b"",
    } | ({"full_fetch_at": now} if taken.whole else {})


def _healthy(now: datetime) -> dict[str, Any]:
    return {"failures": 0, "failing_since": None, "last_success": now}


def _update_source(connection: Connection, source: str, values: Mapping[str, Any]) -> None:
    connection.execute(update(tables.sources).where(tables.sources.c.name == source).values(values))


def _still_accepted(held: Held) -> Any:
    """What a person accepted while the same answer came again stays accepted; another answer needs another word."""
    accepted = tables.sources.c.accepted
    return case((accepted == held.fingerprint, accepted), else_=b"")
