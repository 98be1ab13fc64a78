"""Back to an earlier revision: what that changes first, then the button."""

import uuid
from functools import partial

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog_web.auth import MIB, current_person, decides, rule
from catalog_web.install.apps import Place
from catalog_web.install.service import is_uncertain
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.apps.changes import spec_diff
from catalog_web.pages.apps.history import present
from catalog_web.pages.apps.shown import Shown, head, look
from catalog_web.pages.view import seen_catalog, services, source_refused_at
from catalog_web.values.editing import put
from catalog_web.values.paths import parse_path
from indexer.errors import ApprovalWanted, ChartroomError, ClusterError, RevisionNotFound, SecretsNeeded
from indexer.model import Revision

BODY_LIMIT = MIB + MIB // 4
LONGEST_WHY = 500
_FIELD = "secret."
"""What a field of a secret value is named, before its dotted path."""


@pages.get("/apps/<cluster>/<namespace>/<name>/rollback/<int:number>")
@rule("app.upgrade", "app/{cluster}/{namespace}/{name}")
def roll_back(cluster: str, namespace: str, name: str, number: int) -> tuple[str, int]:
    """Show what going back would change. Raises InstallNotFound, RevisionNotFound."""
    shown = look(cluster, namespace, name)
    target = _target(shown, number)
    missing = _missing(shown, target)
    return _page(shown, target, request_id=uuid.uuid4().hex, missing=missing), 200


@pages.post("/apps/<cluster>/<namespace>/<name>/rollback/<int:number>")
@rule("app.upgrade", "app/{cluster}/{namespace}/{name}", body_limit=BODY_LIMIT)
def send_roll_back(cluster: str, namespace: str, name: str, number: int) -> tuple[str, int] | Response:
    """Go back, once however often the button is pressed; where it was refused, say why and keep what was typed."""
    request_id = request.form.get("request_id", "")[:63] or uuid.uuid4().hex
    try:
        services().installs.roll_back(
            cluster,
            namespace,
            name,
            number,
            person=current_person().name,
            why=why_of_form(),
            request_id=request_id,
            secret_values=_secret_values(),
            resource_version=request.form.get("resource_version", ""),
            decides=decides(current_person()),
            refused=partial(source_refused_at, Place(cluster, namespace, name)),
        )
    except ApprovalWanted as wanted:
        return redirect(url_for(".request_page", request_id=wanted.params["request"], notice="requested"), 303)
    except ChartroomError as error:
        return _refused(look(cluster, namespace, name), number, request_id, error)
    return redirect(url_for(".page", cluster=cluster, namespace=namespace, name=name, notice="rolled-back"), 303)


def _secret_values() -> str:
    """What was typed of the values that are no longer kept, as YAML."""
    text = ""
    for key, value in request.form.items():
        if key.startswith(_FIELD) and value:
            text = put(text, parse_path(key.removeprefix(_FIELD)), value)
    return text


def why_of_form() -> str:
    """The person's note, in one line."""
    return " ".join(request.form.get("why", "").split())[:LONGEST_WHY]


def _refused(shown: Shown, number: int, request_id: str, error: ChartroomError) -> tuple[str, int]:
    target = _target(shown, number)
    missing = tuple(error.params["paths"]) if isinstance(error, SecretsNeeded) else _missing(shown, target)
    kept = request_id if is_uncertain(error) else uuid.uuid4().hex
    return _page(shown, target, request_id=kept, missing=missing, error=error), error.status


def _target(shown: Shown, number: int) -> Revision:
    found = next((one for one in shown.history if one.number == number and not one.is_removal), None)
    if found is None:
        raise RevisionNotFound(name=shown.name, number=number)
    return found


def _missing(shown: Shown, target: Revision) -> tuple[str, ...]:
    """Dotted paths of the values that have to be typed again."""
    if shown.error is not None:
        return ()
    try:
        return services().installs.missing_secrets(target, current_person().name)
    except ClusterError:
        return ()  # then the roll back itself asks for them


def _page(
    shown: Shown,
    target: Revision,
    *,
    request_id: str,
    missing: tuple[str, ...],
    error: ChartroomError | None = None,
) -> str:
    return render_template(
        "apps/rollback.html",
        target=target,
        hunks=spec_diff(present(shown), target.manifest),
        missing=missing,
        secret_field=_FIELD,
        version_known=seen_catalog().knows(target.source, target.chart, target.version),
        error=error,
        uncertain=error is not None and is_uncertain(error),
        request_id=request_id,
        resource_version=shown.detail.resource_version if shown.detail else "",
        typed=request.form,
        **head(shown),
    )
