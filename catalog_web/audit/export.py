"""The audit log as files: CSV for spreadsheets, JSON lines for programs. Made row by row, however long the log is."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from indexer.audited import AuditRow

COLUMNS = ("id", "at", "person", "action", "target", "result", "via", "address", "request_id", "detail", "chain")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins with one of them is worked out by a spreadsheet
(https://owasp.org/www-community/attacks/CSV_Injection)."""


def as_csv(rows: Iterable[AuditRow]) -> Iterator[bytes]:
    """A line of names, then a line a row (RFC 4180, UTF-8). What would be a formula gets an apostrophe before it."""
    yield _line(COLUMNS)
    for row in rows:
        facts = facts_of(row)
        facts["detail"] = json.dumps(facts["detail"], ensure_ascii=False, sort_keys=True) if facts["detail"] else ""
        yield _line(str(facts[name]) for name in COLUMNS)


def as_json_lines(rows: Iterable[AuditRow]) -> Iterator[bytes]:
    """An object a line, as the API shows a row."""
    for row in rows:
        yield json.dumps(facts_of(row), ensure_ascii=False).encode() + b"\n"


def facts_of(row: AuditRow) -> dict[str, Any]:
    """A row under the names of its columns, as plain JSON values."""
    facts = {name: getattr(row.entry, name) for name in COLUMNS if name not in ("id", "chain")}
    return {"id": row.id, **facts, "at": exact_time(row.entry.at), "detail": dict(row.entry.detail), "chain": row.chain}


def exact_time(at: datetime) -> str:
    """With microseconds, which the chain counts: ``2026-01-02T03:04:05.000006Z``."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _line(cells: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow([_plain(cell) for cell in cells])
    return text.getvalue().encode()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
