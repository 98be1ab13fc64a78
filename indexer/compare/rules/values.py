"""What values.yaml and its schema say."""

from collections.abc import Iterable, Iterator

from indexer.compare.manifests import references
from indexer.compare.result import Reason, SchemaChange, Severity, ValueChange
from indexer.compare.rules.sides import Sides
from indexer.errors import N_, Phrase, phrase
from indexer.parse.text import shown
from indexer.yaml_lines import dotted

Path = tuple[str, ...]

_KINDS = {
    "mapping": N_("a mapping"),
    "list": N_("a list"),
    "text": N_("text"),
    "number": N_("a number"),
    "boolean": N_("true or false"),
    "null": N_("empty"),
}


def values_removed(sides: Sides) -> Iterator[Reason]:
    """``server.configEnabled`` is gone and no template reads it any more: who sets it sets nothing."""
    read = Reading(sides)
    for one in sides.found.values.of_kind("removed", "moved") if sides.found.values else ():
        yield _removed(one, read.of(one.before.path if one.before else one.path))


def _removed(one: ValueChange, severity: Severity) -> Reason:
    was = dotted(one.before.path if one.before else one.path)
    if one.kind == "moved":
        text = N_("{key} is gone; it seems to be {new} now.")
        return Reason("values-moved", severity, phrase(text, key=was, new=dotted(one.path)), "values", was)
    text = {
        "breaking": N_("{key} is gone, and no template reads it any more: setting it has no effect."),
        "maybe": N_("{key} is gone; whether something still reads it cannot be told."),
        "information": N_("{key} has no default any more, but templates still read it."),
    }[severity]
    return Reason("values-removed", severity, phrase(text, key=was), "values", was)


class Reading:
    """How sure it is that a value that is gone has no effect any more."""

    def __init__(self, sides: Sides) -> None:
        old, new = sides.both or (None, None)
        self._known = sides.both is not None
        self._old = _beginnings(references(old.templates)) if old else frozenset()
        self._whole = references(new.templates) if new else frozenset()
        self._new = _beginnings(self._whole)
        self._subcharts = {one.alias or one.name for one in (*sides.old.dependencies, *sides.new.dependencies)}

    def of(self, path: Path) -> Severity:
        """``breaking``: it was read by its name and nothing reads it, or what it is a part of, now."""
        if not self._known or path[0] in self._subcharts:
            return "maybe"
        if path in self._new:
            return "information"
        if any(path[:length] in self._whole for length in range(len(path))):
            return "maybe"
        return "breaking" if path in self._old else "maybe"


def _beginnings(paths: Iterable[Path]) -> frozenset[Path]:
    """Each path, and all that lead to it."""
    return frozenset(path[:length] for path in paths for length in range(1, len(path) + 1))


def value_types(sides: Sides) -> Iterator[Reason]:
    """``extraArgs: {}`` → ``extraArgs: []``: what was set before does not fit any more."""
    scalars = {"text", "number", "boolean"}
    for one in sides.found.values.of_kind("type") if sides.found.values else ():
        old, new = (one.before, one.after) if one.before and one.after else (None, None)
        if old and new:
            gentle = {old.kind, new.kind} <= scalars
            text = N_("{key} is {new} now, it was {old}.")
            facts = {"old": phrase(_KINDS[old.kind]), "new": phrase(_KINDS[new.kind])}
            severity: Severity = "maybe" if gentle else "breaking"
            yield Reason(
                "values-type", severity, phrase(text, key=dotted(one.path), **facts), "values", dotted(one.path)
            )


def values_schema(sides: Sides) -> Iterator[Reason]:
    """``required: [host]``, or a type or enum that allows less: values that were valid are refused."""
    schema = sides.found.schema
    if schema is None:
        return
    if schema.whole == "added":
        text = N_("Values are checked against a schema now; what it does not know may be refused.")
        yield Reason("schema-added", "maybe", phrase(text), "schema", "values.schema.json")
    for one in schema.changes:
        if one.narrows:
            severity: Severity = "maybe" if one.kind == "property-removed" else "breaking"
            yield Reason(f"schema-{one.kind}", severity, _narrowed(one), "schema", one.path)


def _narrowed(one: SchemaChange) -> Phrase:
    text = {
        "property-removed": N_("The schema does not know {path} any more."),
        "required-added": N_("The schema requires {path} now."),
        "type": N_("The schema allows for {path} only {new} now, it was {old}."),
        "enum": N_("The schema allows for {path} only these values now: {new}."),
        "closed": N_("The schema allows in {path} only what it names."),
    }[one.kind]
    return phrase(text, path=shown(one.path, 200) or "/", old=shown(one.before), new=shown(one.after, 200))
