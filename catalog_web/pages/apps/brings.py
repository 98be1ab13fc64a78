"""What another version would bring to an app, in a few lines: of a comparison, what matters to whoever runs it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask_babel import gettext

from catalog_web.auth import rule
from catalog_web.catalog import PAGE_PATIENCE, VersionPage
from catalog_web.comparisons import Compared, publisher_says
from catalog_web.install.recorded import values_of
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.apps.shown import Shown, look
from catalog_web.pages.view import counted, services
from indexer.compare import Comparison
from indexer.compare.result import ImageChange, ValueChange
from indexer.errors import ChartroomError, UsageError
from indexer.version_range import VersionRange
from indexer.yaml_lines import dotted

_FEW = 4
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class Brought:
    """One line: what it is about, what changes, and what that means."""

    title: str
    parts: tuple[str, ...]
    aside: str = ""
    is_grave: bool = False


@pages.get("/apps/<cluster>/<namespace>/<name>/brings")
@rule("app.read", "app/{cluster}/{namespace}/{name}", cost="compare")
def brings(cluster: str, namespace: str, name: str) -> str:
    """What the version of the address would bring, as a part of the app's page."""
    shown = look(cluster, namespace, name)
    version = request.args.get("version", "")[:_LONGEST]
    try:
        compared, error = compare(shown, version), None
    except ChartroomError as raised:
        compared, error = None, raised
    lines = tuple(brought(shown, compared.found, compared.new)) if compared else ()
    found = compared.found if compared else None
    return render_template(
        "apps/brings.html", lines=lines, found=found, error=error, place=shown.place, version=version
    )


def compare(shown: Shown, version: str) -> Compared:
    """The present version with another one of the same source. Raises as `Comparisons.get`, and UsageError where the
    source is not known."""
    row = shown.row
    if row is None or not row.source:
        raise UsageError(what=gettext("Nobody knows which source it came from."), hint="")
    return services().comparisons.get(row.source, row.app.chart, row.version, version, patience=PAGE_PATIENCE)


def brought(shown: Shown, found: Comparison, page: VersionPage) -> Iterator[Brought]:
    """The lines of a comparison with the version ``page``, the gravest first within each."""
    mine = values_of(shown.detail.helmrequest) if shown.detail and shown.detail.helmrequest else {}
    yield from _images(found, page)
    yield from _values(found, mine)
    yield from _crds(found)
    yield from _kubernetes(shown, page)
    yield from _changelog(page)


def _images(found: Comparison, page: VersionPage) -> Iterator[Brought]:
    changes = found.images
    if not changes:
        return
    content = page.content
    total = len({one.reference for one in content.images}) if content else 0
    aside = gettext("%(changed)s of %(total)s change", changed=len(changes), total=max(total, len(changes)))
    yield Brought(gettext("Images"), _cut([_image(one) for one in changes]), aside)


def _image(one: ImageChange) -> str:
    name = one.repository.rpartition("/")[2]
    if one.whole == "added":
        return str(gettext("%(name)s %(tag)s is new", name=name, tag=", ".join(one.after)))
    if one.whole == "removed":
        return str(gettext("%(name)s is gone", name=name))
    return f"{name} {', '.join(one.before)} → {', '.join(one.after)}"


def _values(found: Comparison, mine: Mapping[str, Any]) -> Iterator[Brought]:
    values = found.values
    changes = [one for one in values.changes if one.kind != "comment"] if values else []
    if not changes:
        return
    set_here = [one for one in changes if _is_set(mine, (one.before or one.side).path)]
    ordered = [*set_here, *(one for one in changes if one not in set_here)]
    touched = counted("%(num)s that you set", "%(num)s that you set", len(set_here)) if set_here else ""
    parts = _cut([_value(one, yours=one in set_here) for one in ordered])
    yield Brought(gettext("Values"), parts, touched, is_grave=bool(set_here))


def _value(one: ValueChange, *, yours: bool) -> str:
    path = dotted((one.before or one.side).path)
    told: str = {
        "added": gettext("%(path)s is new", path=path),
        "removed": gettext("%(path)s is gone", path=path),
        "moved": gettext("%(path)s is %(new)s now", path=path, new=dotted(one.path)),
        "type": gettext("%(path)s has another type", path=path),
        "default": gettext("%(path)s has another default", path=path),
    }[one.kind]
    return str(gettext("%(what)s — you set it", what=told)) if yours else told


def _is_set(mine: Any, path: Sequence[str]) -> bool:
    """Whether the person's values say something at ``path`` or above it."""
    for key in path:
        if not isinstance(mine, Mapping):
            return True
        if key not in mine:
            return False
        mine = mine[key]
    return True


def _crds(found: Comparison) -> Iterator[Brought]:
    changes = found.definitions
    if changes:
        told = {"added": gettext("%(name)s is new"), "removed": gettext("%(name)s is gone")}
        parts = [told.get(one.whole, gettext("%(name)s changes")) % {"name": one.name} for one in changes]
        yield Brought("CRDs", _cut(parts), gettext("apply by hand"), is_grave=True)


def _kubernetes(shown: Shown, page: VersionPage) -> Iterator[Brought]:
    wanted = page.metadata.kube_version
    runs = services().installs.versions_by_cluster().get(shown.cluster, "")
    if not wanted:
        return
    try:
        fits = not runs or runs in VersionRange.parse(wanted)
    except ValueError:
        return
    told = gettext("needs %(range)s", range=wanted)
    here = (gettext("%(cluster)s runs %(version)s", cluster=shown.cluster, version=runs),) if runs else ()
    yield Brought("Kubernetes", (told, *here), gettext("fits") if fits else gettext("does not fit"), is_grave=not fits)


def _changelog(page: VersionPage) -> Iterator[Brought]:
    notes = publisher_says(page).notes
    if notes:
        grave = [one for one in notes if one.kind in ("security", "removed", "deprecated")]
        ordered = [*grave, *(one for one in notes if one not in grave)]
        yield Brought(gettext("Changelog"), _cut([one.description[:160] for one in ordered]))


def _cut(parts: Sequence[str]) -> tuple[str, ...]:
    more = len(parts) - _FEW
    if more <= 0:
        return tuple(parts)
    return (*parts[:_FEW], counted("and %(num)s more", "and %(num)s more", more))
