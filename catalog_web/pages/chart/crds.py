"""The custom resource definitions."""

from typing import Any

from catalog_web.catalog import VersionPage
from catalog_web.pages.chart import files


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs."""
    return files.content(shown.content.crds, colours=True) if shown.content else {}
