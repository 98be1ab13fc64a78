"""Whether an upgrade looks like a breaking change, and why: all rules are asked, in the order in which a person wants
to read what they say."""

from indexer.compare.result import Reason, gravest_first
from indexer.compare.rules import chart, definitions, objects, values
from indexer.compare.rules.sides import Rule, Sides

MAX_OF_A_RULE = 40

RULES: tuple[Rule, ...] = (
    chart.version_number,
    chart.publisher,
    chart.kubernetes,
    chart.chart_type,
    values.values_removed,
    values.value_types,
    values.values_schema,
    objects.objects,
    definitions.definitions,
    chart.dependencies,
    chart.images,
    chart.app_version,
)


def reasons(sides: Sides) -> tuple[Reason, ...]:
    """What all rules say, the gravest first; at most the 40 gravest reasons of each."""
    found = (reason for rule in RULES for reason in gravest_first(tuple(rule(sides)))[:MAX_OF_A_RULE])
    return gravest_first(tuple(found))
