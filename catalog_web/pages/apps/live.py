"""One app as it is now: what a page shows of its state, whether there is news, and a closer look.

The page itself never waits for a closer look, which asks the cluster for many things: it is fetched afterwards. Whether
there is news is asked often, so that answer is empty as long as there is none.
"""

import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog_web import doors
from catalog_web.auth import current_person, demand, rule
from catalog_web.install.reading import mappings, meta, status
from catalog_web.install.service import AppDetail
from catalog_web.install.status import seen
from catalog_web.install.stuck import Around, Clue, why
from catalog_web.install.watching import Sight
from catalog_web.install.watching import version_of as object_version
from catalog_web.notes_text import parts
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.apps.index import MOVING
from catalog_web.pages.apps.ways import ways
from catalog_web.pages.view import services
from catalog_web.release_rights import seen_resources
from indexer.errors import N_, BadQuery

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
_LOOKED_FOR = frozenset({"absent"})
"""Clues that are too much to say before it was looked at what captain does."""
CHANGED = "app-changed"
"""The event by which the parts of a page look again."""
_OFTEN, _SOMETIMES = "1s", "5s"
_CLOSER_OFTEN = "10s"


def facts(detail: AppDetail) -> dict[str, Any]:
    """What ``apps/status.html`` shows. Nothing is asked of the cluster for it."""
    app = detail.app
    return {
        "kind": KINDS.get(app.state, "warn"),
        "seen": seen(detail.helmrequest),
        "clues": _told_at_once(detail),
        "ways": ways,
        "conditions": mappings(status(detail.helmrequest).get("conditions")),
        "notes": parts(app.status.notes) if app.status.notes else (),
        "version": version_of(detail),
        "every": _every(detail),
    }


def _told_at_once(detail: AppDetail) -> tuple[Clue, ...]:
    """What can be said without asking the cluster for anything."""
    if detail.helmrequest is None:
        return ()
    found = why(seen(detail.helmrequest), detail.app.status, Around(), datetime.now(UTC))
    return tuple(one for one in found.clues if one.id not in _LOOKED_FOR)


def version_of(detail: AppDetail) -> str:
    """Changes whenever a page of the app has something else to show: with what is said of it, with the object, and
    while it moves with every minute, as sentences then tell how long it takes."""
    found = detail.app.status
    told = (found.id, found.reason, found.version, found.phase, found.notes, dict(found.params), found.generation)
    done = [(one.number, one.outcome) for one in detail.history[:3]]
    annotations = meta(detail.helmrequest).get("annotations")
    said = zlib.crc32(repr((told, done, annotations)).encode("utf-8", "replace"))
    return f"{said:x}.{object_version(detail.helmrequest)}.{'' if found.settled else _minute()}"


def _minute() -> int:
    return int(time.time() // 60)


def _every(detail: AppDetail) -> str:
    """How often news are asked for; empty once there can be none."""
    if detail.app.state == "gone":
        return ""
    return _OFTEN if detail.app.state in MOVING or not detail.app.status.settled else _SOMETIMES


@pages.get("/apps/<cluster>/<namespace>/<name>/news")
@rule("app.read", "app/{cluster}/{namespace}/{name}")
def news(cluster: str, namespace: str, name: str) -> Response:
    """Nothing (204) while the app is as the page that asks has it (``seen``); else the event that makes it look again.

    Raises InstallNotFound, ClusterNotFound, ClusterError.
    """
    token = request.args.get("seen", "")
    if not _is_as_before(services().installs.sight(cluster, namespace, name), token):
        detail = services().installs.glance(cluster, namespace, name)
        if version_of(detail) != token:
            return Response(headers={"HX-Trigger": CHANGED})
    return Response(status=204)


def _is_as_before(sight: Sight, token: str) -> bool:
    """Whether the object is still the one that ``token`` stands for, as far as can be told without asking anybody."""
    _, number, minute = (*token.split("."), "", "", "")[:3]
    fresh = sight.known and sight.error is None
    return fresh and number == str(sight.version) and minute in ("", str(_minute()))


@pages.get("/apps/<cluster>/<namespace>/<name>/closer")
@rule("app.read", "app/{cluster}/{namespace}/{name}")
def closer(cluster: str, namespace: str, name: str) -> str:
    """What the app is made of and why it is as it is, asked now; as part of its page, or as a page of its own.

    Raises InstallNotFound, ClusterNotFound, ClusterError.
    """
    detail = services().installs.status(cluster, namespace, name)
    made_of = seen_resources(services(), current_person(), detail)
    stuck = services().installs.explain(detail, made_of)
    part = request.headers.get("HX-Request") == "true"
    again = _CLOSER_OFTEN if detail.app.state in MOVING or made_of.trouble or stuck.is_serious else ""
    return render_template(
        "apps/closer_part.html" if part else "apps/closer_page.html",
        place={"cluster": cluster, "namespace": namespace, "name": name},
        app=detail.app,
        made_of=made_of,
        stuck=stuck,
        clues=_to_add(stuck.clues, detail) if part else stuck.clues,
        ways=ways,
        again=again,
        part=part,
    )


def _to_add(clues: Iterable[Clue], detail: AppDetail) -> list[Clue]:
    """Those that the app's page does not show already."""
    told = {one.id for one in _told_at_once(detail)} | ({"reverted"} if detail.offers_resync else set())
    return [one for one in clues if one.id not in told]


# -- doors


@pages.post("/apps/<cluster>/<namespace>/<name>/act")
@rule("app.upgrade", "app/{cluster}/{namespace}/{name}")
def act(cluster: str, namespace: str, name: str) -> Response:
    """Do what a button of a clue says, and go back to the app. Raises BadQuery for no such button, ClusterError."""
    do = _ACTS.get(request.form.get("do", ""))
    if do is None:
        raise BadQuery(what=N_("There is no such button."), hint=N_("Go back to the page and press it there."))
    told = do(cluster, namespace, name)
    return redirect(url_for(".page", cluster=cluster, namespace=namespace, name=name, notice=told), 303)


def _sync(cluster: str, namespace: str, name: str) -> str:
    app = services().installs.status(cluster, namespace, name).app
    demand("source.sync", f"source/{app.source}")
    doors.sync_captain(services(), cluster, app.chart_repo)
    return "captain-asked"


def _create_namespace(cluster: str, namespace: str, name: str) -> str:
    """Of the release, which captain says is missing: no other name is taken from the form."""
    app = services().installs.status(cluster, namespace, name).app
    demand("app.install", f"app/{cluster}/{app.release_namespace}")
    doors.create_namespace(services(), cluster, app.release_namespace, current_person().name)
    return "namespace-made"


_ACTS: Mapping[str, Callable[[str, str, str], str]] = {
    "sync": _sync,
    "create-namespace": _create_namespace,
}
