"""What Helm holds against which schema: all values against the chart's, a subchart's part against its own. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog_web.values.reading import Values, coalesce, default_values
from indexer.images.chart import ChartParts, PlacedChart, placed
from indexer.model import ArchiveContent, ChartMetadata, Subchart


@dataclass(frozen=True, slots=True)
class ChartSchema:
    """A schema with what it is held against."""

    path: tuple[str, ...]
    """Where the values stand in those of the whole chart: the names or aliases of subcharts; empty for the chart."""
    schema: str
    """As text; not necessarily a schema."""
    values: Values = field(repr=False)


def schemas_of(content: ArchiveContent, values: Mapping[str, Any]) -> tuple[ChartSchema, ...]:
    """Every schema of the chart that Helm would look at for a person's ``values``; subcharts that stay out have none.

    Rules as in Helm's ``CoalesceValues`` and ``ValidateAgainstSchema``: a null takes a default away, ``global`` goes
    down to all, the chart's own schema sees the values of its subcharts too.
    """
    given = coalesce(default_values(content.values), values)
    charts = placed(_tree(content), given)
    whole = _whole(charts)
    own = [ChartSchema((), content.schema, whole)] if content.schema.strip() else []
    return (*own, *_of_subcharts(charts))


def _of_subcharts(charts: tuple[PlacedChart, ...]) -> Iterator[ChartSchema]:
    for one in charts:
        if one.path and one.enabled and one.parts.schema.strip():
            yield ChartSchema(one.path, one.parts.schema, one.values)


def _whole(charts: tuple[PlacedChart, ...]) -> Values:
    """The values of the chart with those of all subcharts that take part."""
    whole = dict(charts[0].values)
    for one in charts[1:]:
        if one.enabled:
            _lay(whole, one)
    return whole


def _lay(whole: Values, one: PlacedChart) -> None:
    place = whole
    for name in one.path[:-1]:
        place = place[name] = dict(place.get(name) or {})
    place[one.path[-1]] = one.values


# -- the tree


def _tree(content: ArchiveContent) -> ChartParts:
    below = _below(content.subcharts, "")
    return ChartParts(content.metadata, content.values, (), content.dependencies, below, content.schema)


def _below(subcharts: tuple[Subchart, ...], above: str) -> tuple[ChartParts, ...]:
    found = (one for one in subcharts if one.name.rpartition("/")[0] == above)
    return tuple(_parts(one, subcharts) for one in found)


def _parts(one: Subchart, subcharts: tuple[Subchart, ...]) -> ChartParts:
    metadata = ChartMetadata(name=one.name.rpartition("/")[2], version=one.version)
    return ChartParts(metadata, one.values, (), (), _below(subcharts, one.name), one.schema)
