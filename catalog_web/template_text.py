"""Chart templates as a reader sees them: YAML with Go's actions, in which values and named templates are links. Pure.

    text ──▶ actions {{ … }} apart from the rest ──▶ the rest as YAML, the actions by their words ──▶ lines of HTML

Like `yaml_text` it works on text alone: nothing is executed, and what is no template is shown as it is.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup, escape

from catalog_web.yaml_text import MAX_CHARACTERS, MAX_LINES, parts, visible
from catalog_web.yaml_text import html as yaml_html
from indexer.model import ArchiveFile
from indexer.yaml_lines import Line, lines_of, read_lines

MAX_FOUND = 200
_LONGEST_LINE = 2_000
_ACTION = re.compile(
    r"""\{\{-?\s*/\*.*?(?:\*/\s*-?\}\}|\Z)"""
    r"""|\{\{(?:"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|\Z)|`[^`]*(?:`|\Z)|[^"`])*?(?:\}\}|\Z)""",
    re.DOTALL,
)
"""A text without an end goes to the end of its line, so that the search never has to go back."""
_HOLE = "\0"
"""Stands for an action while the rest of its line is read as YAML; no stored text has it (archive.text)."""
_WORD = re.compile(
    r"""(?P<values>\$?\.Values(?:\.[A-Za-z_][A-Za-z0-9_]*)+)"""
    r"""|(?P<call>(?:include|template|block|define)\s+)(?P<quote>["`])(?P<name>[^"`\n]*)(?P=quote)"""
    r"""|(?P<text>"(?:[^"\\\n]|\\.)*(?:"|$)|`[^`]*(?:`|$))"""
    r"""|(?P<field>\$?(?:\.[A-Za-z_][A-Za-z0-9_]*)+|\$[A-Za-z0-9_]*)"""
    r"""|(?P<number>\b\d+(?:\.\d+)?\b|\b(?:true|false|nil)\b)"""
    r"""|(?P<keyword>\b(?:if|else|end|range|with|define|template|include|block|break|continue|and|or|not|eq|ne|lt|le|gt|ge"""
    r"""|default|required|toYaml|tpl|nindent|indent|quote|lookup|fail)\b)"""
    r"""|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"""
)
_COMMENT = re.compile(r"\{\{-?\s*/\*")
_DEFINE = re.compile(r"""\{\{-?\s*(?:define|block)\s+["`]([^"`\n]+)["`]""")
_CLASSES = {"text": "y-s", "field": "t-f", "number": "y-n", "keyword": "t-k"}


@dataclass(frozen=True, slots=True)
class Define:
    """Where a named template is written."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Link:
    """Where a word of a template leads, and what is told of it."""

    href: str
    title: str


@dataclass(frozen=True, slots=True)
class Found:
    """A line of a file that was searched for. ``parts`` are its text, each told whether it is what was searched."""

    file: str
    line: int
    parts: tuple[tuple[str, bool], ...]


LinkOf = Callable[[str], Link | None]
"""Where the dotted path of a value, or the name of a template, leads; None where it is not known."""


def defines(files: Iterable[ArchiveFile]) -> dict[str, Define]:
    """Where each named template of ``files`` is written; as in Helm the last one counts."""
    found: dict[str, Define] = {}
    for file in files:
        at, line = 0, 1
        for match in _DEFINE.finditer(file.text):
            line += file.text.count("\n", at, match.start())
            at = match.start()
            found[match[1]] = Define(file.path, line)
    return found


def find(files: Iterable[ArchiveFile], wanted: str) -> list[Found]:
    """Lines of ``files`` that hold ``wanted``, whatever its case; at most 200."""
    needle = wanted.strip().casefold()
    return list(islice(_hits(files, needle), MAX_FOUND)) if needle else []


def _hits(files: Iterable[ArchiveFile], needle: str) -> Iterator[Found]:
    for file in files:
        for number, line in enumerate(lines_of(file.text), 1):
            if needle in line.casefold():
                yield Found(file.path, number, tuple(parts(line.strip()[:300], needle)))


def highlight(text: str, value: LinkOf, template: LinkOf, first: int = 1, *, prose: bool = False) -> list[Markup]:
    """At most 6,000 lines of ``text``, from line ``first`` on, as safe HTML.

    ``prose``: what stands between the actions is no YAML, as in NOTES.txt, in which every colon would look like a key.
    """
    pieces: list[Markup] = []

    def hole(match: re.Match[str]) -> str:
        lines = [_action(line, match[0], value, template) for line in match[0].split("\n")]
        pieces.extend(lines)
        return "\n".join(_HOLE for _ in lines)

    holed = _ACTION.sub(hole, text.replace("\r\n", "\n").replace("\r", "\n").replace(_HOLE, "\ufffd"))
    lines = list(read_lines(holed, first - 1 + MAX_LINES))
    before = sum(line.text.count(_HOLE) for line in lines[: first - 1])
    as_html: Callable[[Line], Markup] = _prose if prose else yaml_html
    shown = map(as_html, lines[first - 1 :])
    return list(_whole(shown, lines_of(text)[first - 1 :], iter(pieces[before:])))


def _prose(line: Line) -> Markup:
    return visible(escape(line.text))


def _whole(lines: Iterable[Markup], originals: Iterable[str], pieces: Iterator[Markup]) -> Iterator[Markup]:
    """The lines with their holes filled, as many as a page shows."""
    left = MAX_CHARACTERS
    for line, original in zip(lines, originals, strict=False):
        if left <= 0:
            return
        yield _filled(line, pieces)
        left -= len(original)


def _filled(html: Markup, pieces: Iterator[Markup]) -> Markup:
    """``html`` with the next of ``pieces`` in each of its holes."""
    start, *rest = str(html).split(_HOLE)
    return Markup(start) + Markup("").join(next(pieces, Markup("")) + Markup(one) for one in rest)  # noqa: S704


def _action(line: str, action: str, value: LinkOf, template: LinkOf) -> Markup:
    """One line of an action."""
    if _COMMENT.match(action):
        return visible(Markup('<span class="y-c">{}</span>').format(line))
    if len(line) > _LONGEST_LINE:
        return visible(escape(line))
    made, at = [], 0
    for match in _WORD.finditer(line):
        made += [escape(line[at : match.start()]), _word(match, value, template)]
        at = match.end()
    made.append(escape(line[at:]))
    return visible(Markup('<span class="t-a">{}</span>').format(Markup("").join(made)))


def _word(match: re.Match[str], value: LinkOf, template: LinkOf) -> Markup:
    kind = match.lastgroup or ""
    if match["values"]:
        return _linked(match[0], "t-v", value(match[0].partition(".Values.")[2]))
    if match["name"] is not None:
        call, quote, name = match["call"], match["quote"], match["name"]
        known = None if call.startswith("define") else template(name)
        return Markup('<span class="t-k">{}</span>{}').format(call, _linked(f"{quote}{name}{quote}", "y-s", known))
    if kind not in _CLASSES:
        return escape(match[0])
    return Markup('<span class="{}">{}</span>').format(_CLASSES[kind], match[0])


def _linked(text: str, kind: str, link: Link | None) -> Markup:
    if link is None:
        return Markup('<span class="{}">{}</span>').format(kind, text)
    return Markup('<a class="{}" href="{}" title="{}">{}</a>').format(kind, link.href, link.title, text)
