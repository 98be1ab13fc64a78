"""Placeholder during work."""

from catalog_web.auth import rule
from catalog_web.pages.apps.blueprint import pages


@pages.get("/apps/<cluster>/<namespace>/<name>/upgrade")
@rule("app.upgrade", "app/{cluster}/{namespace}/{name}")
def upgrade(cluster: str, namespace: str, name: str) -> str:
    """Work in progress."""
    return f"{cluster}{namespace}{name}"
