"""JSON values made the trees that ``fields`` reads: registries tell a chart's Chart.yaml as JSON."""

import json
from typing import Any

from indexer.parse.events import Plain, Tree
from indexer.parse.limits import Limits


class JsonFault(Exception):
    """Nested too deeply, or with a key that no text can be."""


def tree_of(value: Any, limits: Limits) -> Tree:
    """What ``json.loads`` gave, as a tree: numbers, true and false as they would stand in YAML. Raises JsonFault."""
    return _tree(value, limits.depth)


def _tree(value: Any, depth: int) -> Tree:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return Plain(json.dumps(value))
    if depth == 0 or not isinstance(value, dict | list):
        raise JsonFault
    if isinstance(value, list):
        return [_tree(one, depth - 1) for one in value]
    return {str(key): _tree(one, depth - 1) for key, one in value.items()}
