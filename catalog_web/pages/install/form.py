"""Installing one version: the form, what would be sent with all checks, and sending it.

Nothing is sent that was not shown, and every mistake leaves all that was typed. Every button sends the whole form to
the same address and says by its value what it does; without scripts the page comes back, with them only a part of it is
exchanged.
"""

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from catalog_web import yaml_text
from catalog_web.auth import MIB, rule
from catalog_web.catalog import VersionPage
from catalog_web.pages import values_reading
from catalog_web.pages.chart import readme
from catalog_web.pages.install import addresses, doors, overrides, panes, preset_steps, review, sending, typed
from catalog_web.pages.install.blueprint import pages
from catalog_web.pages.install.review import Review
from catalog_web.pages.install.typed import Typed
from catalog_web.pages.values_editor import Editor
from catalog_web.pages.view import asks_first, seen_catalog, seen_clusters, services
from indexer.errors import ChartroomError, ClusterError
from indexer.model import ArchiveContent

BODY_LIMIT = 5 * MIB + MIB // 4
"""A megabyte of values as a form writes it, what is undone of them, and a little for the rest; larger ones are refused
unread."""
_CHECKING = frozenset({"check", "place", "render", "send", "door"})
Answer = str | tuple[str, int] | Response


@pages.get("/charts/<source>/<name>/<version>/install")
@rule("app.install", "chart/{source}/{name}")
def form(source: str, name: str, version: str) -> Answer:
    """Return the empty form, or one prefilled from the address."""
    shown = seen_catalog().version(source, name, request.args.get("version") or version)
    wanted = typed.from_address(source, name, shown.version.version)
    text = preset_steps.text_of(shown, wanted.preset) if wanted.preset else ""
    return _page(shown, wanted, values_reading.opened(shown.content, text))


@pages.post("/charts/<source>/<name>/<version>/install")
@rule("app.install", "chart/{source}/{name}", body_limit=BODY_LIMIT, notes_itself=True)
def submit(source: str, name: str, version: str) -> Answer:
    """Do what the pressed button says, and show the form again; or lead to what was installed."""
    wanted = typed.from_form(version)
    shown = seen_catalog().version(source, name, wanted.version)
    editor = values_reading.posted(shown.content, filled=_filled(shown))
    step, _, about = request.form.get("step", "check").partition(":")
    if step == "preset":
        return _page(shown, wanted, preset_steps.used(shown, wanted, editor))
    if step == "save-preset":
        return _saved(shown, wanted, editor)
    if step not in _CHECKING:
        return _page(shown, wanted, editor)
    return _checked(shown, wanted, editor, step, about)


def _filled(shown: VersionPage) -> ArchiveContent | None:
    """The chart of the version that the page was about when it was filled in."""
    version = request.form.get("fields_of", "")
    if version in ("", shown.version.version):
        return shown.content
    return seen_catalog().version(shown.chart.source, shown.chart.name, version).content


def _saved(shown: VersionPage, wanted: Typed, editor: Editor) -> Answer:
    try:
        note = preset_steps.saved(shown, wanted, editor)
    except ChartroomError as error:
        return _page(shown, wanted, editor, mistakes={"preset_name": error.cause}), error.status
    return _page(shown, replace(wanted, preset_name="", preset_note=""), editor.telling(note))


def _checked(shown: VersionPage, wanted: Typed, editor: Editor, step: str, about: str) -> Answer:
    mistakes = overrides.mistakes(wanted, editor.form, services().config.secret_fields)
    if mistakes or not editor.is_readable:
        return _page(shown, wanted, editor, mistakes=mistakes)
    try:
        if step == "door":
            editor = editor.telling(doors.opened(shown, wanted, about))
        reviews = _reviews(shown, wanted, editor)
    except ChartroomError as error:
        return _page(shown, wanted, editor, error=error), error.status
    if step == "render":
        reviews = tuple(panes.rendered(shown, one) for one in reviews)
    if step != "send" or editor.mistakes or not review.sendable(reviews):
        return _page(shown, wanted, editor, reviews=reviews)
    if request.form.get("seen") != review.fingerprint(reviews):
        return _page(shown, wanted, editor, reviews=reviews, changed=True)
    return _sent(shown, wanted, editor, reviews)


def _reviews(shown: VersionPage, wanted: Typed, editor: Editor) -> tuple[Review, ...]:
    """One a cluster; one without any where none is connected."""
    names = wanted.clusters if services().installs.clusters else ("",)
    return review.reviewed(shown, [typed.install_form(shown, wanted, editor.wanted, one) for one in names])


def _sent(shown: VersionPage, wanted: Typed, editor: Editor, reviews: Sequence[Review]) -> Answer:
    lines = sending.send([one.form for one in reviews])
    failed = [(one, one.error) for one in lines if one.error is not None and not one.request]
    if not failed and any(one.request for one in lines):
        return redirect(_requested(lines), HTTPStatus.SEE_OTHER)
    if not failed:
        return redirect(_where(lines), HTTPStatus.SEE_OTHER)
    # Where it may have arrived, the next try must be the same request.
    uncertain = any(one.uncertain for one, _ in failed)
    if len(lines) > 1:
        left = replace(wanted, clusters=tuple(one.cluster for one, _ in failed))
        return _page(shown, left, editor, lines=lines), HTTPStatus.OK
    kept = wanted if uncertain else typed.renewed(wanted)
    error = failed[0][1]
    return _page(shown, kept, editor, reviews=reviews, error=error, uncertain=uncertain), error.status


def _requested(lines: Sequence[sending.Line]) -> str:
    """The request; of several, all that the person made."""
    if len(lines) > 1:
        return url_for("apps.requests", notice="requested")
    return url_for("apps.request_page", request_id=lines[0].request, notice="requested")


def _where(lines: Sequence[sending.Line]) -> str:
    apps = [one.app for one in lines if one.app is not None]
    if len(apps) > 1:
        places = [f"{app.cluster}/{app.namespace}/{app.name}" for app in apps]
        return url_for("install.several", app=places, notice="installed")
    app = apps[0]
    return url_for(
        "apps.page",
        cluster=app.cluster,
        namespace=app.namespace,
        name=app.name,
        notice="installed",
        _anchor="main",
    )


@pages.get("/clusters/<cluster>/namespaces")
@rule("app.install", "cluster/{cluster}")
def namespaces(cluster: str) -> str:
    """Return options for the namespace field; none where they may not be listed or the cluster does not answer."""
    try:
        found = services().installs.cluster(cluster).namespaces() or ()
    except ClusterError:
        found = ()
    return render_template("install/namespaces.html", found=found)


def _page(
    shown: VersionPage,
    wanted: Typed,
    editor: Editor,
    *,
    reviews: Sequence[Review] = (),
    error: ChartroomError | None = None,
    mistakes: dict[str, str] | None = None,
    **more: Any,
) -> str:
    content = shown.content
    g.holds_secrets = bool(editor.wanted.secrets)
    return render_template(
        "install/form.html",
        shown=shown,
        typed=wanted,
        editor=editor,
        reviews=reviews,
        seen=review.fingerprint(reviews),
        sendable=review.sendable(reviews) and not editor.mistakes,
        button=_button(shown, wanted),
        mistakes=review.mistakes_of(reviews) | (mistakes or {}),
        error=error,
        clusters=seen_clusters(),
        ways=typed.ways(),
        offered=preset_steps.offered(shown),
        addresses=_addresses(shown),
        archive_address=addresses.archive_address(shown),
        doors=doors,
        defaults=yaml_text.highlight(content.values) if content else [],
        readme=readme.content(shown)["readme"],
        **more,
    )


def _addresses(shown: VersionPage) -> dict[str, str]:
    """What the editor of YAML asks."""
    source, name, version = shown.chart.source, shown.chart.name, shown.version.version
    return {
        "completions": url_for("install.value_keys", source=source, name=name, version=version),
        "lint": url_for("install.value_problems", source=source, name=name, version=version),
    }


def _button(shown: VersionPage, wanted: Typed) -> str:
    name, version, many = shown.chart.name, shown.version.version, len(wanted.clusters)
    if asks_first(shown.chart.source):
        return str(gettext("Ask to install %(name)s %(version)s", name=name, version=version))
    if many > 1:
        return str(gettext("Install %(name)s %(version)s to %(many)s clusters", name=name, version=version, many=many))
    return str(gettext("Install %(name)s %(version)s", name=name, version=version))
