"""Foreign text made fit to keep and to show, and what YAML 1.1 would take a plain scalar for."""

import math
import re
from datetime import UTC, datetime
from sys import intern

_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]+"
)
"""Control, bidi, invisible and lone surrogate characters; joiners (U+200C, U+200D) stay, for scripts and emoji."""
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,30})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
"""Helm dates from 2015; Go writes an absent time as year 1."""

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_INTEGER = re.compile(r"([-+]?)(?:(0b[01]+|0x[0-9a-fA-F]+|0o[0-7]+|0|[1-9][0-9]*)|0([0-7]+))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LONGEST_INTEGER = 70
"""A sign, ``0b`` and 64 bits."""


def label(text: str) -> str:
    """``text`` on one line: no control, bidi or invisible characters, runs of white space as one blank."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(_HARMFUL.sub("", " ".join(text.split())).split())


def paragraph(text: str) -> str:
    """``text`` with its line breaks and tabs, without other control, bidi or invisible characters."""
    if text.isascii() and text.isprintable():
        return text
    return _HARMFUL.sub("", text.replace("\r\n", "\n"))


def shown(text: str, length: int = 80) -> str:
    """``text`` as a sentence may quote it: a label, cut where it is long."""
    text = label(text[: 4 * length])
    return text if len(text) <= length else text[: length - 1] + "…"


def digest_form(text: str) -> str:
    """A SHA-256 as 64 lower-case hexadecimal digits, whatever its case and with or without ``sha256:``; else ''."""
    text = text.strip().lower().removeprefix("sha256:")
    return text if _DIGEST.fullmatch(text) else ""


def moment(text: str) -> datetime | None:
    """An RFC 3339 time in UTC; None where ``text`` is no such time or an absurd one (hostile case D17)."""
    if not _RFC3339.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if _FIRST_YEAR <= found.year < _LAST_YEAR else None


def is_moment(text: str) -> bool:
    """Whether ``text`` has the form of a time, be it an absurd one."""
    return _RFC3339.fullmatch(text) is not None


def resolve(text: str) -> str | int | float | bool | None:
    """What Helm's YAML reader takes a plain scalar for.

    Follows go-yaml 2, which sigs.k8s.io/yaml uses: YAML 1.1's words for true and false, octal ``010``, underscores in
    numbers; no sexagesimals, and dates stay text.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _NOT_FINITE.fullmatch(text):
        return math.nan if "n" in text[-1].lower() else math.copysign(math.inf, -1 if text[0] == "-" else 1)
    number = text.replace("_", "")
    whole = _integer(number)
    if whole is not None:
        return whole
    if not _FLOAT.fullmatch(number):
        return text
    value = float(number)
    return text if math.isinf(value) else value


def _integer(number: str) -> int | None:
    found = _INTEGER.fullmatch(number) if len(number) <= _LONGEST_INTEGER else None
    if found is None:
        return None
    sign, digits, octal = found.groups()
    value = int(octal, 8) if octal else int(digits, 0)
    value = -value if sign == "-" else value
    return value if -(2**63) <= value < 2**64 else None


def interned(text: str) -> str:
    """One object for equal texts: thousands of versions share them."""
    return intern(text)
