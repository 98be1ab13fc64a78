"""Values against the schemas of the chart and its subcharts, as captain will hold them. Nothing here quotes a value."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from catalog_web.install.checks.check import Check
from catalog_web.install.checks.facts import Facts
from catalog_web.values.validation.charts import ChartSchema, schemas_of
from catalog_web.values.validation.check import Outcome, check
from indexer.errors import N_

_NEW_DRAFT = re.compile(r"\"\$schema\"\s*:\s*\"https?://json-schema\.org/draft/20")
"""2019-09 and later: captain's Helm 3.6 knows no draft after 7, and reads of a newer one what it understands."""


def check_schema(facts: Facts, values: Mapping[str, Any], text: str) -> Iterator[Check]:
    """What the schemas say of ``values``, which a person typed as ``text``; nothing where there is no schema."""
    if facts.content is None:
        return
    schemas = schemas_of(facts.content, values)
    if schemas:
        yield _told(check(schemas, facts.content.metadata.name, text=text), schemas)


def _told(found: Outcome, schemas: Iterable[ChartSchema]) -> Check:
    count = len(found.problems)
    if count and not any(_NEW_DRAFT.search(one.schema) for one in schemas):
        refused = N_("The chart’s schema refuses {count} of the values; captain would fail with it.")
        return Check("schema", "fail", refused, _CORRECT, {"count": count}, problems=found.problems)
    if count:
        perhaps = N_(
            "The chart’s schema refuses {count} of the values. It is of a draft that captain knows only a part of, so "
            "captain may take them."
        )
        return Check("schema", "warn", perhaps, _CORRECT, {"count": count}, problems=found.problems)
    if found.notes:
        note = {"note": found.notes[0]}
        return Check("schema", "unknown", N_("{note}"), N_("captain may still refuse the values."), note)
    return Check("schema", "ok", N_("The values are what the chart’s schema asks for."))


_CORRECT = N_("Correct these values.")
