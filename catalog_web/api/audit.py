"""The audit log."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from catalog_web.api.operations import Caller, Limit, Position, Question, Streamed, Text, operation
from catalog_web.audit.export import as_csv, as_json_lines, facts_of
from indexer.audited import AuditFilter, AuditRow


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


Moment = Annotated[datetime, AfterValidator(_in_utc)]
"""``2026-01-02T03:04:05Z``, or a day; without a zone it is UTC."""


class AuditFilterQuery(Question):
    """Which rows: those for which everything that is given holds. ``action`` and ``target``: how it begins; ``until``:
    before that moment."""

    person: str = Field("", max_length=256)
    action: str = Field("", max_length=64)
    target: str = Field("", max_length=1024)
    result: Literal["", "ok", "refused", "failed"] = ""
    since: Moment | None = None
    until: Moment | None = None

    @property
    def wanted(self) -> AuditFilter:
        """The same for the store."""
        return AuditFilter(self.person, self.action, self.target, self.result, self.since, self.until)


class AuditQuery(AuditFilterQuery):
    """A part of those rows."""

    limit: Limit = 24
    offset: Position = 0


class AuditShape(TypedDict):
    """One row. ``via``: how it is known who it was; ``chain``: SHA-256 over the chain of the row before and this row.
    ``detail`` never holds a secret."""

    id: int
    at: str
    person: str
    action: str
    target: str
    result: Literal["ok", "refused", "failed"]
    via: str
    address: str
    request_id: str
    detail: dict[str, Any]
    chain: str


class AuditPage(TypedDict):
    """A part of the log, newest first."""

    total: int
    items: list[AuditShape]


@operation(
    "GET",
    "/api/v1/audit",
    action="audit.read",
    target="audit",
    summary="Who did what when from where with which result, newest first",
    query=AuditQuery,
    answer=AuditPage,
)
def audit(caller: Caller, *, query: AuditQuery) -> AuditPage:
    """A part of the log."""
    kept = caller.services.store.audit
    rows = kept.rows(query.wanted, query.limit, query.offset)
    return {"total": kept.count(query.wanted), "items": [_shape(one) for one in rows]}


@operation(
    "GET",
    "/api/v1/audit.csv",
    action="audit.read",
    target="audit",
    summary="The audit log as a file for spreadsheets, oldest first",
    query=AuditFilterQuery,
    answer=Text,
    media_type="text/csv",
)
def csv_file(caller: Caller, *, query: AuditFilterQuery) -> Streamed:
    """All rows that are asked for."""
    rows = caller.services.store.audit.all(query.wanted)
    return Streamed(as_csv(rows), "text/csv; charset=utf-8", "audit.csv")


@operation(
    "GET",
    "/api/v1/audit.jsonl",
    action="audit.read",
    target="audit",
    summary="The audit log as JSON lines, oldest first",
    query=AuditFilterQuery,
    answer=Text,
    media_type="application/jsonl",
)
def json_lines(caller: Caller, *, query: AuditFilterQuery) -> Streamed:
    """All rows that are asked for."""
    rows = caller.services.store.audit.all(query.wanted)
    return Streamed(as_json_lines(rows), "application/jsonl", "audit.jsonl")


def _shape(row: AuditRow) -> AuditShape:
    facts: AuditShape = facts_of(row)  # type: ignore[assignment]
    return facts
