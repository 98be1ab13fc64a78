"""One file of several, chosen by the address."""

from typing import Any

from flask import request

from catalog_web import yaml_text
from catalog_web.pages.chart.listing import is_cut
from indexer.model import ArchiveFile


def content(files: tuple[ArchiveFile, ...], *, colours: bool) -> dict[str, Any]:
    """The files, the chosen one (by default the first) and its lines."""
    wanted = request.args.get("file", "")
    chosen = next((one for one in files if one.path == wanted), files[0])
    lines = yaml_text.highlight(chosen.text) if colours else yaml_text.plain(chosen.text)
    return {"files": files, "chosen": chosen, "lines": lines, "cut": is_cut(chosen.text)}
