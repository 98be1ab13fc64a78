"""One change to values that are read already: what an edit of their text has to come to. Pure."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from catalog_web.values.paths import Path, checked
from catalog_web.values.reading import Values, unshared
from indexer.errors import N_, UsageError, phrase


def with_value(values: Mapping[str, Any], path: Path, value: object) -> Values:
    """``values`` with ``value`` at ``path``, and mappings made on the way where something else is.

    Raises `UsageError` for an index behind the end of its list, or a path that Helm would refuse.
    """
    checked(path)
    changed: Values = unshared(values)
    place: Any = changed
    for step, following in pairwise(path):
        wanted = list if isinstance(following, int) else dict
        if not _holds(place, step) or not isinstance(place[step], wanted):
            _set(place, step, wanted())
        place = place[step]
    _set(place, path[-1], unshared(value))
    return changed


def without_value(values: Mapping[str, Any], path: Path) -> Values:
    """``values`` without what stands at ``path``, where something does."""
    changed: Values = unshared(values)
    place: Any = changed
    for step in path[:-1]:
        if not _holds(place, step):
            return changed
        place = place[step]
    if _holds(place, path[-1]):
        del place[path[-1]]
    return changed


def _holds(place: object, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(place, list) and step < len(place)
    return isinstance(place, dict) and step in place


def _set(place: Any, step: str | int, value: object) -> None:
    if isinstance(step, int) and step == len(place):
        place.append(value)
    elif isinstance(step, int) and step > len(place):
        what = phrase(N_("A list of {count} items has no place {index}."), count=len(place), index=step)
        raise UsageError(what=what, hint=phrase(N_("Add the items before it first.")))
    else:
        place[step] = value
