"""Writes the audit log."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog_web.audit.origin import Origin, present_origin
from indexer.audited import AuditEntry, Result
from indexer.errors import ApprovalWanted, ChartroomError, Forbidden
from indexer.store.audit import RETENTION, Audit

LONGEST_TARGET, LONGEST_NAME, LONGEST_DETAIL = 1024, 256, 4096
"""Characters; the detail's as JSON. What is beyond is cut: the log must not be filled by who writes long names."""

Recording = Callable[..., AbstractContextManager[dict[str, Any]]]
"""As `Recorder.recorded`."""


def unrecorded(_action: str, _target: str, **detail: Any) -> AbstractContextManager[dict[str, Any]]:
    """Write nothing: where there is no audit log."""
    return nullcontext(detail)


_NOTED, _DETAIL = "audit_noted", "audit_detail"


class Recorder:
    """Writes rows for whoever is behind them. ``origin`` finds that out."""

    def __init__(self, audit: Audit, origin: Callable[[], Origin] = present_origin) -> None:
        self._audit, self._origin = audit, origin

    def note(self, action: str, target: str, result: Result, **detail: Any) -> None:
        """Write a row now. ``detail``: plain JSON values, never a secret. In a request it takes the place of the row
        that the guard would write by itself. Raises StoreUnavailable."""
        origin = self._origin()
        self._audit.append(_entry(origin, action, target, result, detail))
        _remember(_NOTED, True)

    def note_for(self, person: str, action: str, target: str, result: Result, **detail: Any) -> None:
        """As ``note``, of somebody whom the request does not know yet: who signs in."""
        origin = replace(self._origin(), person=person)
        self._audit.append(_entry(origin, action, target, result, detail))
        _remember(_NOTED, True)

    def add(self, **detail: Any) -> None:
        """Say more in the row that the guard writes for this request: plain JSON values, never a secret."""
        _remember(_DETAIL, {**_remembered(_DETAIL, {}), **detail})

    def finish(self, action: str, target: str, result: Result, **detail: Any) -> None:
        """Write the row of the present request, with what was added, unless it was noted already. Raises
        StoreUnavailable."""
        if _remembered(_NOTED, False):
            return
        entry = _entry(self._origin(), action, target, result, {**_remembered(_DETAIL, {}), **detail})
        self._audit.append(entry)

    def check_writable(self) -> None:
        """Raise StoreUnavailable where no row could be written."""
        self._audit.check_writable()

    @contextmanager
    def recorded(self, action: str, target: str, **detail: Any) -> Iterator[dict[str, Any]]:
        """Write a row for what is done within: that it went well, or with which error it did not. Hands out the detail,
        to which more may be said. Raises StoreUnavailable, before anything is done where no row can be written."""
        self.check_writable()
        try:
            yield detail
        except ChartroomError as error:
            refused = isinstance(error, Forbidden | ApprovalWanted)
            self.note(action, target, "refused" if refused else "failed", **detail, error=error.id)
            raise
        except Exception:
            self.note(action, target, "failed", **detail, error=ChartroomError.id)
            raise
        self.note(action, target, "ok", **detail)

    def prune(self, keep_seconds: float) -> int:
        """Remove what is older, and tell of it in a row; returns how many rows went."""
        now = datetime.now(UTC)
        before = now - timedelta(seconds=keep_seconds)
        return self._audit.prune(before, _entry(self._origin(), RETENTION, "audit", "ok", {}))


def _entry(origin: Origin, action: str, target: str, result: Result, detail: dict[str, Any]) -> AuditEntry:
    return AuditEntry(
        at=datetime.now(UTC),
        person=_clean(origin.person, LONGEST_NAME),
        action=action,
        target=_clean(target, LONGEST_TARGET),
        result=result,
        via=origin.via,
        address=_clean(origin.address, LONGEST_NAME),
        request_id=origin.request_id,
        detail=_bounded(detail),
    )


def _bounded(detail: dict[str, Any]) -> dict[str, Any]:
    """``detail`` without its parts that are empty, and as text cut short where it is too long."""
    kept = {name: _cleaned(value) for name, value in detail.items() if value not in ("", None, [])}
    text = json.dumps(kept, ensure_ascii=False)
    return kept if len(text) <= LONGEST_DETAIL else {"cut": text[:LONGEST_DETAIL]}


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _clean(value, LONGEST_DETAIL)
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleaned(one) for one in value]
    if isinstance(value, dict):
        return {_clean(str(name), LONGEST_NAME): _cleaned(one) for name, one in value.items()}
    return value if isinstance(value, bool | int) or value is None else str(value)


def _clean(text: str, longest: int) -> str:
    """``text`` as both databases keep it and one line of a log shows it."""
    return "".join(one if one.isprintable() else "�" for one in text[:longest])


def _remember(name: str, value: Any) -> None:
    flask = sys.modules.get("flask")
    if flask is not None and flask.has_request_context():
        setattr(flask.g, name, value)


def _remembered(name: str, default: Any) -> Any:
    flask = sys.modules.get("flask")
    return flask.g.get(name, default) if flask is not None and flask.has_request_context() else default
