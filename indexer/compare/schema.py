"""JSON schemas of two versions, of values or of a custom resource, as far as it matters to what was valid before."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from indexer.compare.result import SchemaChange, SchemaComparison, Whole
from indexer.errors import N_, phrase
from indexer.parse import as_mapping
from indexer.parse.text import shown

MAX_CHANGES = 200
_MAX_DEPTH = 60
_MAX_PROPERTIES = 50_000
_GROUPS = ("definitions", "$defs")
_SHOWN_VALUES = 12
_ANY = "any"
_ANY_NAME = ("[]", "*")
"""Items of a list and other properties: where they are not described any more, more is allowed, not less."""


@dataclass(frozen=True, slots=True)
class _Property:
    """What a schema says of one place."""

    types: frozenset[str]
    """Empty: any."""
    choices: frozenset[str] | None
    """Values of an ``enum`` or ``const`` as JSON; None: any."""
    required: frozenset[str]
    closed: bool
    """No other properties than those named."""


def compare_schemas(old: str, new: str) -> SchemaComparison | None:
    """What happened to a values.schema.json; None where it is the same. Empty text stands for none."""
    if old == new:
        return None
    whole: Whole = "added" if not old else "removed" if not new else "changed"
    before, after = _load(old), _load(new)
    if (old and before is None) or (new and after is None):
        return SchemaComparison(whole, note=phrase(N_("One of the schemas is no JSON object; it is not compared.")))
    if whole != "changed":
        return SchemaComparison(whole)
    changes = schema_changes(before, after)
    return SchemaComparison(whole, changes[:MAX_CHANGES], max(0, len(changes) - MAX_CHANGES))


def schema_changes(old: Any, new: Any) -> tuple[SchemaChange, ...]:
    """What changed between two schemas as ``json.loads`` or YAML gives them, by path. ``$ref`` is not followed; what it
    would name is compared where it is defined."""
    before, after = dict(_properties(old)), dict(_properties(new))
    found: list[SchemaChange] = []
    for path in sorted(before.keys() | after.keys()):
        name, parent = ".".join(path), path[:-1]
        if path not in after:
            found += [SchemaChange("property-removed", name)] if parent in after and path[-1] not in _ANY_NAME else []
        elif path not in before:
            found += [SchemaChange("property-added", name)] if parent in before else []
        else:
            found += _narrowed(name, before[path], after[path])
    return tuple(found)


def _load(text: str) -> Any:
    try:
        found = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _properties(schema: Any) -> Iterator[tuple[tuple[str, ...], _Property]]:
    """Every place that a schema describes; ``[]`` stands for the items of a list, ``*`` for any other name."""
    todo: list[tuple[tuple[str, ...], Any]] = [((), schema)]
    told = 0
    while todo and told < _MAX_PROPERTIES:
        path, one = todo.pop()
        if isinstance(one, Mapping) and len(path) <= _MAX_DEPTH:
            told += 1
            yield path, _property(one)
            todo += _below(path, one)


def _below(path: tuple[str, ...], schema: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, one in as_mapping(schema.get("properties")).items():
        yield (*path, str(name)), one
    for group in _GROUPS:
        for name, one in as_mapping(schema.get(group)).items():
            yield (*path, group, str(name)), one
            yield (*path, group), {}
    yield (*path, "[]"), schema.get("items")
    yield (*path, "*"), schema.get("additionalProperties")


def _property(schema: Mapping[str, Any]) -> _Property:
    types = schema.get("type")
    listed = [types] if isinstance(types, str) else types if isinstance(types, list) else []
    choices = schema.get("enum", [schema["const"]] if "const" in schema else None)
    required = schema.get("required")
    return _Property(
        types=frozenset(one for one in listed if isinstance(one, str)),
        choices=frozenset(json.dumps(one, sort_keys=True) for one in choices) if isinstance(choices, list) else None,
        required=frozenset(one for one in required if isinstance(one, str))
        if isinstance(required, list)
        else frozenset(),
        closed=schema.get("additionalProperties") is False,
    )


def _narrowed(path: str, old: _Property, new: _Property) -> Iterator[SchemaChange]:
    """What the new schema refuses where the old one did not."""
    for name in sorted(new.required - old.required):
        yield SchemaChange("required-added", f"{path}.{name}" if path else name)
    if new.types and not (old.types and _allowed(old.types) <= _allowed(new.types)):
        yield SchemaChange("type", path, _joined(old.types) or _ANY, _joined(new.types))
    if new.choices is not None and not (old.choices is not None and old.choices <= new.choices):
        yield SchemaChange("enum", path, _joined(old.choices or ()) or _ANY, _joined(new.choices))
    if new.closed and not old.closed:
        yield SchemaChange("closed", path)


def _allowed(types: frozenset[str]) -> frozenset[str]:
    return types | {"integer"} if "number" in types else types


def _joined(values: "frozenset[str] | tuple[()]") -> str:
    told = sorted(values)
    return ", ".join(shown(one, 40) for one in told[:_SHOWN_VALUES]) + (" …" if len(told) > _SHOWN_VALUES else "")
