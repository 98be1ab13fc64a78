"""Which repositories are registered, when each is due, and what the last answer was."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from indexer.errors import Conflict, SourceNotFound
from indexer.filters import filter_of
from indexer.model import CREDENTIALS, Attempt, Held, Progress, Source, SourceState
from indexer.plan import ALL, ANY_LISTING, BACKOFF_CEILING, HOOK_DELAY, MOST_NAMED, Due, hook_due, is_due
from indexer.projects import ProjectPlan, child_of
from indexer.settings import as_found
from indexer.sources.harbor import is_meant
from indexer.store.changes import log_changes
from indexer.store.database import Database
from indexer.store.excluding import apply_filter
from indexer.store.ledger import attempt_of, record
from indexer.store.secrets import SecretChanges, note_stored, write_secrets
from indexer.store.tables import archives, attempts, charts, problems, sources, versions
from indexer.vault import Vault

_PROGRESS = frozenset(one.name for one in fields(Progress)) - {"started"}
_SETTINGS = tuple(one.name for one in fields(Source) if one.name not in {"name", "configured"})
_WHAT_IS_READ = ("url", "kind", "repositories")
"""Settings that say which repository, or which part of it, is read."""
_NO_SECRETS: SecretChanges = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DueSource:
    """A source whose time has come."""

    source: Source
    failures: int
    """Failed attempts in a row."""

    @property
    def name(self) -> str:
        """The source's name."""
        return self.source.name


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

    def registered(self) -> tuple[Source, ...]:
        """Every source by name, without how it fares."""
        with self._database.read() as connection:
            return tuple(_source(row) for row in connection.execute(select(sources).order_by(sources.c.name)))

    def due(self, now: datetime) -> tuple[DueSource, ...]:
        """Enabled sources whose time has come, the longest waiting first."""
        with self._database.read() as connection:
            rows = connection.execute(_maybe_due(now).order_by(sources.c.next_due, sources.c.name)).all()
        return tuple(DueSource(_source(row), row.failures) for row in rows if _is_due(row, now))

    def is_due(self, name: str, now: datetime) -> bool:
        """Whether that source is there, enabled, and its time has come."""
        with self._database.read() as connection:
            row = connection.execute(_maybe_due(now).where(sources.c.name == name)).one_or_none()
        return row is not None and _is_due(row, now)

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

    def change(
        self, source: Source, now: datetime, secrets: SecretChanges = _NO_SECRETS, *, before: Source | None = None
    ) -> None:
        """Replace a source's settings, and the secrets that are named; it is due at once.

        ``before``: the source of which ``source`` was made. Raises SourceNotFound, and Conflict where it is another one
        by now, also where other secrets are kept: what somebody else set is not lost, and goes nowhere unasked.
        """
        with self._database.write() as connection:
            present = _registered(connection, source.name)
            if before is not None and present != as_found(before, present):
                raise Conflict(
                    what=f"“{source.name}” was changed by somebody else meanwhile.",
                    hint="Look at it as it is now, then change it again.",
                )
            _replace(connection, as_found(source, present), now)
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
                    _replace(connection, as_found(source, present[name]), now)
                    write_secrets(connection, self._vault, name, dict.fromkeys(CREDENTIALS))
                    note_stored(connection, name)

    def request(self, name: str, now: datetime, only: Collection[str] | None = None) -> bool:
        """Make a source due: all of it now ("Sync now"), or, for a webhook, ``only`` what it names, within seconds.

        A webhook that names nothing means all of it; so do more than MOST_NAMED names together. Returns whether
        anything had to be written: what was named a moment ago waits already.
        Raises SourceNotFound.
        """
        if only is None:
            self._request_all(name, now)
            return True
        with self._database.read() as connection:
            if not _hinted(connection, name, only, now):
                return False
        with self._database.write() as connection:
            values = _hinted(connection, name, only, now)
            if values:
                connection.execute(update(sources).where(sources.c.name == name).values(values))
        return bool(values)

    def projects(self, parent: str) -> frozenset[str]:
        """The projects of the Harbor ``parent`` that are sources."""
        with self._database.read() as connection:
            return frozenset(one.project for one in _children(connection, parent))

    def adopt(self, before: SourceState, plan: ProjectPlan, attempt: Attempt, *, due: Due, now: datetime) -> None:
        """Make the projects of a Harbor sources as ``plan`` says, due at once, with the attempt: all or nothing.

        ``before``: the Harbor as the sync found it. Raises SourceNotFound and Conflict where it was removed or changed
        meanwhile.
        """
        parent = before.source
        with self._database.write() as connection:
            state = due_after(connection, before, attempt, due, read=True)
            for project in sorted(plan.removed):
                _remove(connection, child_of(parent, project).name, now)
            for project in sorted(plan.added):
                _insert(connection, child_of(parent, project), now)
            note_stored(connection, parent.name)
            row = record(connection, attempt)
            state |= {"last_change": row} if plan.changes else {}
            state |= {"failures": 0, "failing_since": None, "last_success": now, "held": None, "accepted": b""}
            connection.execute(update(sources).where(sources.c.name == parent.name).values(state))

    def settle_kind(self, before: SourceState, found: Source, now: datetime) -> None:
        """Keep what was found out about a source of which nobody said what it is. Raises as ``adopt`` does."""
        with self._database.write() as connection:
            _unchanged_since(connection, before)
            _replace(connection, found, now)
            note_stored(connection, found.name)

    def accept(self, name: str, now: datetime) -> None:
        """Let a held fall be carried out at the next sync, which is due now. Raises SourceNotFound, Conflict."""
        held = self.get(name).held
        if held is None:
            raise Conflict(what=f"Nothing is held for “{name}”.", hint="Reload the page; it was settled meanwhile.")
        self._update(name, accepted=held.fingerprint, next_due=now, full_due=now, due_reason="asked")

    def resume(self, now: datetime, is_syncing: Callable[[str], bool]) -> tuple[str, ...]:
        """Make every source due whose sync was under way when its process died; returns their names.

        ``is_syncing`` tells those apart that another process is at just now.
        """
        with self._database.read() as connection:
            rows = connection.execute(select(sources.c.name, sources.c.progress)).all()
        names = tuple(row.name for row in rows if row.progress is not None and not is_syncing(row.name))
        for name in names:
            self._update(name, next_due=now, full_due=now, due_reason="resumed", progress=None)
        return names

    def progress(self, name: str, progress: Progress | None) -> None:
        """Say how far a running sync is; None: it ended."""
        self._update(name, progress=None if progress is None else _progress_json(progress))

    def _request_all(self, name: str, now: datetime) -> None:
        """Of a Harbor also all its projects."""
        asked = {"next_due": now, "full_due": now, "due_reason": "asked"}
        meant = (sources.c.name == name) | (sources.c.parent == name)
        with self._database.write() as connection:
            if not connection.execute(update(sources).where(meant).values(asked)).rowcount:
                raise SourceNotFound(source=name)

    def _update(self, name: str, **values: Any) -> None:
        with self._database.write() as connection:
            if not connection.execute(update(sources).where(sources.c.name == name).values(**values)).rowcount:
                raise SourceNotFound(source=name)


def _is_as_declared(present: Source | None, declared: Source) -> bool:
    return (
        present is not None
        and not CREDENTIALS & set(present.stored_secrets)
        and _apart_from_secrets(present) == as_found(declared, present)
    )


def _states() -> Any:
    """Each source with its last attempt (``a_…``), the one that changed it last (``c_…``), and how many problems it
    has."""
    last = (
        select(func.max(attempts.c.id)).where(attempts.c.source == sources.c.name).correlate(sources).scalar_subquery()
    )
    change = attempts.alias("change")
    joined = sources.outerjoin(attempts, attempts.c.id == last).outerjoin(change, change.c.id == sources.c.last_change)
    columns = [one.label(f"a_{one.name}") for one in attempts.c] + [one.label(f"c_{one.name}") for one in change.c]
    counts = [(_flawed() + _without_archive()).label("problem_count"), *_below()]
    return select(sources, *counts, *columns).select_from(joined)


def _maybe_due(now: datetime) -> Any:
    maybe = (sources.c.next_due <= now) | (sources.c.next_due > now + timedelta(seconds=BACKOFF_CEILING))
    return select(sources).where(maybe)


def _is_due(row: Row[Any], now: datetime) -> bool:
    source = _source(row)
    return source.enabled and is_due(row.next_due, source.interval, now)


def _flawed() -> Any:
    return (
        select(func.count(problems.c.id))
        .where(problems.c.source == sources.c.name)
        .correlate(sources)
        .scalar_subquery()
    )


def _without_archive() -> Any:
    joined = archives.join(versions, archives.c.version == versions.c.id).join(charts, versions.c.chart == charts.c.id)
    failed = (charts.c.source == sources.c.name) & (archives.c.error_id != "")
    count = select(func.count(archives.c.version)).select_from(joined).where(failed)
    return count.correlate(sources).scalar_subquery()


def _below() -> list[Any]:
    """Charts and versions of the projects of a Harbor, together."""
    child = sources.alias("child")
    sums = (func.coalesce(func.sum(column), 0) for column in (child.c.charts, child.c.versions))
    queries = (select(one).where(child.c.parent == sources.c.name).correlate(sources).scalar_subquery() for one in sums)
    return [query.label(name) for query, name in zip(queries, ("charts_below", "versions_below"), strict=True)]


def _source(row: Row[Any]) -> Source:
    known: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in row.settings.items()
        if key in _SETTINGS
    }
    # Before it was kept who registered a source, only whoever runs the server could name a file of it.
    known.setdefault("operator", bool(known.get("password_file")))
    return Source(name=row.name, configured=row.configured, **known)


def _state(row: Row[Any]) -> SourceState:
    return SourceState(
        source=_source(row),
        charts=row.charts + row.charts_below,
        versions=row.versions + row.versions_below,
        next_due=row.next_due,
        full_due=row.full_due,
        due_reason=row.due_reason,
        failures=row.failures,
        failing_since=row.failing_since,
        etag=row.etag,
        last_modified=row.last_modified,
        body_digest=row.body_digest,
        memory=row.memory or {},
        pending=_pending(row.pending),
        listing_fingerprint=row.listing_fingerprint,
        end_proven=row.end_proven,
        full_fetch_at=row.full_fetch_at,
        held=held_of(row.held),
        accepted=row.accepted,
        last_attempt=attempt_of(row, "a_") if row.a_id is not None else None,
        last_change=attempt_of(row, "c_") if row.c_id is not None else None,
        last_success=row.last_success,
        problems=row.problem_count,
        running=_progress(row.progress),
    )


def due_after(connection: Connection, before: SourceState, attempt: Attempt, due: Due, *, read: bool) -> dict[str, Any]:
    """When and why a source is due after a sync that began with ``before``: as ``due`` says, unless somebody asked for
    all of it meanwhile. ``read``: what waited was read, so only what webhooks named meanwhile still waits.

    Raises SourceNotFound, and Conflict where its settings changed: what the sync brought is not the source's any more.
    """
    row = _unchanged_since(connection, before)
    asked = row.full_due != before.full_due
    at, why, full = (row.next_due, row.due_reason, row.full_due) if asked else (due.at, due.why, due.at)
    left = _left(_pending(row.pending), before, attempt.started) if read else _pending(row.pending)
    if left and read and (hook := hook_due(attempt.started, attempt.started, failures=0)) < at:
        at, why = hook, "webhook"
    return {
        "next_due": at,
        "due_reason": why,
        "full_due": full if due.whole else row.full_due,
        "pending": _pending_json(left),
    }


def _unchanged_since(connection: Connection, before: SourceState) -> Row[Any]:
    """The source's row. Raises SourceNotFound, and Conflict where it is made of other settings than ``before``."""
    row = connection.execute(select(sources).where(sources.c.name == before.source.name)).one_or_none()
    if row is None:
        raise SourceNotFound(source=before.source.name)
    if _apart_from_secrets(_source(row)) != _apart_from_secrets(before.source):
        raise Conflict(
            what=f"“{row.name}” was changed while it was being synced.", hint="It is synced anew as it is now."
        )
    return row


def _left(pending: Mapping[str, datetime], before: SourceState, started: datetime) -> dict[str, datetime]:
    """What was named anew while it was read, or so shortly before that a call after it was let go by."""
    return {
        name: at for name, at in pending.items() if at != before.pending.get(name) or abs(started - at) < HOOK_DELAY
    }


def _hinted(connection: Connection, name: str, only: Collection[str], now: datetime) -> dict[str, Any]:
    """What a webhook changes of a source; nothing where all of that waits already. Raises SourceNotFound."""
    row = connection.execute(select(sources).where(sources.c.name == name)).one_or_none()
    if row is None:
        raise SourceNotFound(source=name)
    last = connection.execute(select(func.max(attempts.c.started)).where(attempts.c.source == name)).scalar()
    at = hook_due(now, last, row.failures)
    pending, named = _pending(row.pending), frozenset(only) or {ALL}
    if all(one in pending and abs(now - pending[one]) < HOOK_DELAY / 2 for one in named):
        return {}
    values: dict[str, Any] = {"pending": _pending_json({**pending, **dict.fromkeys(named, now)})}
    if len(pending.keys() | named) > MOST_NAMED:
        # Asked for whole, and without what the reader remembers, so that nothing that was named can be overlooked.
        values = {"pending": _pending_json({ALL: now}), "memory": None}
    if row.due_reason != "retry-after" and not _before(row.next_due, at):
        values |= {"next_due": at, "due_reason": "webhook"}
    return values


def _before(due: datetime | None, at: datetime) -> bool:
    return due is not None and due <= at


def _pending(value: Mapping[str, str] | None) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(at) for name, at in (value or {}).items()}


def _pending_json(pending: Mapping[str, datetime]) -> dict[str, str] | None:
    return {name: at.isoformat() for name, at in pending.items()} or None


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
    return Progress(started, **{name: value[name] for name in value if name in _PROGRESS})


def _registered(connection: Connection, name: str) -> Source:
    """Raises SourceNotFound."""
    row = connection.execute(select(sources).where(sources.c.name == name)).one_or_none()
    if row is None:
        raise SourceNotFound(source=name)
    return _source(row)


def _settings_of(connection: Connection, name: str) -> Any:
    return connection.execute(select(sources.c.settings).where(sources.c.name == name)).scalar_one_or_none()


def _values(source: Source) -> dict[str, Any]:
    settings = {name: getattr(source, name) for name in _SETTINGS}
    return {"settings": settings, "configured": source.configured, "parent": source.parent}


def _insert(connection: Connection, source: Source, now: datetime) -> None:
    connection.execute(insert(sources).values(name=source.name, next_due=now, full_due=now, **_values(source)))


def _replace(connection: Connection, source: Source, now: datetime) -> None:
    before = _registered(connection, source.name)
    due = {"next_due": now, "full_due": now, "due_reason": "changed", "failures": 0, "failing_since": None}
    values = {**due, **_values(source), **_forgotten(before, source)}
    connection.execute(update(sources).where(sources.c.name == source.name).values(values))
    if filter_of(before) != filter_of(source):
        apply_filter(connection, source.name, filter_of(source), now)
    _replace_children(connection, source, now)


def _forgotten(before: Source, source: Source) -> dict[str, Any]:
    """What the answers to the old settings say nothing about: the next sync asks in full, and takes what comes where
    another address, or another part of it, is read. What a filter leaves out was removed by then, so nothing of that
    is taken for a fall."""
    reads_other = any(getattr(before, name) != getattr(source, name) for name in _WHAT_IS_READ)
    if not reads_other and filter_of(before) == filter_of(source):
        return {}
    answers = {"etag": "", "last_modified": "", "body_digest": "", "memory": None, "held": None}
    return answers | ({"accepted": ANY_LISTING} if reads_other else {})


def _replace_children(connection: Connection, parent: Source, now: datetime) -> None:
    """Let the projects of a Harbor have its new settings at once; those that it does not mean any more go."""
    for child in _children(connection, parent.name):
        made = child_of(parent, child.project)
        if not parent.holds_projects or not is_meant(parent, child.project):
            _remove(connection, child.name, now)
        elif _apart_from_secrets(made) != _apart_from_secrets(child):
            _replace(connection, made, now)


def _children(connection: Connection, parent: str) -> tuple[Source, ...]:
    return tuple(_source(row) for row in connection.execute(select(sources).where(sources.c.parent == parent)))


def _remove(connection: Connection, name: str, now: datetime) -> None:
    gone = connection.execute(
        select(charts.c.name, versions.c.version)
        .join(versions, versions.c.chart == charts.c.id)
        .where(charts.c.source == name)
    ).all()
    log_changes(connection, now, name, [(row.name, row.version, "removed") for row in gone])
    connection.execute(delete(charts).where(charts.c.source == name))
    connection.execute(delete(sources).where(sources.c.name == name))
    for project in connection.execute(select(sources.c.name).where(sources.c.parent == name)).scalars().all():
        _remove(connection, project, now)
