"""Rancher's questions.yaml: what a chart's author asks everybody, over the fields that schema and values make. Pure.

The format is that of Rancher's documentation, "Rancher Extensions for Charts"; what a question does not tell (help,
default) comes from the field at its place. What is not asked follows, as advanced.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from catalog_web.values.fields import Bounds, Condition, Field, Kind, Option
from catalog_web.values.paths import ABSENT, Path, parse_path, value_at
from catalog_web.values.state import scalar
from indexer.errors import N_, EntryError, Phrase, UsageError, phrase
from indexer.parse import as_list, load_values
from indexer.parse.text import paragraph, resolve, shown

MAX_QUESTIONS = 500
_MAX_OPTIONS = 500
_LONGEST, _LONGEST_HELP = 200, 1_000
_KINDS: Mapping[str, Kind] = {
    "string": "text",
    "hostname": "text",
    "multiline": "text",
    "storageclass": "text",
    "pvc": "text",
    "secret": "text",
    "cloudcredential": "text",
    "reference": "text",
    "psp": "text",
    "boolean": "boolean",
    "int": "integer",
    "integer": "integer",
    "float": "number",
    "enum": "choice",
    "password": "secret",
    "map": "map",
    "list": "yaml",
    "listofstrings": "yaml",
}


def asked(text: str, fields: tuple[Field, ...], defaults: Mapping[str, Any]) -> tuple[tuple[Field, ...], list[Phrase]]:
    """The questions of ``text`` as fields, then those of ``fields`` that nobody asks about, and notes.

    No fields where there are no questions.
    """
    notes: list[Phrase] = []
    told = list(_read(text, notes))
    known = {one.path: one for one in _walk(fields)}
    made: dict[Path, Field] = {}
    for question, conditions in told[:MAX_QUESTIONS]:
        one = _field(question, conditions, known, defaults, notes)
        if one is not None:
            made.setdefault(one.path, one)
    if not made:
        return (), notes
    return (*made.values(), *_rest(fields, frozenset(made))), notes


def _read(text: str, notes: list[Phrase]) -> Iterator[tuple[Mapping[str, Any], tuple[Condition, ...]]]:
    try:
        document = load_values(text)
    except EntryError as error:
        said = N_("The chart's questions.yaml cannot be read, line {line}: {detail}")
        notes.append(phrase(said, line=error.params.get("line") or "?", detail=error.params["detail"]))
        return
    for question in as_list(document.get("questions") or document.get("Questions")):
        if isinstance(question, Mapping):
            yield question, ()
            conditions = _conditions(question.get("show_subquestion_if"), question.get("variable"))
            for below in as_list(question.get("subquestions")):
                if isinstance(below, Mapping):
                    yield below, conditions


def _field(
    question: Mapping[str, Any],
    conditions: tuple[Condition, ...],
    known: Mapping[Path, Field],
    defaults: Mapping[str, Any],
    notes: list[Phrase],
) -> Field | None:
    try:
        path = parse_path(str(question.get("variable", "")))
    except UsageError as error:
        notes.append(phrase(N_("A question was passed over: {detail}"), detail=error.params["what"]))
        return None
    if not all(isinstance(step, str) for step in path):
        notes.append(phrase(N_("A question about an item of a list was passed over.")))
        return None
    base = known.get(path) or Field(path, "text")
    return replace(
        base,
        kind=_kind(question, base),
        title=_text(question, "label", _LONGEST),
        help=_text(question, "description", _LONGEST_HELP) or base.help,
        default=_known(value_at(defaults, path)),
        suggested=question.get("default", base.suggested),
        required=question.get("required") is True,
        choices=_choices(question) or base.choices,
        bounds=_bounds(question, base.bounds),
        group=_text(question, "group", _LONGEST) or base.group,
        advanced=False,
        multiline=question.get("type") == "multiline" or base.multiline,
        source="questions",
        shown_if=(*conditions, *_show_if(question.get("show_if"))),
    )


def _known(value: Any) -> Any:
    return None if value is ABSENT else value


def _kind(question: Mapping[str, Any], base: Field) -> Kind:
    name = str(question.get("type", "")).partition("[")[0].lower()
    kind = _KINDS.get(name)
    if kind == "choice" and not _choices(question):
        return "text"
    if kind == "yaml" and base.kind == "list":
        return base.kind
    if kind == "text" and base.kind == "secret":
        return base.kind
    return kind or base.kind


def _choices(question: Mapping[str, Any]) -> tuple[Option, ...]:
    options = question.get("options")
    pairs = list(options.items()) if isinstance(options, Mapping) else [(one, one) for one in as_list(options)]
    plain = [(value, name) for value, name in pairs[:_MAX_OPTIONS] if not isinstance(value, dict | list)]
    made = {scalar(value): Option(value, scalar(value), shown(str(name), _LONGEST)) for value, name in plain}
    return tuple(made.values())


def _bounds(question: Mapping[str, Any], known: Bounds) -> Bounds:
    return replace(
        known,
        minimum=_number(question.get("min"), known.minimum),
        maximum=_number(question.get("max"), known.maximum),
        min_length=_count(question.get("min_length"), known.min_length),
        max_length=_count(question.get("max_length"), known.max_length),
    )


def _number(value: object, known: float | None) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else known


def _count(value: object, known: int | None) -> int | None:
    return value if isinstance(value, int) and value > 0 else known


def _text(question: Mapping[str, Any], key: str, longest: int) -> str:
    value = question.get(key)
    return paragraph(value[:longest]).strip() if isinstance(value, str) else ""


# -- when it is shown


def _show_if(text: object) -> tuple[Condition, ...]:
    """``a.b=true&&c=x``, all of which must hold; with ``||`` the question is always shown."""
    if not isinstance(text, str) or "||" in text:
        return ()
    found = (_equals(part) for part in text.split("&&"))
    return tuple(one for one in found if one is not None)


def _equals(part: str) -> Condition | None:
    variable, equals, value = part.partition("=")
    negated = variable.endswith("!")
    path = _path(variable.rstrip("!").strip())
    return Condition(path, _meant(value.strip().strip("\"'")), negated) if equals and path else None


def _conditions(value: object, variable: object) -> tuple[Condition, ...]:
    path = _path(str(variable))
    if value is None or not path:
        return ()
    return (Condition(path, _meant(value if isinstance(value, str) else scalar(value))),)


def _meant(text: str) -> tuple[Any, ...]:
    """What ``text`` may be as a value: with its YAML meaning, and as text."""
    value = resolve(text) if text else ""
    return (value,) if value == text else (value, text)


def _path(text: str) -> Path:
    try:
        return parse_path(text)
    except UsageError:
        return ()


# -- what nobody asks about


def _walk(fields: Iterable[Field]) -> Iterator[Field]:
    for one in fields:
        yield one
        if one.kind == "object":
            yield from _walk(one.children)


def _rest(fields: tuple[Field, ...], asked_for: frozenset[Path]) -> Iterator[Field]:
    for one in fields:
        if one.path in asked_for:
            continue
        if one.kind != "object":
            yield replace(one, advanced=True)
        elif children := tuple(_rest(one.children, asked_for)):
            yield replace(one, advanced=True, children=children)
