"""The README."""

from typing import Any

from flask import current_app

from catalog_web.catalog import VersionPage
from catalog_web.readmes import Readmes


def content(shown: VersionPage) -> dict[str, Any]:
    """What the template needs."""
    text = shown.content.readme if shown.content else ""
    return {"readme": _readmes().get(text) if text else None}


def _readmes() -> Readmes:
    found: Readmes = current_app.extensions.setdefault("chartroom_readmes", Readmes())
    return found
