"""What a version's publisher says that changed: the annotation ``artifacthub.io/changes``, or a CHANGELOG's section.

The annotation is a list of texts or of mappings with ``kind``, ``description`` and ``links`` (Artifact Hub's "Supported
annotations"). A CHANGELOG is Markdown whose headings name the versions, as keepachangelog.com has it, or nearly so.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Literal

from indexer.parse.events import Tree, read_tree
from indexer.parse.feed import YamlFault
from indexer.parse.limits import Limits
from indexer.parse.text import label, shown

ANNOTATION = "artifacthub.io/changes"
MAX_CHANGES, MAX_LINKS = 100, 5
LONGEST = 1_000
"""Characters of a description."""
MAX_SECTION = 5_000
"""Lines of a version's section of a CHANGELOG that are looked at."""
_LIMITS = Limits(values=10_000)

NoteKind = Literal["added", "changed", "deprecated", "removed", "fixed", "security", ""]
Origin = Literal["annotation", "changelog", "comparison", ""]
KINDS: tuple[NoteKind, ...] = ("added", "changed", "deprecated", "removed", "fixed", "security")
"""Those of keepachangelog.com and Artifact Hub; empty for any other or none."""

_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t#]*")
_RULE = re.compile(r"=+[ \t]*|-{3,}[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_BULLET = re.compile(r"([ \t]*)(?:[-*+]|[0-9]{1,4}[.)])[ \t]+(.+)")
_VERSION_WORD = re.compile(r"[\[(<]?(?:[A-Za-z][A-Za-z0-9._-]*[-@/])?(v?[0-9]+\.[0-9]+[0-9A-Za-z.+-]*)[\])>:,]*")
_LINK = re.compile(r"!?\[([^\[\]]{0,400})\]\(([^()\s]{0,2000})(?:\s+\"[^\"]{0,200}\")?\)")
_TAG = re.compile(r"</?[a-z]{1,10}>")
_MARKS = re.compile(r"\*\*|__|`")
_LONGEST_HEADING = 300


@dataclass(frozen=True, slots=True)
class Link:
    """An address that a change names; not necessarily one that may become a link."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class ChangeNote:
    """One thing that changed, as its publisher says it, as plain text on one line."""

    kind: NoteKind
    description: str
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Changelog:
    """What changed in a version. ``origin`` says who tells it: its publisher, or who compared it with the version
    before; it is empty where nobody does."""

    origin: Origin = ""
    notes: tuple[ChangeNote, ...] = ()
    left_out: int = 0
    """Notes beyond the first hundred."""


def changelog_of(version: str, annotations: Mapping[str, str], changelog: str) -> Changelog:
    """What changed in ``version``: by its annotation, else by its section of ``changelog``; nothing raises."""
    annotated = tuple(_annotated(annotations.get(ANNOTATION, "")))
    if annotated:
        return _bounded("annotation", annotated)
    passages = tuple(_passages(section_of(version, changelog)))
    # Only those that are told are worked out: a section may have a quarter of a million bullets.
    notes = tuple(_told(kind, rows) for kind, rows in passages[:MAX_CHANGES])
    return Changelog("changelog", notes, len(passages) - len(notes)) if notes else Changelog()


def _bounded(origin: Origin, notes: tuple[ChangeNote, ...]) -> Changelog:
    return Changelog(origin, notes[:MAX_CHANGES], max(0, len(notes) - MAX_CHANGES))


# -- the annotation


def _annotated(text: str) -> Iterator[ChangeNote]:
    try:
        tree, _ = read_tree(text.encode("utf-8", "replace"), _LIMITS)
    except YamlFault:
        return
    for one in tree if isinstance(tree, list) else ():
        note = _note(one)
        if note and note.description:
            yield note


def _note(tree: Tree) -> ChangeNote | None:
    if isinstance(tree, str):
        return ChangeNote("", shown(tree, LONGEST))
    if not isinstance(tree, dict):
        return None
    links = tree.get("links")
    told = [_link(one) for one in links[:MAX_LINKS]] if isinstance(links, list) else []
    return ChangeNote(_kind(_text(tree, "kind")), _text(tree, "description"), tuple(one for one in told if one.url))


def _link(tree: Tree) -> Link:
    known = tree if isinstance(tree, dict) else {}
    return Link(_text(known, "name"), _text(known, "url"))


def _text(tree: Mapping[str, Tree], key: str) -> str:
    value = tree.get(key)
    return shown(value, LONGEST) if isinstance(value, str) else ""


def _kind(word: str) -> NoteKind:
    return next((one for one in KINDS if one == word.strip(" :*").lower()), "")


# -- a CHANGELOG


def section_of(version: str, changelog: str) -> tuple[str, ...]:
    """The lines below the heading that names ``version`` (with or without ``v``, brackets, the chart's name, a date),
    up to the next heading as high or of another version, at most 5,000; empty where there is none. Code blocks are left
    out."""
    found: list[str] = []
    level = 0
    for depth, text in _headed(changelog):
        named = _versions_in(text) if depth else frozenset()
        if level and depth and (named or depth <= level):
            break
        if level and len(found) == MAX_SECTION:
            break
        if level:
            found.append(f"{'#' * depth} {text}" if depth else text)
        elif version.removeprefix("v") in named:
            level = depth
    return tuple(found)


def _headed(changelog: str) -> Iterator[tuple[int, str]]:
    """Every line outside of code blocks with the level of its heading; 0 for what is none."""
    rows = _without_code(changelog.replace("\r\n", "\n").split("\n"))
    for row, below in pairwise(chain(rows, [""])):
        heading = _heading(row)
        if heading:
            yield len(heading[1]), heading[2]
        elif _is_rule(below) and row.strip() and len(row) <= _LONGEST_HEADING and _versions_in(row):
            yield (1 if below.startswith("=") else 2), row.strip()
        elif not _is_rule(row):
            yield 0, row


def _heading(row: str) -> re.Match[str] | None:
    return _HEADING.fullmatch(row) if row.startswith("#") and len(row) <= _LONGEST_HEADING else None


def _is_rule(row: str) -> bool:
    return row.startswith(("=", "---")) and _RULE.fullmatch(row) is not None


def _without_code(rows: Iterable[str]) -> Iterator[str]:
    fence = ""
    for row in rows:
        mark = _FENCE.match(row)
        if mark and not fence:
            fence = mark[1]
        elif not fence:
            yield row
        elif mark and mark[1].startswith(fence):
            fence = ""


def _versions_in(heading: str) -> frozenset[str]:
    """Versions that one of the first words of a heading is."""
    words = (_VERSION_WORD.fullmatch(one) for one in _LINK.sub(r"[\1]", _TAG.sub("", heading)).split()[:4])
    return frozenset(one[1].removeprefix("v").rstrip(".,") for one in words if one is not None)


def _passages(rows: Sequence[str]) -> Iterator[tuple[NoteKind, list[str]]]:
    """The bullets of a section, or its paragraphs where it has none, as lines with the kind that stands above them."""
    kind: NoteKind = ""
    held: list[str] = []
    has_bullets = any(_BULLET.fullmatch(one) for one in rows)
    for row in [*rows, ""]:
        heading = _heading(row)
        bullet = _BULLET.fullmatch(row) if len(row) <= LONGEST * 4 else None
        if held and (heading or bullet or not row.strip()):
            yield kind, held
            held = []
        if heading:
            kind = _kind(heading[2])
        elif bullet:
            held = [bullet[2]]
        elif row.strip() and (held or not has_bullets):
            held.append(row.strip())


def _told(kind: NoteKind, rows: Sequence[str]) -> ChangeNote:
    text = " ".join(rows)[: LONGEST * 4]
    links = tuple(Link(shown(one[1], 200), label(one[2])) for one in _LINK.finditer(text))[:MAX_LINKS]
    return ChangeNote(kind, shown(_MARKS.sub("", _LINK.sub(r"\1", text)), LONGEST), links)
