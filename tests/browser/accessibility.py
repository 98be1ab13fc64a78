"""What axe-core says of a page (https://github.com/dequelabs/axe-core): rules of WCAG 2.2 AA and good practice."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "catalog_web" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
"""Installed with what the pages' scripts are built from."""
_BAD = ("serious", "critical")
_RUN = """
() => axe.run(document, { resultTypes: ["violations"] }).then((found) => found.violations)
"""


def axe(page: Page) -> list[str]:
    """The serious and critical violations on ``page`` as it is, a line each: rule, what it says, where."""
    if not AXE.is_file():
        pytest.skip("not run: axe-core is not installed; “make assets” does it")
    page.evaluate(AXE.read_text())
    return [_told(one, node) for one in page.evaluate(_RUN) if one["impact"] in _BAD for node in one["nodes"]]


def _told(violation: dict[str, Any], node: dict[str, Any]) -> str:
    return f"{violation['id']}: {violation['help']} ({' '.join(map(str, node['target']))}: {node['html'][:160]})"
