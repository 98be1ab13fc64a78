"""The schemas that hold for one place in the values: references followed, alternatives and conditions laid open. Pure.

Nothing is fetched (hostile case G1): a reference that leads out of the document, nowhere or back to itself leaves a
note. All is bounded, whatever ``allOf`` and references multiply (G2).
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from catalog_web.schema_tree import Schema, resolve_reference
from catalog_web.values.fields import Condition
from indexer.errors import N_, Phrase, phrase
from indexer.parse import as_list, as_mapping
from indexer.parse.text import shown

_MAX_PARTS = 64
"""Schemas that one place may be made of."""
_MAX_SCHEMAS = 20_000
"""Looked at for a whole form."""
_MAX_KEYS = 2_000
_WATCHED_DEPTH = 4
"""Steps to a value that a condition is about."""

Conditions = tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One schema that holds, or may hold, for a place."""

    schema: Schema
    certain: bool = True
    """False: it is one of several alternatives, or holds under a condition."""
    conditions: Conditions = ()
    """Of it, what a form can watch; the paths begin at the place itself."""


@dataclass(slots=True)
class Parts:
    """All schemas for one place."""

    parts: list[Part] = field(default_factory=list)
    followed: frozenset[str] = frozenset()
    """References on the way here."""
    notes: list[Phrase] = field(default_factory=list)
    loops: bool = False
    """The schema refers back to something that it stands in."""

    @property
    def certain(self) -> list[Schema]:
        """The schemas that hold whatever stands there."""
        return [one.schema for one in self.parts if one.certain]

    @property
    def schemas(self) -> list[Schema]:
        """All of them, those that certainly hold first."""
        return [*self.certain, *(one.schema for one in self.parts if not one.certain)]


class SchemaReader:
    """Lays the schemas of one document open."""

    def __init__(self, document: Schema) -> None:
        self._document = document
        self._left = _MAX_SCHEMAS

    def parts(self, starts: Iterable[Part], followed: frozenset[str] = frozenset()) -> Parts:
        """All that ``starts`` come to; ``followed`` are the references on the way to them."""
        found = Parts(followed=followed)
        waiting = deque(starts)
        while waiting and self._left > 0 and len(found.parts) < _MAX_PARTS:
            self._left -= 1
            part = waiting.popleft()
            if isinstance(part.schema, Mapping):
                found.parts.append(part)
                waiting.extend(self._implied(part, found))
        return found

    def _implied(self, part: Part, found: Parts) -> Iterator[Part]:
        schema = part.schema
        for one in as_list(schema.get("allOf"))[:_MAX_PARTS]:
            yield Part(one, part.certain, part.conditions)
        for key in ("$ref", "$dynamicRef"):
            if key in schema:
                yield from self._referred(schema[key], part, found)
        yield from _alternatives(part)
        yield from _conditional(part)

    def _referred(self, reference: object, part: Part, found: Parts) -> Iterator[Part]:
        if not isinstance(reference, str) or not reference.startswith("#"):
            text = N_("It refers to {reference}, which is not read: nothing outside the chart is asked.")
            found.notes.append(phrase(text, reference=shown(str(reference))))
        elif reference in found.followed:
            found.loops = True
        else:
            target = resolve_reference(self._document, reference)
            if target is None:
                text = N_("It refers to {reference}, which is not there.")
                found.notes.append(phrase(text, reference=shown(reference)))
            elif isinstance(target, Mapping):
                found.followed |= {reference}
                yield Part(target, part.certain, part.conditions)


def _alternatives(part: Part) -> Iterator[Part]:
    """The schemas of which one or more hold; one that merely allows null says nothing about a field."""
    for key in ("oneOf", "anyOf"):
        options = [one for one in as_list(part.schema.get(key))[:_MAX_PARTS] if isinstance(one, Mapping)]
        options = [one for one in options if one.get("type") != "null"]
        for one in options:
            certain = part.certain and len(options) == 1
            yield Part(one, certain, part.conditions if certain else (*part.conditions, *_constants(one)))


def _conditional(part: Part) -> Iterator[Part]:
    """What holds if something else does: ``if``, and draft 4's ``dependencies``."""
    schema = part.schema
    if "if" in schema:
        wanted = _constants(as_mapping(schema["if"]))
        if isinstance(schema.get("then"), Mapping):
            yield Part(schema["then"], False, (*part.conditions, *wanted))
        if isinstance(schema.get("else"), Mapping):
            others = (Condition(wanted[0].path, wanted[0].values, negated=True),) if len(wanted) == 1 else ()
            yield Part(schema["else"], False, (*part.conditions, *others))
    for key in ("dependentSchemas", "dependencies"):
        for one in islice(as_mapping(schema.get(key)).values(), _MAX_PARTS):
            if isinstance(one, Mapping):
                yield Part(one, False, part.conditions)


def _constants(schema: Schema) -> Conditions:
    """The values that ``schema`` wants at certain places, as far as it names them one by one."""
    found: list[Condition] = []
    waiting: deque[tuple[tuple[str, ...], Any]] = deque([((), schema)])
    while waiting and len(found) < _MAX_PARTS:
        path, one = waiting.popleft()
        if "const" in one:
            found.append(Condition(path, (one["const"],)))
        elif isinstance(one.get("enum"), list) and path:
            found.append(Condition(path, tuple(one["enum"][:_MAX_PARTS])))
        for name, below in islice(as_mapping(one.get("properties")).items(), _MAX_PARTS):
            if isinstance(below, Mapping) and len(path) < _WATCHED_DEPTH:
                waiting.append(((*path, str(name)), below))
    return tuple(one for one in found if one.path)


def below(parts: Parts, absent: frozenset[str] = frozenset()) -> dict[str, list[Part]]:
    """The schemas of each property that is named. A property that some certain schema names means something always."""
    found: dict[str, list[Part]] = {}
    for part in parts.parts:
        for name, schema in islice(as_mapping(part.schema.get("properties")).items(), _MAX_KEYS):
            if isinstance(schema, Mapping) and str(name) not in absent:
                own = tuple(one for one in part.conditions if one.path != (str(name),))
                found.setdefault(str(name), []).append(Part(schema, part.certain, own))
    return found


def free_keys(parts: Parts) -> list[Part]:
    """The schemas of keys of any name."""
    found = [one.schema.get("additionalProperties") for one in parts.parts]
    patterns = [as_mapping(one.schema.get("patternProperties")) for one in parts.parts]
    found += [schema for one in patterns for schema in islice(one.values(), _MAX_PARTS)]
    return [Part(one) for one in found if isinstance(one, Mapping)]


def items(parts: Parts) -> list[Part]:
    """The schemas of a list's items, where all items have the same."""
    return [
        Part(one.schema["items"], one.certain) for one in parts.parts if isinstance(one.schema.get("items"), Mapping)
    ]
