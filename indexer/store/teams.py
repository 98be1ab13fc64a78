"""Teams, and what they decided about charts."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from indexer.errors import N_, Conflict, TeamChanged, TeamNotFound, TooManyRules, phrase
from indexer.model import Team, TeamRule
from indexer.store.database import Database
from indexer.store.people_tables import team_rules, teams

MOST_RULES = 200
"""Of one team."""


class Teams:
    """All teams. Safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: tuple[int, tuple[Team, ...]] | None = None

    def all(self) -> tuple[Team, ...]:
        """Every team with its rules, by name; read again only after something was written."""
        version = self._database.version()
        if self._kept is None or self._kept[0] != version:
            self._kept = (version, self._read())
        return self._kept[1]

    def get(self, name: str) -> Team:
        """Return one. Raises TeamNotFound."""
        for team in self.all():
            if team.name == name:
                return team
        raise TeamNotFound(team=name)

    def add(self, team: Team) -> Team:
        """Keep a team that is not there yet, without rules. Raises Conflict where the name is taken."""
        new = replace(team, revision=1, rules=())
        with self._database.write("people") as connection:
            if connection.execute(select(teams.c.name).where(teams.c.name == team.name)).one_or_none() is not None:
                what = phrase(N_("There is a team named “{name}” already."), name=team.name)
                raise Conflict(what=what, hint=phrase(N_("Change that one, or choose another name.")))
            connection.execute(insert(teams).values(name=new.name, created=new.created, **_said(new)))
        return new

    def change(self, team: Team) -> Team:
        """Replace the title, the members and the groups, if nobody did since ``team.revision``.

        Raises TeamChanged where somebody did, TeamNotFound.
        """
        new = replace(team, revision=team.revision + 1)
        same = (teams.c.name == team.name) & (teams.c.revision == team.revision)
        with self._database.write("people") as connection:
            if not connection.execute(update(teams).where(same).values(**_said(new))).rowcount:
                _expect(connection, team.name)
                raise TeamChanged(team=team.name)
        return new

    def remove(self, name: str) -> None:
        """Forget a team and its rules. Raises TeamNotFound."""
        with self._database.write("people") as connection:
            connection.execute(delete(team_rules).where(team_rules.c.team == name))
            if not connection.execute(delete(teams).where(teams.c.name == name)).rowcount:
                raise TeamNotFound(team=name)

    def add_rule(self, name: str, rule: TeamRule) -> TeamRule:
        """Keep a rule of a team, and return it with its id; one that says the same is there once.

        Raises TeamNotFound, TooManyRules.
        """
        values = {column: getattr(rule, column) for column in ("kind", "source", "chart", "versions", "note")}
        same = [team_rules.c[column] == value for column, value in values.items()]
        count = select(func.count()).select_from(team_rules).where(team_rules.c.team == name)
        with self._database.write("people") as connection:
            _expect(connection, name)
            found = connection.execute(select(team_rules).where(team_rules.c.team == name, *same)).first()
            if found is not None:
                return _rule(found)
            if connection.execute(count).scalar_one() >= MOST_RULES:
                raise TooManyRules(limit=MOST_RULES, team=name)
            row = {**values, "team": name, "person": rule.person, "at": rule.at}
            made = connection.execute(insert(team_rules).values(row).returning(team_rules.c.id)).scalar_one()
        return replace(rule, id=made)

    def remove_rule(self, name: str, rule: int) -> None:
        """Forget a rule; one that is not there any more is no mistake. Raises TeamNotFound."""
        with self._database.write("people") as connection:
            _expect(connection, name)
            connection.execute(delete(team_rules).where((team_rules.c.team == name) & (team_rules.c.id == rule)))

    def _read(self) -> tuple[Team, ...]:
        with self._database.read() as connection:
            rows = connection.execute(select(teams).order_by(teams.c.name)).all()
            rules = connection.execute(select(team_rules).order_by(team_rules.c.id)).all()
        return tuple(_team(row, (one for one in rules if one.team == row.name)) for row in rows)


def _expect(connection: Connection, name: str) -> None:
    if connection.execute(select(teams.c.name).where(teams.c.name == name)).one_or_none() is None:
        raise TeamNotFound(team=name)


def _said(team: Team) -> dict[str, Any]:
    return {
        "title": team.title,
        "members": list(team.members),
        "groups": list(team.groups),
        "revision": team.revision,
    }


def _team(row: Row[Any], rules: Iterable[Row[Any]]) -> Team:
    return Team(
        name=row.name,
        title=row.title,
        members=tuple(row.members),
        groups=tuple(row.groups),
        rules=tuple(_rule(one) for one in rules),
        created=row.created,
        revision=row.revision,
    )


def _rule(row: Row[Any]) -> TeamRule:
    return TeamRule(row.kind, row.source, row.chart, row.versions, row.note, row.person, row.at, row.id)
