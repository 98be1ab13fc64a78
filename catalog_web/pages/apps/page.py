"""One app with what captain says about it, live."""

import zlib
from collections.abc import Sequence
from typing import Any

from flask import render_template

from catalog_web import yaml_text
from catalog_web.auth import rule
from catalog_web.install.helmrequest import manifest_yaml
from catalog_web.install.service import AppDetail
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.apps.index import MOVING
from catalog_web.pages.view import services
from indexer.errors import ClusterError
from indexer.model import Revision

KINDS = {
    "running": "ok",
    "failed": "bad",
    "retrying": "bad",
    "waiting": "warn",
    "installing": "busy",
    "upgrading": "busy",
    "deleting": "warn",
}
"""How a state looks."""


@pages.get("/apps/<cluster>/<namespace>/<name>")
@rule("app.read", "app/{cluster}/{namespace}/{name}")
def page(cluster: str, namespace: str, name: str) -> tuple[str, int]:
    """One app. Where its cluster fails, what Chartroom itself knows of it stays."""
    place = {"cluster": cluster, "namespace": namespace, "name": name}
    try:
        detail = services().installs.status(cluster, namespace, name)
    except ClusterError as error:
        history = tuple(services().store.revisions.history(cluster, namespace, name))
        return render_template("apps/page.html", place=place, detail=None, error=error, **_sent(history)), error.status
    return render_template("apps/page.html", place=place, detail=detail, error=None, **_live(detail)), 200


def _live(detail: AppDetail) -> dict[str, Any]:
    status = detail.app.status
    told = (status.id, status.reason, status.version, status.phase, status.notes, dict(status.params))
    manifest = {key: value for key, value in (detail.helmrequest or {}).items() if key != "status"}
    return {
        "kind": KINDS.get(status.state, "warn"),
        "version": _fingerprint((told, len(detail.history))),
        "every": _every(detail),
        "manifest": manifest_yaml(manifest) if manifest else "",
        "chart_known": services().catalog.knows(detail.app.source, detail.app.chart, detail.app.version),
        **_sent(detail.history),
    }


def _every(detail: AppDetail) -> str:
    """How often the page looks again; empty once there is nothing more to see."""
    if detail.app.state == "gone":
        return ""
    return "2s" if detail.app.state in MOVING or not detail.app.status.settled else "15s"


def _sent(history: Sequence[Revision]) -> dict[str, Any]:
    """What Chartroom sent, newest first, and the values of the newest install."""
    newest = next((one for one in history if one.action == "install"), None)
    values = newest.values_yaml if newest else ""
    return {"history": history, "newest": newest, "values": yaml_text.highlight(values) if values.strip() else []}


def _fingerprint(seen: Any) -> str:
    return f"{zlib.crc32(repr(seen).encode()):x}"
