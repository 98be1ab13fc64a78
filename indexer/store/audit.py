"""The audit log: rows are inserted, and the oldest ones removed when they are past their time; none is ever changed."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, true, update

from indexer.audited import ALL_AUDITED, Anchor, AuditEntry, AuditFilter, AuditRow, Break, chain_of, first_break
from indexer.store.database import Database
from indexer.store.people_tables import audit
from indexer.store.tables import meta

log = logging.getLogger(__name__)

_ANCHOR_KEY = "audit_anchor"
_ANCHOR = meta.c.key == _ANCHOR_KEY
_AT_ONCE = 1000
"""Rows that are read in one go: a reader of the whole log holds no transaction open meanwhile."""
RETENTION = "audit.retention"
"""The action of the row that tells of removed ones."""


class Audit:
    """Appends to the log and reads it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, entry: AuditEntry) -> AuditRow:
        """Write ``entry`` as the newest row; one writer at a time, on whatever machine. Raises StoreUnavailable."""
        with self._database.write("audit") as connection:
            row = append_to(connection, entry)
        # The newest chain stands in the program's log as well, so that a cut end of the table is noticed.
        log.info("audit row %d: chain %s", row.id, row.chain)
        return row

    def check_writable(self) -> None:
        """Raise StoreUnavailable where no row could be appended now."""
        with self._database.write("audit") as connection:
            connection.execute(select(func.max(audit.c.id)))

    def rows(self, wanted: AuditFilter = ALL_AUDITED, limit: int = 100, offset: int = 0) -> tuple[AuditRow, ...]:
        """Return rows, newest first."""
        query = select(audit).where(_wanted(wanted)).order_by(audit.c.id.desc()).limit(limit).offset(offset)
        with self._database.read() as connection:
            return tuple(_row(found) for found in connection.execute(query))

    def count(self, wanted: AuditFilter = ALL_AUDITED) -> int:
        """Return how many rows there are."""
        query = select(func.count()).select_from(audit).where(_wanted(wanted))
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def all(self, wanted: AuditFilter = ALL_AUDITED, after: int = 0) -> Iterator[AuditRow]:
        """Every row after the id ``after``, oldest first, however many there are."""
        while some := self._after(wanted, after):
            yield from some
            after = some[-1].id

    def verify(self) -> Break | Anchor:
        """Look at every row: where the log is broken first, else its last row and chain."""
        with self._database.read() as connection:
            anchor, told = _anchor_of(connection), _told_anchor(connection)
        if anchor != told:
            return Break(told.id + 1, "absent")
        return first_break(anchor, self.all(after=anchor.id))

    def prune(self, before: datetime, entry: AuditEntry) -> int:
        """Remove the oldest rows, as far as they are older than ``before``; returns how many went. The chain of the
        last one is kept as the anchor that the others are verified from, and told by ``entry``, which is appended with
        it in its detail, so that the anchor cannot be moved without breaking the chain either."""
        with self._database.write("audit") as connection:
            last = _last_before(connection, before)
            if last is None:
                return 0
            gone = connection.execute(delete(audit).where(audit.c.id <= last.id)).rowcount
            _keep_anchor(connection, last)
            append_to(connection, _telling(entry, gone, last))
        return gone

    def _after(self, wanted: AuditFilter, row: int) -> tuple[AuditRow, ...]:
        query = select(audit).where(_wanted(wanted) & (audit.c.id > row)).order_by(audit.c.id).limit(_AT_ONCE)
        with self._database.read() as connection:
            return tuple(_row(found) for found in connection.execute(query))


def append_to(connection: Connection, entry: AuditEntry) -> AuditRow:
    """Write ``entry`` as the newest row inside the caller's transaction, which has the turn ``audit``."""
    last = _newest(connection)
    number = last.id + 1
    row = AuditRow(number, entry, chain_of(last.chain, number, entry))
    connection.execute(insert(audit).values(_values(row)))
    return row


def _newest(connection: Connection) -> Anchor:
    query = select(audit.c.id, audit.c.chain).order_by(audit.c.id.desc()).limit(1)
    found = connection.execute(query).one_or_none()
    return _anchor_of(connection) if found is None else Anchor(found.id, found.chain)


def _last_before(connection: Connection, before: datetime) -> Anchor | None:
    """The last of the oldest rows that are all older than ``before``: a clock that jumped leaves no gap."""
    first_kept = select(func.min(audit.c.id)).where(audit.c.at >= before).scalar_subquery()
    old = select(audit.c.id, audit.c.chain).where(audit.c.id < func.coalesce(first_kept, audit.c.id + 1))
    found = connection.execute(old.order_by(audit.c.id.desc()).limit(1)).one_or_none()
    return None if found is None else Anchor(found.id, found.chain)


def _anchor_of(connection: Connection) -> Anchor:
    kept = connection.execute(select(meta.c.value).where(_ANCHOR)).scalar_one_or_none()
    return Anchor() if kept is None else Anchor(**json.loads(kept))


def _told_anchor(connection: Connection) -> Anchor:
    """The anchor as the newest row that tells of removed ones says it, which the chain protects."""
    query = select(audit.c.detail).where(audit.c.action == RETENTION).order_by(audit.c.id.desc()).limit(1)
    detail = connection.execute(query).scalar_one_or_none()
    return Anchor() if detail is None else Anchor(detail["last_row"], detail["last_chain"])


def _keep_anchor(connection: Connection, anchor: Anchor) -> None:
    value = json.dumps({"id": anchor.id, "chain": anchor.chain})
    if not connection.execute(update(meta).where(_ANCHOR).values(value=value)).rowcount:
        connection.execute(insert(meta).values(key=_ANCHOR_KEY, value=value))


def _telling(entry: AuditEntry, gone: int, last: Anchor) -> AuditEntry:
    detail = {**entry.detail, "rows": gone, "last_row": last.id, "last_chain": last.chain}
    return AuditEntry(**{**_facts(entry), "detail": detail})


def _facts(entry: AuditEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in AuditEntry.__dataclass_fields__}


def _values(row: AuditRow) -> dict[str, Any]:
    return {**_facts(row.entry), "id": row.id, "chain": row.chain, "detail": dict(row.entry.detail)}


def _row(found: Row[Any]) -> AuditRow:
    entry = AuditEntry(**{name: getattr(found, name) for name in AuditEntry.__dataclass_fields__})
    return AuditRow(found.id, entry, found.chain)


def _wanted(wanted: AuditFilter) -> ColumnElement[bool]:
    let: ColumnElement[bool] = true()
    for column, value in ((audit.c.person, wanted.person), (audit.c.result, wanted.result)):
        if value:
            let &= column == value
    for column, beginning in ((audit.c.action, wanted.action), (audit.c.target, wanted.target)):
        if beginning:
            let &= column.startswith(beginning, autoescape=True)
    if wanted.since:
        let &= audit.c.at >= wanted.since
    if wanted.until:
        let &= audit.c.at < wanted.until
    return let
