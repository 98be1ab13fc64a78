"""Which repositories are registered, when each is due, and what the last answer was."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from indexer.errors import Conflict, SourceNotFound
from indexer.model import CREDENTIALS, Held, Progress, Source, SourceState
from indexer.plan import ANY_LISTING, BACKOFF_CEILING, is_due
from indexer.store.changes import log_changes
from indexer.store.database import Database
from indexer.store.ledger import attempt_of
from indexer.store.secrets import SecretChanges, note_stored, write_secrets
from indexer.store.tables import archives, attempts, charts, problems, sources, versions
from indexer.vault import Vault

_SETTINGS = tuple(one.name for one in fields(Source) if one.name not in {"name", "configured"})
_NO_SECRETS: SecretChanges = MappingProxyType({})


class Sources:
    """The registered sources. Every change is one transaction."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    def all(self) -> tuple[SourceState, ...]:
        """Every source by name."""
        with self._database.read() as connection:
            return tuple(_state(row) for row in connection.execute(_states().order_by(sources.c.name)))

    def get(self, name: str) -> SourceState:
        """Return one source. Raises SourceNotFound."""
        with self._database.read() as connection:
            row = connection.execute(_states().where(sources.c.name == name)).one_or_none()
        if row is None:
            raise SourceNotFound(source=name)
        return _state(row)

    def due(self, now: datetime) -> tuple[Source, ...]:
        """Enabled sources whose time has come, the longest waiting first."""
        maybe = (sources.c.next_due <= now) | (sources.c.next_due > now + timedelta(seconds=BACKOFF_CEILING))
        with self._database.read() as connection:
            rows = connection.execute(select(sources).where(maybe).order_by(sources.c.next_due, sources.c.name)).all()
        found = ((_source(row), row.next_due) for row in rows)
        return tuple(one for one, due in found if one.enabled and is_due(due, one.interval, now))

    def add(self, source: Source, now: datetime, secrets: SecretChanges = _NO_SECRETS) -> None:
        """Register a source with its secrets; it is due at once. Raises Conflict when the name is taken."""
        with self._database.write() as connection:
            if _settings_of(connection, source.name) is not None:
                raise Conflict(
                    what=f"There is already a source named “{source.name}”.",
                    hint="Choose another name, or edit that one.",
                )
            _insert(connection, source, now)
            write_secrets(connection, self._vault, source.name, secrets)
            note_stored(connection, source.name)

    def change(self, source: Source, now: datetime, secrets: SecretChanges = _NO_SECRETS) -> None:
        """Replace a source's settings, and the secrets that are named; it is due at once. Raises SourceNotFound."""
        with self._database.write() as connection:
            if _settings_of(connection, source.name) is None:
                raise SourceNotFound(source=source.name)
            _replace(connection, source, now)
            write_secrets(connection, self._vault, source.name, secrets)
            note_stored(connection, source.name)

    def remove(self, name: str, now: datetime) -> None:
        """Take a source away with its charts; the change log says so. Raises SourceNotFound."""
        with self._database.write() as connection:
            if _settings_of(connection, name) is None:
                raise SourceNotFound(source=name)
            _remove(connection, name, now)

    def configure(self, declared: Iterable[Source], now: datetime) -> None:
        """Make the store agree with the sources that the configuration file declares.

        A declared source takes over one of the same name with its charts, and reads its credentials from where it
        says alone; one that is no longer declared goes.
        """
        wanted = {one.name: replace(one, configured=True) for one in declared}
        with self._database.read() as connection:
            rows = connection.execute(select(sources).where(sources.c.parent == ""))
            present = {row.name: _source(row) for row in rows}
        gone = [name for name, source in present.items() if source.configured and name not in wanted]
        if not gone and all(_is_as_declared(present.get(name), source) for name, source in wanted.items()):
            return
        with self._database.write() as connection:
            for name in gone:
                _remove(connection, name, now)
            for name, source in wanted.items():
                if name not in present:
                    _insert(connection, source, now)
                elif not _is_as_declared(present[name], source):
                    _replace(connection, source, now)
                    write_secrets(connection, self._vault, name, dict.fromkeys(CREDENTIALS))
                    note_stored(connection, name)

    def request(self, name: str, now: datetime) -> None:
        """Make a source due now ("Sync now"). Raises SourceNotFound."""
        self._update(name, next_due=now)

    def accept(self, name: str, now: datetime) -> None:
        """Let a held fall be carried out at the next sync, which is due now. Raises SourceNotFound, Conflict."""
        held = self.get(name).held
        if held is None:
            raise Conflict(what=f"Nothing is held for “{name}”.", hint="Reload the page; it was settled meanwhile.")
        self._update(name, accepted=held.fingerprint, next_due=now)

    def resume(self, now: datetime, is_syncing: Callable[[str], bool]) -> tuple[str, ...]:
        """Make every source due whose sync was under way when its process died; returns their names.

        ``is_syncing`` tells those apart that another process is at just now.
        """
        with self._database.read() as connection:
            rows = connection.execute(select(sources.c.name, sources.c.progress)).all()
        names = tuple(row.name for row in rows if row.progress is not None and not is_syncing(row.name))
        for name in names:
            self._update(name, next_due=now, progress=None)
        return names

    def progress(self, name: str, progress: Progress | None) -> None:
        """Say how far a running sync is; None: it ended."""
        self._update(name, progress=None if progress is None else _progress_json(progress))

    def _update(self, name: str, **values: Any) -> None:
        with self._database.write() as connection:
            if not connection.execute(update(sources).where(sources.c.name == name).values(**values)).rowcount:
                raise SourceNotFound(source=name)


def _is_as_declared(present: Source | None, declared: Source) -> bool:
    return (
        present is not None
        and not CREDENTIALS & set(present.stored_secrets)
        and _apart_from_secrets(present) == declared
    )


def _states() -> Any:
    """Each source with its last attempt (``a_…``) and how many problems it has."""
    last = (
        select(func.max(attempts.c.id)).where(attempts.c.source == sources.c.name).correlate(sources).scalar_subquery()
    )
    joined = sources.outerjoin(attempts, attempts.c.id == last)
    columns = [attempts.c[one.name].label(f"a_{one.name}") for one in attempts.c]
    return select(sources, (_flawed() + _without_archive()).label("problem_count"), *columns).select_from(joined)


def _flawed() -> Any:
    return (
        select(func.count(problems.c.id))
        .where(problems.c.source == sources.c.name)
        .correlate(sources)
        .scalar_subquery()
    )


def _without_archive() -> Any:
    joined = archives.join(versions, archives.c.version == versions.c.id).join(charts, versions.c.chart == charts.c.id)
    failed = (charts.c.source == sources.c.name) & (archives.c.state == "failed")
    count = select(func.count(archives.c.version)).select_from(joined).where(failed)
    return count.correlate(sources).scalar_subquery()


def _source(row: Row[Any]) -> Source:
    known: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in row.settings.items()
        if key in _SETTINGS
    }
    return Source(name=row.name, configured=row.configured, **known)


def _state(row: Row[Any]) -> SourceState:
    return SourceState(
        source=_source(row),
        charts=row.charts,
        versions=row.versions,
        next_due=row.next_due,
        failures=row.failures,
        etag=row.etag,
        last_modified=row.last_modified,
        body_digest=row.body_digest,
        memory=row.memory or {},
        pending=None if row.pending is None else tuple(row.pending),
        listing_fingerprint=row.listing_fingerprint,
        end_proven=row.end_proven,
        full_fetch_at=row.full_fetch_at,
        held=held_of(row.held),
        accepted=row.accepted,
        last_attempt=attempt_of(row, "a_") if row.a_id is not None else None,
        last_success=row.last_success,
        problems=row.problem_count,
        running=_progress(row.progress),
    )


def due_after(connection: Connection, before: SourceState, next_due: datetime) -> datetime:
    """When a source is due after a sync that began with ``before``: at ``next_due``, unless somebody asked meanwhile.

    Raises SourceNotFound, and Conflict where its settings changed: what the sync brought is not the source's any more.
    """
    row = connection.execute(select(sources).where(sources.c.name == before.source.name)).one_or_none()
    if row is None:
        raise SourceNotFound(source=before.source.name)
    if _apart_from_secrets(_source(row)) != _apart_from_secrets(before.source):
        raise Conflict(
            what=f"“{row.name}” was changed while it was being synced.", hint="It is synced anew as it is now."
        )
    return next_due if row.next_due == before.next_due else row.next_due


def _apart_from_secrets(source: Source) -> Source:
    """Which secrets are kept is noted with the settings, and is none of them."""
    return replace(source, stored_secrets=())


def held_json(held: Held | None) -> dict[str, Any] | None:
    """Return ``held`` as the store keeps it."""
    if held is None:
        return None
    return {**asdict(held), "since": held.since.isoformat(), "fingerprint": held.fingerprint.hex()}


def held_of(value: Mapping[str, Any] | None) -> Held | None:
    """Read back what ``held_json`` wrote."""
    if value is None:
        return None
    since, fingerprint = datetime.fromisoformat(value["since"]), bytes.fromhex(value["fingerprint"])
    return Held(since, fingerprint, value["removed"], value["of"], value["error_id"])


def _progress_json(progress: Progress) -> dict[str, Any]:
    return {**asdict(progress), "started": progress.started.isoformat()}


def _progress(value: Mapping[str, Any] | None) -> Progress | None:
    if value is None:
        return None
    started = datetime.fromisoformat(value["started"])
    return Progress(started, value["step"], value["done"], value["total"], value.get("bytes", 0))


def _settings_of(connection: Connection, name: str) -> Any:
    return connection.execute(select(sources.c.settings).where(sources.c.name == name)).scalar_one_or_none()


def _values(source: Source) -> dict[str, Any]:
    settings = {name: getattr(source, name) for name in _SETTINGS}
    return {"settings": settings, "configured": source.configured, "parent": source.parent}


def _insert(connection: Connection, source: Source, now: datetime) -> None:
    connection.execute(insert(sources).values(name=source.name, next_due=now, **_values(source)))


def _replace(connection: Connection, source: Source, now: datetime) -> None:
    before = _settings_of(connection, source.name)
    moved = (before["url"], before["kind"]) != (source.url, source.kind)
    # What the old address answered says nothing about the new one: ask in full and take what comes.
    forget = (
        {"etag": "", "last_modified": "", "body_digest": "", "memory": None, "held": None, "accepted": ANY_LISTING}
        if moved
        else {}
    )
    values = {**_values(source), **forget}
    connection.execute(update(sources).where(sources.c.name == source.name).values(next_due=now, failures=0, **values))


def _remove(connection: Connection, name: str, now: datetime) -> None:
    gone = connection.execute(
        select(charts.c.name, versions.c.version)
        .join(versions, versions.c.chart == charts.c.id)
        .where(charts.c.source == name)
    ).all()
    log_changes(connection, now, name, [(row.name, row.version, "removed") for row in gone])
    connection.execute(delete(charts).where(charts.c.source == name))
    connection.execute(delete(sources).where(sources.c.name == name))
