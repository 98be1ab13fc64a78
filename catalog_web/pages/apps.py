"""What is installed: a list over all clusters, and one app with what captain says about it, live."""

import zlib
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from catalog_web import yaml_text
from catalog_web.auth import current_person, rule
from catalog_web.catalog import VersionPage
from catalog_web.install.helmrequest import manifest_yaml
from catalog_web.install.service import AppDetail
from catalog_web.pages.view import services
from indexer.errors import ChartroomError, ClusterError, Conflict
from indexer.model import Revision

pages = Blueprint("apps", __name__)

_FIRST_PATIENCE, _PATIENCE = 2.0, 5.0
"""Seconds for a cluster's list: little before the first sight of the page, more when it looks again by itself."""
_MOVING = frozenset({"waiting", "installing", "upgrading", "retrying", "deleting"})
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


@pages.get("/apps")
@rule("app.read", "app")
def index() -> str:
    """All HelmRequests of all clusters; one that does not answer costs only its own rows."""
    again = request.headers.get("HX-Request") == "true"
    found = services().installs.apps(patience=_PATIENCE if again else _FIRST_PATIENCE)
    moving = any(one.state in _MOVING for one in found.apps)
    return render_template(
        "apps/index.html",
        clusters=services().installs.clusters,
        found=found,
        moving=moving,
        again=again,
        version=_fingerprint([(one.cluster, one.namespace, one.name, one.state, one.version) for one in found.apps]),
    )


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


@pages.route("/apps/<cluster>/<namespace>/<name>/uninstall", methods=["GET", "POST"])
@rule("app.uninstall", "app/{cluster}/{namespace}/{name}")
def uninstall(cluster: str, namespace: str, name: str) -> tuple[str, int] | Response:
    """Say what goes and what stays; remove it once its name was typed."""
    typed = request.form.get("typed", "").strip()
    if request.method == "POST" and typed == name:
        return _removed(cluster, namespace, name)
    mistake = gettext("Type “%(name)s” to confirm.", name=name) if request.method == "POST" else ""
    detail = services().installs.status(cluster, namespace, name)
    return _uninstall_page(detail, typed, mistake), 400 if mistake else 200


def _removed(cluster: str, namespace: str, name: str) -> tuple[str, int] | Response:
    place = {"cluster": cluster, "namespace": namespace, "name": name}
    try:
        services().installs.uninstall(cluster, namespace, name, current_person().name)
    except (ClusterError, Conflict) as error:
        return render_template("apps/uninstall.html", place=place, app=None, error=error, crds=()), error.status
    where = url_for(".page", cluster=cluster, namespace=namespace, name=name, notice="uninstalled")
    return redirect(where, 303)


def _uninstall_page(detail: AppDetail, typed: str, mistake: str) -> str:
    app = detail.app
    chart = chart_of(app.source, app.chart, app.status.version or app.version)
    crds = chart.content.crds if chart and chart.content else ()
    place = {"cluster": app.cluster, "namespace": app.namespace, "name": app.name}
    return render_template(
        "apps/uninstall.html", place=place, app=app, error=None, crds=crds, typed=typed, mistake=mistake
    )


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
    return "2s" if detail.app.state in _MOVING or not detail.app.status.settled else "15s"


def _sent(history: Sequence[Revision]) -> dict[str, Any]:
    """What Chartroom sent, newest first, and the values of the newest install."""
    newest = next((one for one in history if one.action == "install"), None)
    values = newest.values_yaml if newest else ""
    return {"history": history, "newest": newest, "values": yaml_text.highlight(values) if values.strip() else []}


def chart_of(source: str, chart: str, version: str) -> VersionPage | None:
    """The version in the catalog, where it is still there."""
    if not (source and chart and version):
        return None
    try:
        return services().catalog.version(source, chart, version)
    except ChartroomError:
        return None


def _fingerprint(seen: Any) -> str:
    return f"{zlib.crc32(repr(seen).encode()):x}"
