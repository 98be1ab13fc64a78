"""Runs ``program`` for some schemas."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from catalog_web.values.validation.charts import ChartSchema

_PROGRAM = Path(__file__).with_name("program.py")
_WALL_SECONDS = 15
"""It ends by itself long before; this is for one that cannot even start."""
_TURNS = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))
"""Processes at a time."""

Answer = dict[str, Any]


def ask(schemas: Sequence[ChartSchema], seconds: float) -> list[Answer | None]:
    """What the program says of each; None for the one that it was killed at, and for those after it."""
    asked = {"seconds": seconds, "checks": [{"schema": one.schema, "values": one.values} for one in schemas]}
    said = _said(json.dumps(asked).encode("utf-8", "replace"))
    answers: list[Answer | None] = [json.loads(line) for line in said.split(b"\n")[:-1][: len(schemas)]]
    return answers + [None] * (len(schemas) - len(answers))


def _said(question: bytes) -> bytes:
    command = [sys.executable, "-I", str(_PROGRAM)]
    with _TURNS:
        try:
            ended = subprocess.run(  # noqa: S603 -- the program is ours
                command,
                input=question,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={},
                timeout=_WALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            return late.stdout or b""
    return ended.stdout
