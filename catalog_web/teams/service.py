"""The teams of a person, and what they hide of the catalog as it is now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from catalog_web.teams.deciding import (
    EVERYTHING,
    TeamSight,
    hidden_charts,
    hidden_for,
    recommended_charts,
    sight_of,
)
from indexer.model import Team, TeamRule
from indexer.search.request import ChartKey
from indexer.store import Store

_KEPT = 64
"""Sights whose hidden charts are remembered; people of the same teams share one."""
_NAMED = 5
"""Charts that a preview names."""
Charts = Mapping[ChartKey, tuple[str, ...]]
Keys = frozenset[ChartKey]


@dataclass(frozen=True, slots=True)
class Effect:
    """What rules do to the catalog of a team's members who are in no other team."""

    charts: int
    """In the whole catalog."""
    hidden: int
    examples: tuple[ChartKey, ...] = ()
    """A few of those that are hidden, or that one more rule hides or shows."""
    newly_hidden: int = 0
    """By one rule more."""
    newly_shown: int = 0


class Teams:
    """Answers from the store. Safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: tuple[int, dict[TeamSight, tuple[Keys, Keys]]] = (-1, {})

    def sight(self, person: str, groups: frozenset[str]) -> TeamSight:
        """What the teams of a person who is signed in decided. Raises StoreUnavailable."""
        teams = self._store.teams.all()
        return sight_of(teams, person, groups) if teams else EVERYTHING

    def marked(self, sight: TeamSight) -> tuple[Keys, Keys]:
        """The charts that ``sight`` does not show, and those that it recommends, of the catalog as it is now. Costs
        nearly nothing where neither the catalog nor the teams changed. Raises StoreUnavailable."""
        if sight.shows_all and not sight.recommends:
            return frozenset(), frozenset()
        row = self._store.changes.last()
        if self._kept[0] != row or len(self._kept[1]) > _KEPT:
            self._kept = (row, {})
        kept = self._kept[1]
        if sight not in kept:
            charts = self._charts([sight])
            kept[sight] = hidden_charts(sight, charts), recommended_charts(sight, charts)
        return kept[sight]

    def hidden_for(self, source: str, chart: str) -> tuple[str, ...]:
        """The titles of the teams that do not show a chart to their members. Raises StoreUnavailable."""
        return hidden_for(self._store.teams.all(), source, chart)

    def effect(self, team: Team, draft: TeamRule | None = None) -> Effect:
        """What the team's rules do now, and what ``draft`` would change about that. Raises StoreUnavailable."""
        now = TeamSight((team,))
        then = TeamSight((replace(team, rules=(*team.rules, draft)),)) if draft else now
        charts = self._charts([now, then])
        before, after = hidden_charts(now, charts), hidden_charts(then, charts)
        more, fewer = after - before, before - after
        named = sorted((more or fewer) if draft else after)[:_NAMED]
        return Effect(len(charts), len(after), tuple(named), len(more), len(fewer))

    def _charts(self, sights: Collection[TeamSight]) -> Charts:
        """All charts, with the versions of those of which a rule speaks of versions."""
        keys = self._store.catalog.keys()
        asked = [key for key in keys if any(sight.speaks_of_versions(*key) for sight in sights)]
        listed = self._store.catalog.version_names(asked)
        return {key: tuple(listed.get(key, ())) for key in keys}
