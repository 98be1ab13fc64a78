"""What a template computes with: what JSON knows, and UNKNOWN for what only a cluster or an installer knows.

Text that is written keeps a mark where something unknown stands. The marks are characters of Unicode's private use
area, which are taken out of the chart's own text first.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

Value = Any
"""None, bool, int, float, str, a list of values, a dict from str to value, or UNKNOWN."""

UNKNOWN_TEXT = "\ue000"
"""Stands in text for what is not known."""
MAYBE, MAYBE_END = "\ue001", "\ue002"
"""Around text that is only written where an unknown condition holds."""

_MARKS = re.compile(f"[{UNKNOWN_TEXT}{MAYBE}{MAYBE_END}]")
_DEEPEST = 60
_CHARACTERS_A_VALUE = 50
_LONGEST_INTEGER = 21
"""Digits from which Go writes a float with an exponent."""
_PLAIN = re.compile(r"[A-Za-z_./][A-Za-z0-9_./@:{}$-]*")
_NOT_TEXT = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])


class Unknown:
    """The only value of its kind."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


class TooDeep(Exception):
    """A value that holds itself, or is nested beyond what anybody writes."""


def without_marks(text: str) -> str:
    """Foreign text that cannot be taken for a mark."""
    return _MARKS.sub("\ufffd", text)


def is_unsure(value: Value) -> bool:
    """Whether some of a value is not known."""
    return value is UNKNOWN or (isinstance(value, str) and _MARKS.search(value) is not None)


def truth(value: Value) -> bool | None:
    """Go's truth: False for zero, nil and what is empty; None where that is not known."""
    if value is UNKNOWN:
        return None
    if isinstance(value, str) and _MARKS.search(value):
        return True if _MARKS.sub("", value) and MAYBE not in value else None
    return bool(value)


def printed(value: Value) -> str:
    """As ``{{ value }}`` writes it. Maps and lists have no form that anybody uses; theirs is the mark."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    return UNKNOWN_TEXT


def _float(value: float) -> str:
    """As strconv's format 'g' with the shortest precision that reads back."""
    text = repr(value)
    mantissa, _, exponent = text.partition("e")
    if exponent:
        return f"{mantissa.removesuffix('.0')}e{int(exponent):+03d}"
    whole = text.removesuffix(".0")
    return whole if len(whole) < _LONGEST_INTEGER else UNKNOWN_TEXT


def kind_of(value: Value) -> str:
    """The name of Go's kind."""
    names: tuple[tuple[type, str], ...] = (
        (bool, "bool"), (str, "string"), (int, "int"), (float, "float64"), (dict, "map"), (list, "slice"),
    )  # fmt: skip
    return next((name for type_, name in names if isinstance(value, type_)), "invalid")


def field_of(value: Value, name: str) -> Value:
    """``value.name``: None where there is none."""
    if isinstance(value, dict):
        return value.get(name)
    return None if value is None else UNKNOWN


def copied(value: Value, depth: int = 0) -> Value:
    """A copy that shares nothing. Raises TooDeep."""
    if depth > _DEEPEST:
        raise TooDeep
    if isinstance(value, dict):
        return {key: copied(one, depth + 1) for key, one in value.items()}
    return [copied(one, depth + 1) for one in value] if isinstance(value, list) else value


def weight(value: Value, most: int) -> int:
    """How many values ``value`` is made of, a long text counting as many, counted up to about ``most``."""
    count, waiting = 0, [value]
    while waiting and count < most:
        one = waiting.pop()
        count += 1 + (len(one) // _CHARACTERS_A_VALUE if isinstance(one, str) else 0)
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return count


def merged(into: dict[str, Value], other: dict[str, Value], *, overwrite: bool, depth: int = 0) -> dict[str, Value]:
    """Put what ``other`` has into ``into``, deep; ``overwrite``: also where ``into`` has it. Raises TooDeep."""
    if depth > _DEEPEST:
        raise TooDeep
    for key, value in other.items():
        present = into.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            merged(present, value, overwrite=overwrite, depth=depth + 1)
        elif overwrite or truth(present) is False:
            into[key] = copied(value, depth + 1)
    return into


def to_yaml(value: Value) -> str:
    """A value as block YAML, as ``toYaml`` writes it but for how text is quoted. Raises TooDeep."""
    return "\n".join(_yaml_lines(value, 0))


def _yaml_lines(value: Value, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise TooDeep
    if isinstance(value, dict) and value:
        for key in sorted(value):
            yield from _entry(f"{_yaml_scalar(key)}:", value[key], depth)
    elif isinstance(value, list) and value:
        for one in value:
            yield from _item(list(_yaml_lines(one, depth + 1)))
    else:
        yield _yaml_scalar(value)


def _entry(head: str, value: Value, depth: int) -> Iterator[str]:
    if not isinstance(value, dict | list) or not value:
        yield f"{head} {_yaml_scalar(value)}"
        return
    yield head
    indent = "" if isinstance(value, list) else "  "
    yield from (indent + line for line in _yaml_lines(value, depth + 1))


def _item(lines: Sequence[str]) -> Iterator[str]:
    yield f"- {lines[0]}"
    yield from (f"  {line}" for line in lines[1:])


def _yaml_scalar(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    if not isinstance(value, str):
        return printed(value)
    if is_unsure(value) or (_PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT and not value.endswith(":")):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
