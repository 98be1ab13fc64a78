"""What of a person's values is sent: what differs from the chart's defaults. Pure."""

from collections.abc import Mapping
from typing import Any

from catalog_web.values.reading import Values, same, unshared


def only_differing(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> Values:
    """The part of ``values`` that says something else than ``defaults``.

    ``merge(defaults, only_differing(values, defaults))`` is ``merge(defaults, values)``. A list is one value. A null
    where the defaults have something stays: it takes that away.
    """
    kept: Values = {}
    for key, value in values.items():
        if key not in defaults:
            kept[key] = unshared(value)
        elif isinstance(value, Mapping) and isinstance(defaults[key], Mapping):
            if below := only_differing(value, defaults[key]):
                kept[key] = below
        elif not same(value, defaults[key]):
            kept[key] = unshared(value)
    return kept
