"""One file of several, chosen by the address."""

from typing import Any

from flask import request

from catalog_web import yaml_text
from catalog_web.pages.chart.listing import first_line, part
from indexer.model import ArchiveFile


def content(files: tuple[ArchiveFile, ...], *, colours: bool) -> dict[str, Any]:
    """The files, the chosen one (by default the first) and its lines."""
    chosen = choose(files)
    first = first_line(chosen.text)
    lines = yaml_text.highlight(chosen.text, first) if colours else yaml_text.plain(chosen.text, first)
    return {"files": files, "chosen": chosen, "lines": lines, "part": part(chosen.text, first, len(lines))}


def choose(files: tuple[ArchiveFile, ...]) -> ArchiveFile:
    """The file that the address names, else the first."""
    wanted = request.args.get("file", "")
    return next((one for one in files if one.path == wanted), files[0])
