"""What the audit log is made of, and how its chain is made and looked at.

Each row carries SHA-256 over the chain of the row before it and over itself, so that a row cannot be changed, taken out
or put in without every later one telling. The last row has no later one: the head, which is kept beside the rows and
signed with a key that is not in the database, tells where the log ends.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

Result = Literal["ok", "refused", "failed"]
"""It was done; it was not allowed; it was allowed and could not be done."""

START = "0" * 64
"""What the chain of the first row of all stands on."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what when from where with which result."""

    at: datetime
    person: str
    action: str
    target: str
    result: Result
    via: str
    """How it is known who it was: ``local``, ``oidc``, ``proxy``, ``token``, ``none``, ``operator``, ``chartroom``."""
    address: str = ""
    request_id: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """Plain JSON values; never a secret."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry in its place."""

    id: int
    entry: AuditEntry
    chain: str
    """SHA-256, hexadecimal."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the kept part of the log begins: the last row that retention removed, and its chain."""

    id: int = 0
    chain: str = START


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends: its newest row, with its chain."""

    id: int
    chain: str
    found: int = 0
    """Up to which row the log was taken as it was found, since no head that is ours was there; 0: none."""

    def to_text(self) -> str:
        """What is signed of it."""
        return f"the head of the audit log\n{self.id}\n{self.chain}\n{self.found}"


@dataclass(frozen=True, slots=True)
class Break:
    """The first row at which the log is not what was written."""

    row: int
    why: Literal["absent", "changed", "added", "unproven"]
    """It is not there; it is another one; it came without a head; nothing proves that none stood between it, or rows
    before it, and the next one, or the end."""
    last: int = 0
    """Of rows that are absent at the end, the last one."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows are asked for; what is empty lets all through. ``target`` is the beginning of one."""

    person: str = ""
    action: str = ""
    target: str = ""
    result: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""


ALL_AUDITED = AuditFilter()


def chain_of(before: str, row_id: int, entry: AuditEntry) -> str:
    """The chain of a row that stands after one whose chain is ``before``: SHA-256, hexadecimal, over ``before``, a line
    feed and the row as JSON with sorted keys, ``at`` in microseconds since 1970."""
    return hashlib.sha256(f"{before}\n{_canonical(row_id, entry)}".encode()).hexdigest()


def first_break(anchor: Anchor, rows: Iterable[AuditRow]) -> Break | Anchor:
    """Go through ``rows``, which come by id after ``anchor``: where the log is broken first, else the last row."""
    last = anchor
    for row in rows:
        if row.id != last.id + 1:
            return Break(last.id + 1, "absent")
        if row.chain != chain_of(last.chain, row.id, row.entry):
            return Break(row.id, "changed")
        last = Anchor(row.id, row.chain)
    return last


def break_at_end(anchor: Anchor, last: Anchor, head: Head | None) -> Break | None:
    """Whether the log ends where ``head`` says, where ``last`` is its last row and it begins after ``anchor``. ``head``
    is None where there is none that is ours."""
    if head is None:
        return Break(last.id, "unproven") if last.id else None
    if last.id < head.id:
        return Break(last.id + 1, "absent", head.id)
    if last.id > head.id:
        return Break(head.id + 1, "added")
    if last.chain != head.chain:
        return Break(head.id, "changed")
    return Break(head.found, "unproven") if head.found > anchor.id else None


def _canonical(row_id: int, entry: AuditEntry) -> str:
    told = {
        "id": row_id,
        "at": (entry.at - _EPOCH) // _MICROSECOND,
        "person": entry.person,
        "action": entry.action,
        "target": entry.target,
        "result": entry.result,
        "via": entry.via,
        "address": entry.address,
        "request_id": entry.request_id,
        "detail": dict(entry.detail),
    }
    return json.dumps(told, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
