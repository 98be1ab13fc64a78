"""All sources: those that fail first, the projects of a Harbor folded below it, and what clusters offer."""

import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import render_template, request

from catalog_web.auth import current_person, may, rule
from catalog_web.pages.sources.blueprint import pages
from catalog_web.pages.sources.rights import why_fixed
from catalog_web.pages.view import seen_catalog, services
from indexer.model import SourceHealth, SourceState

_ORDER: tuple[SourceHealth, ...] = ("failing", "held", "never", "ok", "disabled")
"""What needs a look comes first."""
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """A source with those of its projects that are shown below it."""

    state: SourceState
    projects: tuple[SourceState, ...] = ()
    """All of them."""
    shown: tuple[SourceState, ...] = ()
    is_open: bool = False
    """Whether all of them are shown because somebody unfolded them."""

    @property
    def failing(self) -> int:
        """How many of its projects fail."""
        return sum(one.health == "failing" for one in self.projects)

    @property
    def charts(self) -> int:
        """Its own charts, or all those of its projects."""
        return sum(one.charts for one in self.projects) if self.state.source.holds_projects else self.state.charts


@pages.get("/sources")
@rule("source.read", "source")
def index() -> str:
    """All sources with how they fare."""
    states = seen_catalog().sources()
    chosen, text = request.args.get("state", ""), request.args.get("find", "").strip()
    unfolded = frozenset(request.args.getlist("open"))
    shown = rows(states, chosen=chosen, text=text, unfolded=unfolded)
    return render_template(
        "sources/index.html",
        states=states,
        rows=shown,
        counts=counts(states),
        chosen=chosen,
        text=text,
        unfolded=unfolded,
        version="-".join(version(state) for state in states),
        fixed=why_fixed(),
        clusters=services().config.clusters if may(current_person(), "source.write", "source").allowed else (),
    )


def counts(states: Iterable[SourceState]) -> Mapping[SourceHealth, int]:
    """How many sources fare how; those states that there are, in the order of the list."""
    found = Counter(one.health for one in states)
    return {health: found[health] for health in _ORDER if found[health]}


def rows(
    states: Sequence[SourceState], *, chosen: str = "", text: str = "", unfolded: Collection[str] = ()
) -> tuple[Row, ...]:
    """The list: sources that are ``chosen`` (a state) and named by ``text``, or have a project that is.

    Projects are folded, but for those of ``unfolded`` sources, those that fail, and those that were searched for.
    """
    below: dict[str, list[SourceState]] = {}
    known = {one.source.name for one in states}
    for one in states:
        if one.source.parent in known:
            below.setdefault(one.source.parent, []).append(one)
    tops = (one for one in states if one.source.parent not in known)
    made = (_row(one, below.get(one.source.name, ()), chosen, text, unfolded) for one in tops)
    return tuple(sorted((one for one in made if one is not None), key=_place))


def _row(
    state: SourceState, projects: Iterable[SourceState], chosen: str, text: str, unfolded: Collection[str]
) -> Row | None:
    ordered = tuple(sorted(projects, key=lambda one: _place(Row(one))))
    fit = tuple(one for one in ordered if _fits(one, chosen, text))
    if not fit and not _fits(state, chosen, text):
        return None
    if chosen or text:
        return Row(state, ordered, fit)
    is_open = state.source.name in unfolded
    return Row(
        state, ordered, ordered if is_open else tuple(one for one in ordered if one.health == "failing"), is_open
    )


def _fits(state: SourceState, chosen: str, text: str) -> bool:
    source, wanted = state.source, text.casefold()
    words = (source.name, source.title, state.shown_url)
    return chosen in ("", state.health) and (not wanted or any(wanted in one.casefold() for one in words))


def _place(row: Row) -> tuple[int, datetime, str]:
    """What fails longest comes first; then by name."""
    all_of = (row.state, *row.projects)
    since = min(one.failing_since or _NEVER for one in all_of)
    title = row.state.source.title or row.state.source.name
    return min(_ORDER.index(one.health) for one in all_of), since, title.casefold()


def version(state: SourceState) -> str:
    """Changes whenever the page would look different, so that a look without news changes nothing under the reader."""
    attempt = state.last_attempt and state.last_attempt.id
    shown = (state.running, attempt, state.held, state.charts, state.problems, state.next_due, state.source)
    return f"{zlib.crc32(repr(shown).encode()):x}"
