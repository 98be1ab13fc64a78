"""The list of all apps under the filters of the address, and the same as a CSV file."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Response, render_template, request, stream_with_context
from flask_babel import gettext

from catalog_web.approvals.service import OPEN
from catalog_web.auth import current_person, rule
from catalog_web.install.status import WORDS
from catalog_web.inventory import AppFilter, AppRow, Found, address
from catalog_web.inventory.filters import flagged
from catalog_web.inventory.table import csv_lines
from catalog_web.pages.apps.blueprint import pages
from catalog_web.pages.view import address as address_here
from catalog_web.pages.view import number_argument, seen_catalog, seen_clusters, services, without
from indexer.errors import BadQuery
from indexer.model import Approval
from indexer.search.request import ChartKey

PAGE = 50
_REQUESTS, _LATELY = 5, timedelta(days=7)
"""Requests of one's own above the list; those that were decided since then are among them."""
_FIRST_PATIENCE, _PATIENCE = 1.0, 5.0
"""Seconds for the clusters: little before the first sight of the page, more when it looks again by itself."""
MOVING = frozenset({"waiting", "installing", "upgrading", "retrying", "deleting"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter that is set: what it narrows to, and the address without it."""

    name: str
    value: str
    shown: str
    href: str


@pages.get("/apps")
@rule("app.read", "app")
def index() -> tuple[str, int]:
    """All HelmRequests of all clusters; one that does not answer costs only its own rows."""
    again = request.headers.get("HX-Request") == "true"
    clusters = seen_clusters()
    try:
        wanted = address.read(dict(request.args.lists()))
        page = number_argument("page")
    except BadQuery as error:
        return render_template(
            "apps/index.html", clusters=clusters, wanted=None, found=None, error=error, requests=()
        ), 400
    found = services().inventory.look(wanted, _PATIENCE if again else _FIRST_PATIENCE, seen_catalog().sight)
    last = max(1, -(-len(found.rows) // PAGE))
    page = min(page, last)
    shown = found.rows[(page - 1) * PAGE : page * PAGE]
    return render_template(
        "apps/index.html",
        clusters=clusters,
        wanted=wanted,
        found=found,
        error=None,
        rows=shown,
        page=page,
        last=last,
        query=address.written(wanted),
        chosen=_chosen(wanted),
        flags=flagged(found.rows),
        charts=seen_catalog().charts(list(_charts(shown))),
        moving=any(one.app.state in MOVING for one in shown),
        again=again,
        version=_fingerprint(shown, found),
        requests=_requests(),
    ), 200


@pages.get("/apps.csv")
@rule("app.read", "app")
def table() -> Response:
    """The whole list under the same filters. Raises BadQuery."""
    found = services().inventory.look(address.read(dict(request.args.lists())), _PATIENCE, seen_catalog().sight)
    lines: Iterator[str] = csv_lines(found.rows)
    headers = {"Content-Disposition": 'attachment; filename="apps.csv"'}
    return Response(stream_with_context(lines), mimetype="text/csv", headers=headers)


def _requests() -> tuple[Approval, ...]:
    """What the present person asked for and is not sent yet, or was decided lately."""
    lately = datetime.now(UTC) - _LATELY
    found = services().approvals.of(current_person().name)
    return tuple(one for one in found if one.state in OPEN or (one.decided_at and one.decided_at > lately))[:_REQUESTS]


def _charts(rows: Sequence[AppRow]) -> dict[ChartKey, None]:
    return {(one.source, one.app.chart): None for one in rows if one.source}


def _chosen(wanted: AppFilter) -> tuple[Chosen, ...]:
    texts = (("q", wanted.text),) if wanted.text else ()
    return tuple(
        Chosen(
            name, value, gettext(WORDS[value]) if name == "state" and value in WORDS else value, _without(name, value)
        )
        for name, value in (*texts, *address.conditions(wanted))
    )


def _without(name: str, value: str) -> str:
    return address_here(q=None, page=None) if name == "q" else without(name, value)


def _fingerprint(rows: Sequence[AppRow], found: Found) -> str:
    """Another one whenever a reader would see something else."""
    shown = [(one.place, one.app.state, one.version, one.app.version, one.behind, one.drifted) for one in rows]
    told = [(one.cluster, one.error and one.error.id, one.waiting) for one in found.listings]
    return f"{zlib.crc32(repr((shown, told, len(found.rows))).encode()):x}"
