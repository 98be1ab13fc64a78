"""The templates: a tree of files, with links from values to their defaults and from includes to their definition."""

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import basename, dirname
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for

from catalog_web.catalog import VersionPage
from catalog_web.pages.chart import files
from catalog_web.pages.chart.listing import first_line, part
from catalog_web.pages.chart.values import anchor
from catalog_web.template_text import Link, LinkOf, defines, find, highlight
from catalog_web.values_outline import outline
from indexer.errors import N_
from indexer.model import ArchiveFile

_LONGEST_QUESTION = 200
_LONGEST_TITLE = 160
_REPLACED = "\ufffd"
_NOTES: tuple[tuple[str, str], ...] = (
    ("NOTES.txt", N_("shown after an install")),
    (".tpl", N_("named templates for the others; makes no objects")),
)
"""What a file is for, by how its name ends."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the tree."""

    path: str
    name: str
    note: str
    """What it is for, to be translated."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Files of one folder."""

    path: str
    files: tuple[Entry, ...]


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs."""
    if shown.content is None:
        return {}
    found = shown.content.templates
    chosen, wanted = files.choose(found), request.args.get("find", "").strip()[:_LONGEST_QUESTION]
    page, first = _page(shown), first_line(chosen.text)
    lines = highlight(
        chosen.text,
        _value_links(shown.content.values, page),
        _define_links(found, page),
        first,
        prose=_is_prose(chosen.path),
    )
    return {
        "folders": tuple(_folders(found)),
        "chosen": chosen,
        "lines": lines,
        "note": note(chosen.path),
        "replaced": _REPLACED in chosen.text,
        "wanted": wanted,
        "found": find(found, wanted),
        "part": part(chosen.text, first, len(lines)),
    }


def _is_prose(path: str) -> bool:
    return path.endswith(".txt")


def note(path: str) -> str:
    """What a file is for, to be translated; empty where it makes objects as most do."""
    if "/tests/" in path:
        return N_("run by “helm test” alone")
    return next((text for end, text in _NOTES if basename(path).endswith(end)), "")


def _folders(found: tuple[ArchiveFile, ...]) -> Iterator[Folder]:
    """The folders with their files, the first one ``templates`` itself."""
    for path in sorted({dirname(one.path) for one in found}):
        inside = (one.path for one in found if dirname(one.path) == path)
        yield Folder(path, tuple(Entry(one, basename(one), note(one)) for one in inside))


def _page(shown: VersionPage) -> str:
    return url_for("chart.page", source=shown.chart.source, name=shown.chart.name, version=shown.version.version)


def _value_links(values: str, page: str) -> LinkOf:
    """From the path of a value to its default."""
    found = outline(values)

    def link(path: str) -> Link | None:
        key = found.nearest(path)
        if key is None:
            return None
        exact = key.path == path
        title = f"{key.path}: {key.value or '…'}" if exact else f"{key.path}: …"
        return Link(
            f"{page}?{urlencode({'tab': 'values', 'path': key.path})}#{anchor(key.path)}", title[:_LONGEST_TITLE]
        )

    return link


def _define_links(found: tuple[ArchiveFile, ...], page: str) -> LinkOf:
    """From the name of a template to the line that defines it."""
    known = defines(found)

    def link(name: str) -> Link | None:
        place = known.get(name)
        if place is None:
            return None
        query = urlencode({"tab": "templates", "file": place.file})
        return Link(f"{page}?{query}#L{place.line}", f"{place.file}:{place.line}"[:_LONGEST_TITLE])

    return link
