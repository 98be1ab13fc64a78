"""The schema of the values: as a tree, and as text."""

from typing import Any

from catalog_web import yaml_text
from catalog_web.catalog import VersionPage
from catalog_web.pages.chart.listing import first_line, part
from catalog_web.schema_tree import read_schema


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs."""
    text = shown.content.schema if shown.content else ""
    first = first_line(text)
    lines = yaml_text.plain(text, first)
    return {"tree": read_schema(text), "lines": lines, "part": part(text, first, len(lines))}
