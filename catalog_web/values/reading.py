"""YAML text as values, and values laid on top of others, as Helm does both. Pure."""

from collections.abc import Mapping
from typing import Any

from indexer.errors import EntryError, UsageError
from indexer.parse import load_values

MAX_TEXT_BYTES = 1024 * 1024
"""Of what a person gives; a HelmRequest holds less."""

Values = dict[str, Any]


def parse_values(text: str, where: str = "The values") -> Values:
    """``text`` as a mapping; empty text is an empty one. Raises `UsageError` that names ``where`` and the line."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
        what = f"{where}: more than {MAX_TEXT_BYTES} bytes."
        raise UsageError(what=what, hint="Leave out what equals the defaults.")
    if not text.strip():
        return {}
    try:
        return load_values(text)
    except EntryError as error:
        line = error.params.get("line")
        place = f"{where}, line {line}" if line else where
        raise UsageError(what=f"{place}: {error.cause}", hint="Correct it; the rest is kept as typed.") from None


def default_values(text: str) -> Values:
    """A chart's values.yaml as a mapping; an empty one where Helm could not read it either."""
    try:
        return load_values(text)
    except EntryError:
        return {}


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> Values:
    """``base`` with ``over`` laid on top: mappings are merged, all else (lists, null) replaces what was there."""
    merged: Values = {key: unshared(value) for key, value in base.items()}
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[key] = merge(below, value)
        else:
            merged[key] = unshared(value)
    return merged


def coalesce(defaults: Mapping[str, Any], values: Mapping[str, Any]) -> Values:
    """What templates see: as ``merge``, but a null in ``values`` takes the default away (Helm's CoalesceTables)."""
    merged: Values = {}
    for key in dict.fromkeys((*defaults, *values)):
        default, value = defaults.get(key), values.get(key)
        if key not in values:
            merged[key] = unshared(default)
        elif value is None and key in defaults:
            continue
        elif isinstance(default, Mapping) and isinstance(value, Mapping):
            merged[key] = coalesce(default, value)
        else:
            merged[key] = unshared(value)
    return merged


def unshared(value: Any) -> Any:
    """A copy in which nothing stands twice, as what an alias of YAML means does."""
    if isinstance(value, Mapping):
        return {key: unshared(below) for key, below in value.items()}
    return [unshared(below) for below in value] if isinstance(value, list) else value


def same(one: object, other: object) -> bool:
    """Whether two values are one to YAML and JSON: unlike Python, true is not 1 and 1.0 is not 1."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other
