"""What of a repository its source takes: charts by globs of their names, versions by a range. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from indexer import versions
from indexer.model import ListedChart, Listing, Problem, Source, SourceState
from indexer.version_range import VersionRange


@dataclass(frozen=True, slots=True)
class Filter:
    """The filter of a source: what it says, and what follows from it."""

    include: tuple[str, ...] = ()
    """Globs of chart names; empty: all. Letters count as they are written."""
    exclude: tuple[str, ...] = ()
    versions: str = ""
    """A range in Helm's notation; empty: all."""
    prereleases: bool = True

    @property
    def admits_all(self) -> bool:
        """Whether it leaves nothing out."""
        return self == Filter()

    def admits_chart(self, name: str) -> bool:
        """Whether a chart of that name is taken, as far as its name says."""
        return (not self.include or _fits(name, self.include)) and not _fits(name, self.exclude)

    def version_test(self) -> Callable[[str], bool]:
        """Whether a version is taken: in the range, and no pre-release where none is wanted."""
        wanted = VersionRange.parse(self.versions) if self.versions else None

        def admits(version: str) -> bool:
            return (wanted is None or version in wanted) and (self.prereleases or not versions.is_prerelease(version))

        return admits


def filter_of(source: Source) -> Filter:
    """The filter that ``source`` was registered with."""
    return Filter(source.include, source.exclude, source.versions, source.prereleases)


def leaves_nothing(state: SourceState) -> bool:
    """Whether a source that was read shows no chart, and has a filter that may be why."""
    return bool(state.last_success) and not state.charts and not filter_of(state.source).admits_all


def filtered(listing: Listing, chosen: Filter) -> Listing:
    """``listing`` as if it listed only what ``chosen`` admits; a chart without any version left is not there.

    Charts that are kept as they are stored were filtered when they were stored.
    """
    if chosen.admits_all:
        return listing
    admits = chosen.version_test()
    charts = {
        name: left
        for name, chart in listing.charts.items()
        if chosen.admits_chart(name) and (left := _with_versions(chart, admits)) is not None
    }
    return replace(listing, charts=charts, problems=tuple(_told(listing.problems, chosen, admits)))


def _with_versions(chart: ListedChart, admits: Callable[[str], bool]) -> ListedChart | None:
    if chart.kept:
        return chart
    left = tuple(one for one in chart.versions if admits(one.version))
    return replace(chart, versions=left) if left or not chart.versions else None


def _told(problems: Iterable[Problem], chosen: Filter, admits: Callable[[str], bool]) -> Iterable[Problem]:
    """Problems of what is left out are nobody's. Those without a chart or a version may be of anything."""
    for one in problems:
        of_chart = not one.chart or chosen.admits_chart(one.chart)
        if of_chart and (not versions.is_valid(one.version) or admits(one.version)):
            yield one


def _fits(name: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
