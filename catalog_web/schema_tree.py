"""A JSON Schema as a tree of properties that a person can read. Pure; nothing foreign makes it raise or run away.

    text ──json──▶ schema ──▶ Property: types, default, what is allowed, and the properties below

``$ref`` is followed inside the document alone: nothing is ever fetched (hostile case G1). A reference that leads back
to itself ends there, and the whole tree is bounded, whatever ``allOf`` and references multiply. What makes no
sense is passed over with a note (G3).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import unquote

from indexer.errors import N_, Phrase, phrase
from indexer.parse import as_list, as_mapping
from indexer.parse.text import paragraph, shown

MAX_PROPERTIES = 1_500
"""Shown of one schema; each may be made of several schemas."""
MAX_DEPTH = 16
MAX_BYTES = 5 * 1024 * 1024
_MAX_PARTS = 64
"""Schemas that one property may be made of, by references and ``allOf``."""
_MAX_SCHEMAS = 20_000
"""Looked at for the whole tree."""
_MAX_WORDS = 40
"""Values of an ``enum`` that are shown."""
_LONGEST_TEXT, _LONGEST_VALUE, _LONGEST_PATTERN = 1_000, 200, 1_000

Schema = Mapping[str, Any]

_TYPES = frozenset({"string", "number", "integer", "object", "array", "boolean", "null"})
_BOUNDS = (
    ("minimum", N_("at least {value}")),
    ("maximum", N_("at most {value}")),
    ("exclusiveMinimum", N_("more than {value}")),
    ("exclusiveMaximum", N_("less than {value}")),
    ("multipleOf", N_("a multiple of {value}")),
    ("minLength", N_("minimum length {value}")),
    ("maxLength", N_("maximum length {value}")),
    ("minItems", N_("minimum number of items {value}")),
    ("maxItems", N_("maximum number of items {value}")),
    ("minProperties", N_("minimum number of keys {value}")),
    ("maxProperties", N_("maximum number of keys {value}")),
)
_GO_ALONE = re.compile(r"\\[pPzQC]|\[\[:")
"""What Go's regular expressions have and Python's do not."""
_NOT_IN_GO = re.compile(r"\(\?(?:[=!>]|<[=!])")
_CHOICES = (
    ("oneOf", N_("exactly one of these")),
    ("anyOf", N_("at least one of these")),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Alternatives that a property has, each a schema of its own."""

    label: Phrase
    options: tuple["Property", ...]


@dataclass(frozen=True, slots=True)
class Property:
    """One place in the values: what may stand there."""

    name: str
    """The last step of ``path``; ``[]`` for the items of a list, ``*`` for keys of any name, empty for the root."""
    path: str
    """Dotted, as in values: ``image.tag``, ``hosts[].name``."""
    types: tuple[str, ...] = ()
    title: str = ""
    description: str = ""
    default: str | None = None
    """As JSON; None where there is none."""
    enum: tuple[str, ...] = ()
    """The values that are allowed, as JSON; empty: any."""
    more_enum: int = 0
    """How many more there are."""
    pattern: str = ""
    format: str = ""
    bounds: tuple[Phrase, ...] = ()
    required: bool = False
    deprecated: bool = False
    closed: bool = False
    """Keys that are not named below are refused."""
    notes: tuple[Phrase, ...] = ()
    """What could not be read or shown of it."""
    same_as: str = ""
    """The path of the property that this one is like, and that stands above it: the schema refers to itself."""
    children: tuple["Property", ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class SchemaTree:
    """A schema as it is shown. ``root`` is None where there is nothing to show but ``notes``."""

    root: Property | None
    notes: tuple[Phrase, ...] = ()


def read_schema(text: str) -> SchemaTree:
    """The tree of a values.schema.json, whatever stands in it."""
    if len(text) > MAX_BYTES:
        return _nothing(N_("The schema is too large to be laid out."))
    try:
        schema = json.loads(text)
    except RecursionError:
        return _nothing(N_("The schema is nested too deeply to be laid out."))
    except ValueError as error:
        return _nothing(N_("The schema is no JSON, so Helm cannot use it: {detail}"), detail=shown(str(error), 200))
    return schema_tree(schema)


def schema_tree(schema: object) -> SchemaTree:
    """The tree of a schema that was parsed already."""
    if isinstance(schema, bool):
        return _nothing(N_("The schema accepts everything.") if schema else N_("The schema refuses everything."))
    if not isinstance(schema, Mapping):
        return _nothing(N_("The schema is no JSON object, so it says nothing about the values."))
    tree = _Tree(schema)
    root = tree.property(_Place("", "", above={"#": ""}), [schema])
    notes = [phrase(N_("The schema is larger than what is laid out here."))] if tree.exhausted else []
    return SchemaTree(root, tuple(notes))


def properties(root: Property) -> Iterator[Property]:
    """``root`` and all properties below it, from the top down."""
    waiting = [root]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed([*one.children, *(option for choice in one.choices for option in choice.options)])


def _nothing(text: str, /, **params: Any) -> SchemaTree:
    return SchemaTree(None, (phrase(text, **params),))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a property stands."""

    name: str
    path: str
    required: bool = False
    above: Mapping[str, str] = field(default_factory=dict)
    """The references that led here, each with the path at which it was followed."""
    depth: int = 0

    def below(self, name: str, above: Mapping[str, str], *, required: bool = False) -> "_Place":
        dot = "." if self.path and name != "[]" else ""
        step = name.replace(".", "\\.")
        return _Place(name, f"{self.path}{dot}{step}", required, above, self.depth + 1)

    def option(self, above: Mapping[str, str]) -> "_Place":
        return _Place("", self.path, above=above, depth=self.depth + 1)


@dataclass(slots=True)
class _Merged:
    """The schemas that one property is made of, and what was met on the way to them."""

    schemas: list[Schema] = field(default_factory=list)
    above: dict[str, str] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)
    notes: list[Phrase] = field(default_factory=list)
    same_as: str | None = None


class _Tree:
    """Builds the tree of one document within its bounds."""

    def __init__(self, document: Schema) -> None:
        self._document = document
        self._left = MAX_PROPERTIES
        self._schemas_left = _MAX_SCHEMAS
        self.exhausted = False

    def property(self, place: _Place, schemas: Iterable[object]) -> Property:
        """The property at ``place``, for which all of ``schemas`` hold."""
        self._left -= 1
        made = self._merged(place, schemas)
        facts, notes = _facts(made.schemas)
        notes = (*made.notes, *notes)
        if made.same_as is not None:
            same = made.same_as or "."
            return Property(place.name, place.path, **facts, required=place.required, notes=notes, same_as=same)
        if place.depth >= MAX_DEPTH:
            self.exhausted = self.exhausted or any(map(_has_more, made.schemas))
            return Property(place.name, place.path, **facts, required=place.required, notes=notes)
        children = tuple(self._children(place, made))
        choices = tuple(self._choices(place, made))
        return Property(
            place.name, place.path, **facts, required=place.required, notes=notes, children=children, choices=choices
        )

    # -- what a property is made of

    def _merged(self, place: _Place, schemas: Iterable[object]) -> _Merged:
        made = _Merged(above=dict(place.above))
        waiting = list(schemas)
        while waiting and self._schemas_left > 0 and len(made.schemas) < _MAX_PARTS:
            self._schemas_left -= 1
            one = waiting.pop(0)
            if not isinstance(one, Mapping):
                continue
            made.schemas.append(one)
            parts = one.get("allOf")
            waiting += parts[:_MAX_PARTS] if isinstance(parts, list) else []
            if "$ref" in one:
                waiting += self._referred(place, one["$ref"], made)
        self.exhausted = self.exhausted or bool(waiting)
        return made

    def _referred(self, place: _Place, reference: object, made: _Merged) -> list[object]:
        """What ``reference`` stands for; nothing where it leads back, out of the document or nowhere."""
        if not isinstance(reference, str) or not reference.startswith("#"):
            text = N_("It refers to {reference}, which is not read: nothing outside the chart is asked.")
            made.notes.append(phrase(text, reference=shown(str(reference), _LONGEST_VALUE)))
            return []
        if reference in made.followed:
            return []
        if reference in made.above:
            made.same_as = made.above[reference]
            return []
        found = resolve_reference(self._document, reference)
        if found is None:
            text = N_("It refers to {reference}, which is not there.")
            made.notes.append(phrase(text, reference=shown(reference, _LONGEST_VALUE)))
            return []
        made.above[reference] = place.path
        made.followed.add(reference)
        return [found]

    # -- what stands below

    def _children(self, place: _Place, made: _Merged) -> Iterator[Property]:
        needed = {name for one in made.schemas for name in as_list(one.get("required")) if isinstance(name, str)}
        for name, schemas in _named(made.schemas).items():
            yield from self._child(place.below(name, made.above, required=name in needed), schemas)
        for name, schemas in _unnamed(made.schemas).items():
            yield from self._child(place.below(name, made.above), schemas)

    def _choices(self, place: _Place, made: _Merged) -> Iterator[Choice]:
        for key, label in _CHOICES:
            for one in made.schemas:
                options = [option for option in as_list(one.get(key)) if isinstance(option, Mapping)][:_MAX_PARTS]
                found = [child for option in options for child in self._child(place.option(made.above), [option])]
                if found:
                    yield Choice(phrase(label), tuple(found))

    def _child(self, place: _Place, schemas: list[object]) -> Iterator[Property]:
        if self._left <= 0:
            self.exhausted = True
            return
        yield self.property(place, schemas)


def _named(schemas: Iterable[Schema]) -> dict[str, list[object]]:
    """The schemas of each property that is named."""
    found: dict[str, list[object]] = {}
    for one in schemas:
        for name, schema in islice(as_mapping(one.get("properties")).items(), MAX_PROPERTIES):
            found.setdefault(shown(str(name), _LONGEST_VALUE), []).append(schema)
    return found


def _unnamed(schemas: Iterable[Schema]) -> dict[str, list[object]]:
    """The schemas of a list's items and of keys with any name, or with names of a pattern."""
    found: dict[str, list[object]] = {}
    for one in schemas:
        items = one.get("items")
        for item in items if isinstance(items, list) else [items]:
            if isinstance(item, Mapping):
                found.setdefault("[]", []).append(item)
        if isinstance(one.get("additionalProperties"), Mapping):
            found.setdefault("*", []).append(one["additionalProperties"])
        for pattern, schema in as_mapping(one.get("patternProperties")).items():
            found.setdefault(f"/{shown(str(pattern), _LONGEST_VALUE)}/", []).append(schema)
    return found


def _has_more(schema: Schema) -> bool:
    return any(schema.get(key) for key in ("properties", "items", *(key for key, _ in _CHOICES)))


# -- what is said of one property


def _facts(schemas: list[Schema]) -> tuple[dict[str, Any], tuple[Phrase, ...]]:
    """The facts of a property as fields of `Property`; of several schemas the first that says something counts."""
    types, notes = _types(schemas)
    if not _compiles(_told(schemas, "pattern")):
        notes = (*notes, phrase(N_("Its pattern is no regular expression, so Helm refuses the schema.")))
    allowed: list[object] = next((one["enum"] for one in schemas if isinstance(one.get("enum"), list)), [])
    fixed = [one["const"] for one in schemas if "const" in one][:1]
    default = next((_json(one["default"]) for one in schemas if "default" in one), None)
    return {
        "types": types,
        "title": _text(schemas, "title", _LONGEST_VALUE),
        "description": _text(schemas, "description", _LONGEST_TEXT),
        "default": default,
        "enum": tuple(_json(one) for one in (*fixed, *allowed[:_MAX_WORDS])),
        "more_enum": max(0, len(allowed) - _MAX_WORDS),
        "pattern": _text(schemas, "pattern", _LONGEST_VALUE),
        "format": _text(schemas, "format", _LONGEST_VALUE),
        "bounds": tuple(_bounds(schemas)),
        "deprecated": any(one.get("deprecated") is True for one in schemas),
        "closed": any(one.get("additionalProperties") is False for one in schemas),
    }, notes


def _types(schemas: list[Schema]) -> tuple[tuple[str, ...], tuple[Phrase, ...]]:
    told: object = next((one["type"] for one in schemas if "type" in one), [])
    named = told if isinstance(told, list) else [told]
    known = tuple(one for one in named if isinstance(one, str) and one in _TYPES)
    if len(known) == len(named):
        return known or _type_of_use(schemas), ()
    return known, (phrase(N_("Its type is {type}, which JSON Schema does not know."), type=_json(told)),)


def _type_of_use(schemas: list[Schema]) -> tuple[str, ...]:
    """What it can only be where no type is told."""
    if any("properties" in one or "additionalProperties" in one for one in schemas):
        return ("object",)
    return ("array",) if any("items" in one for one in schemas) else ()


def _bounds(schemas: list[Schema]) -> Iterator[Phrase]:
    for key, text in _BOUNDS:
        value = next((one[key] for one in schemas if key in one), None)
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield phrase(text, value=_json(value))
    if any(one.get("uniqueItems") is True for one in schemas):
        yield phrase(N_("no item twice"))


def _told(schemas: list[Schema], key: str) -> str:
    return next((one[key] for one in schemas if isinstance(one.get(key), str)), "")


def _text(schemas: list[Schema], key: str, length: int) -> str:
    told = _told(schemas, key)
    return paragraph(told[:length]) + ("…" if len(told) > length else "")


def _json(value: object) -> str:
    """``value`` as JSON on one line; a long one is cut."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (ValueError, TypeError, RecursionError):
        return "…"
    return shown(text, _LONGEST_VALUE)


def _compiles(pattern: str) -> bool:
    """Whether ``pattern`` is a regular expression of Go, as far as Python can tell."""
    if len(pattern) > _LONGEST_PATTERN or _GO_ALONE.search(pattern):
        return True
    if _NOT_IN_GO.search(pattern):
        return False
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError, FutureWarning):
        return False
    return True


# -- small helps


def resolve_reference(document: Schema, reference: str) -> object | None:
    """What ``#`` or a reference of the form ``#/a/b`` (RFC 6901) means; None where nothing is there."""
    if reference[1:2] not in ("", "/"):
        return None
    place: object = document
    for step in unquote(reference[1:]).split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(place, Mapping):
            place = place.get(key)
        elif isinstance(place, list) and key.isdecimal() and int(key[:9]) < len(place):
            place = place[int(key[:9])]
        else:
            return None
    return place
