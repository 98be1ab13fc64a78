"""One line an event, whatever is in it."""

import json
import logging
import sys
from typing import Any

import pytest

from catalog_web.logs import JsonLine, TextLine, facts

EVIL = "a\nb\x1b[2J\u2028c\x00\ud800"


def record(message: str = "said %s", *arguments: object, **options: Any) -> logging.LogRecord:
    made = logging.LogRecord("chartroom.x", logging.WARNING, "x.py", 1, message, arguments, options.get("exc_info"))
    vars(made).update(facts(**options.get("beside", {})))
    return made


@pytest.mark.parametrize("formatter", [TextLine(), JsonLine()])
def test_foreign_text_stays_on_its_line_and_commands_no_terminal(formatter: logging.Formatter) -> None:
    line = formatter.format(record("said %s", EVIL, beside={"person": EVIL}))
    assert line.isprintable()
    line.encode()


@pytest.mark.parametrize("formatter", [TextLine(), JsonLine()])
def test_a_failure_with_all_that_led_to_it_is_one_line(formatter: logging.Formatter) -> None:
    try:
        int(EVIL)
    except ValueError:
        line = formatter.format(record("it failed", exc_info=sys.exc_info()))
    assert "ValueError" in line
    assert "test_logs.py" in line
    assert line.isprintable()


def test_json_keeps_facts_as_what_they_are() -> None:
    told = json.loads(JsonLine().format(record("said %s", "x", beside={"status": 200, "route": "/charts"})))
    assert (told["message"], told["level"], told["status"], told["route"]) == ("said x", "warning", 200, "/charts")
    assert told["time"].endswith("+00:00")


def test_text_quotes_what_has_spaces() -> None:
    line = TextLine().format(record("said", beside={"person": "Ann Lee", "route": "/charts", "empty": ""}))
    assert line.endswith('WARNING chartroom.x: said person="Ann Lee" route=/charts empty=""')
