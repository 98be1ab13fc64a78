"""What the teams of a person let them see and use of the catalog. Pure.

Who is in no team sees all that the roles allow. Who is in some sees what *any* of them shows: a chart is hidden only
where all of a person's teams hide it, so that a further team never takes anything away.

One team shows a version when none of its ``hide`` rules fits it, and one of its ``allow`` rules does, if it has any. A
range leaves pre-releases alone unless it names one, as everywhere in Helm. Of the versions that a team shows it may use
those that are not above the lowest of the ``ceiling`` rules that fit the chart; the others are shown with the reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from catalog_web.sight import NotYet, Recommendation
from indexer import versions
from indexer.model import Team, TeamRule, TeamRuleKind
from indexer.search.request import ChartKey
from indexer.version_range import VersionRange

EVERYBODY = "*"
"""The group that all who are signed in are in."""

_range = lru_cache(1024)(VersionRange.parse)


@dataclass(frozen=True, slots=True)
class TeamSight:
    """What the ``teams`` of one person decided."""

    teams: tuple[Team, ...] = ()

    @property
    def shows_all(self) -> bool:
        """Whether no rule hides anything from this person."""
        return not self.teams or any(not _rules(team, "hide") and not _rules(team, "allow") for team in self.teams)

    @property
    def uses_all(self) -> bool:
        """Whether this person may use all that is shown, and all is."""
        return not self.teams or any(all(rule.kind == "recommend" for rule in team.rules) for team in self.teams)

    @property
    def recommends(self) -> bool:
        """Whether any team recommends anything."""
        return any(_rules(team, "recommend") for team in self.teams)

    def shows(self, source: str, chart: str, version: str = "") -> bool:
        """Whether the chart is seen, or one version of it. Without a version rules about some versions hide nothing:
        whether any version is left, only ``shows_any`` can tell."""
        return not self.teams or any(_shows(team, source, chart, version) for team in self.teams)

    def shows_any(self, source: str, chart: str, its_versions: Iterable[str]) -> bool:
        """Whether one of the versions is seen."""
        return any(self.shows(source, chart, one) for one in its_versions)

    def speaks_of_versions(self, source: str, chart: str) -> bool:
        """Whether some versions of the chart may be treated otherwise than others."""
        return any(
            _fits(rule, source, chart) and (rule.versions or rule.kind == "ceiling")
            for team in self.teams
            for rule in team.rules
            if rule.kind != "recommend"
        )

    def may_use(self, source: str, chart: str, version: str) -> bool:
        """Whether the version is seen and not above the ceiling of every team that shows it."""
        return not self.teams or any(_may_use(team, source, chart, version) for team in self.teams)

    def not_yet(self, source: str, chart: str, version: str) -> NotYet | None:
        """Why a version that is seen may not be used, by the team that lets its members go highest; None where it may,
        or is not seen."""
        if self.may_use(source, chart, version):
            return None
        shown = [team for team in self.teams if _shows(team, source, chart, version)]
        found = [(rule, team) for team in shown if (rule := _ceiling(team, source, chart)) is not None]
        if not found:
            return None
        rule, team = max(found, key=lambda one: versions.sort_key(one[0].versions))
        return NotYet(team.called, rule.versions, rule.note)

    def recommendation(self, source: str, chart: str) -> Recommendation | None:
        """The first recommendation of a chart, by the teams' order; None where there is none."""
        for team in self.teams:
            for rule in _rules(team, "recommend"):
                if _fits(rule, source, chart):
                    return Recommendation(team.called, rule.note, rule.versions)
        return None


EVERYTHING = TeamSight()
"""Of who is in no team."""


def is_member(team: Team, person: str, groups: frozenset[str]) -> bool:
    """Whether a person who is signed in belongs to the team."""
    return person in team.members or EVERYBODY in team.groups or not groups.isdisjoint(team.groups)


def sight_of(teams: Sequence[Team], person: str, groups: frozenset[str]) -> TeamSight:
    """What the teams decided of which ``person`` is a member."""
    return TeamSight(tuple(team for team in teams if is_member(team, person, groups)))


def hidden_charts(sight: TeamSight, charts: Mapping[ChartKey, Sequence[str]]) -> frozenset[ChartKey]:
    """Those of ``charts`` that are not seen. Their versions are asked for only where rules speak of some."""
    if sight.shows_all:
        return frozenset()
    return frozenset(key for key, its_versions in charts.items() if not _is_seen(sight, key, its_versions))


def recommended_charts(sight: TeamSight, charts: Iterable[ChartKey]) -> frozenset[ChartKey]:
    """Those of ``charts`` that a team recommends."""
    if not sight.recommends:
        return frozenset()
    return frozenset(key for key in charts if sight.recommendation(*key) is not None)


def hidden_for(teams: Iterable[Team], source: str, chart: str) -> tuple[str, ...]:
    """The titles of the teams to whose members alone the chart is not shown, whatever their other teams show."""
    return tuple(team.called for team in teams if not _shows(team, source, chart, ""))


def _is_seen(sight: TeamSight, key: ChartKey, its_versions: Sequence[str]) -> bool:
    if not sight.shows(*key):
        return False
    return not sight.speaks_of_versions(*key) or sight.shows_any(*key, its_versions)


def _rules(team: Team, kind: TeamRuleKind) -> tuple[TeamRule, ...]:
    return tuple(rule for rule in team.rules if rule.kind == kind)


def _shows(team: Team, source: str, chart: str, version: str) -> bool:
    if any(_covers(rule, source, chart, version) for rule in _rules(team, "hide")):
        return False
    allowed = _rules(team, "allow")
    return not allowed or any(_admits(rule, source, chart, version) for rule in allowed)


def _may_use(team: Team, source: str, chart: str, version: str) -> bool:
    if not _shows(team, source, chart, version):
        return False
    ceiling = _ceiling(team, source, chart)
    return ceiling is None or versions.sort_key(version) <= versions.sort_key(ceiling.versions)


def _ceiling(team: Team, source: str, chart: str) -> TeamRule | None:
    """The lowest one that fits the chart."""
    found = [rule for rule in _rules(team, "ceiling") if _fits(rule, source, chart)]
    return min(found, key=lambda rule: versions.sort_key(rule.versions), default=None)


def _covers(rule: TeamRule, source: str, chart: str, version: str) -> bool:
    """Whether the rule is about the whole chart, or about this version of it."""
    if not _fits(rule, source, chart):
        return False
    return not rule.versions or (bool(version) and version in _range(rule.versions))


def _admits(rule: TeamRule, source: str, chart: str, version: str) -> bool:
    """Whether the rule lets this version in; of a whole chart, whether it may let any in."""
    return _fits(rule, source, chart) and (not version or not rule.versions or version in _range(rule.versions))


def _fits(rule: TeamRule, source: str, chart: str) -> bool:
    return fnmatchcase(source, rule.source) and fnmatchcase(chart, rule.chart)
