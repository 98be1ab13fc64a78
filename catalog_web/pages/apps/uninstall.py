"""Removing an app: what goes, what stays, and its name typed before anything does."""

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from catalog_web.auth import current_person, rule
from catalog_web.install.removal_plan import RemovalPlan, removal_plan
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.apps.rollback import why_of_form
from catalog_web.pages.apps.shown import Shown, head, look
from catalog_web.pages.view import services
from catalog_web.release_rights import release_hidden, seen_resources
from indexer.errors import ChartroomError, ClusterError, Conflict


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form carries."""

    name: str = ""
    why: str = ""
    keep_resources: bool = False
    keep_secrets: bool = False


@pages.route("/apps/<cluster>/<namespace>/<name>/uninstall", methods=["GET", "POST"])
@rule("app.uninstall", "app/{cluster}/{namespace}/{name}")
def uninstall(cluster: str, namespace: str, name: str) -> tuple[str, int] | Response:
    """Say what goes and what stays; remove it once its name was typed."""
    typed = _typed()
    if request.method == "POST" and typed.name == name:
        return _removed(cluster, namespace, name, typed)
    mistake = gettext("Type “%(name)s” to confirm.", name=name) if request.method == "POST" else ""
    shown = look(cluster, namespace, name)
    status = shown.error.status if shown.error else 400 if mistake else 200
    return _page(shown, typed, mistake=mistake), status


def _typed() -> Typed:
    sent = request.form
    return Typed(
        name=sent.get("typed", "").strip(),
        why=why_of_form(),
        keep_resources=sent.get("keep_resources") == "on",
        keep_secrets=sent.get("keep_secrets") == "on",
    )


def _removed(cluster: str, namespace: str, name: str, typed: Typed) -> tuple[str, int] | Response:
    try:
        services().installs.uninstall(
            cluster,
            namespace,
            name,
            current_person().name,
            why=typed.why,
            keep_resources=typed.keep_resources,
            keep_secrets=typed.keep_secrets,
        )
    except (ClusterError, Conflict) as error:
        return _page(look(cluster, namespace, name), typed, error=error), error.status
    where = url_for(".page", cluster=cluster, namespace=namespace, name=name, notice="uninstalled")
    return redirect(where, 303)


def _page(shown: Shown, typed: Typed, *, mistake: str = "", error: ChartroomError | None = None) -> str:
    newest = shown.newest
    return render_template(
        "apps/uninstall.html",
        typed=typed,
        mistake=mistake,
        error=error or shown.error,
        plan=_plan(shown),
        hidden=release_hidden(services(), current_person(), shown.detail.app) if shown.detail else None,
        crds=_crds(shown),
        secret=newest.secret if newest else "",
        **head(shown),
    )


def _plan(shown: Shown) -> RemovalPlan | None:
    """By captain's record; None where that may not be read, or is not for this person."""
    if shown.detail is None or shown.detail.helmrequest is None:
        return None
    record = seen_resources(services(), current_person(), shown.detail).record
    if record is None or "manifest" in record.unknown:
        return None
    return removal_plan(record, shown.detail.app.release_namespace)


def _crds(shown: Shown) -> tuple[str, ...]:
    """Custom resource definitions that the chart brought and Helm never removes, by their files."""
    row = shown.row
    if row is None or not row.content_digest:
        return ()
    content = services().store.contents.get(row.content_digest)
    return tuple(one.path for one in content.crds) if content else ()
