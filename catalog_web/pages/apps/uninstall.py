"""Removing an app: what goes, what stays, and its name typed before anything does."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from catalog_web.auth import current_person, rule
from catalog_web.catalog import VersionPage
from catalog_web.install.service import AppDetail
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.view import services
from indexer.errors import ChartroomError, ClusterError, Conflict


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


def chart_of(source: str, chart: str, version: str) -> VersionPage | None:
    """The version in the catalog, where it is still there."""
    if not (source and chart and version):
        return None
    try:
        return services().catalog.version(source, chart, version)
    except ChartroomError:
        return None
