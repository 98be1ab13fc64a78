"""One app with what captain says about it, live."""

from collections.abc import Sequence
from typing import Any

from flask import render_template

from catalog_web import yaml_text
from catalog_web.auth import rule
from catalog_web.install.helmrequest import manifest_yaml
from catalog_web.install.service import AppDetail
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.apps.live import facts
from catalog_web.pages.view import services
from indexer.errors import ClusterError
from indexer.model import Revision


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
    manifest = {key: value for key, value in (detail.helmrequest or {}).items() if key != "status"}
    return {
        "manifest": manifest_yaml(manifest) if manifest else "",
        "chart_known": services().catalog.knows(detail.app.source, detail.app.chart, detail.app.version),
        **facts(detail),
        **_sent(detail.history),
    }


def _sent(history: Sequence[Revision]) -> dict[str, Any]:
    """What Chartroom sent, newest first, and the values of the newest install."""
    newest = next((one for one in history if one.action == "install"), None)
    values = newest.values_yaml if newest else ""
    return {"history": history, "newest": newest, "values": yaml_text.highlight(values) if values.strip() else []}
