"""What a schema wants, in plain words; never the value itself, which may be a secret. Pure."""

import json
from collections.abc import Mapping

from indexer.errors import N_, Phrase, phrase
from indexer.parse import as_list
from indexer.parse.text import shown

_TYPES = {
    "string": N_("text"),
    "integer": N_("a whole number"),
    "number": N_("a number"),
    "boolean": N_("true or false"),
    "object": N_("a mapping"),
    "array": N_("a list"),
    "null": N_("nothing (null)"),
}
_PLAIN = {
    "unknown": N_("The chart knows no such key here."),
    "minimum": N_("It must be at least {told}."),
    "maximum": N_("It must be at most {told}."),
    "exclusiveMinimum": N_("It must be more than {told}."),
    "exclusiveMaximum": N_("It must be less than {told}."),
    "multipleOf": N_("It must be a multiple of {told}."),
    "minLength": N_("It needs at least {told} characters."),
    "maxLength": N_("It may have at most {told} characters."),
    "minItems": N_("It needs at least {told} items."),
    "maxItems": N_("It may have at most {told} items."),
    "minProperties": N_("It needs at least {told} keys."),
    "maxProperties": N_("It may have at most {told} keys."),
    "pattern": N_("It must match the pattern {told}."),
    "format": N_("It must have the format “{told}”."),
    "required": N_("It needs the key “{told}”."),
    "uniqueItems": N_("No item may stand in it twice."),
    "anyOf": N_("It fits none of the alternatives that the chart allows."),
    "oneOf": N_("It must fit exactly one of the alternatives that the chart allows."),
    "not": N_("The chart does not allow this value."),
    "None": N_("The chart does not allow anything here."),
    "contains": N_("The list lacks an item that the chart needs."),
    "dependentRequired": N_("It lacks a key that goes with another one."),
    "dependencies": N_("It lacks a key that goes with another one."),
    "unevaluatedProperties": N_("It has a key that the chart does not know here."),
    "const": N_("It must be {told}."),
    "enum": N_("It must be one of {told}."),
}
_NOTES = {
    "deep": N_("The schema of {chart} is nested too deeply, or leads back to itself, and was not used."),
    "invalid": N_("The schema of {chart} is not a valid one and was not used: {detail}"),
    "unreadable": N_("The schema of {chart} cannot be read and was not used: {detail}"),
    "no-object": N_("The schema of {chart} is no JSON object and was not used."),
    "draft": N_("The schema of {chart} names the draft {detail}, which is not known; draft 7 was used."),
    "reference": N_("The schema of {chart} refers to {detail}, which is not read: what it says was not checked."),
    "pattern": N_("A pattern in the schema of {chart} is none that can be used here: {detail}"),
    "killed": N_("The check against the schema of {chart} took too long and was given up."),
    "large": N_("The schema of {chart} is too large and was not used."),
}
_LONGEST = 300


def problem_words(keyword: str, told: object, given: str) -> Phrase:
    """One thing that is wrong. ``told``: what the schema wants; ``given``: the type of what stands there."""
    if keyword == "type":
        text = N_("It must be {wanted}, not {given}.")
        return phrase(text, wanted=_wanted(told), given=phrase(_TYPES.get(given, N_("what it is"))))
    known = _PLAIN.get(keyword)
    if known is None:
        return phrase(N_("It does not meet “{keyword}” of the chart’s schema."), keyword=shown(keyword))
    return phrase(known, told=_json(keyword, told))


def note_words(kind: str, detail: str, chart: str) -> Phrase:
    """What of a schema was passed over. ``kind``: as ``program`` says it, or ``killed`` or ``large``."""
    return phrase(_NOTES.get(kind, _NOTES["unreadable"]), chart=chart, detail=shown(detail, _LONGEST))


def _wanted(told: object) -> Phrase | str:
    """One type, or several."""
    names = [_TYPES.get(str(one), shown(str(one))) for one in (as_list(told) or [told])]
    made: Phrase | str = phrase(names[-1])
    for name in reversed(names[:-1]):
        made = phrase(N_("{first} or {second}"), first=phrase(name), second=made)
    return made


def _json(keyword: str, told: object) -> str:
    if keyword in ("required", "pattern", "format") and isinstance(told, str):
        return shown(told, _LONGEST)
    if keyword == "enum" and isinstance(told, list):
        return shown(", ".join(json.dumps(one, ensure_ascii=False) for one in told), _LONGEST)
    if isinstance(told, Mapping):
        return "…"
    return shown(json.dumps(told, ensure_ascii=False), _LONGEST)
