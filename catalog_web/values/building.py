"""Fields made of what a schema, the default values and their comments say about each place. Pure.

::

    schemas of a place ─┐
    default there ──────┼──▶ kind ──▶ Field ──▶ the same for all that stands below
    comment above it ───┘

The schema leads; where it says nothing, the default does. A form is bounded: the deepest mappings become YAML where
there would be too many fields.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from catalog_web.schema_tree import Schema
from catalog_web.values import kinds
from catalog_web.values.comments import Comments
from catalog_web.values.fields import ANY_KEY, Condition, Field, Origin
from catalog_web.values.hints import hints
from catalog_web.values.paths import ABSENT, MAX_DEPTH, Path
from catalog_web.values.schema_parts import Part, Parts, SchemaReader, below, free_keys, items
from catalog_web.values.secret_names import is_secret_name
from indexer.parse import as_list
from indexer.parse.text import paragraph

MAX_FIELDS = 1_500
_DEEPEST = 8
_SAMPLED = 20
"""Items of a default list that tell what an item is like."""
_LONGEST_HELP = 1_000


class TooManyFieldsError(Exception):
    """The form is larger than it may be."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a field is made, and what is known of it beside its schemas."""

    path: Path
    default: Any = ABSENT
    """What Helm has there."""
    sample: Any = ABSENT
    """What such a value looks like: the default, or an item of a default list."""
    required: bool = False
    conditions: tuple[Condition, ...] = ()
    followed: frozenset[str] = frozenset()
    depth: int = 1


class Builder:
    """Makes the fields of one chart."""

    def __init__(
        self, document: Schema, comments: Comments, *, picked: bool, deepest: int, most: int = MAX_FIELDS
    ) -> None:
        self._reader = SchemaReader(document)
        self._comments = comments
        self._picked = picked
        self._deepest = deepest
        self._left = most

    def top(self, document: Schema, defaults: Mapping[str, Any]) -> tuple[Field, ...]:
        """The fields of the whole chart. Raises TooManyFieldsError."""
        parts = self._reader.parts([Part(document)], frozenset({"#"}))
        return self._children(_Place((), defaults, defaults, depth=0), parts)

    def _field(self, place: _Place, starts: Iterable[Part]) -> Field:
        self._left -= 1
        if self._left < 0:
            raise TooManyFieldsError
        parts = self._reader.parts(starts, place.followed)
        told = kinds.told(parts, place.sample)
        hint = hints(parts.schemas)
        children = self._below(place, parts, told.kind)
        kind = kinds.settled(told, children, place.sample)
        secret = kind == "text" and (hint.secret or (is_secret_name(str(place.path[-1])) and not told.choices))
        own = self._comments.help(place.path)
        described = next((one["description"] for one in parts.schemas if isinstance(one.get("description"), str)), "")
        in_form = hint.in_form or any(not one.advanced for one in children)
        return Field(
            path=place.path,
            kind="secret" if secret else kind,
            title=hint.title,
            help=paragraph(described[:_LONGEST_HELP]) or own,
            default=None if place.default is ABSENT else place.default,
            suggested=next((one["default"] for one in parts.certain if "default" in one), None),
            required=place.required,
            choices=told.choices,
            types=told.types,
            bounds=kinds.bounds(parts.certain),
            group=hint.group or self._comments.group(place.path),
            advanced=hint.advanced or (self._picked and not in_form),
            multiline=hint.multiline or (isinstance(place.sample, str) and "\n" in place.sample),
            read_only=hint.read_only,
            deprecated=any(one.get("deprecated") is True for one in parts.schemas),
            source="schema" if parts.parts else "values",
            shown_if=place.conditions,
            children=children if kind in ("object", "list", "map") else (),
            notes=tuple(parts.notes),
        )

    # -- below

    def _below(self, place: _Place, parts: Parts, kind: str) -> tuple[Field, ...]:
        if place.depth >= self._deepest or len(place.path) >= MAX_DEPTH or parts.loops:
            return ()
        if kind == "object":
            return self._children(place, parts) or self._any_key(place, parts)
        return self._item(place, parts) if kind == "list" else ()

    def _children(self, place: _Place, parts: Parts) -> tuple[Field, ...]:
        named = below(parts)
        needed = {name for one in parts.certain for name in as_list(one.get("required")) if isinstance(name, str)}
        sample = place.sample if isinstance(place.sample, Mapping) else {}
        made = [self._child(place, parts, name, named.get(name, []), name in needed) for name in _names(named, sample)]
        return tuple(_ordered(made, named))

    def _child(self, place: _Place, parts: Parts, name: str, starts: list[Part], required: bool) -> Field:
        always = any(one.certain for one in starts) or not starts
        conditions = () if always else _watched(starts, place.path)
        made = _Place(
            path=(*place.path, name),
            default=_at(place.default, name),
            sample=_at(place.sample, name),
            required=required,
            conditions=conditions,
            followed=parts.followed,
            depth=place.depth + 1,
        )
        return self._field(made, starts)

    def _any_key(self, place: _Place, parts: Parts) -> tuple[Field, ...]:
        starts = free_keys(parts)
        if not starts:
            return ()
        return (self._field(_Place((*place.path, ANY_KEY), followed=parts.followed, depth=place.depth + 1), starts),)

    def _item(self, place: _Place, parts: Parts) -> tuple[Field, ...]:
        starts = items(parts)
        sample = kinds.sample_item(place.sample[:_SAMPLED] if isinstance(place.sample, list) else [])
        if not starts and sample is ABSENT:
            return ()
        made = _Place((*place.path, 0), sample=sample, followed=parts.followed, depth=place.depth + 1)
        one = self._field(made, starts)
        return (one,) if kinds.fits_list(one) else ()


def _at(value: Any, name: str) -> Any:
    return value[name] if isinstance(value, Mapping) and name in value else ABSENT


def _names(named: Mapping[str, Any], sample: Mapping[str, Any]) -> Iterator[str]:
    """The schema's properties as it tells them, then what only the values have; an empty key has no path."""
    yield from (name for name in dict.fromkeys((*named, *sample)) if name)


def _watched(starts: list[Part], above: Path) -> tuple[Condition, ...]:
    """When one of ``starts`` holds; nothing where they hold under different conditions, except at one place."""
    sets = [one.conditions for one in starts]
    if all(one == sets[0] for one in sets):
        merged = sets[0]
    elif all(len(one) == 1 and not one[0].negated and one[0].path == sets[0][0].path for one in sets if one) and all(
        sets
    ):
        merged = (Condition(sets[0][0].path, tuple(value for one in sets for value in one[0].values)),)
    else:
        merged = ()
    return tuple(replace(one, path=(*above, *one.path)) for one in merged)


def _ordered(made: list[Field], named: Mapping[str, list[Part]]) -> list[Field]:
    """By the order that the author wrote at the properties, where one is told."""
    orders = {one.path: hints(part.schema for part in named.get(str(one.path[-1]), ())).order for one in made}
    last = float("inf")
    return sorted(made, key=lambda one: last if orders[one.path] is None else float(orders[one.path] or 0))


def origin_of(document: Schema) -> Origin:
    """Whether there is a schema that says something."""
    return "schema" if document else "values"


def depths(defaults: Mapping[str, Any]) -> Iterator[int]:
    """How deep a form may go, from what is wanted down; less where the defaults alone are too many fields."""
    level: list[Any] = [defaults]
    seen, deepest = 0, 0
    while level and deepest < _DEEPEST:
        level = [below for one in level if isinstance(one, Mapping) for below in one.values()]
        seen += len(level)
        if seen > MAX_FIELDS:
            break
        deepest += 1
    yield from range(_DEEPEST if seen <= MAX_FIELDS else deepest, 0, -1)
