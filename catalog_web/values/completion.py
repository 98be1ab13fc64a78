"""What an editor offers while a person types YAML: the keys of a chart with their kinds, defaults and help. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog_web.values.fields import ANY_KEY, Field, Form

MAX_BYTES = 256 * 1024
_LONGEST_HELP, _LONGEST_DEFAULT = 160, 60
_MAX_CHOICES = 50
_MAX_EXAMPLES = 50
"""Keys that a default mapping tells of a place that has no fields of its own."""

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much is told of each key."""

    help: bool
    depth: int


_DETAILS = (_Detail(True, 32), _Detail(False, 32), _Detail(False, 4), _Detail(False, 2), _Detail(False, 1))


def completions(form: Form) -> str:
    """JSON of at most 256 KiB: ``{"c": {key: node, …}}``.

    A node has ``k``, its kind as in `Field`, and where there is something to tell: ``h`` help, ``d`` default as JSON,
    ``e`` values to choose from as JSON, ``r`` true for a required key, ``c`` the nodes of the keys below it, ``i`` the
    node of a list's items, ``a`` that of keys of any name. A large chart loses its help first, then its depths.
    """
    text = "{}"
    for detail in _DETAILS:
        text = json.dumps({"c": _keys(form.fields, detail, 1)}, ensure_ascii=False, separators=(",", ":"))
        if len(text.encode()) <= MAX_BYTES:
            return text
    return '{"c":{}}'


def _keys(fields: tuple[Field, ...], detail: _Detail, depth: int) -> Node:
    return {str(one.path[-1]): _node(one, detail, depth) for one in fields}


def _node(one: Field, detail: _Detail, depth: int) -> Node:
    told: Node = {"k": one.kind}
    if detail.help and (one.help or one.title):
        told["h"] = (one.help or one.title)[:_LONGEST_HELP]
    if (default := _default(one)) is not None:
        told["d"] = default
    if one.choices:
        told["e"] = [json.dumps(option.value, ensure_ascii=False) for option in one.choices[:_MAX_CHOICES]]
    if one.required:
        told["r"] = True
    return told | (_below(one, detail, depth) if depth < detail.depth else {})


def _below(one: Field, detail: _Detail, depth: int) -> Node:
    if one.kind == "list":
        return {"i": _node(one.children[0], detail, depth + 1)}
    if one.kind == "map" and one.children and one.children[0].path[-1] == ANY_KEY:
        return {"a": _node(one.children[0], detail, depth + 1)}
    if one.children:
        return {"c": _keys(one.children, detail, depth + 1)}
    if one.kind in ("map", "yaml") and isinstance(one.default, Mapping) and one.default:
        return {"c": {key: {"k": "yaml"} for key in list(one.default)[:_MAX_EXAMPLES]}}
    return {}


def _default(one: Field) -> str | None:
    """The default on one line, where it is short; a secret's is nobody's business."""
    if one.kind == "secret" or one.default is None or isinstance(one.default, dict | list):
        return None
    text = json.dumps(one.default, ensure_ascii=False)
    return text if len(text) <= _LONGEST_DEFAULT else None
