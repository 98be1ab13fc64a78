"""One row of the audit log for every request that could change something, and for what was refused to somebody.

Written by itself, so that no route can forget it: a view only adds detail (``services.audit.add``), or notes by itself
what it did (``services.audit.note``), which then stands for the request.

Before such a view it is seen whether a row can be written at all; where it cannot, nothing is done (503). What fails in
the moment between is answered with 503 as well, and stands in the program's log.

Not written: what answers to a secret of its own (webhooks: they only say that a source is due, and thousands come a
minute) or needs no right at all (the choice of a language; signing in notes itself), and what is refused to those who
have not said who they are, or anybody could fill the log. The request log has them.
"""

import logging
from http import HTTPStatus

from flask import Flask, Response, current_app, g, request

from catalog_web.audit import Recorder
from catalog_web.auth import Rule, current_person, rule_of
from catalog_web.auth.actions import UNASKED
from indexer.audited import Result
from indexer.errors import N_, ChartroomError, StoreUnavailable

log = logging.getLogger(__name__)

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_GUARDED_READS = frozenset({"admin.read", "audit.read", "people.read", "approval.read"})
"""Who asks for these without the right is told of, although nothing could have changed."""


class AuditUnavailable(StoreUnavailable):
    """What was done cannot be recorded."""

    id = "audit-unavailable"
    cause_text = N_("The audit log cannot be written, so this was not recorded: {detail}")
    remedy_text = N_(
        "Look whether it was done before you do it again. Administrators: see to the database and its disk."
    )


def install(app: Flask, audit: Recorder) -> None:
    """Write for ``app``. To be installed after `auth`, so that who asks is known."""

    def before() -> None:
        rule = rule_of(app, request.endpoint)
        if rule is not None and _could_write(rule):
            audit.check_writable()

    def after(response: Response) -> Response:
        rule = rule_of(app, request.endpoint)
        if rule is None or not _is_told(rule, _result(response)):
            return response
        try:
            audit.finish(rule.action, _target(rule), _result(response), **_detail(response))
        except ChartroomError as error:
            log.exception("not audited: %s %s", request.method, request.path)
            told = error.params.get("detail", error.cause)
            return current_app.make_response(current_app.handle_user_exception(AuditUnavailable(detail=told)))
        return response

    app.before_request(before)
    app.after_request(after)


def _could_write(rule: Rule) -> bool:
    return request.method not in _READING and rule.action not in UNASKED


def _is_told(rule: Rule, result: Result) -> bool:
    if rule.action in UNASKED or not current_person().name:
        return False
    if result == "refused":
        return request.method not in _READING or rule.action in _GUARDED_READS
    return request.method not in _READING and not rule.notes_itself


def _target(rule: Rule) -> str:
    return rule.target.format_map(request.view_args or {}) or request.path


def _result(response: Response) -> Result:
    if response.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return "refused"
    return "failed" if response.status_code >= HTTPStatus.BAD_REQUEST else "ok"


def _detail(response: Response) -> dict[str, str | int]:
    """The route, which says what of a thing was changed; never the body, which may hold secrets."""
    route = f"{request.method} {request.url_rule}"
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return {"route": route}
    failure = g.get("failure")
    error = failure.id if isinstance(failure, ChartroomError) else ""
    return {"route": route, "status": response.status_code, "error": error}
