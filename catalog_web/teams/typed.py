"""Teams and their rules as people write them: on a page, or as JSON. Whatever comes, only UsageError leaves."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from indexer import versions
from indexer.errors import N_, UsageError, phrase
from indexer.model import TeamRule, TeamRuleKind
from indexer.settings import Glob
from indexer.version_range import VersionRange

MOST_NAMES = 500
"""Members or groups of one team."""
NAME = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_LONGEST_NAME, _MOST_DIGITS = 256, 18

Line = Annotated[str, StringConstraints(strip_whitespace=True)]
PersonName = Annotated[Line, Field(min_length=1, max_length=_LONGEST_NAME)]


class RuleBody(BaseModel):
    """A rule. ``versions``: a range in Helm's notation, empty: all; of a ceiling the newest version that may be
    used."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: TeamRuleKind
    source: Glob = "*"
    chart: Glob = "*"
    versions: Annotated[Line, Field(max_length=512)] = ""
    note: Annotated[Line, Field(max_length=500)] = ""

    @model_validator(mode="after")
    def _versions_fit(self) -> "RuleBody":
        if self.kind == "ceiling":
            if not versions.is_valid(self.versions):
                raise ValueError("a ceiling names the newest version that may be used, such as 15.2.5")
        elif self.versions:
            VersionRange.parse(self.versions)
        return self

    def rule(self, person: str, now: datetime) -> TeamRule:
        """As it is kept, by ``person``."""
        return TeamRule(self.kind, self.source, self.chart, self.versions, self.note, person, now)


def rule_of(kind: str, where: str, its_versions: str, note: str) -> RuleBody:
    """A rule as it was typed; ``where`` is SOURCE/CHART, both globs. Raises UsageError."""
    source, slash, chart = where.strip().partition("/")
    if not slash:
        raise UsageError(
            what=phrase(N_("“{text}” names no charts."), text=where.strip()[:80]),
            hint=phrase(N_("Write SOURCE/CHART, each with * for any: bitnami/*, */redis.")),
        )
    return checked(RuleBody, kind=kind, source=source, chart=chart, versions=its_versions, note=note)


def checked(model: type[RuleBody], **values: Any) -> RuleBody:
    """``values`` as the model. Raises UsageError with what is wrong first."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise UsageError(
            what=phrase(N_("The rule cannot be kept: {fault}."), fault=f"{where}: {said}" if where else said),
            hint=phrase(N_("Correct it and try again.")),
        ) from None


def expect_name(name: str) -> str:
    """``name`` if it can be a team's. Raises UsageError."""
    if not re.fullmatch(NAME, name):
        raise UsageError(
            what=phrase(N_("“{name}” cannot be the name of a team."), name=name[:80]),
            hint=phrase(N_("Use lower-case letters, digits and inner hyphens, at most 63.")),
        )
    return name


def names_of(text: str) -> tuple[str, ...]:
    """Names of people or groups, one a line, each once. Raises UsageError for too many or too long ones."""
    return expect_names(line.strip() for line in text.splitlines())


def expect_names(names: Iterable[str]) -> tuple[str, ...]:
    """``names`` without blanks and repetitions. Raises UsageError for too many or too long ones."""
    found = tuple(dict.fromkeys(one for one in names if one))
    if len(found) > MOST_NAMES or any(len(one) > _LONGEST_NAME or not one.isprintable() for one in found):
        raise UsageError(
            what=phrase(N_("A team has at most {most} members and as many groups, each on a line."), most=MOST_NAMES),
            hint=phrase(N_("For more people use a group of the sign-in.")),
        )
    return found


def rule_number(text: str) -> int:
    """The id of a rule in an address; 0, which is none, for what is no number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else 0
