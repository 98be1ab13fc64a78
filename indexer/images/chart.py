"""A chart and its subcharts as Helm would install them by default: which take part, and with which values.

The rules are those of Helm's chartutil: a subchart's values are its own with those under its name (or alias) in its
parent's values over them, ``global`` goes down to all, a null takes a default away. A ``condition`` counts before
``tags``, and what neither decides takes part.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from indexer.errors import EntryError
from indexer.gotemplate.values import weight
from indexer.model import ArchiveFile, ChartMetadata, Dependency
from indexer.parse import load_values

MOST_CHARTS = 200
"""In one tree; an alias makes one more of a chart."""
MOST_VALUES = 200_000
"""Values of all of them together, which are merged and copied; the largest real trees have some 20,000."""
_LONGEST_VALUES = 1024 * 1024
"""Characters of a values.yaml that is read for images; the largest real ones have a quarter of that."""

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChartParts:
    """A chart as it lies in an archive: what its images follow from, and the schema of its values."""

    metadata: ChartMetadata
    values: str
    templates: tuple[ArchiveFile, ...]
    dependencies: tuple[Dependency, ...]
    subcharts: tuple["ChartParts", ...] = ()
    schema: str = ""
    """Its values.schema.json; only of subcharts."""


@dataclass(frozen=True, slots=True)
class PlacedChart:
    """A chart at its place in the tree."""

    parts: ChartParts
    path: tuple[str, ...]
    """Names or aliases from below the top chart; empty for that one itself."""
    folder: str
    """Where its files lie, as Helm names them: ``top/charts/sub``."""
    values: Values
    """Those that it gets by default, ``global`` included."""
    children: frozenset[str]
    """Keys of ``values`` that are a subchart's."""
    condition: str = ""
    """Where the defaults leave it out: the path of values, or the tags, that would switch it on."""
    enabled: bool = True


def placed(chart: ChartParts, values: Values | None = None) -> tuple[PlacedChart, ...]:
    """The whole tree, parents before children; at most 200 charts with 200,000 values, what is beyond is left out.

    ``values``: those of the chart itself, where they are not its defaults.
    """
    top = default_values(chart.values) if values is None else values
    found: list[PlacedChart] = []
    waiting: deque[Iterator[PlacedChart]] = deque(
        [iter([_place(chart, (), chart.metadata.name, top, "", enabled=True)])]
    )
    left = MOST_VALUES
    while waiting:
        for one in waiting.popleft():
            left -= weight(one.values, MOST_VALUES)
            if found and (left < 0 or len(found) >= MOST_CHARTS):
                return tuple(found)
            found.append(one)
            waiting.append(_children(one, _mapping(top, "tags")))
    return tuple(found)


def default_values(text: str) -> Values:
    """A values.yaml as Helm reads it; empty where it cannot be read."""
    if len(text) > _LONGEST_VALUES:
        return {}
    try:
        return load_values(text)
    except EntryError:
        return {}


def _place(
    parts: ChartParts, path: tuple[str, ...], folder: str, values: Values, condition: str, *, enabled: bool
) -> PlacedChart:
    names = frozenset(name for name, _, _ in _instances(parts))
    return PlacedChart(parts, path, folder, values, names, condition, enabled)


def _children(parent: PlacedChart, tags: Mapping[str, Any]) -> Iterator[PlacedChart]:
    for name, child, dependency in _instances(parent.parts):
        given = _over(default_values(child.values), _mapping(parent.values, name))
        given["global"] = _over(_mapping(given, "global"), _mapping(parent.values, "global"))
        off = _switched_off(dependency, parent.values, tags) if dependency else ""
        condition = off or parent.condition
        enabled = parent.enabled and not off
        folder = f"{parent.folder}/charts/{name}"
        yield _place(child, (*parent.path, name), folder, given, condition, enabled=enabled)


def _instances(parts: ChartParts) -> Iterator[tuple[str, ChartParts, Dependency | None]]:
    """Each subchart by the name that its values stand under; one with several aliases several times."""
    for child in parts.subcharts:
        asked = [one for one in parts.dependencies if one.name == child.metadata.name]
        for dependency in asked:
            yield dependency.alias or dependency.name, child, dependency
        if not asked:
            yield child.metadata.name, child, None


def _switched_off(dependency: Dependency, values: Values, tags: Mapping[str, Any]) -> str:
    """What would have to be true for the subchart to take part; empty where it does."""
    for path in dependency.condition.split(","):
        decided = _at(values, path.strip())
        if isinstance(decided, bool):
            return "" if decided else path.strip()
    told = [tags[tag] for tag in dependency.tags if isinstance(tags.get(tag), bool)]
    return ", ".join(f"tags.{tag}" for tag in dependency.tags) if told and not any(told) else ""


def _at(values: Values, path: str) -> Any:
    found: Any = values
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _mapping(values: Mapping[str, Any], key: str) -> Values:
    found = values.get(key)
    return found if isinstance(found, dict) else {}


def _over(below: Values, above: Mapping[str, Any]) -> Values:
    """``above`` over ``below``, deep; a null in ``above`` takes the key away."""
    made = dict(below)
    for key, value in above.items():
        if value is None:
            made.pop(key, None)
        elif isinstance(value, dict) and isinstance(made.get(key), dict):
            made[key] = _over(made[key], value)
        else:
            made[key] = value
    return made
