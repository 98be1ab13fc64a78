"""The default values and the presets that the chart brings: searched, looked up by path, and as files."""

import re
from dataclasses import dataclass
from itertools import islice
from posixpath import basename
from typing import Any

from flask import Response, request
from markupsafe import Markup

from catalog_web import yaml_text
from catalog_web.auth import rule
from catalog_web.catalog import VersionPage
from catalog_web.pages.chart.blueprint import pages
from catalog_web.pages.chart.listing import first_line, part
from catalog_web.pages.view import seen_catalog
from catalog_web.values_outline import Key, Outline, filtered, outline
from indexer.errors import NotFound
from indexer.model import ArchiveContent, ArchiveFile
from indexer.yaml_lines import Line, read_lines

DEFAULTS = "values.yaml"
ANCHOR = "values-"
"""Before the path of a key in the id of its place."""
_LONGEST_QUESTION = 200
_ADDRESSES = 512 * 1024
"""Characters of the paths of keys that a page tells: each stands there three times, and a deep key tells those above it
once more."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line as the page shows it."""

    number: int
    html: Markup
    path: str
    """Of the key that the line writes; empty where it writes none."""
    last: int
    """The last line that belongs to the key; 0 where nothing can be folded."""
    hit: bool
    gap: bool
    """Lines are left out before it."""


@pages.get("/charts/<source>/<name>/<version>/values.yaml")
@rule("catalog.read", "chart/{source}/{name}")
def values_file(source: str, name: str, version: str) -> Response:
    """Send values.yaml, or the preset of the query, byte for byte as a file."""
    content = seen_catalog().version(source, name, version).content
    chosen = _chosen(content) if content else None
    if chosen is None or not chosen.text:
        raise NotFound
    headers = {"Content-Disposition": f'attachment; filename="{_file_name(chosen.path)}"'}
    return Response(chosen.text, mimetype="text/plain", headers=headers)


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs."""
    if shown.content is None:
        return {}
    chosen = _chosen(shown.content)
    found = outline(chosen.text)
    wanted = request.args.get("find", "").strip()[:_LONGEST_QUESTION]
    asked = request.args.get("path", "").strip()[: 2 * _LONGEST_QUESTION]
    key = found.nearest(asked)
    return {
        "files": values_files(shown.content),
        "chosen": chosen,
        "outline": found,
        "wanted": wanted,
        "asked": asked,
        "key": key,
        "help": found.help(key) if key else "",
        "value_anchor": anchor,
        **(_hits(found, wanted) if wanted else _part(chosen.text, found, key)),
    }


def _hits(found: Outline, wanted: str) -> dict[str, Any]:
    """The lines that were searched for, with what they are to be read with."""
    result = filtered(found, wanted)
    return {"rows": _rows(found, result.lines, result.hits, gaps=True), "hits": len(result.hits), "part": None}


def _part(text: str, found: Outline, key: Key | None) -> dict[str, Any]:
    """The part of the text that the address names, with the line of ``key`` marked."""
    first = first_line(text, key.line if key else 0)
    lines = found.lines[first - 1 :] or _far_lines(text, first)
    rows = _rows(found, lines, frozenset({key.line} if key else ()), gaps=False)
    return {"rows": rows, "hits": 0, "part": part(text, first, len(rows))}


def values_files(content: ArchiveContent) -> tuple[ArchiveFile, ...]:
    """The defaults and the presets."""
    return (ArchiveFile(DEFAULTS, content.values), *content.values_files)


def anchor(path: str) -> str:
    """The id of the place of the key ``path``."""
    return ANCHOR + re.sub(r"\s", "_", path)


def _chosen(content: ArchiveContent) -> ArchiveFile:
    files = values_files(content)
    return next((one for one in files if one.path == request.args.get("preset", "")), files[0])


def _file_name(path: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", basename(path)) or DEFAULTS


def _far_lines(text: str, first: int) -> tuple[Line, ...]:
    """Lines beyond those that an outline covers."""
    return tuple(islice(read_lines(text, first - 1 + yaml_text.MAX_LINES), first - 1, None))


def _rows(found: Outline, lines: tuple[Line, ...], marked: frozenset[int], *, gaps: bool) -> list[Row]:
    """The lines as rows. ``gaps``: they are not all, so nothing is folded and what is left out is shown."""
    rows: list[Row] = []
    before = 0 if gaps or not lines else lines[0].number - 1
    left = _ADDRESSES
    for line in yaml_text.shown(lines):
        number = line.number
        key = found.by_line.get(number) if left > 0 else None
        path = key.path if key else ""
        left -= len(path)
        is_first = key is not None and found.by_path[path] is key  # of equal paths the first has the address
        focused = not gaps and number in marked
        html = yaml_text.html(line, anchor(path) if is_first else "", focused=focused)
        last = key.last if key and key.has_more and not gaps else 0
        rows.append(Row(number, html, path, last, number in marked, before + 1 < number))
        before = number
    return rows
