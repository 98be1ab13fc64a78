"""The schema of the values."""

from typing import Any

from catalog_web import yaml_text
from catalog_web.catalog import VersionPage
from catalog_web.pages.chart.listing import is_cut


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs."""
    schema = shown.content.schema if shown.content else ""
    return {"lines": yaml_text.plain(schema), "cut": is_cut(schema)}
