"""Who did what: the audit log, filtered by what stands in the address."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

from flask import render_template, request
from flask_babel import gettext

from catalog_web.audit.export import exact_time
from catalog_web.auth import rule
from catalog_web.pages.admin.audit_words import words_of
from catalog_web.pages.admin.blueprint import pages
from catalog_web.pages.view import number_argument, services
from indexer.audited import AuditFilter
from indexer.errors import N_, BadQuery

PAGE = 50
RESULTS = {"ok": N_("done"), "refused": N_("refused"), "failed": N_("failed")}
_LONGEST = 256


@pages.get("/audit")
@rule("audit.read", "audit")
def audit() -> str:
    """A page of rows, newest first."""
    wanted, kept = _wanted(), services().store.audit
    total = kept.count(wanted)
    last = max(1, -(-total // PAGE))
    at = min(number_argument("page"), last)
    return render_template(
        "admin/audit.html",
        rows=kept.rows(wanted, PAGE, (at - 1) * PAGE),
        total=total,
        results=RESULTS,
        words_of=words_of,
        at=at,
        last=last,
        filtered=wanted != AuditFilter(),
        export={one.name: _written(getattr(wanted, one.name)) for one in fields(wanted)},
    )


def _wanted() -> AuditFilter:
    """The filter in the address. Raises BadQuery."""
    texts = {name: request.args.get(name, "").strip()[:_LONGEST] for name in ("person", "action", "target", "result")}
    if texts["result"] and texts["result"] not in RESULTS:
        known = ", ".join(RESULTS)
        raise BadQuery(
            what=gettext("There is no result “%(result)s”.", result=texts["result"][:40]),
            hint=gettext("Use one of %(known)s.", known=known),
        )
    until = _day("until")
    return AuditFilter(**texts, since=_day("since"), until=until and until + timedelta(days=1))


def _written(value: str | datetime | None) -> str | None:
    """As the API takes it; None: left out of the address."""
    return exact_time(value) if isinstance(value, datetime) else value or None


def _day(name: str) -> datetime | None:
    """The beginning of a day of the address, in UTC; the last day that is asked for is meant with all its hours."""
    text = request.args.get(name, "").strip()
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) if text else None
    except ValueError:
        raise BadQuery(
            what=gettext("“%(text)s” is no day.", text=text[:40]), hint=N_("Write it as 2026-01-31.")
        ) from None
