"""All versions of the chart."""

from typing import Any

from catalog_web.catalog import VersionPage
from catalog_web.pages.view import number_argument

VERSIONS_A_PAGE = 100


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs."""
    last = max(1, -(-len(shown.versions) // VERSIONS_A_PAGE))
    at = min(number_argument("page"), last)
    return {"rows": shown.versions[(at - 1) * VERSIONS_A_PAGE : at * VERSIONS_A_PAGE], "at": at, "last": last}
