"""YAML as a reader sees it: highlighted line by line with its comments, each line with the path of keys above it.

Works on lines, not on a parsed document: nothing is lost, nothing is executed, and what is no YAML is shown as it is.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from urllib.parse import quote

from markupsafe import Markup, escape

from indexer.yaml_lines import KEY, LONGEST_LINE, MAX_LINES, Line, lead_of, lines_of, read_lines

__all__ = ["MAX_CHARACTERS", "MAX_LINES", "highlight", "html", "parts", "plain", "shown", "visible"]

MAX_CHARACTERS = 1024 * 1024
"""Characters of the lines that a page shows; a longer text is cut, in the middle of a line where there is only one."""

_ATOM = re.compile(
    r"(?:true|false|null|yes|no|on|off|~|[-+]?(?:\d[\d_]*)?\.?\d+(?:e[-+]?\d+)?|0x[0-9a-f]+)", re.IGNORECASE
)
_COMMENT = re.compile(r"(?:^|\s)#")
_QUOTED = re.compile(r"""\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')""")
_UNSEEN = re.compile(
    "[\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0]"
)
"""Characters that cannot be seen, or that turn the order of others round: a reader has to know that they are there."""


def highlight(text: str, first: int = 1) -> list[Markup]:
    """Return at most 6,000 lines of ``text``, from line ``first`` on, as safe HTML."""
    return [html(line) for line in shown(read_lines(text, first - 1 + MAX_LINES), first)]


def plain(text: str, first: int = 1) -> list[Markup]:
    """Return the same lines without colours."""
    found = enumerate(lines_of(text, first - 1 + MAX_LINES), 1)
    lines = (Line(number, line, (), in_block=False) for number, line in found)
    return [visible(escape(line.text)) for line in shown(lines, first)]


def shown(lines: Iterable[Line], first: int = 1) -> Iterator[Line]:
    """The lines from ``first`` on that a page shows."""
    left = MAX_CHARACTERS
    for line in islice(lines, first - 1, first - 1 + MAX_LINES):
        if left <= 0:
            return
        yield line if len(line.text) <= left else replace(line, text=line.text[:left] + "…")
        left -= len(line.text)


def visible(html: Markup) -> Markup:
    """``html`` with what cannot be seen in it marked, and kept from turning its surroundings round."""
    if html.isascii():
        return html
    mark = '<bdi class="unseen" data-code="U+{0:04X}">{1}</bdi>'
    return Markup(_UNSEEN.sub(lambda found: mark.format(ord(found[0]), found[0]), str(html)))  # noqa: S704 -- safe before


def html(line: Line, anchor: str = "", *, focused: bool = False) -> Markup:
    """One line as safe HTML; its key, where it writes one, is a link to itself under the id ``anchor``.

    ``focused``: a page that opens goes to that key.
    """
    return visible(Markup(_html(line, anchor, focused)))  # noqa: S704 -- every part of it is escaped


def _html(line: Line, anchor: str, focused: bool) -> str:
    text = line.text
    if line.in_block:
        return _span("s", text)
    if len(text) > LONGEST_LINE:
        return _escaped(text)
    if text.lstrip().startswith("#"):
        return _span("c", text)
    match = KEY.match(text)
    if match:
        key = _key_link(anchor, match["key"], focused) if anchor else _span("k", match["key"])
        return _escaped(match["lead"]) + key + _escaped(match["colon"]) + _value(text[match.end() :])
    end = len(lead_of(text))
    return _escaped(text[:end]) + _value(text[end:])


def _value(text: str) -> str:
    quoted = _QUOTED.match(text)
    start = quoted.end() if quoted else 0
    comment = _COMMENT.search(text, start)
    end = comment.start() if comment else len(text)
    return _scalar(text[:end]) + (_span("c", text[end:]) if comment else "")


def _scalar(text: str) -> str:
    bare = text.strip()
    if not bare:
        return _escaped(text)
    if _ATOM.fullmatch(bare):
        return _span("n", text)
    if bare[0] in "&*!|>":
        return _span("m", text)
    return _escaped(text) if bare[0] in "[{" else _span("s", text)


def _key_link(anchor: str, key: str, focused: bool) -> str:
    focus = " autofocus" if focused else ""
    return f'<a class="y-k" id="{_escaped(anchor)}" href="#{quote(anchor)}"{focus}>{_escaped(key)}</a>'


def _span(kind: str, text: str) -> str:
    return f'<span class="y-{kind}">{_escaped(text)}</span>' if text.strip() else _escaped(text)


def _escaped(text: str) -> str:
    """As plain text: to add to Markup would look at every part again."""
    return str(escape(text))


def parts(text: str, needle: str) -> Iterator[tuple[str, bool]]:
    """``text`` in parts, each told whether it is the ``needle`` (case-folded), whatever its case."""
    folded = text.casefold()
    if len(folded) != len(text):
        folded = text.lower() if len(text.lower()) == len(text) else text
    at = 0
    while (hit := folded.find(needle, at)) >= 0:
        yield text[at:hit], False
        yield text[hit : hit + len(needle)], True
        at = hit + len(needle)
    yield text[at:], False
