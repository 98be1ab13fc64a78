"""What kind of field a place needs: by its schemas, else by the value that stands there. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog_web.schema_tree import Schema
from catalog_web.values.fields import Bounds, Field, Kind, Option
from catalog_web.values.paths import ABSENT
from catalog_web.values.reading import same
from catalog_web.values.schema_parts import Parts, below
from catalog_web.values.state import scalar
from indexer.parse import as_list
from indexer.parse.text import shown

MAX_CHOICES = 500
_TYPES = frozenset({"string", "number", "integer", "object", "array", "boolean", "null"})
_SCALARS: Mapping[frozenset[str], Kind] = {
    frozenset({"boolean"}): "boolean",
    frozenset({"integer"}): "integer",
    frozenset({"number"}): "number",
    frozenset({"integer", "number"}): "number",
}
_MAP_NAME = re.compile(r"(annotations|labels|nodeSelector|selector|matchLabels|data|sysctls)$", re.IGNORECASE)
_LONGEST_PATTERN = 1_000
_LONGEST_LABEL = 200


@dataclass(frozen=True, slots=True)
class Told:
    """What the schemas and the value say."""

    kind: Kind
    types: tuple[str, ...] = ()
    choices: tuple[Option, ...] = ()


def told(parts: Parts, sample: Any) -> Told:
    """The kind that a place is likely to need, before it is known what stands below it."""
    types = _types(parts)
    choices = _choices(parts)
    meant = frozenset(types) - {"null"} or _type_of(sample)
    if parts.loops:
        return Told("yaml", types)
    if choices and not meant & {"object", "array"}:
        return Told("choice", types, choices)
    if meant == {"object"}:
        return Told("object", types)
    if meant == {"array"}:
        return Told("list", types)
    if meant & {"object", "array"}:
        return Told("yaml", types)
    return Told(_SCALARS.get(meant, "text"), types)


def settled(found: Told, children: tuple[Field, ...], sample: Any) -> Kind:
    """The kind, when it is known what stands below."""
    if found.kind == "object":
        if not children:
            return "map" if not isinstance(sample, Mapping) or not sample else "yaml"
        return "map" if _is_free(children, sample) else "object"
    return "yaml" if found.kind == "list" and not children else found.kind


def _is_free(children: tuple[Field, ...], sample: Any) -> bool:
    """Whether keys are anybody's to choose: annotations and the like are filled with examples."""
    from_schema = any(one.source == "schema" for one in children)
    last = children[0].path[-1]
    if from_schema:
        return last == "*"
    name = children[0].path[-2] if len(children[0].path) > 1 else ""
    return isinstance(name, str) and _MAP_NAME.search(name) is not None and isinstance(sample, Mapping)


def fits_list(item: Field) -> bool:
    """Whether items of that kind get fields of their own."""
    return item.kind not in ("yaml", "map", "list")


def sample_item(items: list[Any]) -> Any:
    """What an item of ``items`` is like; of mappings all keys that they have. `ABSENT` where they are not alike."""
    if items and all(isinstance(one, dict) for one in items):
        return {key: value for one in reversed(items) for key, value in one.items()}
    kinds = {type(one) for one in items}
    return items[0] if len(kinds) == 1 and isinstance(items[0], str | int | float | bool) else ABSENT


def bounds(schemas: Iterable[Schema]) -> Bounds:
    """The narrowest that the schemas tell; draft 4's ``exclusiveMinimum: true`` is left to the check."""
    made = list(schemas)
    lows = [*_numbers(made, "minimum"), *_numbers(made, "exclusiveMinimum")]
    highs = [*_numbers(made, "maximum"), *_numbers(made, "exclusiveMaximum")]
    patterns = [one["pattern"] for one in made if isinstance(one.get("pattern"), str)]
    return Bounds(
        minimum=max(lows, default=None),
        maximum=min(highs, default=None),
        step=next(iter(_numbers(made, "multipleOf")), None),
        min_length=max(_counts(made, "minLength"), default=None),
        max_length=min(_counts(made, "maxLength"), default=None),
        min_items=max(_counts(made, "minItems"), default=None),
        max_items=min(_counts(made, "maxItems"), default=None),
        pattern=patterns[0] if len(patterns) == 1 and len(patterns[0]) <= _LONGEST_PATTERN else "",
    )


def _numbers(schemas: list[Schema], key: str) -> list[float]:
    found = [one[key] for one in schemas if key in one]
    return [one for one in found if isinstance(one, int | float) and not isinstance(one, bool)]


def _counts(schemas: list[Schema], key: str) -> list[int]:
    return [int(one) for one in _numbers(schemas, key) if 0 <= one < 2**53]


# -- types


def _types(parts: Parts) -> tuple[str, ...]:
    sure = next((one["type"] for one in parts.certain if "type" in one), None)
    found = [sure] if sure is not None else [one.schema.get("type") for one in parts.parts]
    named = [one for told in found for one in (told if isinstance(told, list) else [told])]
    types = tuple(dict.fromkeys(one for one in named if isinstance(one, str) and one in _TYPES))
    if types:
        return types
    if below(parts) or any("additionalProperties" in one for one in parts.certain):
        return ("object",)
    return ("array",) if any("items" in one for one in parts.certain) else ()


def _type_of(sample: Any) -> frozenset[str]:
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    name = names.get(type(sample))
    return frozenset({name}) if name else frozenset()


# -- choices


def _choices(parts: Parts) -> tuple[Option, ...]:
    """The values that may be chosen: what a schema lists, else what all alternatives together list."""
    for schema in parts.certain:
        if (listed := _listed(schema)) is not None:
            return _options(listed)
    doubtful = [one.schema for one in parts.parts if not one.certain]
    lists = [_listed(one) for one in doubtful]
    if not doubtful or any(one is None for one in lists):
        return ()
    return _options([pair for one in lists if one is not None for pair in one])


def _listed(schema: Schema) -> list[tuple[Any, str]] | None:
    """Values with what they are called."""
    title = schema.get("title")
    if "const" in schema:
        return [(schema["const"], title if isinstance(title, str) else "")]
    for key in ("enum", "listEnum"):
        if isinstance(schema.get(key), list):
            names = as_list(schema.get("x-enum-names") or schema.get("enumNames"))
            return [(one, str(names[at]) if at < len(names) else "") for at, one in enumerate(schema[key])]
    return None


def _options(listed: list[tuple[Any, str]]) -> tuple[Option, ...]:
    made: dict[str, Option] = {}
    for value, name in listed[:MAX_CHOICES]:
        if isinstance(value, dict | list):
            return ()
        text = scalar(value)
        if text in made and not same(made[text].value, value):
            text = json.dumps(value)
        made.setdefault(text, Option(value, text, shown(name or text, _LONGEST_LABEL)))
    return tuple(made.values())
