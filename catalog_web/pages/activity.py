"""What is new, updated, removed and pushed again, the newest first. The whole state is in the address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext

from catalog_web import search_address
from catalog_web.auth import rule
from catalog_web.pages.view import known_sources, seen_catalog, services
from indexer.errors import N_, BadQuery
from indexer.model import ChangeFilter, ChangeKind, ChartChanges, ChartSummary, SyncChanges
from indexer.search.request import ChartKey

SYNCS = 20
"""Of one page."""
LINES = 8
"""Charts of one sync, before "more"."""
ALL_LINES = 100
"""The same on the page of one sync."""
KINDS: Mapping[ChangeKind, str] = {
    "added": N_("Added"),
    "updated": N_("Changed"),
    "repushed": N_("Pushed again"),
    "removed": N_("Removed"),
}
"""What can be asked for."""
_LARGEST_ROW = 2**63 - 1

pages = Blueprint("activity", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A line with the chart as it is now, if it is still there, and the version that the newest one came after."""

    changes: ChartChanges
    chart: ChartSummary | None
    previous: str

    @property
    def compare(self) -> str:
        """Where both versions are compared; empty where there are no two."""
        if not (self.chart and self.previous):
            return ""
        page = url_for("chart.page", source=self.chart.source, name=self.chart.name, version=self.changes.versions[0])
        return f"{page}?{urlencode({'tab': 'compare', 'from': self.previous})}"


@dataclass(frozen=True, slots=True)
class Block:
    """What one sync changed, as it is shown."""

    sync: SyncChanges
    lines: tuple[Line, ...]

    @property
    def left_out(self) -> int:
        """How many of its charts are not shown."""
        return max(self.sync.charts - len({line.changes.name for line in self.lines}), 0)


@pages.get("/activity")
@rule("catalog.read", "catalog")
def index() -> str:
    """The activity, all of it or some kinds, a source, a single sync."""
    wanted, before = filter_of_address(), _row("before")
    found = seen_catalog().syncs(wanted, before, 1 if wanted.sync else SYNCS + 1, ALL_LINES if wanted.sync else LINES)
    blocks = _blocks(found[:SYNCS])
    return render_template(
        "activity/index.html",
        wanted=wanted,
        kinds=KINDS,
        days=[(day[0].sync.at, day) for day in _by_day(blocks)],
        older=_older(wanted, found, blocks),
        at_start=not before,
        sources=_choices(),
    )


def filter_of_address() -> ChangeFilter:
    """Read the filter from the address. Raises BadQuery."""
    asked = set(filter(None, request.args.getlist("kind")))
    for kind in asked - KINDS.keys():
        known = ", ".join(KINDS)
        raise BadQuery(
            what=gettext("There is no change “%(kind)s”.", kind=kind[:40]),
            hint=gettext("Use one of %(known)s.", known=known),
        )
    kinds = tuple(kind for kind in KINDS if kind in asked)
    sources = search_address.chosen("source", request.args.getlist("source"))
    return ChangeFilter(sources=sources, kinds=kinds, sync=_row("sync"))


def _row(name: str) -> int:
    """A row of the change log that the address names; 0 where it names none. Raises BadQuery for what is no number."""
    text = request.args.get(name, "")
    if text and not (text.isascii() and text.isdigit()):
        raise BadQuery(
            what=gettext("“%(name)s” must be a whole number.", name=name),
            hint=N_("Correct the address, or leave this part out."),
        )
    return min(int(text[:20] or 0), _LARGEST_ROW)


def _blocks(syncs: Iterable[SyncChanges]) -> tuple[Block, ...]:
    shown = tuple(syncs)
    lines = [line for sync in shown for line in sync.lines]
    charts = seen_catalog().charts([(line.source, line.name) for line in lines])
    previous = services().store.activity.previous(lines)
    return tuple(Block(sync, tuple(_line(line, charts, previous) for line in sync.lines)) for sync in shown)


def _line(line: ChartChanges, charts: Mapping[ChartKey, ChartSummary], previous: Mapping[int, str]) -> Line:
    return Line(line, charts.get((line.source, line.name)), previous.get(line.row, ""))


def _by_day(blocks: Iterable[Block]) -> list[list[Block]]:
    return [list(day) for _, day in groupby(blocks, key=lambda block: block.sync.at.date())]


def _older(wanted: ChangeFilter, found: tuple[SyncChanges, ...], blocks: tuple[Block, ...]) -> int:
    """The row before which the next page begins; 0 where there is none."""
    if wanted.sync:
        left = blocks and blocks[0].lines and blocks[0].lines[-1].changes.first > blocks[0].sync.first
        return blocks[0].lines[-1].changes.first if left else 0
    return found[SYNCS - 1].first if len(found) > SYNCS else 0


def _choices() -> list[tuple[str, str]]:
    """Sources that can be chosen, with their titles."""
    named = [(name, state.source.title or name) for name, state in known_sources().items()]
    return sorted(named, key=lambda pair: pair[1].casefold())
