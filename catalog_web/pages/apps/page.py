"""One app with its history, what its last revision changed, and what captain says about it, live."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from catalog_web import yaml_text
from catalog_web.auth import current_person, rule
from catalog_web.install.helmrequest import manifest_yaml
from catalog_web.install.recorded import CAPTAIN_ANNOTATIONS, captain_annotations, manifest_of, values_of, with_values
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.apps.changes import spec_diff
from catalog_web.pages.apps.live import facts
from catalog_web.pages.apps.rail import Stop, last_good, rail
from catalog_web.pages.apps.requests import waiting_for
from catalog_web.pages.apps.shown import Shown, head, look
from catalog_web.pages.view import services
from indexer.errors import ChartroomError, UsageError


@pages.get("/apps/<cluster>/<namespace>/<name>")
@rule("app.read", "app/{cluster}/{namespace}/{name}")
def page(cluster: str, namespace: str, name: str) -> tuple[str, int]:
    """One app. Where its cluster fails, what Chartroom itself knows of it stays."""
    shown = look(cluster, namespace, name)
    return _page(shown), shown.error.status if shown.error else 200


@pages.post("/apps/<cluster>/<namespace>/<name>/annotate")
@rule("app.upgrade", "app/{cluster}/{namespace}/{name}")
def annotate(cluster: str, namespace: str, name: str) -> tuple[str, int] | Response:
    """Set one of captain's annotations, or take it away; or have captain run Helm again. Raises UsageError."""
    step = request.form.get("step", "")
    person = current_person().name
    try:
        if step == "resync":
            services().installs.resync(cluster, namespace, name, person)
        else:
            services().installs.annotate(cluster, namespace, name, _annotation(step), person)
    except ChartroomError as error:
        return _page(look(cluster, namespace, name), refused=error), error.status
    return redirect(url_for(".page", cluster=cluster, namespace=namespace, name=name, notice="annotated"), 303)


@pages.post("/apps/<cluster>/<namespace>/<name>/adopt")
@rule("app.upgrade", "app/{cluster}/{namespace}/{name}")
def adopt(cluster: str, namespace: str, name: str) -> tuple[str, int] | Response:
    """Keep what somebody else made as the first revision. Raises as `Installs.adopt`."""
    labels = request.form.get("labels") == "on"
    source = request.form.get("source", "")
    try:
        services().installs.adopt(cluster, namespace, name, current_person().name, source=source, labels=labels)
    except ChartroomError as error:
        return _page(look(cluster, namespace, name), refused=error), error.status
    return redirect(url_for(".page", cluster=cluster, namespace=namespace, name=name, notice="adopted"), 303)


def _annotation(step: str) -> dict[str, str | None]:
    """What ``set:KEY`` or ``drop:KEY`` means."""
    verb, _, key = step.partition(":")
    if key not in CAPTAIN_ANNOTATIONS or verb not in ("set", "drop"):
        raise UsageError(what=gettext("That is no annotation of captain’s."), hint=gettext("Use the buttons."))
    return {key: "true" if verb == "set" else None}


def _page(shown: Shown, refused: ChartroomError | None = None) -> str:
    app = shown.row.app if shown.row and shown.detail else None
    stops = rail(shown.history, app)
    return render_template(
        "apps/page.html",
        refused=refused,
        stops=stops,
        back=last_good(stops),
        waiting=waiting_for((shown.cluster, shown.namespace, shown.name)),
        **head(shown),
        **_changed(shown, stops),
        **_values(shown),
        **(_live(shown) if shown.detail else {}),
    )


def _changed(shown: Shown, stops: tuple[Stop, ...]) -> dict[str, Any]:
    """The revision that was asked for, by default the newest, and its diff to the one before it."""
    asked = request.args.get("revision", "")
    newest = next((one for one in stops if one.is_newest), next(iter(stops), None))
    chosen = next((one for one in stops if str(one.revision.number) == asked), newest)
    if chosen is None:
        return {"chosen": None, "hunks": ()}
    earlier = next((one for one in shown.history if one.number < chosen.revision.number and one.uid), None)
    before = earlier.manifest if earlier and not earlier.is_removal else {}
    return {
        "chosen": chosen,
        "hunks": () if chosen.revision.is_removal else spec_diff(before, chosen.revision.manifest),
    }


def _values(shown: Shown) -> dict[str, Any]:
    """The person's own values, as far as they may be seen."""
    newest = next((one for one in shown.history if one.uid and not one.is_removal), None)
    text = newest.values_yaml if newest else _present_values(shown)
    lines = yaml_text.highlight(text) if text.strip() else []
    return {"values": lines, "hidden": newest.secret_paths if newest else (), "secret": newest.secret if newest else ""}


def _present_values(shown: Shown) -> str:
    """Those of an app that nobody keeps revisions of."""
    if shown.detail is None or shown.detail.helmrequest is None:
        return ""
    public, _ = services().installs.public(values_of(shown.detail.helmrequest))
    return manifest_yaml(public) if public else ""


def _live(shown: Shown) -> dict[str, Any]:
    detail = shown.detail
    assert detail is not None  # noqa: S101 -- who calls has looked
    thing = detail.helmrequest
    public = services().installs.public(values_of(thing))[0] if thing else {}
    return {
        "detail": detail,
        "manifest": manifest_yaml(with_values(manifest_of(thing), public)) if thing else "",
        "annotations": captain_annotations(thing) if thing else {},
        **facts(detail),
    }
