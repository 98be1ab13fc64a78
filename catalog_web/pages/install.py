"""Installing one version: the form, what would be sent with all checks, and sending it.

Three steps of one form: nothing is sent that was not shown, and every mistake leaves all that was typed.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from catalog_web import yaml_text
from catalog_web.auth import MIB, current_person, demand, rule
from catalog_web.catalog import VersionPage
from catalog_web.install.checks import Preview, draft
from catalog_web.install.helmrequest import MAX_NAME, InstallForm, kubectl_command, manifest_yaml
from catalog_web.install.service import REFUSALS
from catalog_web.pages.view import known_sources, services
from indexer.errors import ChartroomError, ClusterError, ObjectConflict

pages = Blueprint("install", __name__)

BODY_LIMIT = 5 * MIB + MIB // 4
"""Five megabytes of values and a little for the rest of the form; larger ones are refused unread."""
_FIELDS = ("cluster", "namespace", "name", "version", "values_yaml", "request_id")
_FIELD_OF = {
    "name": "name",
    "name-free": "name",
    "release-free": "name",
    "namespace": "namespace",
    "values": "values_yaml",
}
"""The field that a check is about."""
_ORDER = ("fail", "warn", "unknown", "ok")
Fields = Mapping[str, str]


@pages.get("/charts/<source>/<name>/<version>/install")
@rule("app.install", "chart/{source}/{name}")
def form(source: str, name: str, version: str) -> str:
    """Return the empty form, or one prefilled from the address."""
    version = request.args.get("version") or version
    shown = services().catalog.version(source, name, version)
    fields = {
        "cluster": request.args.get("cluster", ""),
        "namespace": request.args.get("namespace", ""),
        "name": request.args.get("name", release_name(name)),
        "version": version,
        "values_yaml": "",
        "request_id": uuid.uuid4().hex,
    }
    return _page(shown, fields)


@pages.post("/charts/<source>/<name>/<version>/install")
@rule("app.install", "chart/{source}/{name}", body_limit=BODY_LIMIT)
def submit(source: str, name: str, version: str) -> tuple[str, int] | Response:
    """Check the form, or send it where it is what was shown; or show it with the defaults of its version."""
    fields = _typed(version)
    shown = services().catalog.version(source, name, fields["version"])
    if request.form.get("step") == "defaults":
        return _page(shown, fields), 200
    wanted = _form_of(shown, fields)
    try:
        found = _preview(wanted)
    except ChartroomError as error:
        return _page(shown, fields, error=error), error.status
    if request.form.get("step") != "send" or not found.sendable or not services().installs.clusters:
        return _page(shown, fields, found=found), 200
    if request.form.get("seen") != _fingerprint(found):
        return _page(shown, fields, found=found, changed=True), 200
    return _send(shown, fields, wanted, found)


@pages.after_request
def keep_for_the_way_back(response: Response) -> Response:
    """Let the browser keep the answer to a form: one that may not be stored cannot be gone back to."""
    if request.method == "POST" and response.status_code != HTTPStatus.SEE_OTHER:
        response.headers["Cache-Control"] = "private, no-cache"
    return response


@pages.get("/clusters/<cluster>/namespaces")
@rule("app.install", "cluster/{cluster}")
def namespaces(cluster: str) -> str:
    """Return options for the namespace field; none where they may not be listed or the cluster does not answer."""
    try:
        found = services().installs.cluster(cluster).namespaces() or ()
    except ClusterError:
        found = ()
    return render_template("install/namespaces.html", found=found)


def _send(shown: VersionPage, fields: Fields, wanted: InstallForm, found: Preview) -> tuple[str, int] | Response:
    demand("app.install", f"app/{wanted.cluster}/{wanted.namespace}/{wanted.name}")
    try:
        app = services().installs.install(wanted).app
    except ChartroomError as error:
        # Where it may have arrived, the next try must be the same request.
        uncertain = isinstance(error, ClusterError) and not isinstance(error, (*REFUSALS, ObjectConflict))
        kept = fields if uncertain else {**fields, "request_id": uuid.uuid4().hex}
        return _page(shown, kept, found=found, error=error, uncertain=uncertain), error.status
    where = url_for(
        "apps.page",
        cluster=app.cluster,
        namespace=app.namespace,
        name=app.name,
        notice="installed",
        _anchor="main",
    )
    return redirect(where, 303)


def _preview(wanted: InstallForm) -> Preview:
    """All checks; those of the cluster only where one is configured."""
    return services().installs.preview(wanted) if services().installs.clusters else draft(wanted)


def _typed(version: str) -> dict[str, str]:
    fields = {name: request.form.get(name, "").strip() for name in _FIELDS}
    # a browser sends the lines of a text area with CR LF
    fields["values_yaml"] = request.form.get("values_yaml", "").replace("\r\n", "\n")
    fields["version"] = fields["version"] or version
    fields["request_id"] = fields["request_id"][:63] or uuid.uuid4().hex
    return fields


def _form_of(shown: VersionPage, fields: Fields) -> InstallForm:
    source = known_sources()[shown.chart.source].source
    return InstallForm(
        source=source.name,
        chart_repo=source.chart_repo,
        chart=shown.chart.name,
        version=shown.version.version,
        cluster=fields["cluster"],
        namespace=fields["namespace"],
        name=fields["name"],
        values_yaml=fields["values_yaml"],
        request_id=fields["request_id"],
        person=current_person().name,
        chart_digest=shown.version.archive_digest or shown.version.digest,
        chart_type=shown.metadata.type,
        has_schema=bool(shown.content and shown.content.schema),
        archive_error=shown.content_error,
    )


def _page(
    shown: VersionPage,
    fields: Fields,
    *,
    found: Preview | None = None,
    error: ChartroomError | None = None,
    uncertain: bool = False,
    changed: bool = False,
) -> str:
    content = shown.content
    return render_template(
        "install/form.html",
        shown=shown,
        fields=fields,
        mistakes=_mistakes(found),
        found=found,
        checks=sorted(found.checks, key=lambda one: _ORDER.index(one.state)) if found else [],
        error=error,
        uncertain=uncertain,
        changed=changed,
        seen=_fingerprint(found) if found else "",
        manifest=manifest_yaml(found.helmrequest) if found and found.helmrequest else "",
        kubectl=kubectl_command(found.helmrequest) if found and found.helmrequest else "",
        clusters=services().installs.clusters,
        defaults=yaml_text.highlight(content.values) if content else [],
    )


def _mistakes(found: Preview | None) -> dict[str, str]:
    """Failed checks that belong to one field, by the field."""
    failed = [one for one in found.checks if one.state == "fail"] if found else []
    return {_FIELD_OF[one.id]: gettext("See the check below.") for one in failed if one.id in _FIELD_OF}


def _fingerprint(found: Preview) -> str:
    """What was shown, so that nothing else is sent."""
    return hashlib.sha256(json.dumps(found.helmrequest, sort_keys=True, default=str).encode()).hexdigest()


def release_name(chart: str) -> str:
    """Make a release name out of a chart's: a DNS label of at most 53 characters, empty where nothing is left."""
    return re.sub(r"[^a-z0-9]+", "-", chart.lower())[:MAX_NAME].strip("-")
