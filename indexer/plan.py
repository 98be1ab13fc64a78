"""Deciding, apart from doing: what a listing means for what is stored, and when to ask again.

Pure: (stored, listed, now) in, changes and times out. No deletion follows from an answer that may be cut off, and a
large fall is *held* until a second equal answer or a person confirms it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from indexer import versions
from indexer.errors import EmptyHeld, FallHeld, RemovalsHeld, UnprovenHeld
from indexer.filters import Filter
from indexer.model import DueReason, Held, ListedChart, ListedVersion, Listing, SourceState

FALL_SHARE = 0.2
FALL_CHARTS = 3
"""A fall of more than both is held: small repositories may lose three charts, large ones a fifth."""
CONFIRM_AFTER = timedelta(minutes=10)
"""A second equal answer counts from here on; sooner it may come from the same broken cache."""
ANY_LISTING = b"*"
"""Stands for an accepted fingerprint after the source got another address: what comes from there cannot be a fall."""
BACKOFF_FIRST = 60
BACKOFF_CEILING = 6 * 3600
HOOK_DELAY = timedelta(seconds=2)
"""How long what a webhook named waits for more of the same: one push brings several calls."""
HOOK_GAP = timedelta(seconds=10)
"""A source is read no more often than this because of webhooks."""
ALL = ""
"""Stands among the names that wait for a webhook that named none."""
MOST_NAMED = 50
"""Where webhooks named more than so many repositories of a source, reading all of it is cheaper."""
ARCHIVE_BACKOFF_FIRST = 300
ARCHIVE_BACKOFF_CEILING = 24 * 3600


@dataclass(frozen=True, slots=True)
class StoredChart:
    """What planning needs to know of a stored chart."""

    fingerprint: bytes
    latest: str


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """What planning needs to know of a stored version."""

    fingerprint: bytes
    digest: str
    told: tuple[object, ...]
    """What a listing shows of it, as ``listing_fields`` gives it."""
    manifest: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """The stored side: all charts of the source, and the versions of those charts that the listing does not keep."""

    charts: Mapping[str, StoredChart]
    versions: Mapping[str, Mapping[str, StoredVersion]]
    end_proven: bool = False
    """Whether the last listing that was taken showed its own end."""
    held: Held | None = None
    accepted: bytes = b""
    """Fingerprint of a listing that a person accepted, or ANY_LISTING."""


@dataclass(frozen=True, slots=True)
class ChartPlan:
    """What happens to one chart. ``latest`` is its newest version afterwards."""

    chart: ListedChart
    latest: str
    added: tuple[ListedVersion, ...] = ()
    updated: tuple[ListedVersion, ...] = ()
    repushed: tuple[ListedVersion, ...] = ()
    rewritten: tuple[ListedVersion, ...] = ()
    """Written in other words that mean the same: kept as they now come, and not worth a line in the change log."""
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a listing means. With ``held`` set, nothing else is to be done."""

    charts: tuple[ChartPlan, ...] = ()
    removed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Charts that go, with the versions that go with them."""
    held: Held | None = None

    @property
    def added(self) -> int:
        """Versions that are new."""
        return sum(len(one.added) for one in self.charts)

    @property
    def updated(self) -> int:
        """Versions whose entry changed."""
        return sum(len(one.updated) for one in self.charts)

    @property
    def repushed(self) -> int:
        """Versions that came with another digest."""
        return sum(len(one.repushed) for one in self.charts)

    @property
    def removals(self) -> int:
        """Versions that go."""
        return sum(len(one.removed) for one in self.charts) + sum(len(one) for one in self.removed.values())

    @property
    def replaced(self) -> bool:
        """Whether entries that are stored go or are written anew."""
        return bool(self.removals or self.updated or self.repushed or any(one.rewritten for one in self.charts))

    @property
    def changes(self) -> int:
        """How many versions are touched."""
        return self.added + self.updated + self.repushed + self.removals


def plan(stored: Stored, listing: Listing, now: datetime, *, accept: bool = False) -> Plan:
    """Compare ``listing`` with ``stored``. ``accept``: a person takes whatever comes."""
    aside = _set_aside(listing)
    charts = tuple(
        _plan_chart(chart, stored.versions.get(name, {}), aside(name))
        for name, chart in listing.charts.items()
        if not chart.kept
    )
    removed = {
        name: tuple(stored.versions.get(name, {}))
        for name in stored.charts
        if name not in listing.charts and not aside(name) and (listing.only is None or name in listing.only)
    }
    emptied = {one.chart.name: one.removed for one in charts if not one.latest and one.removed}
    made = Plan(tuple(one for one in charts if one.latest), {**removed, **emptied})
    if accept or stored.accepted in (ANY_LISTING, listing.fingerprint):
        return made
    held = _hold(stored, listing, made, now)
    return Plan(held=held) if held else made


def exclude(stored: Mapping[str, Collection[str]], chosen: Filter) -> Plan:
    """What goes of ``stored`` (versions by chart) because ``chosen`` does not admit it. It is never held: whoever owns
    the source said so."""
    admits = chosen.version_test()
    charts: list[ChartPlan] = []
    removed: dict[str, tuple[str, ...]] = {}
    for name, present in stored.items():
        left = list(filter(admits, present)) if chosen.admits_chart(name) else []
        latest = versions.latest(left)
        gone = tuple(one for one in present if one not in left)
        if latest is None:
            removed[name] = gone
        elif gone:
            charts.append(ChartPlan(ListedChart(name, b"", ()), latest, removed=gone))
    return Plan(tuple(charts), removed)


def listing_fields(version: ListedVersion) -> tuple[object, ...]:
    """What a listing shows of ``version`` beside its name, number and digest."""
    return (version.app_version, version.created, version.urls, version.deprecated)


def _set_aside(listing: Listing) -> Callable[[str], frozenset[str]]:
    """Tell for a chart which of its versions the index still names but that could not be read ("" stands for any).

    Problems beyond the parser's cap are summed up under the chart "", so there any version of any chart may be meant.
    """
    found: dict[str, set[str]] = {}
    for one in listing.problems:
        if one.kind == "skipped" or not one.chart:
            found.setdefault(one.chart, set()).add(one.version)
    anywhere = found.get("", set())
    return lambda chart: frozenset(found.get(chart, set()) | anywhere)


def _plan_chart(chart: ListedChart, before: Mapping[str, StoredVersion], set_aside: frozenset[str]) -> ChartPlan:
    listed = {one.version: one for one in chart.versions}
    # What was stored stays while its entry is there and merely unreadable; "" means that its version is unreadable too.
    kept = set(before) - set(listed) if "" in set_aside else set(before) & set_aside
    removed = tuple(version for version in before if version not in listed and version not in kept)
    written = [one for one in chart.versions if one.version in before and _differs(one, before[one.version])]
    changed = [one for one in written if not _means_the_same(one, before[one.version])]
    return ChartPlan(
        chart=chart,
        latest=versions.latest([*listed, *(kept - set(listed))]) or "",
        added=tuple(one for one in chart.versions if one.version not in before),
        updated=tuple(one for one in changed if not _repushed(one, before[one.version])),
        repushed=tuple(one for one in changed if _repushed(one, before[one.version])),
        rewritten=tuple(one for one in written if _means_the_same(one, before[one.version])),
        removed=removed,
    )


def _differs(one: ListedVersion, before: StoredVersion) -> bool:
    return one.fingerprint != before.fingerprint


def _means_the_same(one: ListedVersion, before: StoredVersion) -> bool:
    """An equal digest pins all that Chart.yaml says, so what is left can only be told by the listing's own fields."""
    return bool(one.digest) and one.digest == before.digest and listing_fields(one) == before.told


def _repushed(one: ListedVersion, before: StoredVersion) -> bool:
    if one.digest and before.digest:
        return one.digest != before.digest
    return bool(one.manifest and before.manifest) and one.manifest != before.manifest


def _hold(stored: Stored, listing: Listing, made: Plan, now: datetime) -> Held | None:
    fallen = len(made.removed) + sum(1 for one in made.charts if _went_back(one, stored))
    why = _why_held(stored, listing, made, fallen)
    if why is None:
        return None
    since = now
    if stored.held and stored.held.fingerprint == listing.fingerprint:
        since = stored.held.since
        if listing.charts and now - since >= CONFIRM_AFTER:
            return None
    return Held(since=since, fingerprint=listing.fingerprint, removed=fallen, of=len(stored.charts), error_id=why.id)


def _went_back(one: ChartPlan, stored: Stored) -> bool:
    before = stored.charts.get(one.chart.name)
    return before is not None and versions.sort_key(one.latest) < versions.sort_key(before.latest)


def _why_held(stored: Stored, listing: Listing, made: Plan, fallen: int) -> type[RemovalsHeld] | None:
    if not stored.charts:
        return None
    if made.removed and not listing.charts and (listing.only is None or len(made.removed) == len(stored.charts)):
        return EmptyHeld
    if fallen > FALL_CHARTS and fallen > FALL_SHARE * len(stored.charts):
        return FallHeld
    if not listing.end_proven and (made.removals or stored.end_proven):
        return UnprovenHeld
    return None


@dataclass(frozen=True, slots=True)
class Due:
    """When a source is due next, and why then."""

    at: datetime
    why: DueReason
    whole: bool = True
    """False: only what webhooks named is; when the rest is due stays as it was."""


def next_due(
    now: datetime, interval: float, *, failures: int, retry_after: float | None, held: bool, jitter: float
) -> Due:
    """When a source is due again.

    ``interval`` in seconds, ``failures`` in a row, ``retry_after`` what the server asked for, ``jitter`` in [0, 1):
    spreads
    sources that were registered together by up to a tenth.
    """
    wait, why = _wait(interval, failures, held)
    asked = min(retry_after or 0.0, BACKOFF_CEILING)
    if asked > wait:
        wait, why = asked, "retry-after"
    return Due(now + timedelta(seconds=wait * (1 + jitter / 10)), why)


def _wait(interval: float, failures: int, held: bool) -> tuple[float, DueReason]:
    if failures:
        # A failing source is asked sooner than a healthy one at first, then ever more rarely.
        return min(BACKOFF_CEILING, BACKOFF_FIRST * 2.0 ** min(failures - 1, 20)), "back-off"
    confirm = CONFIRM_AFTER.total_seconds() + 5
    return (confirm, "confirm") if held and confirm < interval else (interval, "interval")


def due_after_part(now: datetime, interval: float, full_due: datetime | None) -> Due:
    """When a source is due again of which a part was just read, because a webhook named it: when it was before.

    A source that failed before waits no longer for all of it than a healthy one: it answers again.
    """
    regular = now + timedelta(seconds=interval * 1.1)
    return Due(min(full_due or regular, regular), "interval")


def hook_due(now: datetime, last_attempt: datetime | None, failures: int) -> datetime:
    """When a source is due of which a webhook spoke: soon, but not again and again where webhooks keep coming, and not
    before its first back-off where it fails."""
    gap = timedelta(seconds=BACKOFF_FIRST) if failures else HOOK_GAP
    return max(now + HOOK_DELAY, last_attempt + gap) if last_attempt else now + HOOK_DELAY


def named_part(state: SourceState, now: datetime) -> frozenset[str] | None:
    """What webhooks named, where that is all that is due of a source; None where all of it is to be read."""
    settled = state.last_success and not state.held and not state.accepted
    if not settled or not state.pending or ALL in state.pending or state.full_due is None:
        return None
    return None if is_due(state.full_due, state.source.interval, now) else frozenset(state.pending)


def is_due(due: datetime, interval: float, now: datetime) -> bool:
    """Whether a source's time has come; also when it is further off than any wait, since the clock was put back."""
    longest = timedelta(seconds=max(interval, BACKOFF_CEILING) * 1.1)
    return due <= now or due - now > longest


def next_archive_try(now: datetime, failures: int) -> datetime:
    """When an archive that could not be had is tried again: five minutes, doubling to a day."""
    wait = min(ARCHIVE_BACKOFF_CEILING, ARCHIVE_BACKOFF_FIRST * 2 ** min(failures - 1, 20))
    return now + timedelta(seconds=wait)
