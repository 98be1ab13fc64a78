"""What templates declare, read from their text: a template is no YAML before helm has filled it.

Lines are enough for what is asked here: which objects there are, what stands in a block of one of them, and which
values are read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from indexer.model import ArchiveFile

LONGEST_FILE = 1024 * 1024
"""Characters of a file that is looked into."""
SELECTED = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"})
"""Kinds whose ``spec.selector`` Kubernetes does not let change."""
STATEFUL = frozenset({"StatefulSet", "PersistentVolumeClaim"})
"""Kinds whose objects hold data, or lead to it."""

_DOCUMENT = re.compile(r"^---(?:[ \t].*)?$", re.MULTILINE)
_KIND = re.compile(r"^kind:[ \t]*[\"']?([A-Za-z][A-Za-z0-9]{0,60})")
_DEFINE = re.compile(r"\{\{-?\s*define\s+[\"`]([^\"`]{1,200})[\"`]\s*-?\}\}")
_INCLUDE = re.compile(r"\{\{-?\s*(?:include|template)\s+[\"`]([^\"`]{1,200})[\"`][^{}]*\}\}")
_COMMENT_BEGINS, _COMMENT_ENDS = re.compile(r"\{\{-?\s*/\*"), "*/"
_ACTION_LINE = re.compile(r"^[ \t]*(?:\{\{[^{}]*\}\}[ \t]*)+$", re.MULTILINE)
_ACTION = re.compile(r"\{\{[^{}]*\}\}")
_CONDITION = re.compile(r"\{\{-?\s*(?:if|with|range|else)\b")
_REMARK = re.compile(r"(?:^|[ \t])#.*$")
_SPELLING = re.compile(
    r"\b(?:template|include|quote|squote|toString|nindent\s+\d+|indent\s+\d+|end)\b|[-\s\"'`{}()|$]+"
)
_VALUES = re.compile(r"(?<!index )(?<!index \$)\.Values\b((?:\.[A-Za-z_][A-Za-z0-9_]*)*)")
_INDEXED = re.compile(
    r"index\s+\$?\.Values((?:\.[A-Za-z_]\w*)*)((?:\s+\"[^\"\s]{1,200}\")+)\s*\)?((?:\.[A-Za-z_]\w*)*)"
)
_QUOTED = re.compile(r"\"([^\"]+)\"")
_MOST_LINES_OF_A_BLOCK = 400
_DEEPEST = 30
"""Keys of a path; helm's ``--set`` goes no deeper."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """An object that a template makes. Texts are brought to one spelling, so that equal ones mean the same."""

    kind: str
    name: str
    """``metadata.name`` as it is written."""
    path: str
    """Of the template."""
    selector: tuple[str, ...]
    """Lines of ``spec.selector.matchLabels``, helpers put in; empty where it has none."""
    conditional: bool
    """Some of these lines may be left out."""
    claims: tuple[str, ...]
    """Lines of ``spec.volumeClaimTemplates``."""
    service: str
    """``spec.serviceName``."""


def manifests(files: Sequence[ArchiveFile]) -> tuple[Manifest, ...]:
    """Every object that ``files`` make, in order; one that is made in a loop counts once."""
    read = [one for one in files if len(one.text) <= LONGEST_FILE]
    helpers = dict(found for one in read for found in _helpers(one.text))
    return tuple(found for one in read for text in _documents(one) if (found := _manifest(text, one.path, helpers)))


def references(files: Iterable[ArchiveFile]) -> frozenset[Path]:
    """Values that templates read, as paths; ``()`` where all of them are handed on at once."""
    found: set[Path] = set()
    for one in files:
        text = one.text[:LONGEST_FILE]
        found.update(tuple(match[1].split(".")[1:_DEEPEST]) for match in _VALUES.finditer(text))
        found.update(_indexed(match)[:_DEEPEST] for match in _INDEXED.finditer(text))
    return frozenset(found)


def _indexed(match: re.Match[str]) -> Path:
    """``index .Values.a "b-c").d``: how a key with a hyphen is read."""
    return (*match[1].split(".")[1:], *_QUOTED.findall(match[2]), *match[3].split(".")[1:])


def _documents(file: ArchiveFile) -> list[str]:
    if not file.path.endswith((".yaml", ".yml", ".tpl", ".json")):
        return []
    return _DOCUMENT.split(_without_comments(file.text))


def _manifest(text: str, path: str, helpers: Mapping[str, str]) -> Manifest | None:
    rows = text.split("\n")
    kind = next((found[1] for row in rows if (found := _KIND.match(row))), "")
    if not kind:
        return None
    name = next((row for row in _block(rows, "metadata") if row.startswith("name:")), "")
    spec = _block(rows, "spec") if kind in SELECTED | STATEFUL else ()
    labels = _block(_block(spec, "selector"), "matchLabels") if kind in SELECTED else ()
    filled = tuple(_expanded(labels, helpers))
    return Manifest(
        kind,
        spelled(name.partition(":")[2]),
        path,
        tuple(sorted(_spelled_rows(row for row in filled if _is_yaml(row)))),
        any(_CONDITION.search(row) for row in filled),
        tuple(_spelled_rows(_expanded(_block(spec, "volumeClaimTemplates"), helpers))) if kind in STATEFUL else (),
        spelled(next((row.partition(":")[2] for row in spec if row.startswith("serviceName:")), "")),
    )


def _block(rows: Sequence[str], key: str) -> tuple[str, ...]:
    """What stands below ``key`` of the outermost level of ``rows``, moved to the left."""
    start = next((at for at, row in enumerate(rows) if row.startswith(f"{key}:")), None)
    if start is None:
        return ()
    found: list[str] = []
    for row in rows[start + 1 :]:
        is_outer = row.strip() and not row[0].isspace() and not row.startswith(("{{", "#", "- "))
        if is_outer or len(found) == _MOST_LINES_OF_A_BLOCK:
            break
        found.append(row)
    width = min((len(row) - len(row.lstrip()) for row in found if _is_yaml(row)), default=0)
    return tuple(row[width:] if row[:width].isspace() else row.lstrip() for row in found if row.strip())


def _is_yaml(row: str) -> bool:
    return bool(row.strip()) and not row.lstrip().startswith(("{{", "#"))


def _helpers(text: str) -> Iterator[tuple[str, str]]:
    """Named templates with their bodies."""
    bare = _without_comments(text)
    starts = list(_DEFINE.finditer(bare))
    ends = [*(one.start() for one in starts), len(bare)][1:]
    return ((one[1], bare[one.end() : end]) for one, end in zip(starts, ends, strict=True))


def _without_comments(text: str) -> str:
    """``text`` without the comments of templates; by hand, for a lazy pattern is quadratic where none is closed."""
    parts: list[str] = []
    at = 0
    while (begin := _COMMENT_BEGINS.search(text, at)) and (end := text.find(_COMMENT_ENDS, begin.end())) >= 0:
        parts.append(text[at : begin.start()])
        closed = text.find("}}", end)
        at = closed + 2 if closed >= 0 else len(text)
    return "".join([*parts, text[at:]])


def _expanded(rows: Iterable[str], helpers: Mapping[str, str]) -> Iterator[str]:
    """``rows`` with lines that only name a helper replaced by what it says; at most 400."""
    return islice(_with_helpers(rows, helpers, 3), _MOST_LINES_OF_A_BLOCK)


def _with_helpers(rows: Iterable[str], helpers: Mapping[str, str], depth: int) -> Iterator[str]:
    for row in rows:
        found = _INCLUDE.fullmatch(row.strip())
        body = helpers.get(found[1], "") if found else ""
        if body and depth:
            yield from _with_helpers(body.split("\n"), helpers, depth - 1)
        else:
            yield row


def _spelled_rows(rows: Iterable[str]) -> Iterator[str]:
    return (text for row in rows if (text := spelled(_REMARK.sub("", row))))


def spelled(text: str) -> str:
    """``text`` without what makes no difference: blanks, quotes, and how a helper is called."""
    return _SPELLING.sub(" ", text).strip()


def without_actions(text: str) -> list[str]:
    """The documents of a file that is almost plain YAML: lines that are only template actions are left out, actions
    inside a line become a word."""
    return [_ACTION.sub("x", _ACTION_LINE.sub("", one)) for one in _DOCUMENT.split(_without_comments(text))]
