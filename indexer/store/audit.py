"""The audit log: rows are inserted, and the oldest ones removed when they are past their time; none is ever changed."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, true

from indexer.audited import (
    ALL_AUDITED,
    Anchor,
    AuditEntry,
    AuditFilter,
    AuditRow,
    Break,
    Head,
    break_at_end,
    chain_of,
    first_break,
)
from indexer.store.audit_head import AuditHead
from indexer.store.database import Database
from indexer.store.meta_rows import meta_of, put_meta
from indexer.store.people_tables import audit
from indexer.vault import Vault

log = logging.getLogger(__name__)

_ANCHOR_KEY = "audit_anchor"
_AT_ONCE = 1000
"""Rows that are read in one go: a reader of the whole log holds no transaction open meanwhile."""
RETENTION = "audit.retention"
"""The action of the row that tells of removed ones."""


class Audit:
    """Appends to the log and reads it."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._head = database, AuditHead(vault)

    def append(self, entry: AuditEntry) -> AuditRow:
        """Write ``entry`` as the newest row; one writer at a time, on whatever machine. Raises StoreUnavailable."""
        with self._database.write("audit") as connection:
            row = self._append(connection, entry)
        # The newest chain stands in the program's log as well: who puts back an old copy of all is noticed there.
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
        """Look at every row and at the end: where the log is broken first, else its last row and chain."""
        with self._database.read() as connection:
            anchor, told = _anchor_of(connection), _told_anchor(connection)
        if anchor != told:
            return Break(told.id + 1, "absent")
        found = first_break(anchor, self.all(after=anchor.id))
        return found if isinstance(found, Break) else self._verify_end(anchor, found)

    def knows_head(self) -> bool:
        """Whether a row that is appended here keeps the proof of where the log ends: a head of ours is there, or no row
        as yet."""
        with self._database.read() as connection:
            return self._head.read(connection) is not None or not _newest(connection).id

    def renew(self) -> None:
        """Let the first key sign where the log ends, where another one here has. Raises StoreUnavailable,
        SecretKeyUnusable."""
        with self._database.read() as connection:
            if self._head.is_current(connection):
                return
        with self._database.write("audit") as connection:
            if head := self._head.read(connection):
                self._head.write(connection, head)

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
            self._append(connection, _telling(entry, gone, last))
        return gone

    def _append(self, connection: Connection, entry: AuditEntry) -> AuditRow:
        """Inside a transaction that has the turn ``audit``. The row stands on the head, not on what is there: so a log
        whose end was cut off or added to stays broken where that was done."""
        newest = _newest(connection)
        head = self._head.read(connection) or Head(newest.id, newest.chain, found=newest.id)
        number = max(newest.id, head.id) + 1
        row = AuditRow(number, entry, chain_of(head.chain, number, entry))
        connection.execute(insert(audit).values(_values(row)))
        self._head.write(connection, Head(number, row.chain, head.found))
        return row

    def _verify_end(self, anchor: Anchor, last: Anchor) -> Break | Anchor:
        """At one moment: others append meanwhile."""
        later = select(audit).where(audit.c.id > last.id).order_by(audit.c.id)
        with self._database.read() as connection:
            found = first_break(last, (_row(one) for one in connection.execute(later)))
            head = self._head.read(connection)
        return found if isinstance(found, Break) else break_at_end(anchor, found, head) or found

    def _after(self, wanted: AuditFilter, row: int) -> tuple[AuditRow, ...]:
        query = select(audit).where(_wanted(wanted) & (audit.c.id > row)).order_by(audit.c.id).limit(_AT_ONCE)
        with self._database.read() as connection:
            return tuple(_row(found) for found in connection.execute(query))


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
    kept = meta_of(connection, _ANCHOR_KEY)
    return Anchor() if kept is None else Anchor(**json.loads(kept))


def _told_anchor(connection: Connection) -> Anchor:
    """The anchor as the newest row that tells of removed ones says it, which the chain protects."""
    query = select(audit.c.detail).where(audit.c.action == RETENTION).order_by(audit.c.id.desc()).limit(1)
    detail = connection.execute(query).scalar_one_or_none()
    return Anchor() if detail is None else Anchor(detail["last_row"], detail["last_chain"])


def _keep_anchor(connection: Connection, anchor: Anchor) -> None:
    put_meta(connection, _ANCHOR_KEY, json.dumps({"id": anchor.id, "chain": anchor.chain}))


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
