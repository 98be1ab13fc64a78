"""The default values."""

from typing import Any

from flask import Response, request

from catalog_web import yaml_text
from catalog_web.auth import rule
from catalog_web.catalog import VersionPage
from catalog_web.pages.chart.blueprint import pages
from catalog_web.pages.chart.listing import is_cut
from catalog_web.pages.view import services
from indexer.errors import NotFound


@pages.get("/charts/<source>/<name>/<version>/values.yaml")
@rule("catalog.read", "chart/{source}/{name}")
def values_file(source: str, name: str, version: str) -> Response:
    """Send values.yaml byte for byte, as a file."""
    content = services().catalog.version(source, name, version).content
    if content is None or not content.values:
        raise NotFound
    headers = {"Content-Disposition": 'attachment; filename="values.yaml"'}
    return Response(content.values, mimetype="text/plain", headers=headers)


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs."""
    values = shown.content.values if shown.content else ""
    wanted = request.args.get("find", "")[:200]
    return {
        "lines": yaml_text.highlight(values),
        "cut": is_cut(values),
        "wanted": wanted,
        "found": yaml_text.find(values, wanted),
    }
