"""The log on stderr: one line an event, as text or as JSON, whoever wrote it."""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

LogFormat = Literal["text", "json"]
_CHATTY = {"apscheduler": logging.WARNING, "alembic": logging.WARNING, "waitress.queue": logging.ERROR}
"""Loggers that tell of every step; the third one of every request that waits, which a metric counts."""
_FACTS = "chartroom_facts"
Extra = Mapping[str, Any]
"""The ``extra`` of a call of a logger."""


def install(log_format: LogFormat = "text") -> None:
    """Send what every logger of this process says to stderr, the HTTP server's and the scheduler's, too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine() if log_format == "json" else TextLine())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for chatty, level in _CHATTY.items():
        logging.getLogger(chatty).setLevel(level)


def facts(**named: str | float) -> Extra:
    """What a message says beside its text, for programs: ``log.info("…", extra=facts(route=…, status=200))``."""
    return {_FACTS: named}


class TextLine(logging.Formatter):
    """``TIME LEVEL LOGGER: MESSAGE name=value …``; foreign text stays on its line and commands no terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the record holds."""
        beside = "".join(f" {name}={_word(value)}" for name, value in _beside(record).items())
        trace = f" | {self.formatException(record.exc_info)}" if record.exc_info else ""
        text = f"{record.levelname} {record.name}: {record.getMessage()}{beside}{trace}"
        return f"{_time(record)} {printable(text)}"


class JsonLine(logging.Formatter):
    """One object a line: ``time`` (UTC), ``level``, ``logger``, ``message``, what it says beside, ``exception``."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the record holds: JSON escapes what is not ASCII."""
        told = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_beside(record),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, default=str)


def printable(text: str) -> str:
    """``text`` with everything that moves a cursor or ends a line written as Python writes it."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def _beside(record: logging.LogRecord) -> dict[str, str | float]:
    named = dict(getattr(record, _FACTS, {}))
    request_id = _request_id()
    return {"request_id": request_id, **named} if request_id else named


def _request_id() -> str:
    """The id of the request that this thread answers; empty where it answers none."""
    flask = sys.modules.get("flask")  # the command line works without it
    return str(flask.g.get("request_id", "")) if flask is not None and flask.has_app_context() else ""


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _word(value: str | float) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or set(text) & set(' "=') else text
