"""Any two revisions of an app side by side, or one beside what the cluster has now."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request

from catalog_web.auth import rule
from catalog_web.install.recorded import manifest_of, values_of, with_values
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.apps.changes import spec_diff
from catalog_web.pages.apps.rail import taken
from catalog_web.pages.apps.shown import Shown, head, look
from catalog_web.pages.view import services
from indexer.errors import RevisionNotFound
from indexer.model import Revision

NOW = "now"
"""Stands for what the cluster has."""


@pages.get("/apps/<cluster>/<namespace>/<name>/history")
@rule("app.read", "app/{cluster}/{namespace}/{name}")
def history(cluster: str, namespace: str, name: str) -> str:
    """Compare two of them; by default the last two. Raises InstallNotFound, RevisionNotFound."""
    shown = look(cluster, namespace, name)
    known = [one for one in taken(shown.history) if not one.is_removal]
    new = request.args.get("to", "") or (str(known[0].number) if known else NOW)
    old = request.args.get("from", "") or (str(known[1].number) if len(known) > 1 else new)
    before, after = side(shown, old), side(shown, new)
    return render_template(
        "apps/history.html",
        known=known,
        old=old,
        new=new,
        before=_revision(shown, old),
        after=_revision(shown, new),
        hunks=spec_diff(before, after),
        **head(shown),
    )


def side(shown: Shown, number: str) -> Mapping[str, Any]:
    """The HelmRequest of a revision, or what the cluster has without its secrets. Raises RevisionNotFound."""
    if number == NOW:
        return present(shown)
    found = _revision(shown, number)
    if found is None:
        raise RevisionNotFound(name=shown.name, number=number[:20])
    return found.manifest


def present(shown: Shown) -> Mapping[str, Any]:
    """What the cluster has without its secrets; nothing where it has nothing."""
    thing = shown.detail.helmrequest if shown.detail else None
    if thing is None:
        return {}
    return with_values(manifest_of(thing), services().installs.public(values_of(thing))[0])


def _revision(shown: Shown, number: str) -> Revision | None:
    return next((one for one in shown.history if str(one.number) == number), None)
