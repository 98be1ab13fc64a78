"""Where a value stands: keys and places in lists, as a tuple and as the text that Helm takes behind ``--set``. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from indexer.errors import N_, UsageError, phrase

MAX_DEPTH = 30
"""Helm's own limit for ``--set`` (CVE-2022-36055)."""
MAX_INDEX = 65_536

Path = tuple[str | int, ...]

_SPECIAL = re.compile(r"([\\.\[\]])")
_STEP = re.compile(r"\[(?P<index>[0-9]{1,6})\]|(?P<dot>\.)|(?P<key>(?:[^\\.\[\]]|\\.)+)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def dotted(path: Path) -> str:
    """``path`` as text: ``a.b[0].c``; a dot, bracket or backslash inside a key stands behind a backslash."""
    steps = (f"[{one}]" if isinstance(one, int) else "." + _SPECIAL.sub(r"\\\1", one) for one in path)
    return "".join(steps).removeprefix(".")


def parse_path(text: str) -> Path:
    """``dotted`` back. Raises `UsageError` for what is no path, or one that Helm would refuse."""
    path: list[str | int] = []
    at, wants_key = 0, True
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or wants_key != (found["key"] is not None):
            raise _no_path(text)
        at, wants_key = found.end(), found["dot"] is not None
        if found["index"] is not None:
            path.append(int(found["index"]))
        elif found["key"] is not None:
            path.append(_ESCAPED.sub(r"\1", found["key"]))
    if wants_key:
        raise _no_path(text)
    return checked(tuple(path))


def checked(path: Path) -> Path:
    """``path``, unless it is deeper or goes further into a list than Helm allows (hostile case G5): `UsageError`."""
    if len(path) > MAX_DEPTH:
        what = phrase(N_("The path {path} goes deeper than {limit} levels."), path=dotted(path)[:80], limit=MAX_DEPTH)
        raise UsageError(what=what, hint=phrase(N_("Helm refuses such a path as well; use one that is less deep.")))
    for step in path:
        if isinstance(step, int) and not 0 <= step <= MAX_INDEX:
            what = phrase(N_("The index {index} is not between 0 and {limit}."), index=step, limit=MAX_INDEX)
            raise UsageError(what=what, hint=phrase(N_("Helm refuses such an index as well; use a smaller one.")))
    return path


class Absent:
    """What stands where no value is; null is one."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


def value_at(values: object, path: Path) -> Any:
    """The value at ``path``, else ``ABSENT``."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(values, list) or step >= len(values):
                return ABSENT
            values = values[step]
        elif isinstance(values, Mapping) and step in values:
            values = values[step]
        else:
            return ABSENT
    return values


def _no_path(text: str) -> UsageError:
    what = phrase(N_("{path} is not the path of a value."), path=text[:80])
    return UsageError(what=what, hint=phrase(N_("Write it as Helm does: image.tag, hosts[0].name.")))
