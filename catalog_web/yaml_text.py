"""values.yaml as a reader sees it: highlighted line by line with its comments, and searched by key path or text.

Works on lines, not on a parsed document: nothing is lost, nothing is executed, and what is no YAML is shown as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from indexer.yaml_lines import KEY, LONGEST_LINE, MAX_LINES, Line, lines_of, read_lines

__all__ = ["MAX_LINES", "Found", "find", "highlight", "plain"]

_MAX_FOUND = 200

_LEAD = re.compile(r"\s*(?:-\s+)*")
_ATOM = re.compile(
    r"(?:true|false|null|yes|no|on|off|~|[-+]?(?:\d[\d_]*)?\.?\d+(?:e[-+]?\d+)?|0x[0-9a-f]+)", re.IGNORECASE
)
_COMMENT = re.compile(r"(?:^|\s)#")
_QUOTED = re.compile(r"""\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')""")


@dataclass(frozen=True, slots=True)
class Found:
    """A line that was searched for. ``parts`` are its text, each told whether it is what was searched for."""

    number: int
    path: str
    parts: tuple[tuple[str, bool], ...]


def highlight(text: str) -> list[Markup]:
    """Return the first 6,000 lines of ``text`` as safe HTML."""
    return [_html(line) for line in read_lines(text)]


def find(text: str, wanted: str) -> list[Found]:
    """Return lines whose text or key path holds ``wanted``, whatever the case; at most 200."""
    needle = wanted.strip().casefold()
    found: list[Found] = []
    for line in read_lines(text) if needle else ():
        path = "" if line.text.lstrip().startswith("#") else ".".join(line.path)
        last = line.path[-1].casefold() if line.path else ""
        text_hit = needle in line.text.casefold()
        path_hit = "." in needle and needle in path.casefold() and last in line.text.casefold()
        if (text_hit or path_hit) and len(found) < _MAX_FOUND:
            found.append(Found(line.number, path, tuple(_marked(line.text.strip()[:300], needle))))
    return found


def plain(text: str) -> list[Markup]:
    """Return the first 6,000 lines of ``text`` as safe HTML without colours."""
    return [escape(line) for line in lines_of(text)[:MAX_LINES]]


def _html(line: Line) -> Markup:
    text = line.text
    if line.in_block:
        return _span("s", text)
    if len(text) > LONGEST_LINE:
        return escape(text)
    if text.lstrip().startswith("#"):
        return _span("c", text)
    match = KEY.match(text)
    if match:
        return escape(match["lead"]) + _span("k", match["key"]) + escape(match["colon"]) + _value(text[match.end() :])
    lead = _LEAD.match(text)
    end = lead.end() if lead else 0
    return escape(text[:end]) + _value(text[end:])


def _value(text: str) -> Markup:
    quoted = _QUOTED.match(text)
    start = quoted.end() if quoted else 0
    comment = _COMMENT.search(text, start)
    end = comment.start() if comment else len(text)
    return _scalar(text[:end]) + (_span("c", text[end:]) if comment else Markup(""))


def _scalar(text: str) -> Markup:
    bare = text.strip()
    if not bare:
        return escape(text)
    if _ATOM.fullmatch(bare):
        return _span("n", text)
    if bare[0] in "&*!|>":
        return _span("m", text)
    return escape(text) if bare[0] in "[{" else _span("s", text)


def _span(kind: str, text: str) -> Markup:
    return Markup('<span class="y-{}">{}</span>').format(kind, text) if text.strip() else escape(text)


def _marked(text: str, needle: str) -> Iterator[tuple[str, bool]]:
    folded = text.casefold()
    if len(folded) != len(text):
        folded = text.lower() if len(text.lower()) == len(text) else text
    at = 0
    while (hit := folded.find(needle, at)) >= 0:
        yield text[at:hit], False
        yield text[hit : hit + len(needle)], True
        at = hit + len(needle)
    yield text[at:], False
