"""What happened since last time: read from the change log, the ledger and the revisions."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from catalog_web.folder_paths import attempt_without
from indexer.errors import SourceNotFound, describe
from indexer.model import Attempt, ChangeKind
from indexer.notices import Event, EventKind
from indexer.store import Store
from indexer.store.changes import SyncRows
from indexer.store.columns import EPOCH

_KINDS: Mapping[ChangeKind, EventKind] = {"added": "version-new", "repushed": "version-repushed"}
_ATTEMPTS = 1000
"""Rows of the ledger that are read at a time."""
_OVERLAP = timedelta(minutes=5)
"""Outcomes are told by clocks of several machines; who was told already is not told twice."""
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class News:
    """Events, oldest first, and how far they were read."""

    events: tuple[Event, ...]
    positions: Mapping[str, int]


def news(store: Store, now: datetime) -> News:
    """All that is new. Whoever asks for the first time is told nothing of what was before. Raises StoreUnavailable."""
    changes, attempts = store.changes.last(), store.ledger.last()
    rows = _from(store, "changes", changes)
    ledger = _from(store, "attempts", attempts)
    since = _from(store, "outcomes", _number(now))
    tried = tuple(_attempts(store, ledger))
    settled = tuple(_outcomes(store, EPOCH + since * _MICROSECOND))
    read_to = tried[-1][0] if tried else ledger
    known_to = max([since, *(_number(one.at) for one in settled)])
    events = [
        *(_versions(one) for one in store.changes.syncs_between(rows, changes, tuple(_KINDS))),
        *(event for _, event in tried if event),
        *settled,
    ]
    return News(tuple(events), {"changes": changes, "attempts": read_to, "outcomes": known_to})


def _from(store: Store, name: str, last: int) -> int:
    """Where to go on. A store that was restored may be behind what was read before."""
    position = store.deliveries.position(name)
    return last if position is None else min(position, last)


def _number(at: datetime) -> int:
    return (at - EPOCH) // _MICROSECOND


def _versions(rows: SyncRows) -> Event:
    source = sha256(rows.source.encode()).hexdigest()[:16]  # a name may be longer than a key
    key = f"changes/{_number(rows.at)}/{rows.kind}/{source}"
    return Event(key, _KINDS[rows.kind], rows.at, rows.source, versions=rows.versions)


def _attempts(store: Store, row: int) -> Iterator[tuple[int, Event | None]]:
    """Each attempt with what it says: that a source begins to fail, or is well again."""
    for attempt, before in store.ledger.since(row, _ATTEMPTS):
        fails, failed = attempt.outcome == "failed", before == "failed"
        if fails == failed or (before is None and not fails):
            yield attempt.id, None
            continue
        kind: EventKind = "source-failing" if fails else "source-well"
        facts = _failure(_without_folder(store, attempt)) if fails else {}
        yield attempt.id, Event(f"attempt/{attempt.id}", kind, attempt.started, attempt.source, facts=facts)


def _failure(attempt: Attempt) -> dict[str, Any]:
    error = describe(attempt.error_id, attempt.error_params)
    return {"error": {"id": attempt.error_id, "cause": error.cause, "remedy": error.remedy}} if error else {}


def _without_folder(store: Store, attempt: Attempt) -> Attempt:
    """Notices go to programs, and to people who may not change the source: none tells where its folder lies."""
    with suppress(SourceNotFound):
        source = store.sources.get(attempt.source).source
        return attempt_without(attempt, source.url) if source.kind == "directory" else attempt
    return attempt


def _outcomes(store: Store, since: datetime) -> Iterator[Event]:
    for one in store.revisions.settled(since - _OVERLAP):
        if one.outcome in ("synced", "failed", "gone") and one.person:
            app = {"cluster": one.cluster, "namespace": one.namespace, "name": one.name}
            facts = {"app": app, "action": one.action, "outcome": one.outcome, "reason": one.outcome_reason}
            key = f"outcome/{one.request_id}/{one.outcome}"
            versions = ((one.chart, one.version),) if one.chart else ()
            yield Event(key, "install-outcome", one.outcome_at, one.source, one.person, "", versions, facts)
