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
from catalog_web.pages.view import services
from catalog_web.values_outline import Outline, filtered, outline
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
    content = services().catalog.version(source, name, version).content
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
    first = first_line(chosen.text, key.line if key else 0)
    result = filtered(found, wanted) if wanted else None
    lines = result.lines if result else found.lines[first - 1 :] or _far_lines(chosen.text, first)
    marked = result.hits if result else frozenset({key.line} if key else ())
    rows = _rows(found, lines, marked, gaps=bool(result))
    return {
        "files": values_files(shown.content),
        "chosen": chosen,
        "rows": rows,
        "part": part(chosen.text, first, len(rows)),
        "wanted": wanted,
        "hits": len(result.hits) if result else 0,
        "asked": asked,
        "key": key,
        "help": found.help(key) if key else "",
        "outline": found,
        "value_anchor": anchor,
    }


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
    rows: list[Row] = []
    before = 0 if gaps else lines[0].number - 1 if lines else 0
    left = _ADDRESSES
    for line in yaml_text.shown(lines):
        key = found.by_line.get(line.number) if left > 0 else None
        left -= len(key.path) if key else 0
        # of equal paths the first has the address
        named = key is not None and found.by_path[key.path] is key
        html = yaml_text.html(line, anchor(key.path) if key and named else "")
        last = key.last if key and key.has_more and not gaps else 0
        rows.append(
            Row(line.number, html, key.path if key else "", last, line.number in marked, before + 1 < line.number)
        )
        before = line.number
    return rows
